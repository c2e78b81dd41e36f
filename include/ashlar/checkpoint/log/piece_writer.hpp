// SPDX-License-Identifier: BSL-1.0
/// @file Defines piece_writer: a long file that one thread fills while another one writes it.
#pragma once

#include <ashlar/checkpoint/log/transfer_buffer.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/direct_writer.hpp>

#include <cstring>

namespace ashlar::inline v0_1::log_parts {

/// Writes a file past the system's memory: without the copy into it, the pages for that and what
/// giving them back takes (docs/decisions/0197-snapshots-are-written-past-memory.md). A direct
/// write sleeps until the disk has it, so it is for another thread; where none comes to help, or it
/// is behind, the one who fills writes, too. Memory: 6 MiB in large pages, from begin() on.
///
/// Thread safety: help may be called by any number of threads, beside one who calls the rest.
/// Errors of add and end: the first of any write.
template <file_system Environment, concurrency_policy Concurrency>
class piece_writer {
    using file = typename Environment::file;

  public:
    static constexpr std::size_t piece = std::size_t{2} << 20;
    static constexpr bool may_help = Concurrency::threads && direct_writer<file>;

    [[nodiscard]] bool begun() const noexcept { return file_ != nullptr; }
    /// From now on the file is written by pieces, from `offset` on, a multiple of direct_unit.
    /// False: that can't be had here, or there is no memory for it.
    bool begin(file& to, std::uint64_t offset) noexcept {
        if constexpr (may_help) {
            for (auto& buffer : buffers_)
                if (!buffer.make_room(piece)) return false;
            if (!to.write_directly(true)) return false;
            file_ = &to;
            next_ = offset;
        }
        return begun();
    }
    /// REQUIRES: begun().
    [[nodiscard]] result<void> add(bytes_view bytes) noexcept {
        while (!bytes.empty()) {
            if (used_ == 0)
                if (const auto room = wait_for_room(); !room) return room;
            const std::size_t left = piece - used_;
            const bytes_view fits = bytes.size() < left ? bytes : bytes.first(left);
            copy_bytes(buffer_of(filled_) + used_, fits);
            used_ += fits.size();
            bytes = bytes.skip(fits.size());
            if (used_ == piece) hand_over();
        }
        return {};
    }
    /// Everything is written when it returns, and the file as it was; who helps goes home.
    [[nodiscard]] result<void> end() noexcept {
        if constexpr (may_help) {
            while (write_one()) {
            }
            settle([&] { return landed_ == filled_; });
            announce([&] { ended_ = true; });
            if (!begun()) return outcome_;
            file& to = *std::exchange(file_, nullptr);
            to.write_directly(false);
            if (outcome_) outcome_ = write_exactly(to, next_, {buffer_of(filled_), used_});
        }
        return outcome_;
    }
    /// Writes pieces until end() was called.
    void help() noexcept {
        if constexpr (may_help) {
            for (;;) {
                if (write_one()) continue;
                bool ended = false;
                settle([&] { return (ended = ended_) || taken_ != filled_; });
                if (ended) return;
            }
        }
    }

  private:
    static constexpr std::size_t count = 3; // one filled, one written, one in between

    [[nodiscard]] std::byte* buffer_of(std::size_t number) noexcept {
        return buffers_[number % count].data();
    }
    /// Changes the state, and says so.
    template <class F>
    void announce(F change) noexcept {
        {
            const guard hold{mutex_};
            change();
        }
        word_.fetch_add(1);
        if constexpr (Concurrency::threads) word_.notify_all();
    }
    /// Returns when there() is so, which is asked under the lock.
    template <class F>
    void settle(F there) noexcept {
        for (;;) {
            const std::uint32_t seen = word_.load_acquire();
            {
                const guard hold{mutex_};
                if (there()) return;
            }
            if constexpr (Concurrency::threads) word_.wait(seen);
        }
    }
    void hand_over() noexcept {
        next_ += piece;
        used_ = 0;
        announce([&] { places_[filled_++ % count] = next_ - piece; });
    }
    [[nodiscard]] result<void> wait_for_room() noexcept {
        const auto has_room = [&] { return filled_ - landed_ < count; };
        for (bool room = false; !room;) {
            {
                const guard hold{mutex_};
                if (!outcome_) return outcome_;
                room = has_room();
            }
            if (!room && !write_one()) settle(has_room), room = true;
        }
        return {};
    }
    /// False: all that was handed over is being written, or is.
    [[nodiscard]] bool write_one() noexcept {
        std::size_t number = 0;
        {
            const guard hold{mutex_};
            if (taken_ == filled_) return false;
            number = taken_++;
        }
        const auto done = write_units(*file_, places_[number % count], {buffer_of(number), piece});
        announce([&] {
            if (outcome_ && !done) outcome_ = done;
            arrived_ |= 1U << number % count;
            while (landed_ != taken_ && (arrived_ >> landed_ % count & 1U) != 0)
                arrived_ &= ~(1U << landed_++ % count);
        });
        return true;
    }

    transfer_buffer<Environment> buffers_[count];
    file* file_ = nullptr;
    std::uint64_t next_ = 0; ///< where the piece goes that is being filled
    std::size_t used_ = 0;   ///< bytes of it
    mutable typename Concurrency::mutex mutex_;
    typename Concurrency::template atomic<std::uint32_t> word_{0}; ///< changes with what follows
    // Guarded by mutex_. Pieces are numbered; each is filled, taken, and has landed.
    std::uint64_t places_[count]{};
    std::size_t filled_ = 0, taken_ = 0, landed_ = 0;
    unsigned arrived_ = 0; ///< a bit for each buffer: written, and one before it not yet
    bool ended_ = false;
    result<void> outcome_;
};

} // namespace ashlar::inline v0_1::log_parts
