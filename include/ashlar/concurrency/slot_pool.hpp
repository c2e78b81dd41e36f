// SPDX-License-Identifier: BSL-1.0
/// @file Defines slot_pool: things that are used by one thread at a time, without a queue for them.
#pragma once

#include <ashlar/concurrency/thread_hint.hpp>

namespace ashlar::inline v0_1 {

/// A fixed number of slots, each behind its own lock: a reader takes any that is free, and whoever
/// must be alone takes them all. One slot where there is one thread. Not movable.
template <concurrency_policy Concurrency, class Slot, std::size_t Slots = 32>
class slot_pool {
    struct alignas(64) place {
        typename Concurrency::mutex mutex;
        Slot slot{};
    };

  public:
    static constexpr std::size_t count = Concurrency::threads ? Slots : 1;

    /// Holds a slot for a scope.
    class [[nodiscard]] holder {
      public:
        explicit holder(place& of) noexcept : place_{of} {}
        ~holder() { place_.mutex.unlock(); }
        holder(const holder&) = delete;
        holder& operator=(const holder&) = delete;
        Slot& operator*() const noexcept { return place_.slot; }
        Slot* operator->() const noexcept { return &place_.slot; }

      private:
        place& place_;
    };

    /// Waits only when all slots are taken. A thread that holds a slot must not take another.
    holder acquire() noexcept {
        if constexpr (count == 1) {
            places_[0].mutex.lock();
            return holder{places_[0]};
        } else {
            const std::size_t first = thread_hint<Concurrency>(count);
            for (std::size_t i = 0; i < count; ++i) {
                place& at = places_[(first + i) % count];
                if (at.mutex.try_lock()) return holder{at};
            }
            places_[first].mutex.lock();
            return holder{places_[first]};
        }
    }

    /// Calls f() while every slot is held: nobody is in one.
    template <class F>
    auto alone(F f) noexcept {
        struct all_held {
            place (&places)[count];
            explicit all_held(place (&all)[count]) noexcept : places{all} {
                for (place& at : places) at.mutex.lock();
            }
            ~all_held() {
                for (place& at : places) at.mutex.unlock();
            }
        };
        const all_held all{places_};
        return f();
    }
    /// Calls f(slot) for every slot. REQUIRES: the caller is alone.
    template <class F>
    void for_each(F f) noexcept {
        for (place& at : places_) f(at.slot);
    }

  private:
    place places_[count];
};

} // namespace ashlar::inline v0_1
