// SPDX-License-Identifier: BSL-1.0
/// @file Defines guarded: the one place where exceptions of others become errors.
#pragma once

#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// f(), with std::bad_alloc as `out_of_memory` and any other exception as `otherwise`. In a build
/// without exceptions it is f() alone, for there nothing is thrown.
template <class F>
[[nodiscard]] auto guarded(errc otherwise, F&& f) noexcept -> decltype(f()) {
#if defined(__cpp_exceptions)
    try {
        return f();
    } catch (const std::bad_alloc&) {
        return errc::out_of_memory;
    } catch (...) {
        return otherwise;
    }
#else
    static_cast<void>(otherwise);
    return f();
#endif
}

} // namespace ashlar::inline v0_1
