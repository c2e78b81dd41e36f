// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "fault/crash_campaign.hpp"
#include "fault/failing_memory.hpp"
#include "fault/tampered_posix.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>

// G4: memory runs out, within any call of a logged store.
namespace {

using namespace ashlar_fault;

/// While it stands, the n-th allocation fails, and those behind it if that is for ever.
class shortage {
  public:
    shortage(std::size_t n, bool for_ever) { memory.for_ever = for_ever, memory.fail_at = n; }
    shortage(const shortage&) = delete;
    shortage& operator=(const shortage&) = delete;
    ~shortage() { memory.fail_at = 0, memory.for_ever = false; }
};

template <class Backend>
class life {
    using next = typename Backend::template engine<row, tampered_posix, single>;
    using engine = logged_engine<next, tampered_posix, single, sync::group>;

  public:
    std::string wrong;
    std::size_t left = 1; ///< of the allocations before the one that fails; 0 when it has failed

    void lead(const script& plan, std::size_t n, bool for_ever) {
        const testing::scratch place;
        const std::string directory = place / "db";
        left = n;
        rows_map known;
        {
            auto e = within(for_ever, [&] { return open(directory); });
            if (!e) e = open(directory); // with memory again
            if (!e) return fail("opening again answers", e.error());
            for (const auto& [what, number] : plan.steps()) {
                if (what != script::kind::batch) {
                    const bool done = within(for_ever, [&] { return e->checkpoint().has_value(); });
                    if (!done && left != 0) return fail("a checkpoint answers", {});
                    continue;
                }
                write_batch batch;
                plan.fill(number, batch);
                const auto done = within(for_ever, [&] { return e->apply(batch); });
                if (!done && done.error() != errc::out_of_memory)
                    return fail("a batch answers", done.error());
                const rows_map& before = plan.state(number);
                if (rows_of(*e) != (done ? plan.state(number + 1) : before))
                    return fail("a batch is there in part", {});
                if (done) continue;
                if (const auto again = e->apply(batch); !again)
                    return fail("a store that has memory again answers", again.error());
            }
            known = rows_of(*e);
        }
        const auto e = open(directory);
        if (!e) return fail("opening again answers", e.error());
        if (rows_of(*e) != known) fail("what was acknowledged did not last", {});
    }

  private:
    template <class F>
    auto within(bool for_ever, F f) {
        if (left == 0) return f();
        const shortage now{left, for_ever};
        auto done = f();
        left = memory.fail_at == 1 && for_ever && has_failed(done) ? 0 : memory.fail_at.load();
        return done;
    }
    static bool has_failed(const auto& done) { return !done; }
    static result<engine> open(const std::string& directory) {
        const opening<tampered_posix> how{{.directory = directory}, "memory=1", {}};
        auto empty = next::open(opening<tampered_posix>{{}, "", {}}, {});
        if (!empty) return empty.error();
        return engine::open(how, {.segment_size = 900, .queue_size = 600}, std::move(*empty));
    }
    static rows_map rows_of(const engine& e) {
        rows_map rows;
        typename engine::position at{};
        const auto add = [&](bytes_view key, bytes_view value) {
            rows[key.template as<std::string>()] = value.template as<std::string>();
        };
        if (!e.walk(at, add, static_cast<std::size_t>(-1))) rows["walk"] = "failed";
        return rows;
    }
    void fail(const char* what, error e) {
        if (wrong.empty()) wrong = std::string{what} + " " + name_of(e.code);
    }
};

template <class Backend>
std::size_t until_clean(std::uint64_t seed) {
    const script plan{seed, 10};
    std::size_t runs = 0;
    for (const bool for_ever : {false, true})
        for (std::size_t n = 1; n < 3'000; ++n, ++runs) {
            life<Backend> one;
            one.lead(plan, n, for_ever);
            INFO("seed " << seed << " allocation " << n << (for_ever ? " for ever" : ""));
            REQUIRE(one.wrong == "");
            if (one.left != 0) break; // there were not so many
        }
    return runs;
}

} // namespace

TEST_CASE("memory: every allocation of a logged store fails once or for ever") {
    tampered.omit_syncs = tampered.omit_directory_syncs = true; // no power is lost here
    std::size_t runs = until_clean<hash_map<>>(1);
    runs += until_clean<sorted_map<>>(2);
    tampered.omit_syncs = tampered.omit_directory_syncs = false;
    std::printf("memory: %zu runs with a failed allocation\n", runs);
    CHECK(runs > 100);
}
