// A doubly linked queue over dense object numbers: the links live in one array that all queues of a cache share.
#pragma once

#include <cstdint>
#include <vector>

namespace vulcan::cache {

inline constexpr uint32_t nobody = UINT32_MAX;

struct Node {
    uint32_t newer = nobody;
    uint32_t older = nobody;
    uint32_t size = 0;   // bytes that the object occupies
    uint16_t queue = 0;  // which queue holds it, 0: none
    uint16_t count = 0;  // hits, as the policy counts them
};

class Queue {
public:
    Queue(std::vector<Node>& nodes, uint16_t name) : nodes_(&nodes), name_(name) {}

    [[nodiscard]] bool empty() const noexcept { return oldest_ == nobody; }
    [[nodiscard]] uint32_t newest() const noexcept { return newest_; }
    [[nodiscard]] uint32_t oldest() const noexcept { return oldest_; }
    [[nodiscard]] uint64_t bytes() const noexcept { return bytes_; }

    void push(uint32_t object, uint32_t size) noexcept {
        Node& node = at(object);
        node.size = size;
        node.queue = name_;
        bytes_ += size;
        link(object);
    }

    void remove(uint32_t object) noexcept {
        Node& node = at(object);
        bytes_ -= node.size;
        node.queue = 0;
        unlink(object);
    }

    void move_to_newest(uint32_t object) noexcept {
        if (object == newest_) return;
        unlink(object);
        link(object);
    }

private:
    [[nodiscard]] Node& at(uint32_t object) noexcept { return (*nodes_)[object]; }

    void link(uint32_t object) noexcept {
        at(object).newer = nobody;
        at(object).older = newest_;
        (newest_ == nobody ? oldest_ : at(newest_).newer) = object;
        newest_ = object;
    }

    void unlink(uint32_t object) noexcept {
        const Node node = at(object);
        (node.newer == nobody ? newest_ : at(node.newer).older) = node.older;
        (node.older == nobody ? oldest_ : at(node.older).newer) = node.newer;
    }

    std::vector<Node>* nodes_;
    uint32_t newest_ = nobody;
    uint32_t oldest_ = nobody;
    uint64_t bytes_ = 0;
    uint16_t name_;
};

}  // namespace vulcan::cache
