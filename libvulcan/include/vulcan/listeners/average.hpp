// Average: mean of all values so far. State: [sum, compensation, count], negative count: the sum is scaled.
#pragma once

#include <vulcan/listeners/sum.hpp>

namespace vulcan::listeners {

inline void update_average(uint8_t* state, double x) noexcept {
    const int64_t signed_n = vk_load_i64(state, 2);
    CompensatedSum total{vk_load_f64(state, 0), vk_load_f64(state, 1), signed_n < 0};
    total.add(x);
    const int64_t n = (signed_n < 0 ? -signed_n : signed_n) + 1;
    store_word(state, 0, total.sum);
    store_word(state, 1, total.compensation);
    store_word(state, 2, total.scaled ? -n : n);
}

inline void update_average(uint8_t* state, int64_t x) noexcept {
    add_int128(state, x);
    store_word(state, 2, vk_load_i64(state, 2) + 1);
}

}  // namespace vulcan::listeners
