// The values of a whole population, in order: a counted B+tree over 64-bit keys.
//
// It holds a multiset. Equal keys are one entry with a multiplicity, which makes counts and sizes almost free. Nodes come
// from two pools and return to them, so a steady population allocates nothing.
#pragma once

#include <cstdint>
#include <vector>

namespace vulcan {

class Population {
public:
    Population();

    void insert(uint64_t key);
    bool erase(uint64_t key);  // one occurrence; false when there is none
    void replace(uint64_t old_key, uint64_t new_key) {
        if (old_key == new_key) return;
        erase(old_key);
        insert(new_key);
    }

    [[nodiscard]] uint64_t size() const noexcept { return size_; }            // with multiplicity
    [[nodiscard]] uint64_t rank(uint64_t key) const noexcept;                 // entries strictly below
    [[nodiscard]] uint64_t at(uint64_t index) const noexcept;                 // index < size()
    [[nodiscard]] uint64_t bytes() const noexcept;

    // What a distinct key costs at worst: leaves a quarter full, in a pool that has just doubled. Usual are 20 to 30 bytes.
    static constexpr uint64_t bytes_per_key = 112;

    // Walks the whole tree; false when an invariant does not hold. For tests.
    [[nodiscard]] bool check() const;

private:
    static constexpr uint32_t leaf_size = 64;
    static constexpr uint32_t fanout = 32;
    using Node = uint32_t;  // index into the pool of its level

    struct Leaf {
        uint32_t n = 0;
        uint32_t count[leaf_size];
        uint64_t key[leaf_size];
    };
    struct Inner {
        uint32_t n = 0;
        Node child[fanout];
        uint32_t count[fanout];   // entries below each child
        uint64_t upper[fanout];   // no key below child i exceeds upper[i]; the last one is not read
    };
    struct Split {
        bool happened = false;
        uint64_t upper = 0;  // of the left part
        Node right = 0;
        uint32_t right_count = 0;
    };

    // `level` 0 is a leaf. `rightmost`: no key of the tree lies beyond this node.
    Split insert_into(Node node, uint32_t level, uint64_t key, bool rightmost);
    Split insert_into_leaf(Node node, uint64_t key, bool rightmost);
    Split adopt(Node node, uint32_t at, const Split& below, bool rightmost);
    Split split_leaf(Node node, uint32_t keep);
    Split split_inner(Node node, uint32_t keep);
    bool erase_from(Node node, uint32_t level, uint64_t key);
    bool erase_from_leaf(Leaf& leaf, uint64_t key);
    void merge_child(Inner& inner, uint32_t at, uint32_t child_level);
    bool merge(Node left, Node right, uint32_t level, uint64_t upper);
    [[nodiscard]] uint32_t entries_of(Node node, uint32_t level) const { return level == 0 ? leaves_[node].n : inners_[node].n; }
    [[nodiscard]] bool check_node(Node node, uint32_t level, const uint64_t* above, const uint64_t* upper, uint64_t total) const;

    Node new_leaf();
    Node new_inner();

    std::vector<Leaf> leaves_;
    std::vector<Inner> inners_;
    std::vector<Node> free_leaves_;
    std::vector<Node> free_inners_;
    Node root_ = 0;
    uint32_t height_ = 0;  // 0: the root is a leaf
    uint64_t size_ = 0;
};

}  // namespace vulcan
