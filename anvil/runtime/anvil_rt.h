/* The run-time library of Anvil: every operation whose C meaning is undefined, unspecified or open to rewriting.
 *
 * Compiled once as libanvil_rt (anvil_rt.c), called by the interpreter and the JIT; and pasted, as far as needed,
 * into emitted C. Blocks are separated by one blank line: anvil.runtime.c_source() picks them by the names they
 * define.
 */
#ifndef ANVIL_RT_H
#define ANVIL_RT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef ANVIL_RT_EXPORT
#define ANVIL_MATH __attribute__((visibility("default")))
#elif defined(__clang__)
#define ANVIL_MATH static __attribute__((noinline, optnone, const, unused))
#else
#define ANVIL_MATH static __attribute__((noipa, const, unused))
#endif
#define ANVIL_INLINE static inline __attribute__((const, unused))

/* ---- mathematics -------------------------------------------------------------------------------------------
 * Opaque, because compilers fold libm calls with constant arguments by MPFR and rewrite pow(x, 2): other bits. */

ANVIL_MATH double anvil_rt_exp(double x) { return exp(x); }

ANVIL_MATH double anvil_rt_log(double x) { return log(x); }

ANVIL_MATH double anvil_rt_log1p(double x) { return log1p(x); }

ANVIL_MATH double anvil_rt_log2(double x) { return log2(x); }

ANVIL_MATH double anvil_rt_log10(double x) { return log10(x); }

ANVIL_MATH double anvil_rt_cbrt(double x) { return cbrt(x); }

ANVIL_MATH double anvil_rt_tanh(double x) { return tanh(x); }

ANVIL_MATH double anvil_rt_sin(double x) { return sin(x); }

ANVIL_MATH double anvil_rt_cos(double x) { return cos(x); }

ANVIL_MATH double anvil_rt_pow(double x, double y) { return pow(x, y); }

ANVIL_MATH double anvil_rt_fmod(double x, double y) { return fmod(x, y); }

ANVIL_MATH double anvil_rt_atan2(double y, double x) { return atan2(y, x); }

ANVIL_MATH double anvil_rt_hypot(double x, double y) { return hypot(x, y); }

/* ---- integers: + - * wrap ------------------------------------------------------------------------------------ */

ANVIL_INLINE int32_t anvil_add_i32(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }

ANVIL_INLINE int32_t anvil_sub_i32(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }

ANVIL_INLINE int32_t anvil_mul_i32(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }

ANVIL_INLINE int32_t anvil_neg_i32(int32_t a) { return (int32_t)(0u - (uint32_t)a); }

ANVIL_INLINE int64_t anvil_add_i64(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

ANVIL_INLINE int64_t anvil_sub_i64(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }

ANVIL_INLINE int64_t anvil_mul_i64(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }

ANVIL_INLINE int64_t anvil_neg_i64(int64_t a) { return (int64_t)(UINT64_C(0) - (uint64_t)a); }

/* ---- integers: x / 0 is 0, x % 0 is x, MIN / -1 is MIN, MIN % -1 is 0 ------------------------------------------ */

ANVIL_INLINE int32_t anvil_div_i32(int32_t a, int32_t b) {
    return b == 0 ? 0 : b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b;
}

ANVIL_INLINE int32_t anvil_rem_i32(int32_t a, int32_t b) { return b == 0 ? a : b == -1 ? 0 : a % b; }

ANVIL_INLINE int64_t anvil_div_i64(int64_t a, int64_t b) {
    return b == 0 ? 0 : b == -1 ? (int64_t)(UINT64_C(0) - (uint64_t)a) : a / b;
}

ANVIL_INLINE int64_t anvil_rem_i64(int64_t a, int64_t b) { return b == 0 ? a : b == -1 ? 0 : a % b; }

ANVIL_INLINE uint64_t anvil_div_u64(uint64_t a, uint64_t b) { return b == 0 ? 0 : a / b; }

ANVIL_INLINE uint64_t anvil_rem_u64(uint64_t a, uint64_t b) { return b == 0 ? a : a % b; }

/* ---- shifts: the distance counts modulo the width; signed values shift their sign in ---------------------------- */

ANVIL_INLINE int32_t anvil_shl_i32(int32_t a, uint64_t n) { return (int32_t)((uint32_t)a << (n & 31)); }

ANVIL_INLINE int32_t anvil_shr_i32(int32_t a, uint64_t n) { return a >> (n & 31); }

ANVIL_INLINE int64_t anvil_shl_i64(int64_t a, uint64_t n) { return (int64_t)((uint64_t)a << (n & 63)); }

ANVIL_INLINE int64_t anvil_shr_i64(int64_t a, uint64_t n) { return a >> (n & 63); }

ANVIL_INLINE uint64_t anvil_shl_u64(uint64_t a, uint64_t n) { return a << (n & 63); }

ANVIL_INLINE uint64_t anvil_shr_u64(uint64_t a, uint64_t n) { return a >> (n & 63); }

/* ---- double to integer: toward zero, saturating, NaN is 0 -------------------------------------------------------- */

ANVIL_INLINE int32_t anvil_i32_from_f64(double x) {
    if (x >= 0x1p31) return INT32_MAX;
    if (x > -0x1p31) return (int32_t)x;
    return x != x ? 0 : INT32_MIN;
}

ANVIL_INLINE int64_t anvil_i64_from_f64(double x) {
    if (x >= 0x1p63) return INT64_MAX;
    if (x > -0x1p63) return (int64_t)x;
    return x != x ? 0 : INT64_MIN;
}

ANVIL_INLINE uint64_t anvil_u64_from_f64(double x) {
    if (x >= 0x1p64) return UINT64_MAX;
    return x > 0.0 ? (uint64_t)x : 0;
}

/* ---- min, max, clamp, abs, sign --------------------------------------------------------------------------------
 * clamp is not written as two nested choices: gcc 12 -O1 takes those for min and max where low = high + 1. */

ANVIL_INLINE int32_t anvil_min_i32(int32_t a, int32_t b) { return b < a ? b : a; }

ANVIL_INLINE int64_t anvil_min_i64(int64_t a, int64_t b) { return b < a ? b : a; }

ANVIL_INLINE uint64_t anvil_min_u64(uint64_t a, uint64_t b) { return b < a ? b : a; }

ANVIL_INLINE double anvil_min_f64(double a, double b) { return b < a ? b : a; }

ANVIL_INLINE int32_t anvil_max_i32(int32_t a, int32_t b) { return a < b ? b : a; }

ANVIL_INLINE int64_t anvil_max_i64(int64_t a, int64_t b) { return a < b ? b : a; }

ANVIL_INLINE uint64_t anvil_max_u64(uint64_t a, uint64_t b) { return a < b ? b : a; }

ANVIL_INLINE double anvil_max_f64(double a, double b) { return a < b ? b : a; }

ANVIL_INLINE int32_t anvil_clamp_i32(int32_t x, int32_t low, int32_t high) {
    return ((x < low) | (high < x)) ? (x < low ? low : high) : x;
}

ANVIL_INLINE int64_t anvil_clamp_i64(int64_t x, int64_t low, int64_t high) {
    return ((x < low) | (high < x)) ? (x < low ? low : high) : x;
}

ANVIL_INLINE uint64_t anvil_clamp_u64(uint64_t x, uint64_t low, uint64_t high) {
    return ((x < low) | (high < x)) ? (x < low ? low : high) : x;
}

ANVIL_INLINE double anvil_clamp_f64(double x, double low, double high) { return x < low ? low : high < x ? high : x; }

ANVIL_INLINE int32_t anvil_abs_i32(int32_t a) { return a < 0 ? (int32_t)(0u - (uint32_t)a) : a; }

ANVIL_INLINE int64_t anvil_abs_i64(int64_t a) { return a < 0 ? (int64_t)(UINT64_C(0) - (uint64_t)a) : a; }

ANVIL_INLINE int32_t anvil_sign_i32(int32_t a) { return (a > 0) - (a < 0); }

ANVIL_INLINE int64_t anvil_sign_i64(int64_t a) { return (a > 0) - (a < 0); }

ANVIL_INLINE uint64_t anvil_sign_u64(uint64_t a) { return a > 0; }

ANVIL_INLINE double anvil_sign_f64(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0; }

/* ---- tests of doubles -------------------------------------------------------------------------------------------- */

ANVIL_INLINE bool anvil_isnan(double x) { return x != x; }

ANVIL_INLINE bool anvil_isinf(double x) { return fabs(x) == HUGE_VAL; }

ANVIL_INLINE bool anvil_isfinite(double x) { return fabs(x) < HUGE_VAL; }

#endif /* ANVIL_RT_H */
