// The sums behind Average and RollingWindow.
#pragma once

#include <cmath>
#include <cstdint>

#include <vulcan/listeners/latest.hpp>
#include <vulcan/queries.h>

namespace vulcan::listeners {

// Neumaier's compensated sum (ZAMM 54, 1974): also right when the next term is larger than the sum, as when a spike leaves a window.
struct CompensatedSum {
    double sum = 0.0;
    double compensation = 0.0;
    bool scaled = false;  // both are kept times 2^-64, because the plain sum was about to overflow

    void add(double x) noexcept {
        if (scaled) x *= 0x1p-64;
        if (accumulate(x)) return;
        scaled = true;
        sum *= 0x1p-64;
        compensation *= 0x1p-64;
        accumulate(x * 0x1p-64);
    }

private:
    bool accumulate(double x) noexcept {
        const double next = sum + x;
        if (!(std::fabs(next) < 0x1p1000)) [[unlikely]] return false;  // far enough from overflow for the compensation too
        compensation += std::fabs(sum) >= std::fabs(x) ? (sum - next) + x : (x - next) + sum;
        sum = next;
        return true;
    }
};

// Integer sums are exact: 128 bits hold 2^64 values of any size.
inline void add_int128(uint8_t* words, int64_t x) noexcept {
    __extension__ using int128 = __int128;
    int128 sum;
    std::memcpy(&sum, words, 16);
    sum += x;
    std::memcpy(words, &sum, 16);
}

}  // namespace vulcan::listeners
