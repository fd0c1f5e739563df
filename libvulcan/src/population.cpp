#include <vulcan/population.hpp>

#include <algorithm>
#include <cstring>

namespace vulcan {
namespace {

// First index whose key is not below `key`; branchless, because which way it goes is a coin toss.
uint32_t lower_bound(const uint64_t* keys, uint32_t n, uint64_t key) noexcept {
    const uint64_t* from = keys;
    while (n > 1) {
        const uint32_t half = n / 2;
        from += from[half - 1] < key ? half : 0;
        n -= half;
    }
    return static_cast<uint32_t>(from - keys) + (n == 1 && *from < key ? 1 : 0);
}

uint32_t sum(const uint32_t* counts, uint32_t n) noexcept {
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; ++i) total += counts[i];
    return total;
}

template <class T> void open_gap(T* items, uint32_t n, uint32_t at) noexcept {
    std::memmove(items + at + 1, items + at, (n - at) * sizeof(T));
}

template <class T> void close_gap(T* items, uint32_t n, uint32_t at) noexcept {
    std::memmove(items + at, items + at + 1, (n - at - 1) * sizeof(T));
}

template <class T> void append(T* items, uint32_t n, const T* more, uint32_t m) noexcept {
    std::memcpy(items + n, more, m * sizeof(T));
}

}  // namespace

Population::Population() { root_ = new_leaf(); }

Population::Node Population::new_leaf() {
    if (free_leaves_.empty()) {
        leaves_.emplace_back();
        return static_cast<Node>(leaves_.size() - 1);
    }
    const Node node = free_leaves_.back();
    free_leaves_.pop_back();
    leaves_[node].n = 0;
    return node;
}

Population::Node Population::new_inner() {
    if (free_inners_.empty()) {
        inners_.emplace_back();
        return static_cast<Node>(inners_.size() - 1);
    }
    const Node node = free_inners_.back();
    free_inners_.pop_back();
    inners_[node].n = 0;
    return node;
}

// ---- insertion: a node splits when it is full *after* an insertion, so there is always room for one more -------------

void Population::insert(uint64_t key) {
    const Split split = insert_into(root_, height_, key, true);
    ++size_;
    if (!split.happened) return;
    const Node top = new_inner();
    Inner& inner = inners_[top];
    inner.n = 2;
    inner.child[0] = root_;
    inner.child[1] = split.right;
    inner.count[0] = static_cast<uint32_t>(size_) - split.right_count;
    inner.count[1] = split.right_count;
    inner.upper[0] = split.upper;
    root_ = top;
    ++height_;
}

Population::Split Population::insert_into(Node node, uint32_t level, uint64_t key, bool rightmost) {
    if (level == 0) return insert_into_leaf(node, key, rightmost);
    Inner& inner = inners_[node];
    const uint32_t at = lower_bound(inner.upper, inner.n - 1, key);
    ++inner.count[at];
    const bool last = at + 1 == inner.n;
    const Split below = insert_into(inner.child[at], level - 1, key, rightmost && last);  // `inner` may dangle from here
    return below.happened ? adopt(node, at, below, rightmost && last) : Split{};
}

Population::Split Population::insert_into_leaf(Node node, uint64_t key, bool rightmost) {
    Leaf& leaf = leaves_[node];
    const uint32_t at = lower_bound(leaf.key, leaf.n, key);
    if (at < leaf.n && leaf.key[at] == key) {
        ++leaf.count[at];
        return {};
    }
    open_gap(leaf.key, leaf.n, at);
    open_gap(leaf.count, leaf.n, at);
    leaf.key[at] = key;
    leaf.count[at] = 1;
    if (++leaf.n < leaf_size) return {};
    // Growing keys (timestamps) only ever touch the right edge: leave full leaves behind, not half-full ones.
    const bool growing = rightmost && at + 1 == leaf.n;
    return split_leaf(node, growing ? leaf.n - 1 : leaf.n / 2);
}

// Takes in the right part of the child at `at`, which has split.
Population::Split Population::adopt(Node node, uint32_t at, const Split& below, bool rightmost) {
    Inner& inner = inners_[node];
    open_gap(inner.child, inner.n, at + 1);
    open_gap(inner.count, inner.n, at + 1);
    open_gap(inner.upper, inner.n, at);  // the right part inherits the old bound
    inner.child[at + 1] = below.right;
    inner.count[at + 1] = below.right_count;
    inner.count[at] -= below.right_count;
    inner.upper[at] = below.upper;
    if (++inner.n < fanout) return {};
    return split_inner(node, rightmost ? inner.n - 1 : inner.n / 2);
}

Population::Split Population::split_leaf(Node node, uint32_t keep) {
    const Node right_node = new_leaf();
    Leaf& left = leaves_[node];
    Leaf& right = leaves_[right_node];
    right.n = left.n - keep;
    append(right.key, 0, left.key + keep, right.n);
    append(right.count, 0, left.count + keep, right.n);
    left.n = keep;
    return {true, left.key[keep - 1], right_node, sum(right.count, right.n)};
}

Population::Split Population::split_inner(Node node, uint32_t keep) {
    const Node right_node = new_inner();
    Inner& left = inners_[node];
    Inner& right = inners_[right_node];
    right.n = left.n - keep;
    append(right.child, 0, left.child + keep, right.n);
    append(right.count, 0, left.count + keep, right.n);
    append(right.upper, 0, left.upper + keep, right.n);
    left.n = keep;
    return {true, left.upper[keep - 1], right_node, sum(right.count, right.n)};
}

// ---- removal: a node that falls below a quarter joins a neighbour when both fit three quarters of one -------------------

bool Population::erase(uint64_t key) {
    if (!erase_from(root_, height_, key)) return false;
    --size_;
    while (height_ > 0 && inners_[root_].n == 1) {
        free_inners_.push_back(root_);
        root_ = inners_[root_].child[0];
        --height_;
    }
    return true;
}

bool Population::erase_from(Node node, uint32_t level, uint64_t key) {
    if (level == 0) return erase_from_leaf(leaves_[node], key);
    Inner& inner = inners_[node];
    const uint32_t at = lower_bound(inner.upper, inner.n - 1, key);
    if (!erase_from(inner.child[at], level - 1, key)) return false;
    --inner.count[at];
    const uint32_t capacity = level == 1 ? leaf_size : fanout;
    if (entries_of(inner.child[at], level - 1) < capacity / 4) merge_child(inner, at, level - 1);
    return true;
}

bool Population::erase_from_leaf(Leaf& leaf, uint64_t key) {
    const uint32_t at = lower_bound(leaf.key, leaf.n, key);
    if (at == leaf.n || leaf.key[at] != key) return false;
    if (--leaf.count[at] > 0) return true;
    close_gap(leaf.key, leaf.n, at);
    close_gap(leaf.count, leaf.n, at);
    --leaf.n;
    return true;
}

void Population::merge_child(Inner& inner, uint32_t at, uint32_t child_level) {
    if (inner.n == 1) return;
    uint32_t left = at + 1 < inner.n ? at : at - 1;
    bool merged = merge(inner.child[left], inner.child[left + 1], child_level, inner.upper[left]);
    if (!merged && at > 0 && left == at) {
        --left;
        merged = merge(inner.child[left], inner.child[left + 1], child_level, inner.upper[left]);
    }
    if (!merged) return;
    inner.count[left] += inner.count[left + 1];
    close_gap(inner.child, inner.n, left + 1);
    close_gap(inner.count, inner.n, left + 1);
    close_gap(inner.upper, inner.n, left);
    --inner.n;
}

// Moves all of the right node into the left one, if that leaves room to grow. `upper` bounds the left node.
bool Population::merge(Node left_node, Node right_node, uint32_t level, uint64_t upper) {
    const uint32_t n = entries_of(left_node, level);
    const uint32_t more = entries_of(right_node, level);
    const uint32_t capacity = level == 0 ? leaf_size : fanout;
    if (n > 0 && more > 0 && n + more > capacity / 4 * 3) return false;
    if (level == 0) {
        Leaf& left = leaves_[left_node];
        const Leaf& right = leaves_[right_node];
        append(left.key, n, right.key, more);
        append(left.count, n, right.count, more);
        left.n += more;
        free_leaves_.push_back(right_node);
        return true;
    }
    Inner& left = inners_[left_node];
    const Inner& right = inners_[right_node];
    left.upper[n - 1] = upper;
    append(left.child, n, right.child, more);
    append(left.count, n, right.count, more);
    append(left.upper, n, right.upper, more);
    left.n += more;
    free_inners_.push_back(right_node);
    return true;
}

// ---- queries ------------------------------------------------------------------------------------------------------

uint64_t Population::rank(uint64_t key) const noexcept {
    uint64_t below = 0;
    Node node = root_;
    for (uint32_t level = height_; level > 0; --level) {
        const Inner& inner = inners_[node];
        const uint32_t at = lower_bound(inner.upper, inner.n - 1, key);
        below += sum(inner.count, at);
        node = inner.child[at];
    }
    const Leaf& leaf = leaves_[node];
    return below + sum(leaf.count, lower_bound(leaf.key, leaf.n, key));
}

uint64_t Population::at(uint64_t index) const noexcept {
    Node node = root_;
    for (uint32_t level = height_; level > 0; --level) {
        const Inner& inner = inners_[node];
        uint32_t i = 0;
        for (; index >= inner.count[i]; ++i) index -= inner.count[i];
        node = inner.child[i];
    }
    const Leaf& leaf = leaves_[node];
    uint32_t i = 0;
    for (; index >= leaf.count[i]; ++i) index -= leaf.count[i];
    return leaf.key[i];
}

uint64_t Population::bytes() const noexcept {
    return sizeof *this + leaves_.capacity() * sizeof(Leaf) + inners_.capacity() * sizeof(Inner) +
           (free_leaves_.capacity() + free_inners_.capacity()) * sizeof(Node);
}

bool Population::check() const {
    return check_node(root_, height_, nullptr, nullptr, size_);
}

// Keys lie in (above, upper], in order, and add up to `total`.
bool Population::check_node(Node node, uint32_t level, const uint64_t* above, const uint64_t* upper, uint64_t total) const {
    if (level == 0) {
        const Leaf& leaf = leaves_[node];
        if (leaf.n >= leaf_size || sum(leaf.count, leaf.n) != total) return false;
        for (uint32_t i = 0; i < leaf.n; ++i) {
            const uint64_t* before = i > 0 ? &leaf.key[i - 1] : above;
            if (leaf.count[i] == 0 || (before && leaf.key[i] <= *before) || (upper && leaf.key[i] > *upper)) return false;
        }
        return true;
    }
    const Inner& inner = inners_[node];
    if (inner.n == 0 || inner.n >= fanout || sum(inner.count, inner.n) != total) return false;
    for (uint32_t i = 0; i < inner.n; ++i) {
        const uint64_t* low = i > 0 ? &inner.upper[i - 1] : above;
        const uint64_t* high = i + 1 < inner.n ? &inner.upper[i] : upper;
        if (!check_node(inner.child[i], level - 1, low, high, inner.count[i])) return false;
    }
    return true;
}

}  // namespace vulcan
