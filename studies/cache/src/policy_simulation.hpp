// A cache whose evictions are decided by a compiled heuristic over the feature store.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include <vulcan/policy.hpp>

#include "replay.hpp"

namespace vulcan::cache {

enum class Ranking : uint8_t {
    incremental,  // IncrementalSort: an object is scored when it is inserted and at each access
    sample,       // OnDemandSort: at each eviction a random sample is scored
};

struct PolicyOptions {
    Ranking ranking = Ranking::incremental;
    uint32_t n_sample = 32;       // of Ranking::sample
    uint64_t seed = 1;            // of Ranking::sample
    double max_seconds = 0;       // 0: no limit
    uint64_t memory_budget = uint64_t{2} << 30;  // bytes that the feature store may need
};

struct TimeLimit : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// `object_ids` are the original ids, by object number: what the heuristic sees as obj_id. Throws SchemaError when the
// policy asks for a signal that this study does not have or needs more memory than the budget, TimeLimit when too slow.
[[nodiscard]] Tally run_policy(const vulcan::Policy& policy, const TraceView& trace, std::span<const int64_t> object_ids,
                               uint64_t capacity, uint64_t measure_from, const PolicyOptions& options);

}  // namespace vulcan::cache
