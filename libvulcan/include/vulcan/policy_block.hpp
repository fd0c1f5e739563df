// The configurations that the statements of a policy block fill in. A block is the body of a function:
//
//     void policy(vulcan::config& store_cfg, vulcan::rank_config& rank_config) {
//         store_cfg.add_listeners(size, {vulcan::listeners::object::EWMA({0.25})});
//         rank_config.set_scoring_fn([&](const vulcan::feature_store& fs, int64_t obj_id) -> double { ... });
//     }
//
// What a lambda captures by reference lives as long as that body: call it there, or capture by value.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include <vulcan/rank.hpp>

namespace vulcan {

class store;  // anvil.hpp

// Whether `a` comes before `b` in a ranking. Ties go to the smaller id.
using Comparator = bool (*)(const Ranked& a, const Ranked& b);

// Functions rather than constants, so that `using namespace vulcan;` leaves the unqualified min(a, b) alone.
[[nodiscard]] inline bool min(const Ranked& a, const Ranked& b) noexcept { return a < b; }
[[nodiscard]] inline bool max(const Ranked& a, const Ranked& b) noexcept {
    return a.key != b.key ? b.key < a.key : a.id < b.id;
}

namespace rank {
enum Sorting : uint8_t {
    FullSort,         // scores all objects at the decision: OnDemandSort(0)
    SampleSort,       // scores a sample: OnDemandSort(n)
    IncrementalSort,  // keeps the order between decisions
};
}  // namespace rank

class rank_config {
public:
    using Score = std::function<double(const store&, int64_t)>;

    void set_scoring_fn(Score score) { score_ = std::move(score); }
    void set_comparator(Comparator comparator) noexcept { comparator_ = comparator; }
    void set_sorting_function(rank::Sorting sorting) noexcept { sorting_ = sorting; }

    [[nodiscard]] const Score& scoring_fn() const noexcept { return score_; }  // empty before it is set
    [[nodiscard]] Comparator comparator() const noexcept { return comparator_; }
    [[nodiscard]] rank::Sorting sorting_function() const noexcept { return sorting_; }

private:
    Score score_;
    Comparator comparator_ = min;
    rank::Sorting sorting_ = rank::FullSort;
};

class value_config {
public:
    using Value = std::function<double(const store&)>;

    void set_value_fn(Value value) { value_ = std::move(value); }
    [[nodiscard]] const Value& value_fn() const noexcept { return value_; }  // empty before it is set

private:
    Value value_;
};

}  // namespace vulcan
