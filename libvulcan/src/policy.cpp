#include <vulcan/policy.hpp>

#include <utility>

namespace vulcan {

Policy::Policy(std::string name, std::vector<Slot> slots, RankFn scalar, RankBatchFn batch, std::shared_ptr<const void> owner)
    : name_(std::move(name)), slots_(std::move(slots)), scalar_(scalar), batch_(batch), owner_(std::move(owner)) {
    if (scalar == nullptr) throw SchemaError("policy `" + name_ + "` has no function");
}

Policy::Policy(std::string name, std::vector<Slot> slots, ValueFn value, std::shared_ptr<const void> owner)
    : name_(std::move(name)), slots_(std::move(slots)), value_(value), owner_(std::move(owner)) {
    if (value == nullptr) throw SchemaError("policy `" + name_ + "` has no function");
}

void Policy::require(const Schema& schema) const { schema.require(slots_); }

void Policy::require_rank() const {
    if (!is_rank()) throw SchemaError("`" + name_ + "` is a value heuristic; a rank heuristic is needed here");
}

void Policy::require_value() const {
    if (!is_value()) throw SchemaError("`" + name_ + "` is a rank heuristic; a value heuristic is needed here");
}

void Policy::score_each(const Store& store, const Row* rows, const int64_t* ids, uint64_t n, double* out) const {
    for (uint64_t i = 0; i < n; ++i) out[i] = score(store, rows[i], ids[i]);
}

}  // namespace vulcan
