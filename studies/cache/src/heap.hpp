// An indexed 4-ary min-heap over dense object numbers: the lowest key on top, any object can be moved or removed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace vulcan::cache {

template <class Key> class Heap {
public:
    explicit Heap(uint32_t n_objects) : place_(n_objects, nowhere) {}

    [[nodiscard]] bool contains(uint32_t object) const noexcept { return place_[object] != nowhere; }
    [[nodiscard]] uint32_t top() const noexcept { return entries_.front().object; }
    [[nodiscard]] const Key& top_key() const noexcept { return entries_.front().key; }

    void push(uint32_t object, const Key& key) {
        entries_.push_back({key, object});
        rise(entries_.size() - 1, {key, object});
    }

    void change(uint32_t object, const Key& key) noexcept {
        const uint64_t at = place_[object];
        const bool rises = key < entries_[at].key;
        if (rises) rise(at, {key, object});
        else sink(at, {key, object});
    }

    void pop() noexcept {
        place_[top()] = nowhere;
        const Entry last = entries_.back();
        entries_.pop_back();
        if (!entries_.empty()) sink(0, last);
    }

private:
    struct Entry {
        Key key;
        uint32_t object;
    };
    static constexpr uint32_t nowhere = UINT32_MAX;

    void put(uint64_t at, const Entry& entry) noexcept {
        entries_[at] = entry;
        place_[entry.object] = static_cast<uint32_t>(at);
    }

    void rise(uint64_t at, const Entry& entry) noexcept {
        for (; at > 0; at = (at - 1) / 4) {
            const uint64_t parent = (at - 1) / 4;
            if (!(entry.key < entries_[parent].key)) break;
            put(at, entries_[parent]);
        }
        put(at, entry);
    }

    void sink(uint64_t at, const Entry& entry) noexcept {
        const uint64_t n = entries_.size();
        for (uint64_t first = 4 * at + 1; first < n; first = 4 * at + 1) {
            uint64_t least = first;
            for (uint64_t child = first + 1; child < std::min(first + 4, n); ++child) {
                if (entries_[child].key < entries_[least].key) least = child;
            }
            if (!(entries_[least].key < entry.key)) break;
            put(at, entries_[least]);
            at = least;
        }
        put(at, entry);
    }

    std::vector<Entry> entries_;
    std::vector<uint32_t> place_;
};

}  // namespace vulcan::cache
