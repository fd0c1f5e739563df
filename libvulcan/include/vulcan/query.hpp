// Queries by signal: each call looks its slot up. For tools, tests and stock C++ on heuristics; compiled heuristics know
// their slots. An absent object answers as an empty one. UnknownName when the listener is not attached.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include <vulcan/queries.h>
#include <vulcan/store.hpp>

namespace vulcan::query {

template <class T> inline constexpr bool is_i64 = std::is_same_v<T, int64_t>;

struct Found {
    const vk_context* cx;
    uint32_t slot;
    const uint8_t* state;
};

[[nodiscard]] inline Found find(const Store& store, SignalId signal, ListenerKind kind, Row row) {
    const uint32_t slot = store.schema().slot(signal, kind);
    return {&store.context(), slot, store.state(slot, row)};
}

template <class T> [[nodiscard]] T latest(const Store& store, SignalId signal, Row row) {
    const auto [cx, slot, state] = find(store, signal, ListenerKind::latest, row);
    if constexpr (is_i64<T>) return vk_latest_get_i64(cx, slot, state);
    else return vk_latest_get_f64(cx, slot, state);
}

[[nodiscard]] double ewma(const Store& store, SignalId signal, Row row, double alpha);  // SchemaError: no such alpha

template <class T> [[nodiscard]] T kth(const Store& store, SignalId signal, Row row, int64_t k) {
    const auto [cx, slot, state] = find(store, signal, ListenerKind::rolling_window, row);
    const auto n = static_cast<int64_t>(store.schema().slots()[slot].listener.params[0]);
    if constexpr (is_i64<T>) return vk_window_kth_i64(cx, slot, state, k, n);
    else return vk_window_kth_f64(cx, slot, state, k, n);
}

// Of the Average where one is attached, else of the RollingWindow.
[[nodiscard]] double avg(const Store& store, SignalId signal, Row row);
[[nodiscard]] int64_t n(const Store& store, SignalId signal, Row row);

[[nodiscard]] double pop_rank(const Store& store, SignalId signal, Row row);

template <class T> [[nodiscard]] T pop_value(const Store& store, SignalId signal, double p) {
    const uint32_t slot = store.schema().slot(signal, ListenerKind::pop_percentile);
    if constexpr (is_i64<T>) return vk_pop_value_i64(&store.context(), slot, nullptr, p);
    else return vk_pop_value_f64(&store.context(), slot, nullptr, p);
}

}  // namespace vulcan::query
