// Latest: the last value.
#pragma once

#include <cstdint>
#include <cstring>

namespace vulcan::listeners {

// The one way in which listeners write words of their state; vk_load_* of queries.h reads them.
template <class T> inline void store_word(uint8_t* state, uint64_t word, T value) noexcept {
    static_assert(sizeof(T) == 8);
    std::memcpy(state + 8 * word, &value, 8);
}

template <class T> inline void update_latest(uint8_t* state, T value) noexcept { store_word(state, 0, value); }

}  // namespace vulcan::listeners
