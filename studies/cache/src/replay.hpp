// A trace run through a cache, and what was counted.
#pragma once

#include <cstdint>
#include <span>

namespace vulcan::cache {

// Objects are numbered 0 .. n_objects-1 by first appearance, so that caches index arrays instead of hashing ids.
struct TraceView {
    std::span<const uint32_t> objects;  // the object of each request
    std::span<const uint32_t> sizes;    // of each request, in bytes; empty: every object has size 1 (uniform)
    uint32_t n_objects = 0;

    [[nodiscard]] uint32_t size_at(uint64_t request) const noexcept { return sizes.empty() ? 1 : sizes[request]; }
};

struct Tally {
    uint64_t requests = 0;
    uint64_t misses = 0;
    uint64_t bytes = 0;
    uint64_t missed_bytes = 0;

    void count(uint32_t size, bool hit) noexcept {
        ++requests;
        bytes += size;
        misses += hit ? 0 : 1;
        missed_bytes += hit ? 0 : size;
    }
};

// Requests before `measure_from` warm the cache and are not counted. A cache has
//   bool access(uint32_t object, uint32_t size)   true on a hit; a miss admits the object when it fits.
// An object occupies the size that it was admitted with until it is evicted, as in libCacheSim.
template <class Cache> [[nodiscard]] Tally replay(Cache& cache, const TraceView& trace, uint64_t measure_from) {
    Tally tally;
    const uint64_t n = trace.objects.size();
    const uint64_t warm = measure_from < n ? measure_from : n;
    for (uint64_t i = 0; i < warm; ++i) cache.access(trace.objects[i], trace.size_at(i));
    for (uint64_t i = warm; i < n; ++i) {
        const uint32_t size = trace.size_at(i);
        tally.count(size, cache.access(trace.objects[i], size));
    }
    return tally;
}

}  // namespace vulcan::cache
