// PopPercentile: where an object's latest value stands among those of all objects. State: [own latest, present].
#pragma once

#include <vulcan/listeners/latest.hpp>
#include <vulcan/order.hpp>
#include <vulcan/population.hpp>
#include <vulcan/queries.h>

namespace vulcan::listeners {

template <class T> [[nodiscard]] inline T own_latest(const uint8_t* state) noexcept {
    T value;
    std::memcpy(&value, state, 8);
    return value;
}

template <class T> inline void update_population(uint8_t* state, T value, Population& population) {
    const uint64_t key = key_of(value);
    if (vk_load_i64(state, 1) != 0) {
        population.replace(key_of(own_latest<T>(state)), key);
    } else {
        population.insert(key);
        store_word(state, 1, int64_t{1});
    }
    store_word(state, 0, value);
}

template <class T> inline void leave_population(const uint8_t* state, Population& population) {
    if (vk_load_i64(state, 1) != 0) population.erase(key_of(own_latest<T>(state)));
}

}  // namespace vulcan::listeners
