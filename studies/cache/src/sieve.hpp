// SIEVE (Zhang et al., NSDI 2024): a FIFO queue and a hand that walks from old to new, sparing what was hit since it
// last came by. Unlike in CLOCK, what is spared stays where it is.
#pragma once

#include "queue.hpp"

namespace vulcan::cache {

class Sieve {
public:
    Sieve(uint32_t n_objects, uint64_t capacity) : nodes_(n_objects), queue_(nodes_, 1), capacity_(capacity) {}

    bool access(uint32_t object, uint32_t size) {
        if (nodes_[object].queue != 0) {
            nodes_[object].count = 1;
            return true;
        }
        if (size > capacity_) return false;
        while (queue_.bytes() + size > capacity_) evict();
        nodes_[object].count = 0;
        queue_.push(object, size);
        return false;
    }

private:
    void evict() {
        uint32_t victim = hand_ == nobody ? queue_.oldest() : hand_;
        while (nodes_[victim].count != 0) {
            nodes_[victim].count = 0;
            victim = nodes_[victim].newer == nobody ? queue_.oldest() : nodes_[victim].newer;
        }
        hand_ = nodes_[victim].newer;  // nobody: start again at the oldest
        queue_.remove(victim);
    }

    std::vector<Node> nodes_;
    Queue queue_;
    uint64_t capacity_;
    uint32_t hand_ = nobody;
};

}  // namespace vulcan::cache
