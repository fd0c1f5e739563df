// A compiled heuristic: the functions, the slots that they read, and whatever keeps their code alive.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <vulcan/queries.h>
#include <vulcan/schema.hpp>
#include <vulcan/store.hpp>

namespace vulcan {

using RankFn = double (*)(const vk_context* cx, const uint8_t* row, int64_t id);
using RankBatchFn = void (*)(const vk_context* cx, const uint8_t* base, uint64_t stride, const uint32_t* rows,
                             const int64_t* ids, uint64_t n, double* out);
using ValueFn = double (*)(const vk_context* cx);

class Policy {
public:
    // A rank heuristic; `batch` may be null. `owner` is released after the last copy of the policy is gone.
    Policy(std::string name, std::vector<Slot> slots, RankFn scalar, RankBatchFn batch, std::shared_ptr<const void> owner = {});
    // A value heuristic.
    Policy(std::string name, std::vector<Slot> slots, ValueFn value, std::shared_ptr<const void> owner = {});

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::vector<Slot>& slots() const noexcept { return slots_; }
    [[nodiscard]] bool is_rank() const noexcept { return scalar_ != nullptr; }
    [[nodiscard]] bool is_value() const noexcept { return value_ != nullptr; }
    [[nodiscard]] bool has_batch() const noexcept { return batch_ != nullptr; }

    // Refuses (SchemaError) a store whose layout is not the one that the code was compiled for. Call it once, before scoring.
    void require(const Schema& schema) const;
    void require_rank() const;   // throws SchemaError when this is a value heuristic
    void require_value() const;  // and the reverse

    // Unchecked, for the hot path: after require() and require_rank() or require_value().
    [[nodiscard]] double score(const Store& store, Row row, int64_t id) const {
        return scalar_(&store.context(), store.row_data(row), id);
    }
    [[nodiscard]] double value(const Store& store) const { return value_(&store.context()); }
    void score_batch(const Store& store, const Row* rows, const int64_t* ids, uint64_t n, double* out) const {
        if (batch_ == nullptr) return score_each(store, rows, ids, n, out);
        batch_(&store.context(), store.base(), store.stride(), rows, ids, n, out);
    }

private:
    void score_each(const Store& store, const Row* rows, const int64_t* ids, uint64_t n, double* out) const;

    std::string name_;
    std::vector<Slot> slots_;
    RankFn scalar_ = nullptr;
    RankBatchFn batch_ = nullptr;
    ValueFn value_ = nullptr;
    std::shared_ptr<const void> owner_;
};

}  // namespace vulcan
