#include <vulcan/schema.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <utility>

#include <vulcan/population.hpp>

namespace vulcan {
namespace {

constexpr std::array<std::string_view, 2> scope_names{"global", "object"};
constexpr std::array<std::string_view, 2> type_names{"i64", "f64"};
constexpr std::array<std::string_view, 5> listener_names{"Latest", "Average", "EWMA", "RollingWindow", "PopPercentile"};

// A window of a million values is already 8 MB an object; anything longer is a mistake.
constexpr double longest_window = 1 << 20;

// Per object, at worst: 16 bytes in a map that has just doubled at 3/4 full; its row, id and position, and a place in the
// freelist, in vectors that have just doubled.
constexpr uint64_t index_bytes = 43 + 2 * (4 + 8 + 4 + 4);

template <class Enum, size_t n>
Enum named(std::string_view what, std::string_view name, const std::array<std::string_view, n>& names) {
    const auto* found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<Enum>(found - names.begin());
    std::string message = "unknown " + std::string(what) + " `" + std::string(name) + "`; one of";
    for (const std::string_view known : names) message += " `" + std::string(known) + "`";
    throw SchemaError(message);
}

std::string number(double value) {
    char text[32];
    for (int digits = 6; digits <= 17; ++digits) {
        std::snprintf(text, sizeof text, "%.*g", digits, value);
        if (std::stod(text) == value) break;
    }
    return text;
}

std::string number(uint64_t value) {
    const std::string digits = std::to_string(value);
    std::string text;
    for (size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string describe(const Slot& slot) {
    return slot.listener.to_string() + " of `" + slot.signal.name + "` (" + std::string(name_of(slot.signal.scope)) + ", " +
           std::string(name_of(slot.signal.type)) + ") at byte " + std::to_string(slot.offset);
}

}  // namespace

std::string_view name_of(Scope scope) noexcept { return scope_names[static_cast<size_t>(scope)]; }
std::string_view name_of(Type type) noexcept { return type_names[static_cast<size_t>(type)]; }
std::string_view name_of(ListenerKind kind) noexcept { return listener_names[static_cast<size_t>(kind)]; }

Scope scope_named(std::string_view name) { return named<Scope>("scope", name, scope_names); }
Type type_named(std::string_view name) { return named<Type>("type", name, type_names); }
ListenerKind listener_named(std::string_view name) { return named<ListenerKind>("listener", name, listener_names); }

// ---- listeners ------------------------------------------------------------------------------------------------------

ListenerSpec Latest() { return {ListenerKind::latest}; }
ListenerSpec Average() { return {ListenerKind::average}; }
ListenerSpec EWMA(std::initializer_list<double> alphas) { return {ListenerKind::ewma, alphas}; }
ListenerSpec RollingWindow(int n) { return {ListenerKind::rolling_window, {static_cast<double>(n)}}; }
ListenerSpec PopPercentile() { return {ListenerKind::pop_percentile}; }

uint64_t ListenerSpec::state_bytes() const {
    switch (kind) {
        case ListenerKind::latest: return 8;
        case ListenerKind::average: return 24;
        case ListenerKind::ewma: return 8 + 8 * params.size();
        case ListenerKind::rolling_window: return 40 + 8 * static_cast<uint64_t>(params.at(0));
        case ListenerKind::pop_percentile: return 16;
    }
    __builtin_unreachable();
}

std::string ListenerSpec::to_string() const {
    const bool list = kind == ListenerKind::ewma;
    std::string text(name_of(kind));
    text += list ? "({" : "(";
    for (size_t i = 0; i < params.size(); ++i) text.append(i > 0 ? ", " : "").append(number(params[i]));
    return text.append(list ? "})" : ")");
}

void ListenerSpec::validate() const {
    if (kind == ListenerKind::ewma) {
        const bool good = std::all_of(params.begin(), params.end(), [](double a) { return a > 0.0 && a <= 1.0; });
        if (params.empty() || !good) throw SchemaError("`" + to_string() + "`: EWMA takes one or more alphas, each in (0, 1]");
    } else if (kind == ListenerKind::rolling_window) {
        const bool good = params.size() == 1 && params[0] >= 1 && params[0] <= longest_window && params[0] == std::floor(params[0]);
        if (!good) throw SchemaError("`" + to_string() + "`: RollingWindow takes one length, an integer in [1, 1048576]");
    } else if (!params.empty()) {
        throw SchemaError("`" + to_string() + "`: " + std::string(name_of(kind)) + " takes no parameters");
    }
}

// ---- schema ---------------------------------------------------------------------------------------------------------

SignalId Schema::declare(const Signal& signal) {
    for (SignalId id = 0; id < signals_.size(); ++id) {
        const Signal& known = signals_[id];
        if (known.name != signal.name) continue;
        const bool same = known.scope == signal.scope && known.type == signal.type;
        if (same && (known == signal || signal.is_unlimited())) return id;
        if (same) throw SchemaError("signal `" + signal.name + "` is declared with another range already");
        throw SchemaError("signal `" + signal.name + "` is declared as " + std::string(name_of(known.scope)) + " " +
                          std::string(name_of(known.type)) + " already; it cannot be " + std::string(name_of(signal.scope)) + " " +
                          std::string(name_of(signal.type)) + " too");
    }
    if (signal.name.empty()) throw SchemaError("a signal needs a name");
    signals_.push_back(signal);
    return static_cast<SignalId>(signals_.size() - 1);
}

uint32_t Schema::attach(SignalId signal, const ListenerSpec& listener) {
    const Signal& owner = signals_.at(signal);
    listener.validate();
    if (listener.kind == ListenerKind::pop_percentile && owner.scope == Scope::global) {
        throw SchemaError("PopPercentile needs an object signal: `" + owner.name + "` is global and has no population");
    }
    for (uint32_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].signal == owner && slots_[i].listener == listener) return i;
    }
    uint64_t& end = owner.scope == Scope::global ? global_bytes_ : row_bytes_;
    slots_.push_back({owner, listener, end});
    end += listener.state_bytes();
    return static_cast<uint32_t>(slots_.size() - 1);
}

void Schema::attach(const std::vector<Slot>& slots) {
    if (!slots_.empty()) throw SchemaError("the schema has listeners already; a program's slots go into an empty one");
    for (const Slot& slot : slots) attach(declare(slot.signal), slot.listener);
    require(slots);
}

void Schema::require(const std::vector<Slot>& slots) const {
    for (size_t i = 0; i < std::max(slots.size(), slots_.size()); ++i) {
        const std::string wanted = i < slots.size() ? describe(slots[i]) : "nothing";
        const std::string found = i < slots_.size() ? describe(slots_[i]) : "nothing";
        if (i < slots.size() && i < slots_.size() && slots[i] == slots_[i]) continue;
        throw SchemaError("slot " + std::to_string(i) + ": the program was compiled for " + wanted + ", the store has " + found +
                          "; build the store from the program's own slots");
    }
}

SignalId Schema::signal(std::string_view name) const {
    for (SignalId id = 0; id < signals_.size(); ++id) {
        if (signals_[id].name == name) return id;
    }
    std::string message = "no signal `" + std::string(name) + "`; declared:";
    for (const Signal& known : signals_) message += " `" + known.name + "`";
    throw UnknownName(signals_.empty() ? message + " none" : message);
}

bool Schema::has_signal(std::string_view name) const noexcept {
    return std::any_of(signals_.begin(), signals_.end(), [&](const Signal& known) { return known.name == name; });
}

uint32_t Schema::slot(SignalId signal, ListenerKind kind) const {
    for (uint32_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].signal == signals_.at(signal) && slots_[i].listener.kind == kind) return i;
    }
    throw UnknownName("signal `" + signals_.at(signal).name + "` has no " + std::string(name_of(kind)) + "; attach one");
}

// Up to a cache line a row is a power of two, so that it never straddles two lines.
uint64_t Schema::stride() const noexcept {
    if (row_bytes_ >= 64) return row_bytes_;
    return std::bit_ceil(std::max<uint64_t>(row_bytes_, 8));
}

uint64_t Schema::object_bytes() const noexcept {
    const auto populations = std::count_if(slots_.begin(), slots_.end(),
                                           [](const Slot& slot) { return slot.listener.kind == ListenerKind::pop_percentile; });
    return stride() + index_bytes + static_cast<uint64_t>(populations) * Population::bytes_per_key;
}

void Schema::require_budget(uint64_t objects, uint64_t budget) const {
    const double needed = static_cast<double>(objects) * static_cast<double>(object_bytes()) + static_cast<double>(global_bytes_);
    if (needed <= static_cast<double>(budget)) return;
    std::string largest;
    uint64_t most = 0;
    for (const Slot& slot : slots_) {
        if (slot.signal.scope == Scope::global || slot.listener.state_bytes() <= most) continue;
        most = slot.listener.state_bytes();
        largest = "; the largest part is " + slot.listener.to_string() + " of `" + slot.signal.name + "` with " + number(most) +
                  " bytes an object";
    }
    char factor[32];
    std::snprintf(factor, sizeof factor, "%.1f", needed / static_cast<double>(std::max<uint64_t>(budget, 1)));
    throw SchemaError(number(objects) + " objects of " + number(object_bytes()) + " bytes exceed the memory budget of " +
                      number(budget) + " bytes by factor " + factor + largest);
}

std::string Schema::to_string() const {
    char line[160];
    std::snprintf(line, sizeof line, "%-4s %-6s %-20s %-4s %-28s %8s %8s\n", "slot", "scope", "signal", "type", "listener", "offset",
                  "bytes");
    std::string text = line;
    for (size_t i = 0; i < slots_.size(); ++i) {
        const Slot& slot = slots_[i];
        std::snprintf(line, sizeof line, "%-4zu %-6s %-20s %-4s %-28s %8llu %8llu\n", i, name_of(slot.signal.scope).data(),
                      slot.signal.name.c_str(), name_of(slot.signal.type).data(), slot.listener.to_string().c_str(),
                      static_cast<unsigned long long>(slot.offset), static_cast<unsigned long long>(slot.listener.state_bytes()));
        text += line;
    }
    return text + number(row_bytes_) + " bytes of state an object, " + number(stride()) + " in its row, at most " +
           number(object_bytes()) + " with index and populations; " + number(global_bytes_) + " bytes global\n";
}

}  // namespace vulcan
