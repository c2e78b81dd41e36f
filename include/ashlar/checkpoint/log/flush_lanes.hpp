// SPDX-License-Identifier: BSL-1.0
/// @file Defines flush_lanes: syncs of one file that go on side by side.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/concept.hpp>
#include <ashlar/environment/fault_point.hpp>

namespace ashlar::inline v0_1::log_parts {

/// A sync under way, and what is durable when it has succeeded.
struct flight {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::size_t lane = none;
    std::uint64_t goal = 0;    ///< a ticket
    std::uint64_t segment = 0; ///< and how far of it
    std::uint32_t offset = 0;
    std::uint32_t generation = 0; ///< of those who wait for it
};

/// How far a log is durable: a ticket, which anybody may ask for, and how far of the segment that
/// is written to, which the log's mutex guards.
template <concurrency_policy Concurrency>
class durable_end {
  public:
    [[nodiscard]] std::uint64_t ticket() const noexcept { return ticket_.load_acquire(); }
    [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }
    /// From now on the log is written to this segment, which is durable up to an offset.
    void begin(std::uint64_t segment, std::uint32_t offset) noexcept {
        segment_ = segment;
        offset_ = offset;
    }
    void reach(const flight& done) noexcept {
        if (done.segment == segment_ && done.offset > offset_) offset_ = done.offset;
        if (done.goal > ticket_.load_relaxed()) ticket_.store_release(done.goal);
    }

  private:
    typename Concurrency::template atomic<std::uint64_t> ticket_{0};
    std::uint64_t segment_ = 0;
    std::uint32_t offset_ = 0;
};

/// Which syncs of a segment are under way. A disk takes several at a time, and what is written
/// before a sync begins is durable when it ends, whichever ends first. Each lane has an open file
/// of its own: systems report a failure to write back once per open file, so one that two lanes
/// share would tell one of them that all is well.
/// Not thread-safe: its log's mutex guards it, but for what a lane does with its own file.
template <file_system Environment, concurrency_policy Concurrency>
class flush_lanes {
    using file = typename Environment::file;

  public:
    static constexpr std::size_t count = Concurrency::threads ? 4 : 1;
    /// A queue this long does not wait for the sync that is under way. Shorter ones gain more by
    /// waiting: they go together.
    static constexpr std::size_t wide = std::size_t{32} << 10;

    [[nodiscard]] bool idle() const noexcept { return busy_ == 0; }
    [[nodiscard]] bool has_free() const noexcept { return busy_ != (are_open_ ? all : first); }
    [[nodiscard]] bool may_start(std::size_t queued) const noexcept {
        return idle() || (queued >= wide && has_free());
    }
    /// Whether it is time to open the lanes' files: while no sync is under way, whose failure one
    /// that is opened later would not be told of.
    [[nodiscard]] bool may_open(std::size_t queued) const noexcept {
        return count > 1 && !are_open_ && idle() && queued >= wide;
    }
    /// REQUIRES: may_open(). Without these files there is one lane; that is no error.
    void open(const Environment& environment, text_view directory, std::uint64_t segment) noexcept {
        const auto path = segment_path(directory, segment);
        for (file& beside : beside_) {
            if (!path) return;
            auto opened = environment.open_file(*path, file_mode::update);
            if (!opened || !reach<fault_point::lane_opened>(environment)) return;
            beside = std::move(*opened);
        }
        opened_ = true;
    }
    /// What open() has opened may be used from now on.
    void admit() noexcept { are_open_ = opened_; }

    /// A flight takes on what is in the queue: later tickets are of the next generation.
    void board(flight& next) noexcept {
        next.generation = generation_++;
        boarding_ = next;
    }
    /// It is written, and begins. REQUIRES: has_free().
    void take(flight& begun) noexcept {
        begun.lane = 0;
        while ((busy_ >> begun.lane & 1U) != 0) ++begun.lane;
        busy_ |= 1U << begun.lane;
        under_way_[begun.lane] = begun;
    }
    /// The generation of a ticket that is not durable: of the flight that will make it so.
    [[nodiscard]] std::uint32_t generation_of(std::uint64_t ticket) const noexcept {
        const flight* soonest = boarding_.goal >= ticket ? &boarding_ : nullptr;
        for (std::size_t lane = 0; lane < count; ++lane) {
            const flight& one = under_way_[lane];
            if ((busy_ >> lane & 1U) == 0 || one.goal < ticket) continue;
            if (soonest == nullptr || one.goal < soonest->goal) soonest = &one;
        }
        return soonest != nullptr ? soonest->generation : generation_;
    }
    [[nodiscard]] std::uint32_t next_generation() const noexcept { return generation_; }
    void give_back(std::size_t lane) noexcept { busy_ &= ~(1U << lane); }
    /// The first lane's file is the one that is written to.
    [[nodiscard]] file& of(std::size_t lane, file& written) noexcept {
        return lane == 0 ? written : beside_[lane - 1];
    }
    /// The file has ended. REQUIRES: idle().
    void forget() noexcept {
        for (file& beside : beside_) static_cast<void>(beside.close());
        opened_ = are_open_ = false;
    }

  private:
    static constexpr unsigned first = 1;
    static constexpr unsigned all = (1U << count) - 1;

    file beside_[count > 1 ? count - 1 : 1]{};
    flight under_way_[count]{};
    flight boarding_{};            ///< the latest of them, or one that is still being written
    std::uint32_t generation_ = 0; ///< of those whom no flight has taken on
    unsigned busy_ = 0;            ///< a bit for each lane
    bool opened_ = false, are_open_ = false;
};

} // namespace ashlar::inline v0_1::log_parts
