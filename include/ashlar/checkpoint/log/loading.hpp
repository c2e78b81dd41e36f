// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the rows of a snapshot get into an engine: by several threads where they can.
#pragma once

#include <ashlar/checkpoint/log/snapshot_reader.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/concurrency/team.hpp>
#include <ashlar/engine.hpp>

#include <algorithm>

namespace ashlar::inline v0_1::log_parts {

/// Satisfied by engines that take the rows of a snapshot in any order and from several threads at
/// once. (A key that stands in a snapshot twice stands in the log behind it, too.)
template <class E>
concept loading_engine = engine<E> && requires(E& e, operation_list rows) {
    { e.load(rows) } -> std::same_as<result<void>>;
};

/// Carries the blocks of one snapshot into an engine. One thread at a time finds the next block;
/// reading, checking and applying its rows, which is what takes time, each does by itself. A long
/// snapshot that is not in the system's memory is read past it where that can be had: by one thread
/// at a time, a piece for itself, while the others check and apply theirs.
/// Memory: a block, or a piece of 2 MiB, for each thread.
template <file_system Environment, concurrency_policy Concurrency, engine Next>
class snapshot_loading {
  public:
    snapshot_loading(snapshot_reader<Environment>& from, Next& next) noexcept
        : from_{from}, next_{next} {}

    /// On at most `threads`; 0 for as many as there are processors, at most eight.
    /// Errors: those of the reader and of the engine, the first that any thread has met.
    [[nodiscard]] result<void> run(std::size_t threads) noexcept {
        if constexpr (requires { next_.expect_rows(std::size_t{}); })
            next_.expect_rows(from_.promised_rows());
        // Who waits for the disk leaves its processor to another.
        const std::size_t more = threads == 0 ? 1 : 0;
        if (threads == 0) threads = (std::min)(team<Concurrency>::size(), std::size_t{8});
        // A thread that has less than some blocks to carry is not worth starting.
        const std::uint64_t useful = from_.size() / (16 * snapshot_block_size) + 1;
        if (threads > useful) threads = static_cast<std::size_t>(useful);
        if constexpr (!loading_engine<Next>) carry_blocks();
        else if (threads > 1 && from_.read_in_pieces()) // one alone is better off with read-ahead
            team<Concurrency>::run(threads + more, [this]() noexcept { carry_pieces(); });
        else team<Concurrency>::run(threads, [this]() noexcept { carry_blocks(); });
        return outcome_;
    }

  private:
    using place = typename snapshot_reader<Environment>::place;
    using piece = typename snapshot_reader<Environment>::piece;

    void carry_blocks() noexcept {
        byte_buffer block;
        for (place at = next_place(); at.offset != 0; at = next_place()) {
            const auto rows = from_.rows_at(at, block);
            const auto done = rows ? put(*rows) : rows.error();
            if (!done) return fail(done.error());
        }
    }
    void carry_pieces() noexcept {
        piece some;
        while (next_piece(some))
            for (std::size_t i = 0; i < some.count; ++i) {
                const auto rows = from_.rows_at(some.blocks[i], some);
                const auto done = rows ? put(*rows) : rows.error();
                if (!done) return fail(done.error());
            }
    }
    [[nodiscard]] result<void> put(operation_list rows) noexcept {
        if constexpr (loading_engine<Next>) return next_.load(rows);
        else return next_.apply_at(commit_seq{}, rows);
    }
    /// None when there is nothing more to do.
    [[nodiscard]] place next_place() noexcept {
        const guard hold{mutex_};
        if (ended_ || !outcome_) return {};
        const auto found = from_.next();
        if (!found) return outcome_ = found.error(), place{};
        ended_ = found->offset == 0;
        return *found;
    }
    /// False when there is nothing more to do.
    [[nodiscard]] bool next_piece(piece& to) noexcept {
        const guard hold{mutex_};
        if (ended_ || !outcome_) return false;
        const auto found = from_.next(to);
        if (!found) return outcome_ = found.error(), false;
        ended_ = !*found;
        return *found;
    }
    void fail(error e) noexcept {
        const guard hold{mutex_};
        if (outcome_) outcome_ = e;
    }

    snapshot_reader<Environment>& from_;
    Next& next_;
    [[no_unique_address]] typename Concurrency::mutex mutex_{};
    result<void> outcome_;
    bool ended_ = false;
};

} // namespace ashlar::inline v0_1::log_parts
