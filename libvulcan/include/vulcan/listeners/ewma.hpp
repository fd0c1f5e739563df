// EWMA: exponentially weighted moving averages, one an alpha. State: [count, values...].
#pragma once

#include <cmath>
#include <cstdint>

#include <vulcan/listeners/latest.hpp>
#include <vulcan/queries.h>

namespace vulcan::listeners {

inline void update_ewma(uint8_t* state, double x, const double* alphas, uint64_t n) noexcept {
    const int64_t count = vk_load_i64(state, 0);
    store_word(state, 0, count + 1);
    for (uint64_t i = 0; i < n; ++i) {
        const double v = vk_load_f64(state, 1 + i);
        const double a = alphas[i];
        double next = count == 0 ? x : v + a * (x - v);  // this form keeps a constant input exactly
        if (!std::isfinite(next)) [[unlikely]] next = a * x + (1.0 - a) * v;  // x - v overflowed
        store_word(state, 1 + i, next);
    }
}

}  // namespace vulcan::listeners
