// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"

#include <ashlar/checkpoint/log/replay.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/simulated.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

// Several syncs of a log at a time.
namespace {

using namespace ashlar;

/// A world whose disk takes a while to sync, or until it is let go, and several syncs at a time.
struct slow : simulated {
    static inline std::atomic<int> under_way{0};
    static inline std::atomic<int> most{0};
    static inline std::atomic<bool> held{false};

    class file : public simulated::file {
      public:
        file() = default;
        explicit file(simulated::file&& opened) : simulated::file{std::move(opened)} {}
        result<void> sync() {
            const int now = ++under_way;
            for (int known = most; known < now && !most.compare_exchange_weak(known, now);) {
            }
            do std::this_thread::sleep_for(std::chrono::milliseconds{2});
            while (held);
            const auto done = simulated::file::sync();
            --under_way;
            return done;
        }
    };
    using simulated::simulated;
    [[nodiscard]] result<file> open_file(text_view path, file_mode mode) const {
        auto opened = simulated::open_file(path, mode);
        if (!opened) return opened.error();
        return file{std::move(*opened)};
    }
};

using log_type = write_ahead_log<slow, shared, sync::group>;
const std::string uuid(16, 'u');

struct place {
    simulated_world world{7};
    slow environment{world};
    place() {
        REQUIRE(environment.make_directory("log"));
        REQUIRE(environment.sync_directory("."));
        slow::most = 0;
    }
};

/// Appends and waits in several threads; the greatest ticket that was waited for, and how many
/// bytes of it.
std::uint64_t write(log_type& log, int threads, int each, std::size_t size) {
    std::atomic<std::uint64_t> durable{0};
    std::vector<std::thread> writers;
    for (int t = 0; t < threads; ++t)
        writers.emplace_back([&, t] {
            const std::string text(size, static_cast<char>('a' + t));
            for (int i = 0; i < each; ++i) {
                if (!log.reserve(size)) return;
                const auto ticket =
                    log.append(log_record_kind::opaque, 0, size, size, [&](std::byte* to) {
                        copy_bytes(to, text);
                        return crc32c(bytes_view{to, size});
                    });
                if (!log.wait(ticket)) return;
                for (auto known = durable.load();
                     known < ticket && !durable.compare_exchange_weak(known, ticket);) {
                }
            }
        });
    for (std::thread& writer : writers) writer.join();
    return durable;
}

/// Bytes of the records that a replay finds, as tickets count them.
result<std::uint64_t> recovered(const slow& environment) {
    std::uint64_t bytes = 0;
    error_detail why;
    log_replay<slow> from{environment, "log", uuid, &why};
    const auto end = from.run(1, [&](const log_record_view& record, log_position) {
        bytes += log_record_size(record.payload.size());
        return result<void>{};
    });
    if (!end) UNSCOPED_INFO(std::string(why.message.view().data(), why.message.view().size()));
    if (!end) return end.error();
    return bytes;
}

} // namespace

TEST_CASE("log lanes: long queues are synced side by side, and all of it is there", "[threads]") {
    place p;
    {
        log_type log{p.environment, {.segment_size = 1U << 20, .queue_size = 1U << 18}};
        REQUIRE(log.create("log", uuid));
        const std::uint64_t durable = write(log, 8, 12, 40'000);
        CHECK(durable == log.appended());
        CHECK(slow::most >= 2);
        CHECK(slow::most <= 4);
        CHECK(log.position().segment > 3); // segments ended meanwhile
    }
    p.world.lose_power(power_loss::everything, 1);
    CHECK(recovered(p.environment).value_or(0) >= 8 * 12 * log_record_size(40'000));
}

TEST_CASE("log lanes: short queues wait for the sync under way, and share the next", "[threads]") {
    place p;
    log_type log{p.environment, {}};
    REQUIRE(log.create("log", uuid));
    const auto before = p.world.syncs();
    const std::uint64_t durable = write(log, 16, 20, 100);
    CHECK(durable == log.appended());
    CHECK(slow::most == 1);
    CHECK(p.world.syncs() - before < 16 * 20 / 2);
    CHECK(log.close());
}

// It would wait for the sync in the file system, and who syncs writes what has come meanwhile.
TEST_CASE("log lanes: who waits for no sync does not write beside one", "[threads]") {
    place p;
    constexpr std::size_t queue = 1U << 16, size = 1000;
    write_ahead_log<slow, shared, sync::none> log{p.environment, {.queue_size = queue}};
    REQUIRE(log.create("log", uuid));
    const auto commit = [&] {
        REQUIRE(log.reserve(size));
        const auto ticket = log.append(log_record_kind::opaque, 0, size, size, [&](std::byte* to) {
            std::memset(to, 'x', size);
            return crc32c({to, size});
        });
        REQUIRE(log.acknowledge(ticket));
    };
    commit();
    slow::held = true;
    std::thread timer{[&] { CHECK(log.sync()); }};
    while (slow::under_way == 0) std::this_thread::yield();
    const auto written = log.flushed();
    while (log.appended() - written < queue - 2 * size) commit();
    CHECK(log.flushed() == written);
    slow::held = false;
    timer.join();
    commit();
    CHECK(log.flushed() > written);
    CHECK(log.close());
    CHECK(recovered(p.environment).value_or(0) == log.appended());
}

TEST_CASE("log lanes: what was promised is there whichever call fails among several syncs",
          "[threads]") {
    for (std::uint64_t n = 1; n <= 40; ++n) {
        place p;
        std::uint64_t durable = 0;
        {
            log_type log{p.environment, {.segment_size = 1U << 19, .queue_size = 1U << 17}};
            REQUIRE(log.create("log", uuid));
            p.world.plan.fail_at_call = p.world.calls() + n;
            durable = write(log, 6, 3, 40'000);
        }
        p.world.lose_power(n % 2 == 0 ? power_loss::everything : power_loss::some, n);
        INFO("call " << n);
        const auto there = recovered(p.environment);
        CHECK(name_of(there.error().code) == std::string{"ok"});
        CHECK(there.value_or(0) >= durable);
    }
}
