// What stock C++ needs to compile an Anvil file. anvilc knows all of this by itself and ignores the include.
//
// To run the result, wrap a Store: `vulcan::store fs(runtime); score_fn(fs, id)`. This path looks names up in every query:
// it exists to check heuristics against a C++ compiler, not to run them fast.
#pragma once

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wunknown-attributes"
#elif defined(__GNUC__)
#pragma GCC diagnostic ignored_attributes "anvil::"
#endif

#include <math.h>    // also the unqualified spellings: pow, exp, floor, isnan, ...
#include <stdlib.h>  // and abs

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include <vulcan/policy_block.hpp>
#include <vulcan/query.hpp>
#include <vulcan/schema.hpp>
#include <vulcan/store.hpp>

namespace anvil {

template <class A, class B> [[nodiscard]] constexpr std::common_type_t<A, B> min(A a, B b) noexcept {
    using T = std::common_type_t<A, B>;
    return static_cast<T>(b) < static_cast<T>(a) ? static_cast<T>(b) : static_cast<T>(a);
}

template <class A, class B> [[nodiscard]] constexpr std::common_type_t<A, B> max(A a, B b) noexcept {
    using T = std::common_type_t<A, B>;
    return static_cast<T>(a) < static_cast<T>(b) ? static_cast<T>(b) : static_cast<T>(a);
}

// Defined also where low > high, unlike std::clamp.
template <class X, class L, class H> [[nodiscard]] constexpr std::common_type_t<X, L, H> clamp(X x, L low, H high) noexcept {
    using T = std::common_type_t<X, L, H>;
    const T value = static_cast<T>(x), from = static_cast<T>(low), to = static_cast<T>(high);
    return value < from ? from : to < value ? to : value;
}

template <class T> [[nodiscard]] constexpr T abs(T x) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
        return std::fabs(x);
    } else {  // wraps for the smallest integer, where C++ leaves it undefined
        using U = std::make_unsigned_t<T>;
        return x < 0 ? static_cast<T>(U{0} - static_cast<U>(x)) : x;
    }
}

// -1, 0 or 1, of the same type; 0 for NaN.
template <class T> [[nodiscard]] constexpr T sign(T x) noexcept { return static_cast<T>((T{0} < x) - (x < T{0})); }

[[nodiscard]] inline double pow(double x, double y) noexcept { return std::pow(x, y); }
[[nodiscard]] inline double exp(double x) noexcept { return std::exp(x); }
[[nodiscard]] inline double log(double x) noexcept { return std::log(x); }
[[nodiscard]] inline double log1p(double x) noexcept { return std::log1p(x); }
[[nodiscard]] inline double log2(double x) noexcept { return std::log2(x); }
[[nodiscard]] inline double log10(double x) noexcept { return std::log10(x); }
[[nodiscard]] inline double sqrt(double x) noexcept { return std::sqrt(x); }
[[nodiscard]] inline double cbrt(double x) noexcept { return std::cbrt(x); }
[[nodiscard]] inline double floor(double x) noexcept { return std::floor(x); }
[[nodiscard]] inline double ceil(double x) noexcept { return std::ceil(x); }
[[nodiscard]] inline double round(double x) noexcept { return std::round(x); }
[[nodiscard]] inline double trunc(double x) noexcept { return std::trunc(x); }
[[nodiscard]] inline double fmod(double x, double y) noexcept { return std::fmod(x, y); }
[[nodiscard]] inline double tanh(double x) noexcept { return std::tanh(x); }
[[nodiscard]] inline double sin(double x) noexcept { return std::sin(x); }
[[nodiscard]] inline double cos(double x) noexcept { return std::cos(x); }
[[nodiscard]] inline double atan2(double y, double x) noexcept { return std::atan2(y, x); }
[[nodiscard]] inline double hypot(double x, double y) noexcept { return std::hypot(x, y); }
[[nodiscard]] inline bool isnan(double x) noexcept { return std::isnan(x); }
[[nodiscard]] inline bool isinf(double x) noexcept { return std::isinf(x); }
[[nodiscard]] inline bool isfinite(double x) noexcept { return std::isfinite(x); }

}  // namespace anvil

// The unqualified spellings that C does not bring along.
using anvil::clamp;
using anvil::max;
using anvil::min;
using anvil::sign;

namespace vulcan {

// A signal as a template declares it. T is int64_t or double.
template <class T> struct global_signal {
    static_assert(std::is_same_v<T, int64_t> || std::is_same_v<T, double>, "a signal is int64_t or double");
    static constexpr Scope scope = Scope::global;
    static constexpr Type type = query::is_i64<T> ? Type::i64 : Type::f64;
    const char* name;
    constexpr explicit global_signal(const char* name_) noexcept : name(name_) {}
};

template <class T> struct object_signal {
    static_assert(std::is_same_v<T, int64_t> || std::is_same_v<T, double>, "a signal is int64_t or double");
    static constexpr Scope scope = Scope::object;
    static constexpr Type type = query::is_i64<T> ? Type::i64 : Type::f64;
    const char* name;
    constexpr explicit object_signal(const char* name_) noexcept : name(name_) {}
};

// What `configure` fills in: the listeners become slots of the schema.
class config {
public:
    explicit config(Schema& schema) noexcept : schema_(&schema) {}

    template <class SignalType> void add_listeners(const SignalType& signal, std::initializer_list<ListenerSpec> listeners) {
        const SignalId id = schema_->declare(signal.name, SignalType::scope, SignalType::type);
        for (const ListenerSpec& listener : listeners) schema_->attach(id, listener);
    }
    template <class SignalType> void add_listeners(const SignalType& signal, const ListenerSpec& listener) {
        add_listeners(signal, {listener});
    }

    [[nodiscard]] const Schema& schema() const noexcept { return *schema_; }

private:
    Schema* schema_;
};

// For policy blocks that set everything on one object.
class policy_config : public config, public value_config, public rank_config {
public:
    using config::config;
};

// What a heuristic sees of the feature store: the queries of interface/store.anv.
class store {
public:
    explicit store(const Store& runtime) noexcept : store_(&runtime) {}

    template <class T> [[nodiscard]] T get_latest(global_signal<T> signal) const { return query::latest<T>(*store_, id(signal), 0); }
    template <class T> [[nodiscard]] T get_latest(object_signal<T> signal, int64_t object) const {
        return query::latest<T>(*store_, id(signal), row(object));
    }
    template <class T> [[nodiscard]] double get_avg(global_signal<T> signal) const { return query::avg(*store_, id(signal), 0); }
    template <class T> [[nodiscard]] double get_avg(object_signal<T> signal, int64_t object) const {
        return query::avg(*store_, id(signal), row(object));
    }
    template <class T> [[nodiscard]] int64_t get_n(global_signal<T> signal) const { return query::n(*store_, id(signal), 0); }
    template <class T> [[nodiscard]] int64_t get_n(object_signal<T> signal, int64_t object) const {
        return query::n(*store_, id(signal), row(object));
    }
    template <class T> [[nodiscard]] double get_ewma(global_signal<T> signal, double alpha) const {
        return query::ewma(*store_, id(signal), 0, alpha);
    }
    template <class T> [[nodiscard]] double get_ewma(object_signal<T> signal, int64_t object, double alpha) const {
        return query::ewma(*store_, id(signal), row(object), alpha);
    }
    template <class T> [[nodiscard]] T get_kth(global_signal<T> signal, int64_t k) const {
        return query::kth<T>(*store_, id(signal), 0, k);
    }
    template <class T> [[nodiscard]] T get_kth(object_signal<T> signal, int64_t object, int64_t k) const {
        return query::kth<T>(*store_, id(signal), row(object), k);
    }
    template <class T> [[nodiscard]] double get_pop_percentile(object_signal<T> signal, int64_t object) const {
        return query::pop_rank(*store_, id(signal), row(object));
    }
    template <class T> [[nodiscard]] T get_pop_percentile(object_signal<T> signal, double p) const {
        return query::pop_value<T>(*store_, id(signal), p);
    }

private:
    template <class SignalType> [[nodiscard]] SignalId id(const SignalType& signal) const { return store_->schema().signal(signal.name); }
    [[nodiscard]] Row row(int64_t object) const noexcept { return store_->find(object); }

    const Store* store_;
};

using feature_store = store;

}  // namespace vulcan
