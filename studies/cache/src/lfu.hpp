// Least frequently used since insertion, ties by least recently used: an exact oracle for tests of the policy simulation.
#pragma once

#include "heap.hpp"

namespace vulcan::cache {

class Lfu {
public:
    Lfu(uint32_t n_objects, uint64_t capacity) : objects_(n_objects), heap_(n_objects), capacity_(capacity) {}

    bool access(uint32_t object, uint32_t size) {
        ++now_;
        Object& entry = objects_[object];
        if (heap_.contains(object)) {
            heap_.change(object, {++entry.count, now_});
            return true;
        }
        if (size > capacity_) return false;
        while (bytes_ + size > capacity_) evict();
        entry = {size, 1};
        bytes_ += size;
        heap_.push(object, {1, now_});
        return false;
    }

private:
    struct Object {
        uint32_t size = 0;
        uint32_t count = 0;
    };
    struct Key {
        uint64_t count;
        uint64_t used;
        friend bool operator<(const Key& a, const Key& b) noexcept {
            return a.count != b.count ? a.count < b.count : a.used < b.used;
        }
    };

    void evict() {
        bytes_ -= objects_[heap_.top()].size;
        heap_.pop();
    }

    std::vector<Object> objects_;
    Heap<Key> heap_;
    uint64_t capacity_;
    uint64_t bytes_ = 0;
    uint64_t now_ = 0;
};

}  // namespace vulcan::cache
