#include "baselines.hpp"

#include <stdexcept>
#include <string>

#include "fifo.hpp"
#include "gdsf.hpp"
#include "lfu.hpp"
#include "lru.hpp"
#include "s3fifo.hpp"
#include "sieve.hpp"

namespace vulcan::cache {
namespace {

template <class Cache> Tally run(const TraceView& trace, uint64_t capacity, uint64_t measure_from) {
    Cache cache(trace.n_objects, capacity);
    return replay(cache, trace, measure_from);
}

}  // namespace

Tally run_baseline(std::string_view name, const TraceView& trace, uint64_t capacity, uint64_t measure_from) {
    if (name == "fifo") return run<Fifo>(trace, capacity, measure_from);
    if (name == "lru") return run<Lru>(trace, capacity, measure_from);
    if (name == "sieve") return run<Sieve>(trace, capacity, measure_from);
    if (name == "s3fifo") return run<S3Fifo>(trace, capacity, measure_from);
    if (name == "gdsf") return run<Gdsf>(trace, capacity, measure_from);
    if (name == "lfu") return run<Lfu>(trace, capacity, measure_from);
    throw std::invalid_argument("unknown baseline `" + std::string(name) + "`");
}

}  // namespace vulcan::cache
