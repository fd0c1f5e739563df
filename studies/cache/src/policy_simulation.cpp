#include "policy_simulation.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <vulcan/rank.hpp>
#include <vulcan/store.hpp>

#include "signals.hpp"

namespace vulcan::cache {
namespace {

// Both rankings offer: touch(row, id) after an insert or a hit, victim(), which is then removed.
class Incremental {
public:
    Incremental(const Store& store, const Policy& policy) : store_(store), policy_(policy) {}
    void touch(Row row, int64_t id) { sort_.update(store_, policy_, row, id); }
    Ranked take_victim() { return sort_.pop(); }

private:
    const Store& store_;
    const Policy& policy_;
    IncrementalSort sort_;
};

class Sampled {
public:
    Sampled(const Store& store, const Policy& policy, const PolicyOptions& options)
        : store_(store), policy_(policy), sort_(options.n_sample, options.seed) {}
    void touch(Row, int64_t) const noexcept {}
    Ranked take_victim() { return sort_.argmin(store_, policy_).value(); }

private:
    const Store& store_;
    const Policy& policy_;
    OnDemandSort sort_;
};

class Deadline {
public:
    explicit Deadline(double seconds) : seconds_(seconds), start_(std::chrono::steady_clock::now()) {}
    void check() const {
        if (seconds_ <= 0) return;
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
        if (spent.count() > seconds_) throw TimeLimit("the heuristic is too slow: stopped after " + std::to_string(seconds_) + " s");
    }

private:
    double seconds_;
    std::chrono::steady_clock::time_point start_;
};

template <class Ranking> class PolicyCache {
public:
    PolicyCache(Store& store, Ranking ranking, std::span<const int64_t> ids, uint64_t capacity, double max_seconds)
        : store_(store), signals_(store.schema()), ranking_(std::move(ranking)), ids_(ids), objects_(ids.size()),
          capacity_(capacity), deadline_(max_seconds) {}

    bool access(uint32_t object, uint32_t size) {
        const int64_t now = now_++;
        if (now % requests_per_check == 0) deadline_.check();
        signals_.at_request(store_, now);
        Object& entry = objects_[object];
        if (entry.row != absent_row) {
            hit(object, now);
            return true;
        }
        if (size > capacity_) return false;
        while (bytes_ + size > capacity_) evict();
        insert(object, size, now);
        return false;
    }

private:
    struct Object {
        Row row = absent_row;
        uint32_t size = 0;
        uint32_t count = 0;
    };
    static constexpr int64_t requests_per_check = 64;

    void hit(uint32_t object, int64_t now) {
        Object& entry = objects_[object];
        signals_.on_hit(store_, entry.row, now, ++entry.count);
        ranking_.touch(entry.row, ids_[object]);
    }

    void insert(uint32_t object, uint32_t size, int64_t now) {
        const Row row = store_.add_new(ids_[object]);
        objects_[object] = {row, size, 1};
        bytes_ += size;
        if (row >= object_of_.size()) object_of_.resize(row + 1 + row / 2);
        object_of_[row] = object;
        signals_.on_insert(store_, row, now, size);
        ranking_.touch(row, ids_[object]);
    }

    void evict() {
        const Ranked victim = ranking_.take_victim();
        Object& entry = objects_[object_of_[victim.row]];
        bytes_ -= entry.size;
        entry.row = absent_row;
        store_.remove(victim.id);
    }

    Store& store_;
    Signals signals_;
    Ranking ranking_;
    std::span<const int64_t> ids_;
    std::vector<Object> objects_;
    std::vector<uint32_t> object_of_;  // by row
    uint64_t capacity_;
    uint64_t bytes_ = 0;
    int64_t now_ = 0;
    Deadline deadline_;
};

}  // namespace

Tally run_policy(const Policy& policy, const TraceView& trace, std::span<const int64_t> object_ids, uint64_t capacity,
                 uint64_t measure_from, const PolicyOptions& options) {
    policy.require_rank();
    Schema schema;
    schema.attach(policy.slots());
    const uint64_t max_objects = std::min<uint64_t>(trace.n_objects, capacity) + 1;
    Store store(std::move(schema), {.max_objects = max_objects, .memory_budget = options.memory_budget});
    const auto run = [&](auto ranking) {
        PolicyCache cache(store, std::move(ranking), object_ids, capacity, options.max_seconds);
        return replay(cache, trace, measure_from);
    };
    if (options.ranking == Ranking::incremental) return run(Incremental(store, policy));
    return run(Sampled(store, policy, options));
}

}  // namespace vulcan::cache
