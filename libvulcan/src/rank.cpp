#include <vulcan/rank.hpp>

#include <algorithm>
#include <bit>

namespace vulcan {

// ---- OnDemandSort -----------------------------------------------------------------------------------------------------

OnDemandSort::OnDemandSort(uint64_t sample, uint64_t seed) : sample_(sample), random_(seed) {
    if (sample > UINT32_MAX / 4) throw SchemaError("a sample of " + std::to_string(sample) + " is too large; 0 means all objects");
    rows_.resize(sample);
    ids_.resize(sample);
    seen_.resize(std::bit_ceil(4 * std::max<uint64_t>(sample, 1)));
}

// Notes an index of this epoch; false when it was noted already.
bool OnDemandSort::mark(uint32_t index) {
    const uint64_t entry = epoch_ << 32 | index;
    const uint64_t mask = seen_.size() - 1;
    for (uint64_t at = mix(index) >> 32 & mask;; at = (at + 1) & mask) {
        if (seen_[at] == entry) return false;
        if (seen_[at] >> 32 == epoch_) continue;
        seen_[at] = entry;
        return true;
    }
}

// Floyd's sampling without replacement (Bentley, CACM 30(9), 1987): one random number a candidate.
OnDemandSort::Candidates OnDemandSort::draw(const Store& store) {
    const uint64_t all = store.size();
    if (sample_ == 0 || sample_ >= all) return {store.live_rows(), store.live_ids(), all};
    if (++epoch_ >> 32 != 0) {  // the stamps are used up
        std::fill(seen_.begin(), seen_.end(), 0);
        epoch_ = 1;
    }
    for (uint64_t i = 0; i < sample_; ++i) {
        const uint64_t last = all - sample_ + i;
        uint32_t index = random_.below(last + 1);
        if (!mark(index)) {
            index = static_cast<uint32_t>(last);
            mark(index);
        }
        rows_[i] = index;
        __builtin_prefetch(store.live_rows() + index);  // all misses of the sample at once, not one after another
        __builtin_prefetch(store.live_ids() + index);
    }
    for (uint64_t i = 0; i < sample_; ++i) {
        ids_[i] = store.live_ids()[rows_[i]];
        rows_[i] = store.live_rows()[rows_[i]];
    }
    return {rows_.data(), ids_.data(), sample_};
}

OnDemandSort::Candidates OnDemandSort::score(const Store& store, const Policy& policy) {
    const Candidates drawn = draw(store);
    if (scores_.size() < drawn.n) scores_.resize(drawn.n);
    policy.score_batch(store, drawn.rows, drawn.ids, drawn.n, scores_.data());
    return drawn;
}

std::optional<Ranked> OnDemandSort::argmin(const Store& store, const Policy& policy) {
    const Candidates drawn = score(store, policy);
    if (drawn.n == 0) return std::nullopt;
    Ranked best{score_key(scores_[0]), drawn.ids[0], drawn.rows[0]};
    for (uint64_t i = 1; i < drawn.n; ++i) {
        const Ranked next{score_key(scores_[i]), drawn.ids[i], drawn.rows[i]};
        if (next < best) best = next;
    }
    return best;
}

const std::vector<Ranked>& OnDemandSort::top_k(const Store& store, const Policy& policy, uint64_t k) {
    const Candidates drawn = score(store, policy);
    ranked_.resize(drawn.n);
    for (uint64_t i = 0; i < drawn.n; ++i) ranked_[i] = {score_key(scores_[i]), drawn.ids[i], drawn.rows[i]};
    const auto end = ranked_.begin() + static_cast<std::ptrdiff_t>(std::min(k, drawn.n));
    // A bounded heap is fastest for a few; for many, a split first keeps the sort to the part that is asked for.
    if (k <= 1000) {
        std::partial_sort(ranked_.begin(), end, ranked_.end());
    } else {
        if (end != ranked_.end()) std::nth_element(ranked_.begin(), end, ranked_.end());
        std::sort(ranked_.begin(), end);
    }
    ranked_.erase(end, ranked_.end());
    return ranked_;
}

const std::vector<Ranked>& OnDemandSort::order(const Store& store, const Policy& policy) {
    return top_k(store, policy, UINT64_MAX);
}

// ---- IncrementalSort ----------------------------------------------------------------------------------------------------

// Lets `entry` find its place from the hole at `at`, upwards or downwards.
void IncrementalSort::sift(uint64_t at, const Ranked& entry) noexcept {
    while (at > 0) {
        const uint64_t parent = (at - 1) / 4;
        if (!(entry < heap_[parent])) break;
        put(at, heap_[parent]);
        at = parent;
    }
    for (;;) {
        const uint64_t first = 4 * at + 1;
        if (first >= heap_.size()) break;
        const uint64_t end = std::min<uint64_t>(first + 4, heap_.size());
        uint64_t least = first;
        for (uint64_t child = first + 1; child < end; ++child) {
            if (heap_[child] < heap_[least]) least = child;
        }
        if (!(heap_[least] < entry)) break;
        put(at, heap_[least]);
        at = least;
    }
    put(at, entry);
}

void IncrementalSort::update(Row row, int64_t id, double score) {
    const Ranked entry{score_key(score), id, row};
    if (row >= place_.size()) place_.resize(std::max<size_t>(row + 1, place_.size() * 2), nowhere);
    uint64_t at = place_[row];
    if (at == nowhere) {
        at = heap_.size();
        heap_.push_back(entry);
    }
    sift(at, entry);
}

void IncrementalSort::erase_at(uint64_t at) {
    place_[heap_[at].row] = nowhere;
    const Ranked last = heap_.back();
    heap_.pop_back();
    if (at < heap_.size()) sift(at, last);
}

bool IncrementalSort::remove(Row row) {
    if (!contains(row)) return false;
    erase_at(place_[row]);
    return true;
}

Ranked IncrementalSort::pop() {
    const Ranked lowest = heap_.front();
    erase_at(0);
    return lowest;
}

}  // namespace vulcan
