// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/stores.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace ashlar_test;

#ifdef NDEBUG
static_assert(!ashlar::visits_are_checked, "release builds pay nothing");
#endif

namespace {

struct end {
    bool aborted = false;
    std::string said;
};

/// Runs f in a child process: how it ended, and what it wrote to stderr.
template <class F>
end in_child(F&& f) {
    int pipe_ends[2];
    REQUIRE(pipe(pipe_ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL); // Catch2 would report it as a failure of its own
        dup2(pipe_ends[1], 2);
        alarm(20); // a check that is missing would show as a deadlock
        f();
        _exit(0);
    }
    close(pipe_ends[1]);
    end seen;
    char bytes[512];
    for (ssize_t n = 0; (n = read(pipe_ends[0], bytes, sizeof bytes)) > 0;)
        seen.said.append(bytes, static_cast<std::size_t>(n));
    close(pipe_ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    seen.aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    return seen;
}

} // namespace

// Where NDEBUG is set nothing is checked, and there is nothing to see here but the assertion above.
#ifndef NDEBUG
TEMPLATE_TEST_CASE("visitors that call their store are stopped with a sentence", "",
                   text_counters<ashlar::sorted_map<>>, text_counters<ashlar::hash_map<>>) {
    auto store = opened<TestType>();
    auto other = opened<TestType>();
    REQUIRE(store.put("a", 1));
    REQUIRE(other.put("a", 1));
    const auto ends = [&](auto&& visit) { return in_child([&] { visit(); }); };
    const auto stopped = [&](auto&& call) {
        const end seen =
            ends([&] { static_cast<void>(store.read("a", [&](const std::int64_t&) { call(); })); });
        CHECK(seen.said.find("ashlar: a visitor called the store it is visiting") !=
              std::string::npos);
        return seen.aborted;
    };
    CHECK(stopped([&] { static_cast<void>(store.put("b", 1)); }));
    CHECK(stopped([&] { static_cast<void>(store.get("b")); }));
    CHECK(stopped([&] { static_cast<void>(store.erase("b")); }));
    CHECK(stopped([&] { static_cast<void>(store.insert("b", 1)); }));
    CHECK(stopped([&] { static_cast<void>(store.for_each([](const auto&, auto) {})); }));
    CHECK(stopped([&] {
        static_cast<void>(
            store.transact([](auto& tx) { return tx.put("b", 1), ashlar::result<void>{}; }));
    }));
    CHECK(stopped([&] { static_cast<void>(store.clear()); }));
    if constexpr (TestType::is_ordered) {
        CHECK(stopped([&] { static_cast<void>(store.scan()); }));
        CHECK(stopped([&] { static_cast<void>(store.snapshot()); }));
    }

    const end in_update = ends([&] {
        static_cast<void>(store.update("a", [&](std::int64_t&, bool) {
            static_cast<void>(store.put("b", 1));
            return ashlar::update_action::kind::keep;
        }));
    });
    CHECK(in_update.aborted);

    // Another store may be called, and so may this one after the visit.
    const end allowed = ends([&] {
        static_cast<void>(store.read("a", [&](const std::int64_t&) {
            if (!other.put("b", 1)) std::abort();
        }));
        if (!store.put("b", 1)) std::abort();
    });
    CHECK_FALSE(allowed.aborted);
    CHECK(allowed.said.empty());
}
#endif
