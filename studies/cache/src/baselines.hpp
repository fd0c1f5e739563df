// The baselines by name.
#pragma once

#include <cstdint>
#include <string_view>

#include "replay.hpp"

namespace vulcan::cache {

inline constexpr std::string_view baseline_names[] = {"fifo", "lru", "sieve", "s3fifo", "gdsf", "lfu"};

// Throws std::invalid_argument for an unknown name. Capacity in bytes, in objects for a uniform trace.
[[nodiscard]] Tally run_baseline(std::string_view name, const TraceView& trace, uint64_t capacity, uint64_t measure_from);

}  // namespace vulcan::cache
