// GreedyDual-Size-Frequency (Cherkasova, HPL-98-69R1, 1998): evicts the lowest L + hits / size, where L is the priority
// of the last object evicted. A newcomer competes with the others: one with the lowest priority is not kept. Ties go to the
// object that was not used for longest.
#pragma once

#include "heap.hpp"

namespace vulcan::cache {

class Gdsf {
public:
    Gdsf(uint32_t n_objects, uint64_t capacity) : objects_(n_objects), heap_(n_objects), capacity_(capacity) {}

    bool access(uint32_t object, uint32_t size) {
        ++now_;
        Object& entry = objects_[object];
        if (heap_.contains(object)) {
            ++entry.count;
            heap_.change(object, key(entry));
            return true;
        }
        if (size > capacity_) return false;
        entry = {size, 1};
        bytes_ += size;
        heap_.push(object, key(entry));
        while (bytes_ > capacity_) evict();
        return false;
    }

private:
    struct Object {
        uint32_t size = 0;
        uint32_t count = 0;
    };
    struct Key {
        double priority;
        uint64_t used;
        friend bool operator<(const Key& a, const Key& b) noexcept {
            return a.priority != b.priority ? a.priority < b.priority : a.used < b.used;
        }
    };

    [[nodiscard]] Key key(const Object& entry) const noexcept {
        return {last_evicted_ + static_cast<double>(entry.count) * 1e6 / static_cast<double>(entry.size), now_};
    }

    void evict() {
        last_evicted_ = heap_.top_key().priority;
        bytes_ -= objects_[heap_.top()].size;
        heap_.pop();
    }

    std::vector<Object> objects_;
    Heap<Key> heap_;
    uint64_t capacity_;
    uint64_t bytes_ = 0;
    uint64_t now_ = 0;
    double last_evicted_ = 0.0;
};

}  // namespace vulcan::cache
