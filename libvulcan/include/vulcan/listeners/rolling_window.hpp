// RollingWindow(n): the last n values and their mean. State: see queries.h.
#pragma once

#include <vulcan/listeners/sum.hpp>

namespace vulcan::listeners {

// Rounding errors of the running sum cannot outlive one round of the ring: each wrap adds the values up afresh.
inline CompensatedSum sum_of_window(const uint8_t* state, int64_t n) noexcept {
    CompensatedSum total;
    for (int64_t i = 0; i < n; ++i) total.add(vk_load_f64(state, 5 + static_cast<uint64_t>(i)));
    return total;
}

inline void update_window(uint8_t* state, double x, int64_t n) noexcept {
    const int64_t head = vk_load_i64(state, 0);
    const int64_t count = vk_load_i64(state, 1);
    const uint64_t word = 5 + static_cast<uint64_t>(head);
    const double leaving = vk_load_f64(state, word);
    const int64_t next = head + 1 == n ? 0 : head + 1;
    store_word(state, word, x);
    store_word(state, 0, next);
    if (count < n) store_word(state, 1, count + 1);
    CompensatedSum total{vk_load_f64(state, 2), vk_load_f64(state, 3), vk_load_i64(state, 4) != 0};
    if (next == 0) {
        total = sum_of_window(state, n);
    } else {
        if (count == n) total.add(-leaving);
        total.add(x);
    }
    store_word(state, 2, total.sum);
    store_word(state, 3, total.compensation);
    store_word(state, 4, static_cast<int64_t>(total.scaled));
}

inline void update_window(uint8_t* state, int64_t x, int64_t n) noexcept {
    const int64_t head = vk_load_i64(state, 0);
    const int64_t count = vk_load_i64(state, 1);
    const uint64_t word = 5 + static_cast<uint64_t>(head);
    __extension__ using int128 = __int128;
    int128 sum;
    std::memcpy(&sum, state + 16, 16);
    sum += static_cast<int128>(x) - vk_load_i64(state, word);  // an unused place holds 0
    std::memcpy(state + 16, &sum, 16);
    store_word(state, word, x);
    store_word(state, 0, head + 1 == n ? 0 : head + 1);
    if (count < n) store_word(state, 1, count + 1);
}

}  // namespace vulcan::listeners
