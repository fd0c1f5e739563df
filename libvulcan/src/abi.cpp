#include <vulcan/abi.hpp>

#include <algorithm>

#include <vulcan/order.hpp>
#include <vulcan/population.hpp>
#include <vulcan/store.hpp>

// Code that is compiled as a shared library finds these by name, in spite of -fvisibility=hidden.
#define VK_EXPORT extern "C" __attribute__((visibility("default")))

namespace vulcan {
namespace {

template <class T> double pop_rank(const vk_context* cx, uint32_t slot, const uint8_t* state) noexcept {
    const auto* population = static_cast<const Population*>(cx->shared[slot]);
    if (vk_load_i64(state, 1) == 0 || population == nullptr || population->size() == 0) return 0.0;
    const uint64_t below = population->rank(key_of(listeners::own_latest<T>(state)));
    return static_cast<double>(below) / static_cast<double>(population->size());
}

template <class T> T pop_value(const vk_context* cx, uint32_t slot, double p) noexcept {
    const auto* population = static_cast<const Population*>(cx->shared[slot]);
    if (population == nullptr || population->size() == 0) return T{0};
    const double share = p > 0.0 ? std::min(p, 1.0) : 0.0;  // also NaN
    const auto index = static_cast<uint64_t>(share * static_cast<double>(population->size()));
    return value_of<T>(population->at(std::min(index, population->size() - 1)));
}

}  // namespace
}  // namespace vulcan

VK_EXPORT const uint8_t* vk_find_row(const vk_context* cx, int64_t id) {
    return static_cast<const vulcan::Store*>(cx->store)->find_row(id);
}

VK_EXPORT double vk_pop_rank_f64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    return vulcan::pop_rank<double>(cx, slot, state);
}

VK_EXPORT double vk_pop_rank_i64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    return vulcan::pop_rank<int64_t>(cx, slot, state);
}

VK_EXPORT double vk_pop_value_f64(const vk_context* cx, uint32_t slot, const uint8_t* /*state*/, double p) {
    return vulcan::pop_value<double>(cx, slot, p);
}

VK_EXPORT int64_t vk_pop_value_i64(const vk_context* cx, uint32_t slot, const uint8_t* /*state*/, double p) {
    return vulcan::pop_value<int64_t>(cx, slot, p);
}

namespace vulcan {

const std::array<Symbol, 5>& symbols() noexcept {
    static const std::array<Symbol, 5> table{{
        {"vk_find_row", reinterpret_cast<void*>(&vk_find_row)},
        {"vk_pop_rank_f64", reinterpret_cast<void*>(&vk_pop_rank_f64)},
        {"vk_pop_rank_i64", reinterpret_cast<void*>(&vk_pop_rank_i64)},
        {"vk_pop_value_f64", reinterpret_cast<void*>(&vk_pop_value_f64)},
        {"vk_pop_value_i64", reinterpret_cast<void*>(&vk_pop_value_i64)},
    }};
    return table;
}

}  // namespace vulcan
