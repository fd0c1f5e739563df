// One total order for values and scores, as unsigned integers that compare with a single instruction.
#pragma once

#include <bit>
#include <cstdint>

namespace vulcan {

// Monotone for all doubles but NaN; -0.0 and 0.0 have the same key. Never 0, which is left for NaN.
[[nodiscard]] inline uint64_t key_of(double value) noexcept {
    const uint64_t bits = std::bit_cast<uint64_t>(value + 0.0);  // -0.0 + 0.0 is 0.0
    return bits >> 63 ? ~bits : bits | (uint64_t{1} << 63);
}

[[nodiscard]] inline uint64_t key_of(int64_t value) noexcept {
    return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63);
}

template <class T> [[nodiscard]] T value_of(uint64_t key) noexcept;

template <> [[nodiscard]] inline double value_of<double>(uint64_t key) noexcept {
    return std::bit_cast<double>(key >> 63 ? key & ~(uint64_t{1} << 63) : ~key);
}

template <> [[nodiscard]] inline int64_t value_of<int64_t>(uint64_t key) noexcept {
    return static_cast<int64_t>(key ^ (uint64_t{1} << 63));
}

// The key of a score: NaN ranks lowest.
[[nodiscard]] inline uint64_t score_key(double score) noexcept { return score != score ? 0 : key_of(score); }

}  // namespace vulcan
