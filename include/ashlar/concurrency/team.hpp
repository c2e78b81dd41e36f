// SPDX-License-Identifier: BSL-1.0
/// @file Defines team: the threads that a concurrency policy lends for one piece of work.
#pragma once

#include <ashlar/fwd.hpp>

#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#endif

namespace ashlar::inline v0_1 {

/// Nobody but the calling thread: so it is with one thread, and with a schedule of a test, whose
/// order a thread of its own would break.
template <class Concurrency>
struct team {
    /// How many threads can get on at the same time.
    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    template <class F>
    static void run(std::size_t, F f) noexcept {
        f();
    }
};

#ifdef __linux__
/// Threads of the system, as many as it gives. With a glibc before 2.34 link with -pthread.
template <>
struct team<shared> {
    static constexpr std::size_t most = 16;

    /// Processors that this process may use; 1 on machines with more than 1,024.
    [[nodiscard]] static std::size_t size() noexcept {
        ::cpu_set_t usable;
        if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
        return static_cast<std::size_t>(CPU_COUNT(&usable));
    }
    /// Runs f() on this thread and on up to `threads` - 1 more, and returns when all of them have.
    /// Threads that the system refuses are done without; the new ones leave signals to the
    /// program's own. f must not throw.
    template <class F>
    static void run(std::size_t threads, F f) noexcept {
        ::pthread_t started[most - 1];
        std::size_t count = 0;
        const auto work = [](void* what) -> void* { return (*static_cast<F*>(what))(), nullptr; };
        ::sigset_t all, before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        while (count + 1 < threads && count < most - 1 &&
               ::pthread_create(&started[count], nullptr, work, &f) == 0)
            ++count;
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        f();
        while (count != 0) ::pthread_join(started[--count], nullptr);
    }
};
#endif

} // namespace ashlar::inline v0_1
