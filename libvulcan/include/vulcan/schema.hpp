// What the store holds: signals, the listeners on each, and the row layout that follows from them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vulcan {

enum class Scope : uint8_t { global, object };
enum class Type : uint8_t { i64, f64 };
enum class ListenerKind : uint8_t { latest, average, ewma, rolling_window, pop_percentile };

[[nodiscard]] std::string_view name_of(Scope scope) noexcept;
[[nodiscard]] std::string_view name_of(Type type) noexcept;
[[nodiscard]] std::string_view name_of(ListenerKind kind) noexcept;

// These refuse a name that they do not know (SchemaError).
[[nodiscard]] Scope scope_named(std::string_view name);
[[nodiscard]] Type type_named(std::string_view name);
[[nodiscard]] ListenerKind listener_named(std::string_view name);

// The configuration is wrong; the message says what, where and how to fix it.
struct SchemaError : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

// A name that the schema does not know.
struct UnknownName : std::out_of_range {
    using std::out_of_range::out_of_range;
};

// A listener and its parameters: the alphas of an EWMA, the length of a window.
struct ListenerSpec {
    ListenerKind kind = ListenerKind::latest;
    std::vector<double> params{};

    friend bool operator==(const ListenerSpec&, const ListenerSpec&) = default;

    [[nodiscard]] uint64_t state_bytes() const;  // as interface/store.anv declares
    [[nodiscard]] std::string to_string() const;
    void validate() const;  // throws SchemaError
};

[[nodiscard]] ListenerSpec Latest();
[[nodiscard]] ListenerSpec Average();
[[nodiscard]] ListenerSpec EWMA(std::initializer_list<double> alphas);
[[nodiscard]] ListenerSpec RollingWindow(int n);
[[nodiscard]] ListenerSpec PopPercentile();

namespace listeners {  // the longer spelling of the same
namespace object {
using vulcan::Average, vulcan::EWMA, vulcan::Latest, vulcan::PopPercentile, vulcan::RollingWindow;
}
namespace global {
using vulcan::Average, vulcan::EWMA, vulcan::Latest, vulcan::PopPercentile, vulcan::RollingWindow;
}
}  // namespace listeners

struct Signal {
    std::string name;
    Scope scope = Scope::object;
    Type type = Type::f64;
    double low = -std::numeric_limits<double>::infinity();  // values are clamped into [low, high]
    double high = std::numeric_limits<double>::infinity();

    bool is_unlimited() const { return low == -std::numeric_limits<double>::infinity() && high == -low; }

    friend bool operator==(const Signal&, const Signal&) = default;
};

using SignalId = uint32_t;

// One attached listener, as plain data: what the compiler writes and the store lays out.
struct Slot {
    Signal signal;
    ListenerSpec listener;
    uint64_t offset = 0;  // byte offset of its state in the object row or the global row

    friend bool operator==(const Slot&, const Slot&) = default;
};

class Schema {
public:
    // Declares a signal, or finds it when it is declared already; a change of scope, type or range is refused. Without
    // a range it means the one that is declared, whatever its range.
    SignalId declare(const Signal& signal);
    SignalId declare(std::string_view name, Scope scope, Type type) { return declare({std::string(name), scope, type}); }

    // Attaches a listener; its state follows the states of its scope so far. Returns the slot's index. Attaching
    // the same listener to the same signal twice gives the first slot.
    uint32_t attach(SignalId signal, const ListenerSpec& listener);

    // Attaches what a compiled program lists, in its order, and refuses offsets that differ from ours.
    // The schema must have no slots yet.
    void attach(const std::vector<Slot>& slots);

    // Refuses a program whose slots are not this schema's.
    void require(const std::vector<Slot>& slots) const;

    [[nodiscard]] const std::vector<Signal>& signals() const noexcept { return signals_; }
    [[nodiscard]] const std::vector<Slot>& slots() const noexcept { return slots_; }
    [[nodiscard]] SignalId signal(std::string_view name) const;                 // throws UnknownName
    [[nodiscard]] bool has_signal(std::string_view name) const noexcept;
    [[nodiscard]] uint32_t slot(SignalId signal, ListenerKind kind) const;      // throws UnknownName

    [[nodiscard]] uint64_t row_bytes() const noexcept { return row_bytes_; }        // states of one object
    [[nodiscard]] uint64_t global_bytes() const noexcept { return global_bytes_; }  // states of the global row
    [[nodiscard]] uint64_t stride() const noexcept;                                 // distance between two rows

    // Upper bound of the bytes that one object costs: row, index and populations.
    [[nodiscard]] uint64_t object_bytes() const noexcept;

    // Refuses (SchemaError) when `objects` objects need more than `budget` bytes.
    void require_budget(uint64_t objects, uint64_t budget) const;

    [[nodiscard]] std::string to_string() const;  // the layout as a table

private:
    std::vector<Signal> signals_;
    std::vector<Slot> slots_;
    uint64_t row_bytes_ = 0;
    uint64_t global_bytes_ = 0;
};

}  // namespace vulcan
