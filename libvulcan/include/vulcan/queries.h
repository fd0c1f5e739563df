/* What a compiled heuristic may ask of the feature store: the one definition of every query.
 *
 * The C++ library includes this header, emitted C pastes it, and the JIT links its LLVM IR (src/queries.ll).
 * Plain C11, no libm, no allocation. A zeroed state is an empty listener, and an empty listener answers 0.
 *
 * Every query is  R NAME(cx, slot, state, <value arguments>, <listener parameters>).  Value arguments may be
 * anything. `slot`, `state`, the listener parameters and an alpha's index are constants that the compiler
 * derived from the schema, and are trusted.
 */
#ifndef VULCAN_QUERIES_H
#define VULCAN_QUERIES_H

#include <stdint.h>
#include <string.h>

#ifndef VK_QUERY /* tools/gen_queries_ir.py wants symbols */
#define VK_QUERY static inline
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vk_context {
    const uint8_t* globals; /* the global row */
    void* const* shared;    /* shared[slot]: population structure of that slot, or NULL */
    const void* store;      /* opaque, for vk_find_row */
} vk_context;

/* The row of an object; a row of zeros when the object is absent, never NULL. */
extern const uint8_t* vk_find_row(const vk_context* cx, int64_t id);

/* memcpy: a state has no declared type, and a plain cast would break strict aliasing. It compiles to one load. */
VK_QUERY double vk_load_f64(const uint8_t* state, uint64_t word) {
    double value;
    memcpy(&value, state + 8 * word, 8);
    return value;
}

VK_QUERY int64_t vk_load_i64(const uint8_t* state, uint64_t word) {
    int64_t value;
    memcpy(&value, state + 8 * word, 8);
    return value;
}

/* ---- Latest: [value] ------------------------------------------------------------------------------------ */

VK_QUERY double vk_latest_get_f64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    (void)cx, (void)slot;
    return vk_load_f64(state, 0);
}

VK_QUERY int64_t vk_latest_get_i64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    (void)cx, (void)slot;
    return vk_load_i64(state, 0);
}

/* ---- sums ------------------------------------------------------------------------------------------------ */

/* (sum + compensation) / n. A sum that would have overflowed is kept times 2^-64: the mean of finite values is
 * finite, so the result is clamped against the last rounding. */
VK_QUERY double vk_mean_f64(double sum, double compensation, int64_t n, int scaled) {
    const double mean = (sum + compensation) / (double)n;
    const double top = 0x1.fffffffffffffp+959; /* DBL_MAX * 2^-64 */
    if (!scaled) return mean;
    return (mean > top ? top : mean < -top ? -top : mean) * 0x1p+64;
}

/* The 128-bit integer (high:low) as the nearest double. By hand, because the compiler's own conversion is a
 * call into its support library, which JIT-compiled code cannot reach. */
VK_QUERY double vk_int128_to_f64(uint64_t low, int64_t high) {
    if (high == (int64_t)low >> 63) return (double)(int64_t)low; /* fits 64 bits, as nearly always */
    const int negative = high < 0;
    uint64_t top = (uint64_t)high;
    if (negative) {
        low = ~low + 1;
        top = ~top + (low == 0);
    }
    double scale = 1.0;
    while (top != 0) { /* move right; a lost bit stays visible ("sticky") to the rounding below */
        low = (low >> 1) | (low & 1) | (top << 63);
        top >>= 1;
        scale *= 2.0;
    }
    const double magnitude = (double)low * scale;
    return negative ? -magnitude : magnitude;
}

VK_QUERY double vk_mean_i64(const uint8_t* sum, int64_t n) {
    return vk_int128_to_f64((uint64_t)vk_load_i64(sum, 0), vk_load_i64(sum, 1)) / (double)n;
}

/* ---- Average: [sum, compensation, count], i64: [sum low, sum high, count] --------------------------------- */
/* A negative count marks a scaled sum. */

VK_QUERY int64_t vk_average_n_f64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    (void)cx, (void)slot;
    const int64_t n = vk_load_i64(state, 2);
    return n < 0 ? -n : n;
}

VK_QUERY int64_t vk_average_n_i64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    (void)cx, (void)slot;
    return vk_load_i64(state, 2);
}

VK_QUERY double vk_average_avg_f64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    const int64_t n = vk_average_n_f64(cx, slot, state);
    if (n == 0) return 0.0;
    return vk_mean_f64(vk_load_f64(state, 0), vk_load_f64(state, 1), n, vk_load_i64(state, 2) < 0);
}

VK_QUERY double vk_average_avg_i64(const vk_context* cx, uint32_t slot, const uint8_t* state) {
    const int64_t n = vk_average_n_i64(cx, slot, state);
    return n == 0 ? 0.0 : vk_mean_i64(state, n);
}

/* ---- EWMA: [count, value of each alpha] ------------------------------------------------------------------ */
/* The values are doubles whatever the type of the signal. */

VK_QUERY double vk_ewma_get_f64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t alpha_index) {
    (void)cx, (void)slot;
    return vk_load_f64(state, 1 + (uint64_t)alpha_index);
}

VK_QUERY double vk_ewma_get_i64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t alpha_index) {
    return vk_ewma_get_f64(cx, slot, state, alpha_index);
}

/* ---- RollingWindow(n): [head, count, sum, compensation, scaled, values...] -------------------------------- */
/* i64: [head, count, sum low, sum high, 0, values...]. `head` is where the next value goes. */

/* The word that holds the k-th most recent value, or 0 (never a value's word) when there is none. */
VK_QUERY uint64_t vk_window_word(const uint8_t* state, int64_t k, int64_t n) {
    if (k < 0 || k >= n || k >= vk_load_i64(state, 1)) return 0;
    const int64_t back = vk_load_i64(state, 0) - 1 - k;
    return 5 + (uint64_t)(back < 0 ? back + n : back);
}

VK_QUERY double vk_window_kth_f64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t k, int64_t n) {
    (void)cx, (void)slot;
    const uint64_t word = vk_window_word(state, k, n);
    return word == 0 ? 0.0 : vk_load_f64(state, word);
}

VK_QUERY int64_t vk_window_kth_i64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t k, int64_t n) {
    (void)cx, (void)slot;
    const uint64_t word = vk_window_word(state, k, n);
    return word == 0 ? 0 : vk_load_i64(state, word);
}

VK_QUERY int64_t vk_window_n_f64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t n) {
    (void)cx, (void)slot, (void)n;
    return vk_load_i64(state, 1);
}

VK_QUERY int64_t vk_window_n_i64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t n) {
    (void)cx, (void)slot, (void)n;
    return vk_load_i64(state, 1);
}

VK_QUERY double vk_window_avg_f64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t n) {
    (void)cx, (void)slot, (void)n;
    const int64_t count = vk_load_i64(state, 1);
    if (count == 0) return 0.0;
    return vk_mean_f64(vk_load_f64(state, 2), vk_load_f64(state, 3), count, vk_load_i64(state, 4) != 0);
}

VK_QUERY double vk_window_avg_i64(const vk_context* cx, uint32_t slot, const uint8_t* state, int64_t n) {
    (void)cx, (void)slot, (void)n;
    const int64_t count = vk_load_i64(state, 1);
    return count == 0 ? 0.0 : vk_mean_i64(state + 16, count);
}

/* ---- PopPercentile: [own latest, present], and the population in cx->shared[slot] ------------------------- */

/* Share of the population strictly below the object's own value; 0 when the object has none. */
extern double vk_pop_rank_f64(const vk_context* cx, uint32_t slot, const uint8_t* state);
extern double vk_pop_rank_i64(const vk_context* cx, uint32_t slot, const uint8_t* state);

/* sorted[min(N-1, floor(p*N))], p clamped to [0, 1], NaN read as 0; 0 when nobody has a value. `state` is not read. */
extern double vk_pop_value_f64(const vk_context* cx, uint32_t slot, const uint8_t* state, double p);
extern int64_t vk_pop_value_i64(const vk_context* cx, uint32_t slot, const uint8_t* state, double p);

#ifdef __cplusplus
}
#endif

#endif /* VULCAN_QUERIES_H */
