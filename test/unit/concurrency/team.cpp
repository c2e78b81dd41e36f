// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include <catch.hpp>

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/concurrency/team.hpp>

#include <signal.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace {

using ashlar::team;

bool signals_are_blocked() {
    ::sigset_t now;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
    return ::sigismember(&now, SIGTERM) == 1;
}

} // namespace

TEST_CASE("team: with one thread the work is done by the caller") {
    int calls = 0;
    team<ashlar::single>::run(8, [&] { ++calls; });
    CHECK(calls == 1);
    CHECK(team<ashlar::single>::size() == 1);
}

TEST_CASE("team: everybody works at the same time, and nobody is left behind", "[threads]") {
    constexpr std::size_t wanted = 4;
    std::mutex mutex;
    std::set<std::thread::id> who;
    std::atomic<std::size_t> there{0};
    const auto caller = std::this_thread::get_id();
    std::size_t deaf = 0;
    bool caller_is_deaf = true;
    team<ashlar::shared>::run(wanted, [&] {
        there.fetch_add(1);
        while (there.load() < wanted) std::this_thread::yield(); // one after another would hang
        const std::lock_guard hold{mutex};
        who.insert(std::this_thread::get_id());
        if (std::this_thread::get_id() == caller) caller_is_deaf = signals_are_blocked();
        else deaf += signals_are_blocked();
    });
    CHECK(who.size() == wanted);
    CHECK(who.count(caller) == 1);
    CHECK(deaf == wanted - 1); // signals are for the program's own threads
    CHECK_FALSE(caller_is_deaf);
    CHECK_FALSE(signals_are_blocked());
}

TEST_CASE("team: more than a team has room for is as many as it has", "[threads]") {
    std::atomic<std::size_t> calls{0};
    team<ashlar::shared>::run(1000, [&] { calls.fetch_add(1); });
    CHECK(calls.load() >= 1);
    CHECK(calls.load() <= team<ashlar::shared>::most);
    CHECK(team<ashlar::shared>::size() >= 1);
}
