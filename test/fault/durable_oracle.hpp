// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "fault/tampered_posix.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>

#include <map>
#include <random>
#include <string>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// A store in a process of its own that tells, over a pipe, what it was told is durable; and a judge
// who looks at what is left of it when the process, or the power, has gone.
namespace ashlar_fault {

/// One line of the child's: 8 bytes, which pipes don't tear.
struct told {
    enum class kind : std::uint16_t { opened, kept, checkpointed };
    kind what;
    std::uint16_t writer; ///< of kept
    std::uint32_t number; ///< of the batch, or the snapshot, or half of the store's identity
};

/// What a judge holds a store to.
struct testimony {
    static constexpr std::uint16_t writers = 2;
    bool opened = false;
    std::uint32_t identity = 0;
    std::uint32_t snapshot = 0;
    std::uint32_t kept[writers]{};
    std::uint64_t lines = 0;

    void hear(const told& line) {
        ++lines;
        switch (line.what) {
        case told::kind::opened: opened = true, identity = line.number; break;
        case told::kind::kept: kept[line.writer] = line.number; break;
        case told::kind::checkpointed: snapshot = line.number; break;
        }
    }
    /// Everything that is in the pipe until it is closed, or, when `last` is not 0, `last` lines.
    void listen(int pipe, std::uint64_t last = 0) {
        told line{};
        for (std::uint64_t n = 0; last == 0 || n < last; ++n) {
            if (::read(pipe, &line, sizeof line) != ::ssize_t{sizeof line}) return;
            hear(line);
        }
    }
};

/// How a child lives.
struct way_of_life {
    std::uint64_t seed = 1;
    std::uint16_t writers = testimony::writers;
    std::uint32_t rest_after = 0;       ///< lines; then it does nothing any more. 0 for never
    bool rest_after_checkpoint = false; ///< instead: behind the first one
    std::uint32_t batches = 0;          ///< of each writer; then the store is closed. 0 for never
    bool takes_for_kept = false;        ///< what is not: a control
};

template <class Sync>
class durable_oracle {
    using row = row_layout<dynamic_extent, dynamic_extent, row_fields{.sequenced = true}>;
    using next = hash_map<>::engine<row, tampered_posix, shared>;
    using engine = logged_engine<next, tampered_posix, shared, Sync>;

    static constexpr std::uint32_t ring = 16; ///< rows that each writer writes round and round

  public:
    explicit durable_oracle(std::string directory) : directory_{std::move(directory)} {}

    /// Writes until it is killed, or something fails, or it has lived its life. hear(told) may be
    /// called by several threads at once.
    template <class Hear>
    void live(Hear hear, const way_of_life& how) const {
        auto e = open(how.seed % 2 * 2); // every other life has spare segments
        if (!e) return;
        std::atomic<std::uint32_t> lines{0};
        std::atomic<bool> failed{false};
        const auto tell = [&](told line) {
            hear(line);
            const bool rests = how.rest_after_checkpoint
                                   ? line.what == told::kind::checkpointed
                                   : how.rest_after != 0 && ++lines >= how.rest_after;
            while (rests) ::pause();
        };
        tell({told::kind::opened, 0, static_cast<std::uint32_t>(e->identity())});
        std::atomic<std::uint32_t> counts[testimony::writers]{};
        const rows_type before = rows_of(*e);
        for (std::uint16_t w = 0; w < testimony::writers; ++w)
            counts[w] = number_at(before, w, "count");

        const auto write = [&](std::uint16_t w) {
            std::minstd_rand dice{static_cast<unsigned>(how.seed * 2 + w + 1)};
            const std::uint32_t first = counts[w] + 1;
            for (std::uint32_t n = first; !failed; ++n) {
                if (how.batches != 0 && n - first == how.batches) return;
                const std::uint32_t seen = counts[1 - w];
                // Some are so long that they are synced beside others.
                const std::size_t padding = dice() % 8 == 0 ? 40'000 : dice() % 600;
                if (!apply(*e, w, n, seen, padding)) break;
                counts[w] = n;
                if (Sync::waits || how.takes_for_kept || (n % 8 == 0 && e->sync()))
                    tell({told::kind::kept, w, n});
                if (w != 0 || dice() % (how.batches != 0 ? 6 : 24) != 0) continue;
                const auto made = e->checkpoint();
                if (!made) break;
                tell({told::kind::checkpointed, 0, static_cast<std::uint32_t>(made->snapshot)});
            }
            failed = true;
        };
        std::thread other;
        if (how.writers > 1) other = std::thread{write, std::uint16_t{1}};
        write(0);
        if (other.joinable()) other.join();
    }

    /// Empty when everything that was testified to is there, and nothing is there in part.
    [[nodiscard]] std::string judge(const testimony& heard) const {
        auto e = open();
        if (!e) return std::string{"recovery answers "} + name_of(e.error().code);
        if (heard.opened && static_cast<std::uint32_t>(e->identity()) != heard.identity)
            return "the store was opened, and is gone";
        if (e->recovered().snapshot < heard.snapshot)
            return "lost: snapshot " + std::to_string(heard.snapshot);
        const rows_type rows = rows_of(*e);
        for (std::uint16_t w = 0; w < testimony::writers; ++w) {
            const std::uint32_t count = number_at(rows, w, "count");
            if (count < heard.kept[w])
                return "lost: " + std::to_string(count) + " of " + std::to_string(heard.kept[w]) +
                       " promised batches";
            if (number_at(rows, w, "left") != count || number_at(rows, w, "right") != count)
                return "a batch is there in part";
            for (std::uint32_t n = count > ring ? count - ring + 1 : 1; n <= count; ++n)
                if (number_at(rows, w, "ring" + std::to_string(n % ring)) != n)
                    return "no prefix: a row of batch " + std::to_string(n) + " is another";
            if (number_at(rows, w, "seen") > number_at(rows, 1 - w, "count"))
                return "no prefix: a batch is there, and one that it has seen is not";
        }
        return {};
    }

  private:
    using rows_type = std::map<std::string, std::string>;

    [[nodiscard]] result<engine> open(std::size_t spare_segments = 0) const {
        const opening<tampered_posix> how{{.directory = directory_}, "oracle=1", {}};
        auto empty = next::open(opening<tampered_posix>{{}, "", {}}, {});
        if (!empty) return empty.error();
        return engine::open(
            how, {.segment_size = 200'000, .queue_size = 64'000, .spare_segments = spare_segments},
            std::move(*empty));
    }
    [[nodiscard]] static std::string key_of(int writer, const std::string& name) {
        return std::to_string(writer) + name;
    }
    [[nodiscard]] static std::uint32_t number_at(const rows_type& rows, int writer,
                                                 const std::string& name) {
        const auto at = rows.find(key_of(writer, name));
        return at == rows.end() ? 0 : static_cast<std::uint32_t>(std::stoul(at->second));
    }
    [[nodiscard]] static bool apply(engine& e, std::uint16_t w, std::uint32_t n, std::uint32_t seen,
                                    std::size_t padding) {
        write_batch batch;
        const std::string number = std::to_string(n);
        const std::string long_one = number + std::string(padding, ' ');
        const auto put = [&](const std::string& name, const std::string& value) {
            const std::string key = key_of(w, name);
            batch.put(bytes_view{key}, bytes_view{value});
        };
        put("left", number);
        put("ring" + std::to_string(n % ring), long_one);
        put("seen", std::to_string(seen));
        put("count", number);
        put("right", number);
        return static_cast<bool>(e.apply(batch));
    }
    [[nodiscard]] static rows_type rows_of(const engine& e) {
        rows_type rows;
        typename engine::position at{};
        const auto add = [&](bytes_view key, bytes_view value) {
            rows[key.template as<std::string>()] = value.template as<std::string>();
        };
        if (!e.walk(at, add, static_cast<std::size_t>(-1))) rows.clear();
        return rows;
    }

    std::string directory_;
};

/// A process that leads a life of the oracle's; what it tells comes through `pipe()`.
class child {
  public:
    template <class Oracle>
    child(const Oracle& oracle, const way_of_life& how) {
        int ends[2]{};
        if (::pipe(ends) != 0) std::abort();
        process_ = ::fork();
        if (process_ < 0) std::abort();
        if (process_ == 0) {
            ::close(ends[0]);
            oracle.live(
                [&](told line) {
                    if (::write(ends[1], &line, sizeof line) != ::ssize_t{sizeof line}) ::_exit(1);
                },
                how);
            ::_exit(0);
        }
        ::close(ends[1]);
        pipe_ = ends[0];
    }
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child() {
        kill();
        ::close(pipe_);
    }
    [[nodiscard]] int pipe() const { return pipe_; }
    /// Returns when none of its threads runs any more: no call of it is under way, and listening
    /// ends with what it has told.
    void freeze() {
        int status = 0;
        ::kill(process_, SIGSTOP);
        ::waitpid(process_, &status, WUNTRACED);
        if (!WIFSTOPPED(status)) process_ = 0;
        ::fcntl(pipe_, F_SETFL, O_NONBLOCK);
    }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = 0;
    }

  private:
    ::pid_t process_ = 0;
    int pipe_ = -1;
};

} // namespace ashlar_fault
