// SPDX-License-Identifier: BSL-1.0
/// @file Defines pools: one for each of some threads.
#pragma once

#include <ashlar/concurrency/thread_hint.hpp>
#include <ashlar/slab/pool.hpp>

namespace ashlar::inline v0_1::slab {

/// Pools for threads that take side by side, each from one that is probably its own: so the lock
/// and the slabs that it needs stay in its processor's cache. A store that one thread fills has one
/// pool's slabs. Thread-safe as a pool.
template <class Concurrency>
class pools {
  public:
    /// REQUIRES: nobody takes or gives meanwhile.
    void use(page_advice advise) noexcept {
        for (place& at : places_) at.use(advise);
    }
    [[nodiscard]] pool<Concurrency>& mine() noexcept {
        return places_[thread_hint<Concurrency>(count)];
    }

  private:
    static constexpr std::size_t count = 4;
    struct alignas(64) place : pool<Concurrency> {}; // no two in a cache line

    place places_[count];
};

} // namespace ashlar::inline v0_1::slab
