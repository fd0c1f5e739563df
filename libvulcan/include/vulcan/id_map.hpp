// Object id -> row: open addressing, linear probing, backward-shift deletion. No tombstones, so it never degrades.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace vulcan {

using Row = uint32_t;

// Row 0 belongs to nobody: it stays zero and stands for every absent object.
inline constexpr Row absent_row = 0;

// Ids are often page addresses or counters: without mixing, linear probing collapses on them.
[[nodiscard]] constexpr uint64_t mix(uint64_t x) noexcept {
    x *= 0x9E3779B97F4A7C15u;
    x ^= x >> 32;
    return x * 0xD6E8FEB86659FD93u;
}

class IdMap {
public:
    IdMap() : entries_(1u << initial_bits), shift_(64 - initial_bits) {}

    [[nodiscard]] Row find(int64_t id) const noexcept {
        for (uint64_t at = home(id);; at = next(at)) {
            const Entry& entry = entries_[at];
            if (entry.id == id || entry.row == absent_row) return entry.row;
        }
    }

    // The id must be absent, the row must not be 0.
    void insert(int64_t id, Row row) {
        if ((size_ + 1) * 4 > entries_.size() * 3) grow();
        place({id, row});
        ++size_;
    }

    // Returns the row that the id had, or 0.
    Row erase(int64_t id) noexcept {
        uint64_t hole = home(id);
        while (entries_[hole].row != absent_row && entries_[hole].id != id) hole = next(hole);
        const Row row = entries_[hole].row;
        if (row == absent_row) return row;
        // Pull back each later entry of the run whose home is not behind the hole.
        for (uint64_t at = next(hole); entries_[at].row != absent_row; at = next(at)) {
            const uint64_t from_home = (at - home(entries_[at].id)) & mask();
            const uint64_t from_hole = (at - hole) & mask();
            if (from_home < from_hole) continue;
            entries_[hole] = entries_[at];
            hole = at;
        }
        entries_[hole] = {};  // also the id: find() compares it before it looks at the row
        --size_;
        return row;
    }

    void prefetch(int64_t id) const noexcept { __builtin_prefetch(&entries_[home(id)]); }
    [[nodiscard]] uint64_t size() const noexcept { return size_; }
    [[nodiscard]] uint64_t bytes() const noexcept { return entries_.size() * sizeof(Entry); }

private:
    struct Entry {
        int64_t id = 0;
        Row row = absent_row;
    };
    static constexpr int initial_bits = 6;

    [[nodiscard]] uint64_t mask() const noexcept { return entries_.size() - 1; }
    [[nodiscard]] uint64_t home(int64_t id) const noexcept { return mix(static_cast<uint64_t>(id)) >> shift_; }
    [[nodiscard]] uint64_t next(uint64_t at) const noexcept { return (at + 1) & mask(); }

    void place(Entry entry) noexcept {
        uint64_t at = home(entry.id);
        while (entries_[at].row != absent_row) at = next(at);
        entries_[at] = entry;
    }

    void grow() {
        std::vector<Entry> old(entries_.size() * 2);
        old.swap(entries_);
        --shift_;
        for (const Entry& entry : old) {
            if (entry.row != absent_row) place(entry);
        }
    }

    std::vector<Entry> entries_;
    int shift_;
    uint64_t size_ = 0;
};

}  // namespace vulcan
