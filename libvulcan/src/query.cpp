#include <vulcan/query.hpp>

#include <algorithm>

namespace vulcan::query {
namespace {

bool attached(const Schema& schema, SignalId signal, ListenerKind kind) {
    return std::any_of(schema.slots().begin(), schema.slots().end(), [&](const Slot& slot) {
        return slot.signal == schema.signals()[signal] && slot.listener.kind == kind;
    });
}

bool integral(const Store& store, SignalId signal) { return store.schema().signals()[signal].type == Type::i64; }

ListenerKind averaging_listener(const Store& store, SignalId signal) {
    return attached(store.schema(), signal, ListenerKind::average) ? ListenerKind::average : ListenerKind::rolling_window;
}

}  // namespace

double ewma(const Store& store, SignalId signal, Row row, double alpha) {
    const Schema& schema = store.schema();
    const uint32_t first = schema.slot(signal, ListenerKind::ewma);
    for (uint32_t slot = first; slot < schema.slots().size(); ++slot) {
        const Slot& info = schema.slots()[slot];
        if (info.signal != schema.signals()[signal] || info.listener.kind != ListenerKind::ewma) continue;
        const auto& alphas = info.listener.params;
        const auto found = std::find(alphas.begin(), alphas.end(), alpha);
        if (found == alphas.end()) continue;
        return vk_ewma_get_f64(&store.context(), slot, store.state(slot, row), found - alphas.begin());
    }
    throw SchemaError("signal `" + schema.signals()[signal].name + "` has no EWMA with alpha " + std::to_string(alpha) +
                      "; attached: " + schema.slots()[first].listener.to_string());
}

double avg(const Store& store, SignalId signal, Row row) {
    const ListenerKind kind = averaging_listener(store, signal);
    const auto [cx, slot, state] = find(store, signal, kind, row);
    if (kind == ListenerKind::average) {
        return integral(store, signal) ? vk_average_avg_i64(cx, slot, state) : vk_average_avg_f64(cx, slot, state);
    }
    return integral(store, signal) ? vk_window_avg_i64(cx, slot, state, 0) : vk_window_avg_f64(cx, slot, state, 0);
}

int64_t n(const Store& store, SignalId signal, Row row) {
    const ListenerKind kind = averaging_listener(store, signal);
    const auto [cx, slot, state] = find(store, signal, kind, row);
    if (kind == ListenerKind::rolling_window) return vk_window_n_i64(cx, slot, state, 0);
    return integral(store, signal) ? vk_average_n_i64(cx, slot, state) : vk_average_n_f64(cx, slot, state);
}

double pop_rank(const Store& store, SignalId signal, Row row) {
    const auto [cx, slot, state] = find(store, signal, ListenerKind::pop_percentile, row);
    return integral(store, signal) ? vk_pop_rank_i64(cx, slot, state) : vk_pop_rank_f64(cx, slot, state);
}

}  // namespace vulcan::query
