// SPDX-License-Identifier: BSL-1.0
/// @file Defines a cursor of a change log: polls, and acknowledges durably.
#pragma once

#include <ashlar/feed/change/change.hpp>
#include <ashlar/feed/change/cursors.hpp>

#include <memory>

namespace ashlar::inline v0_1 {

/// Where a cursor that is new begins (row C-T3i).
class change_start {
  public:
    /// With the oldest change that the log still has.
    [[nodiscard]] static constexpr change_start oldest() noexcept { return {kind::oldest, 0}; }
    /// With the first change that is committed from now on.
    [[nodiscard]] static constexpr change_start latest() noexcept { return {kind::latest, 0}; }
    /// With the first change whose sequence is greater.
    [[nodiscard]] static constexpr change_start after(commit_seq sequence) noexcept {
        return {kind::after, static_cast<std::uint64_t>(sequence)};
    }

    enum class kind : std::uint8_t { oldest, latest, after };
    kind what;
    std::uint64_t sequence;

  private:
    constexpr change_start(kind k, std::uint64_t s) noexcept : what{k}, sequence{s} {}
};

/// What `ashlar::follow(store, name)` answers: a place in the store's changes that survives
/// restarts. Movable; for one thread at a time. When its store is gone it answers closed; a call of
/// it and the end of the store must not overlap.
template <class Store, class Table>
class change_cursor {
    using entry = change_parts::entry;

  public:
    change_cursor(const std::shared_ptr<Table>& table, entry* of) noexcept
        : table_{table}, entry_{of}, reader_{table->read()} {
        reader_.go_to(of->place);
    }
    change_cursor(change_cursor&& other) noexcept
        : table_{std::move(other.table_)}, entry_{std::exchange(other.entry_, nullptr)},
          reader_{std::move(other.reader_)} {}
    change_cursor& operator=(change_cursor&& other) noexcept {
        if (this == &other) return *this;
        end();
        table_ = std::move(other.table_);
        entry_ = std::exchange(other.entry_, nullptr);
        reader_ = std::move(other.reader_);
        return *this;
    }
    ~change_cursor() { end(); }

    /// visit(const change<Store>&) for up to `most` commits behind the ones shown before; answers
    /// how many. What is shown is durable: it does not vanish with the power. Never waits for new
    /// commits, may wait for the disk. The visitor may call the store. Errors: gone (a repair has
    /// cut off what stood there, or the log is an older one; read the store anew and forget the
    /// cursor), corrupt, out_of_memory, and what has poisoned the log.
    template <class Visit>
    [[nodiscard]] result<std::size_t> poll(Visit visit,
                                           std::size_t most = static_cast<std::size_t>(-1)) {
        auto* const log = table_->log();
        if (log == nullptr) return errc::closed;
        const log_position end = log->position();
        if (entry_->is_lost() || end < reader_.at()) return errc::gone;
        if (!(reader_.at() < end)) return std::size_t{0};
        if (const auto durable = log->sync(); !durable) return durable.error();
        std::size_t seen = 0;
        change_parts::record record;
        while (seen < most) {
            const auto there = reader_.next(end, record);
            if (!there) return there.error();
            if (!*there) break;
            if (record.kind != log_record_kind::operations || record.sequence <= entry_->after ||
                record.payload.empty())
                continue;
            ++seen;
            visit(change<Store>{record});
        }
        return seen;
    }
    /// Everything shown so far has been dealt with, durably: after a restart the cursor goes on
    /// behind it, and the log may drop it. What was shown and not acknowledged is shown again.
    /// Costs two syncs. Errors: the system's; then the cursor stands where it stood.
    [[nodiscard]] result<void> acknowledge() { return table_->acknowledge(entry_, reader_.at()); }

  private:
    void end() noexcept {
        if (entry_ != nullptr) table_->give_back(std::exchange(entry_, nullptr));
    }

    std::shared_ptr<Table> table_;
    entry* entry_;
    decltype(std::declval<const Table&>().read()) reader_;
};

} // namespace ashlar::inline v0_1
