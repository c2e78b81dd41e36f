// SPDX-License-Identifier: BSL-1.0
/// @file Defines the debug check that a visitor does not call the store it is visiting.
#pragma once

#include <cassert>

namespace ashlar::inline v0_1 {

#ifdef NDEBUG
inline constexpr bool visits_are_checked = false;
#else
inline constexpr bool visits_are_checked = true;
#endif

/// Marks the running thread as inside a visitor of `store`; the store's verbs call `check`. No
/// store's layout depends on it, and `Checked` is part of the type, so that code built with and
/// without NDEBUG can be linked together.
template <class Concurrency, bool Checked = visits_are_checked>
class visit_scope {
  public:
    explicit visit_scope(const void*) noexcept {}
    static void check(const void*) noexcept {}
};

template <class Concurrency>
    requires requires { Concurrency::visited(); }
class visit_scope<Concurrency, true> {
  public:
    explicit visit_scope(const void* store) noexcept : outer_{Concurrency::visited()} {
        Concurrency::visited() = store;
    }
    ~visit_scope() { Concurrency::visited() = outer_; }
    visit_scope(const visit_scope&) = delete;
    visit_scope& operator=(const visit_scope&) = delete;

    static void check([[maybe_unused]] const void* store) noexcept {
        assert(Concurrency::visited() != store &&
               "ashlar: a visitor called the store it is visiting; copy what you need and call "
               "the store after the visit");
    }

  private:
    const void* outer_;
};

} // namespace ashlar::inline v0_1
