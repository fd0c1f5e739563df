// S3-FIFO (Yang et al., SOSP 2023): a small FIFO queue for newcomers, a main one for what was hit there, and a ghost
// queue of ids that left the small one unhit, which enter the main queue when they come back.
// Shares: 10 % small, 90 % main, the ghost remembers 90 % of the capacity; two hits move an object to the main queue.
// As in libCacheSim, what does not fit into the small queue is not admitted, so neither is an object of a tenth of the
// cache. The small queue holds at least 2 here, where libCacheSim admits nothing (capacity below 20).
#pragma once

#include <algorithm>

#include "queue.hpp"

namespace vulcan::cache {

class S3Fifo {
public:
    S3Fifo(uint32_t n_objects, uint64_t capacity)
        : nodes_(n_objects), ghosts_(n_objects), small_(nodes_, 1), main_(nodes_, 2), ghost_(ghosts_, 1), capacity_(capacity),
          small_capacity_(std::max<uint64_t>(2, static_cast<uint64_t>(0.1 * static_cast<double>(capacity)))),
          main_capacity_(capacity - std::min(small_capacity_, capacity)),
          ghost_capacity_(static_cast<uint64_t>(0.9 * static_cast<double>(capacity))) {}

    bool access(uint32_t object, uint32_t size) {
        Node& node = nodes_[object];
        if (node.queue != 0) {
            if (node.count < UINT16_MAX) ++node.count;
            return true;
        }
        const bool remembered = ghosts_[object].queue != 0;
        if (remembered) ghost_.remove(object);
        if (size > capacity_ || size > small_capacity_) return false;
        while (small_.bytes() + main_.bytes() + size > capacity_) evict();
        admit(object, size, remembered);
        return false;
    }

private:
    void admit(uint32_t object, uint32_t size, bool remembered) {
        if (!remembered && size >= small_capacity_) return;
        nodes_[object].count = 0;
        if (remembered || (!has_evicted_ && small_.bytes() >= small_capacity_)) return main_.push(object, size);
        small_.push(object, size);
    }

    void evict() {
        has_evicted_ = true;
        if (main_.bytes() > main_capacity_ || small_.empty()) return evict_from_main();
        evict_from_small();
    }

    void evict_from_small() {
        bool evicted = false;
        while (!evicted && !small_.empty()) {
            const uint32_t object = small_.oldest();
            const uint32_t size = nodes_[object].size;
            small_.remove(object);
            if (nodes_[object].count >= hits_to_move_) {
                nodes_[object].count = 0;
                main_.push(object, size);
            } else {
                remember(object, size);
                evicted = true;
            }
        }
    }

    void evict_from_main() {
        while (!main_.empty()) {
            const uint32_t object = main_.oldest();
            Node& node = nodes_[object];
            const uint32_t size = node.size;
            main_.remove(object);
            if (node.count == 0) return;
            node.count = static_cast<uint16_t>(std::min<int>(node.count, 3) - 1);
            main_.push(object, size);
        }
    }

    void remember(uint32_t object, uint32_t size) {
        if (size > ghost_capacity_) return;
        while (ghost_.bytes() + size > ghost_capacity_) ghost_.remove(ghost_.oldest());
        ghost_.push(object, size);
    }

    static constexpr uint16_t hits_to_move_ = 2;
    std::vector<Node> nodes_;
    std::vector<Node> ghosts_;
    Queue small_;
    Queue main_;
    Queue ghost_;
    uint64_t capacity_;
    uint64_t small_capacity_;
    uint64_t main_capacity_;
    uint64_t ghost_capacity_;
    bool has_evicted_ = false;
};

}  // namespace vulcan::cache
