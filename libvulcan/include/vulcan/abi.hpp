// What compiled code imports by name from the library; a JIT, which has no linker, takes the addresses from here.
#pragma once

#include <array>
#include <string_view>

namespace vulcan {

struct Symbol {
    std::string_view name;
    void* address;
};

// The functions that queries.h declares `extern`.
[[nodiscard]] const std::array<Symbol, 5>& symbols() noexcept;

}  // namespace vulcan
