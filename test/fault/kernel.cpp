// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads optimizer
#include "catch.hpp"
#include "fault/durable_oracle.hpp"
#include "unit/environment/scratch.hpp"

#include <chrono>
#include <filesystem>

// On the real file system. `./dev soak --kernel` does the same for longer, and cuts the power of a
// real ext4, and has the kernel itself fail.
namespace {

using namespace ashlar_fault;
using grouped = durable_oracle<sync::group>;
using in_intervals = durable_oracle<sync::interval<3>>;

/// Kills a writing process after some of its lines, and judges; how often and what was wrong.
template <class Oracle>
std::uint64_t kill_again_and_again(const Oracle& oracle, std::uint64_t rounds, std::string& wrong) {
    std::minstd_rand dice{1};
    std::uint64_t lines = 0;
    for (std::uint64_t round = 0; round < rounds && wrong.empty(); ++round) {
        testimony heard;
        child writer{oracle, {.seed = round}};
        heard.listen(writer.pipe(), 1 + dice() % 60);
        std::this_thread::sleep_for(std::chrono::microseconds{dice() % 2000});
        writer.kill();
        heard.listen(writer.pipe());
        wrong = oracle.judge(heard);
        lines += heard.lines;
    }
    return lines;
}

} // namespace

TEST_CASE("kernel: what was acknowledged survives kill -9 at any moment") {
    std::string wrong;
    std::uint64_t lines = 0;
    {
        const testing::scratch place;
        lines = kill_again_and_again(grouped{place / "store"}, 40, wrong);
        CHECK(wrong == "");
        lines += kill_again_and_again(in_intervals{place / "other"}, 40, wrong);
        CHECK(wrong == "");
    }
    std::printf("kernel: 80 processes killed, %llu promises kept\n",
                static_cast<unsigned long long>(lines));
    CHECK(lines > 1'000);
}

TEST_CASE("kernel: the oracle sees a batch, a store and a snapshot that are gone") {
    const testing::scratch place;
    const grouped oracle{place / "store"};
    testimony heard;
    oracle.live([&](told line) { heard.hear(line); }, {.writers = 1, .batches = 40});
    REQUIRE(heard.opened);
    REQUIRE(heard.kept[0] == 40);
    REQUIRE(heard.snapshot != 0);
    CHECK(oracle.judge(heard) == "");
    testimony more = heard;
    more.kept[0] = 41;
    CHECK(oracle.judge(more) == "lost: 40 of 41 promised batches");
    more = heard;
    more.snapshot += 1;
    CHECK(oracle.judge(more).substr(0, 14) == "lost: snapshot");
    std::filesystem::remove_all(place / "store");
    CHECK(oracle.judge(heard) == "the store was opened, and is gone");
}

// G4 on the real file system
TEST_CASE("kernel: every call fails once or for ever, in the run and in the recovery",
          "[threads]") {
    std::uint64_t runs = 0;
    std::string wrong;
    tampered.omit_syncs = tampered.omit_directory_syncs = true; // no power is lost here
    const auto attempt = [&](std::uint64_t n, bool sticky, int code) {
        const testing::scratch place;
        const grouped oracle{place / "store"};
        testimony heard;
        tampered.set(n, sticky, code);
        oracle.live([&](told line) { heard.hear(line); }, {.seed = n, .writers = 1, .batches = 12});
        const std::uint64_t calls = tampered.calls;
        tampered.set(1 + n % 25, sticky, code);
        static_cast<void>(oracle.judge(heard)); // the recovery fails, too
        tampered.set(0, false, 0);
        wrong = oracle.judge(heard);
        ++runs;
        return calls;
    };
    const std::uint64_t calls = attempt(0, false, EIO);
    REQUIRE(calls > 60);
    for (std::uint64_t n = 1; n <= calls && wrong.empty(); ++n)
        for (const bool sticky : {false, true})
            for (const int code : {EIO, ENOSPC, EINTR, EACCES}) {
                if (!wrong.empty() || (sticky && code == EINTR)) continue;
                attempt(n, sticky, code);
                INFO("call " << n << (sticky ? " sticky" : "") << " errno " << code);
                CHECK(wrong == "");
            }
    tampered.omit_syncs = tampered.omit_directory_syncs = false;
    std::printf("kernel: %llu runs with a fault\n", static_cast<unsigned long long>(runs));
}
