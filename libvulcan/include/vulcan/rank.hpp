// Rank: which objects score lowest. Lower scores come first; NaN is below every number, -0.0 equals 0.0, and ties go to
// the smaller id.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <vulcan/order.hpp>
#include <vulcan/policy.hpp>
#include <vulcan/store.hpp>

namespace vulcan {

struct Ranked {
    uint64_t key = 0;  // of the score, see order.hpp
    int64_t id = 0;
    Row row = absent_row;

    [[nodiscard]] friend bool operator<(const Ranked& a, const Ranked& b) noexcept {
        return a.key != b.key ? a.key < b.key : a.id < b.id;
    }
};

// splitmix64 (Steele, Lea, Flood, OOPSLA 2014): 64 bits of state, seeded by any number.
class SplitMix {
public:
    explicit SplitMix(uint64_t seed) noexcept : state_(seed) {}
    uint64_t next() noexcept {
        uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
    // Below n (n < 2^32). The bias of the multiplication is below 2^-32.
    uint32_t below(uint64_t n) noexcept { return static_cast<uint32_t>(((next() >> 32) * n) >> 32); }

private:
    uint64_t state_;
};

// Scores a seeded sample (or everything) at the moment of the decision, in one batch.
class OnDemandSort {
public:
    // sample = 0: all objects. The objects of one sample are distinct.
    explicit OnDemandSort(uint64_t sample, uint64_t seed = 0);

    // The lowest of the sample; nothing when the store is empty.
    [[nodiscard]] std::optional<Ranked> argmin(const Store& store, const Policy& policy);
    // The k lowest of the sample, lowest first. The reference holds until the next call.
    [[nodiscard]] const std::vector<Ranked>& top_k(const Store& store, const Policy& policy, uint64_t k);
    // The whole sample in order.
    [[nodiscard]] const std::vector<Ranked>& order(const Store& store, const Policy& policy);

private:
    struct Candidates {
        const Row* rows;
        const int64_t* ids;
        uint64_t n;
    };
    Candidates draw(const Store& store);
    Candidates score(const Store& store, const Policy& policy);
    bool mark(uint32_t index);

    uint64_t sample_;
    SplitMix random_;
    std::vector<Row> rows_;
    std::vector<int64_t> ids_;
    std::vector<double> scores_;
    std::vector<Ranked> ranked_;
    std::vector<uint64_t> seen_;  // small hash set, emptied by a new epoch
    uint64_t epoch_ = 0;
};

// Keeps all objects in order of their scores as of their last update(): an indexed 4-ary heap. Call update() when an object
// was touched; the scores of the others grow stale, as in lazily updated rankings.
class IncrementalSort {
public:
    void update(Row row, int64_t id, double score);  // inserts or moves
    void update(const Store& store, const Policy& policy, Row row, int64_t id) { update(row, id, policy.score(store, row, id)); }
    bool remove(Row row);  // call it before the store recycles the row
    [[nodiscard]] bool contains(Row row) const noexcept { return row < place_.size() && place_[row] != nowhere; }
    [[nodiscard]] uint64_t size() const noexcept { return heap_.size(); }
    [[nodiscard]] const Ranked& top() const noexcept { return heap_.front(); }  // size() > 0
    Ranked pop();                                                             // size() > 0

private:
    static constexpr uint32_t nowhere = UINT32_MAX;

    void put(uint64_t at, const Ranked& entry) noexcept {
        heap_[at] = entry;
        place_[entry.row] = static_cast<uint32_t>(at);
    }
    void sift(uint64_t at, const Ranked& entry) noexcept;
    void erase_at(uint64_t at);

    std::vector<Ranked> heap_;
    std::vector<uint32_t> place_;  // of a row in the heap
};

}  // namespace vulcan
