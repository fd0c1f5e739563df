// The feature store: one row an object, all listener states of the object back to back in it.
//
// Rows lie in one region that is reserved at once and never moves, so compiled code reads `base + stride * row + offset`.
// An id is looked up once an event; everything after that goes by row. Not thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <vulcan/id_map.hpp>
#include <vulcan/listeners/average.hpp>
#include <vulcan/listeners/ewma.hpp>
#include <vulcan/listeners/latest.hpp>
#include <vulcan/listeners/pop_percentile.hpp>
#include <vulcan/listeners/rolling_window.hpp>
#include <vulcan/queries.h>
#include <vulcan/schema.hpp>

namespace vulcan {

// The language's conversion: saturates, NaN gives 0.
[[nodiscard]] inline int64_t to_i64(double x) noexcept {
    if (!(x == x)) return 0;
    if (x >= 0x1p63) return INT64_MAX;
    if (x < -0x1p63) return INT64_MIN;
    return static_cast<int64_t>(x);
}

struct StoreOptions {
    // Address space is reserved for so many objects, memory is taken on touch. By default 2^26, or what fits the budget.
    std::optional<uint64_t> max_objects{};
    // Bytes; a store whose max_objects objects would need more is refused.
    std::optional<uint64_t> memory_budget{};
};

class Store {
public:
    // Throws SchemaError when the budget is exceeded, std::runtime_error when the address space cannot be had.
    explicit Store(Schema schema, StoreOptions options = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    [[nodiscard]] const Schema& schema() const noexcept { return schema_; }

    // ---- objects -----------------------------------------------------------------------------------------------

    // The row of a new object, or of the object when it is there already. Throws std::length_error past max_objects.
    Row add(int64_t id) {
        const Row row = ids_.find(id);
        return row != absent_row ? row : add_new(id);
    }
    Row add_new(int64_t id);                                                    // the id must be absent
    [[nodiscard]] Row find(int64_t id) const noexcept { return ids_.find(id); }  // 0 (absent_row) when absent
    [[nodiscard]] bool contains(int64_t id) const noexcept { return find(id) != absent_row; }
    bool remove(int64_t id);  // with all that the object had; false when it is absent
    void prefetch(int64_t id) const noexcept { ids_.prefetch(id); }

    // Live objects, densely, in no particular order: the i-th of live_rows() has the i-th of live_ids().
    [[nodiscard]] uint64_t size() const noexcept { return live_rows_.size(); }
    [[nodiscard]] const Row* live_rows() const noexcept { return live_rows_.data(); }
    [[nodiscard]] const int64_t* live_ids() const noexcept { return live_ids_.data(); }
    [[nodiscard]] int64_t id_of(Row row) const noexcept { return live_ids_[position_[row]]; }  // of a live row

    // ---- rows, as compiled code reads them -----------------------------------------------------------------------

    [[nodiscard]] const uint8_t* base() const noexcept { return base_; }
    [[nodiscard]] uint64_t stride() const noexcept { return stride_; }
    [[nodiscard]] const uint8_t* row_data(Row row) const noexcept { return base_ + stride_ * row; }
    [[nodiscard]] const uint8_t* find_row(int64_t id) const noexcept { return row_data(find(id)); }
    [[nodiscard]] const vk_context& context() const noexcept { return context_; }
    // Rows are recycled: use as the bound of arrays indexed by row. At most 1 + the largest size() ever.
    [[nodiscard]] uint64_t row_limit() const noexcept { return row_limit_; }

    // ---- updates -------------------------------------------------------------------------------------------------
    // Each runs the listeners of the signal. Non-finite doubles are dropped and counted. A value of the other type is
    // converted (double to i64 saturates).

    // The row must be live, the signal an object signal.
    void update(SignalId signal, Row row, int64_t value) { update_at(signal, base_ + stride_ * row, value); }
    void update(SignalId signal, Row row, double value) { update_at(signal, base_ + stride_ * row, value); }

    // By id, adds the object when it is absent.
    void update_id(SignalId signal, int64_t id, int64_t value) { update(signal, add(id), value); }
    void update_id(SignalId signal, int64_t id, double value) { update(signal, add(id), value); }

    void update_global(SignalId signal, int64_t value) { update_at(signal, globals_.get(), value); }
    void update_global(SignalId signal, double value) { update_at(signal, globals_.get(), value); }

    [[nodiscard]] uint64_t dropped() const noexcept { return dropped_; }

    // ---- states and memory ---------------------------------------------------------------------------------------

    // The state of a slot; a global signal ignores `row`. Queries by name are in query.hpp.
    [[nodiscard]] const uint8_t* state(uint32_t slot, Row row) const noexcept;
    [[nodiscard]] const Population* population(uint32_t slot) const noexcept { return populations_[slot].get(); }
    [[nodiscard]] uint64_t bytes() const noexcept;  // rows used so far, index, populations

private:
    struct Step {
        ListenerKind kind;
        uint64_t offset;
        uint64_t n = 0;                    // alphas or window length
        const double* alphas = nullptr;
        Population* population = nullptr;
    };
    struct Plan {  // the listeners of one signal, and the range that its values are clamped into
        Type type;
        double low, high;
        int64_t low_i64, high_i64;
        std::vector<Step> steps;
    };

    void update_at(SignalId signal, uint8_t* row, int64_t value) {
        const Plan& plan = plans_[signal];
        if (plan.type == Type::i64) [[likely]] return run(plan, row, std::min(std::max(value, plan.low_i64), plan.high_i64));
        run(plan, row, std::min(std::max(static_cast<double>(value), plan.low), plan.high));
    }

    void update_at(SignalId signal, uint8_t* row, double value) {
        const Plan& plan = plans_[signal];
        if (!std::isfinite(value)) [[unlikely]] {
            ++dropped_;
            return;
        }
        if (plan.type == Type::f64) [[likely]] return run(plan, row, std::min(std::max(value, plan.low), plan.high));
        run(plan, row, std::min(std::max(to_i64(value), plan.low_i64), plan.high_i64));
    }

    template <class T> void run(const Plan& plan, uint8_t* row, T value) {
        for (const Step& step : plan.steps) {
            uint8_t* state = row + step.offset;
            switch (step.kind) {
                case ListenerKind::latest: listeners::update_latest(state, value); break;
                case ListenerKind::average: listeners::update_average(state, value); break;
                case ListenerKind::ewma: listeners::update_ewma(state, static_cast<double>(value), step.alphas, step.n); break;
                case ListenerKind::rolling_window: listeners::update_window(state, value, static_cast<int64_t>(step.n)); break;
                case ListenerKind::pop_percentile: listeners::update_population(state, value, *step.population); break;
            }
        }
    }

    void make_plans();
    void reserve_rows(const StoreOptions& options);
    void leave_populations(const uint8_t* row);

    Schema schema_;
    uint64_t stride_ = 0;
    uint64_t max_objects_ = 0;
    uint8_t* base_ = nullptr;
    uint64_t reserved_ = 0;
    uint64_t row_limit_ = 1;  // row 0 stands for absent objects
    vk_context context_{};
    std::vector<Plan> plans_;
    std::unique_ptr<uint8_t[]> globals_;
    std::vector<std::unique_ptr<Population>> populations_;  // one a slot, null for most
    std::vector<void*> shared_;                             // the same, as compiled code sees it
    IdMap ids_;
    std::vector<Row> free_;
    std::vector<Row> live_rows_;
    std::vector<int64_t> live_ids_;
    std::vector<uint32_t> position_;  // of a row in the live arrays
    uint64_t dropped_ = 0;
};

}  // namespace vulcan
