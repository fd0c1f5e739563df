// First in, first out.
#pragma once

#include "queue.hpp"

namespace vulcan::cache {

class Fifo {
public:
    Fifo(uint32_t n_objects, uint64_t capacity) : nodes_(n_objects), queue_(nodes_, 1), capacity_(capacity) {}

    bool access(uint32_t object, uint32_t size) {
        if (nodes_[object].queue != 0) {
            return true;
        }
        if (size > capacity_) return false;
        while (queue_.bytes() + size > capacity_) queue_.remove(queue_.oldest());
        queue_.push(object, size);
        return false;
    }

private:
    std::vector<Node> nodes_;
    Queue queue_;
    uint64_t capacity_;
};

}  // namespace vulcan::cache
