// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of logged: an engine in memory, a log beneath its commits.
#pragma once

#include <ashlar/checkpoint/log/core.hpp>
#include <ashlar/checkpoint/log/opening.hpp>
#include <ashlar/checkpoint/log/snapshot_making.hpp>

namespace ashlar::inline v0_1 {

/// Holds the engine whose commits it logs. As thread-safe as that one; moving is not. Errors of
/// every change: those of the engine below and of the log. After an error of the log itself (the
/// disk is full, a sync failed) changes may have happened that will not last: reading goes on,
/// every later change is refused with the same error, and reopening shows what has lasted.
template <engine Next, file_system Environment, concurrency_policy Concurrency, sync::model Sync,
          log_start Start = log_start::loaded>
class logged_engine {
    using core_type = log_parts::core<Environment, Concurrency, Sync, Start>;
    using log_opening = log_parts::log_opening<core_type, Next>;
    using stage = log_parts::stage;
    static constexpr bool is_early = core_type::is_early;

  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;
    using log_type = typename core_type::log_type;
    using pending_type = pending<log_type>;
    using ticket_type = ticket_hook<log_type>;

    logged_engine(logged_engine&& other) noexcept
        : next_{std::move(other.next_)}, core_{std::exchange(other.core_, nullptr)} {}
    logged_engine& operator=(logged_engine&& other) noexcept {
        if (this == &other) return *this;
        destroy();
        next_ = std::move(other.next_);
        core_ = std::exchange(other.core_, nullptr);
        return *this;
    }
    ~logged_engine() { destroy(); }

    /// Errors: those of store_directory and of recovery.
    [[nodiscard]] static result<logged_engine> open(const opening<Environment>& how,
                                                    const logged_options& options, Next&& empty) {
        auto directory = store_directory<Environment>::open(how);
        if (!directory) return directory.error();
        auto* core = new (std::nothrow) core_type{std::move(*directory), how.environment, options};
        if (core == nullptr) return errc::out_of_memory;
        logged_engine self{std::move(empty), core};
        if (!core->path.assign(bytes_view{how.options.directory})) return errc::out_of_memory;
        if (const auto done = log_opening{*core, self.next_, how}.run(); !done) return done.error();
        return self;
    }
    /// Loads what is not in memory yet; others may read meanwhile. Without it the first call that
    /// needs all rows does this. Errors, from then on those of every verb: as for opening; `detail`
    /// gets the sentence. Thread-safe.
    result<void> load(error_detail* detail = nullptr) const {
        if constexpr (is_early) {
            if (core_ == nullptr) return errc::closed;
            const guard alone{core_->early.one_load};
            const stage at = core_->at.load();
            if (at == stage::closed) return errc::closed;
            if (at == stage::failed) return core_->early.failure;
            return at == stage::open ? result<void>{} : load_now(detail);
        } else {
            return static_cast<void>(detail), is_open() ? result<void>{} : errc::closed;
        }
    }

    /// False: reads are answered from the files (log_start::early).
    [[nodiscard]] bool loaded() const noexcept { return is_open(); }

    // --- changes ---------------------------------------------------------------------------------

    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(Batch&& batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (const auto open = may_write(); !open) return open.error();
        log_hook<log_type, std::remove_cvref_t<Hook>> logs{core_->log, hook};
        return next_.apply(batch, logs, on_conflict);
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        if (const auto open = may_write(); !open) return open.error();
        log_hook<log_type, std::remove_cvref_t<Hook>> logs{core_->log, hook};
        return next_.put(key, bytes, logs);
    }
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        if (const auto open = may_write(); !open) return open.error();
        log_hook<log_type, std::remove_cvref_t<Hook>> logs{core_->log, hook};
        return next_.erase(key, logs);
    }
    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        if (const auto open = may_write(); !open) return open.error();
        log_hook<log_type, std::remove_cvref_t<Hook>> logs{core_->log, hook};
        return next_.update(key, capacity, f, logs);
    }
    /// REQUIRES: calls are made one after another, in the order of their sequences.
    result<void> apply_at(commit_seq seq, operation_list operations) {
        if (const auto open = may_write(); !open) return open;
        no_hook outer;
        log_hook<log_type, no_hook> logs{core_->log, outer};
        if (const auto room = logs.reserve(operations.bytes().size()); !room) return room;
        if (const auto done = next_.apply_at(seq, operations); !done) return done;
        logs.commit(seq, operations);
        return logs.wait(seq);
    }
    /// Everything that was committed before the call is durable after it.
    result<void> sync(commit_seq = {}) {
        if (!is_open()) return unwritten();
        if (core_->directory.read_only()) return {};
        return core_->log.sync();
    }
    /// Everything that was committed before the call survives the end of the process, whatever ends
    /// it, but not the loss of power. For stores that acknowledge before they sync.
    result<void> flush() {
        if (!is_open()) return unwritten();
        if (core_->directory.read_only()) return {};
        return core_->log.flush();
    }
    /// Waits for a checkpoint that is being made, seals the log, so that any later loss shows, and
    /// closes what keeps files below it (tiered). Errors: those of the last writes and syncs.
    result<void> close() {
        const stage before = core_ == nullptr ? stage::closed : shut();
        if (before == stage::closed) return {};
        const guard no_checkpoint{core_->one_checkpoint}; // the files are another's from here on
        result<void> done;
        if (before == stage::open && !core_->directory.read_only()) done = core_->log.close();
        if constexpr (requires { next_.close(); })
            if (const auto below = next_.close(); done) done = below;
        const auto unlocked = core_->directory.close();
        return done ? unlocked : done;
    }

    // --- checkpoints -----------------------------------------------------------------------------

    /// Writes all rows into a snapshot, from which the next opening starts, and drops the part of
    /// the log that no snapshot needs any more. Writers go on meanwhile. Memory: 6 MiB,
    /// one block, and what a snapshot of the engine below holds on to, if it takes any.
    /// Errors: as for changes; a snapshot that could not be written leaves everything as it was.
    [[nodiscard]] result<checkpoint_report> checkpoint() {
        if (const auto open = may_write(); !open) return open.error();
        const guard alone{core_->one_checkpoint};
        const auto redo_from = core_->log.rotate();
        if (!redo_from) return redo_from.error();
        return log_parts::snapshot_making<core_type, Next>{*core_, next_}.run(*redo_from, true);
    }
    /// What opening has found.
    [[nodiscard]] const recovery_report& recovered() const noexcept { return core_->report; }
    /// The log, for those who build on it: append, truncate, read from.
    [[nodiscard]] log_type& log() noexcept {
        if constexpr (is_early) static_cast<void>(load());
        return core_->log;
    }
    [[nodiscard]] const log_type& log() const noexcept { return core_->log; }

    // --- time ------------------------------------------------------------------------------------

    /// The latest wall time that was noted in this log, in this run or an earlier one; 0 for none.
    [[nodiscard]] std::uint64_t noted_time() const noexcept { return core_->time.load(); }
    /// Notes a wall time (nanoseconds): it lasts when a commit made after it does. No row changes.
    /// Errors: as for changes. 40 bytes of log.
    result<void> note_time(std::uint64_t time) const noexcept {
        if (const auto open = may_write(); !open) return open;
        if (const auto room = core_->log.reserve(sizeof time); !room) return room;
        // Under the log's lock: a checkpoint that drops the record has seen its time.
        core_->log.append(log_record_kind::time, 0, sizeof time, sizeof time, [&](std::byte* to) {
            store_little(to, time);
            if (time > core_->time.load_relaxed()) core_->time.store(time);
            return crc32c({to, sizeof time});
        });
        return {};
    }
    /// Makes what was noted as durable as a commit that was acknowledged.
    result<void> settle_time() const noexcept {
        if (const auto open = may_write(); !open) return open;
        return core_->log.acknowledge(core_->log.appended());
    }

    // --- reading ---------------------------------------------------------------------------------

    template <class Visit>
    [[gnu::always_inline]] result<bool> read(bytes_view key, Visit&& visit) const {
        if (!is_open()) [[unlikely]]
            return read_early(key, visit);
        return next_.read(key, visit);
    }
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        if (is_open()) [[likely]]
            return ashlar::read_many(next_, keys, count, visit);
        for (std::size_t i = 0; i < count; ++i) {
            const auto show = [&](bytes_view bytes) { visit(i, bytes); };
            if (const auto found = read_early(keys[i], show); !found) return found.error();
        }
        return {};
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        if (const auto all = ready(); !all) return all.error();
        return next_.walk(at, visit, limit);
    }
    /// As walk, but rows may be shown without their payload: offered where that is less work.
    template <class Visit>
    result<bool> walk_headers(position& at, Visit visit, std::size_t limit) const
        requires requires(const Next& next) { next.walk_headers(at, visit, limit); }
    {
        if (const auto all = ready(); !all) return all.error();
        return next_.walk_headers(at, visit, limit);
    }
    template <class Visit>
    result<bool> scan_headers(const scan_range& range, Visit visit) const
        requires requires(const Next& next) { next.scan_headers(range, visit); }
    {
        if (const auto all = ready(); !all) return all.error();
        return next_.scan_headers(range, visit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Next>
    {
        if (const auto all = ready(); !all) return all.error();
        return next_.scan(range, visit);
    }
    auto snapshot() const
        requires snapshot_engine<Next>
    {
        if (const auto all = ready(); !all) return decltype(next_.snapshot()){all.error()};
        return next_.snapshot();
    }
    [[nodiscard]] std::size_t size() const
        requires sized_engine<Next>
    {
        return ready() ? next_.size() : 0;
    }
    [[nodiscard]] std::size_t memory_used() const
        requires metered_engine<Next>
    {
        return next_.memory_used();
    }
    /// The engine whose commits are logged.
    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }
    /// Names the store over restarts; cursors carry it.
    [[nodiscard]] std::uint64_t identity() const noexcept { return core_->directory.identity(); }

  private:
    logged_engine(Next&& next, core_type* core) noexcept : next_{std::move(next)}, core_{core} {}

    [[nodiscard]] bool is_open() const noexcept {
        if (core_ == nullptr) return false;
        if constexpr (is_early) return core_->at.load_acquire() == stage::open;
        else return core_->at.load_relaxed() == stage::open;
    }
    /// All rows are in memory, and the store is open.
    [[nodiscard]] result<void> ready() const noexcept {
        return is_open() ? result<void>{} : load();
    }
    [[nodiscard]] result<void> may_write() const noexcept {
        if (const auto all = ready(); !all) return all;
        if (core_->directory.read_only()) return errc::read_only;
        return {};
    }
    void destroy() noexcept {
        if (core_ == nullptr) return;
        static_cast<void>(close());
        delete std::exchange(core_, nullptr);
    }

    /// What there is to sync or flush of a store that is not open.
    [[nodiscard]] result<void> unwritten() const noexcept {
        if constexpr (is_early)
            if (core_ != nullptr && core_->at.load() == stage::early) return {};
        return ready();
    }
    [[nodiscard]] stage shut() noexcept {
        if constexpr (is_early) {
            const guard nobody_loads{core_->early.one_load};
            const stage before = core_->at.exchange(stage::closed);
            core_->early.forget();
            return before;
        } else {
            return core_->at.exchange(stage::closed);
        }
    }
    /// REQUIRES: the lock for it is held, and nothing was loaded.
    [[nodiscard]] result<void> load_now(error_detail* detail) const {
        const opening<Environment> how{{.directory = core_->where(),
                                        .read_only = core_->directory.read_only(),
                                        .detail = detail},
                                       {},
                                       core_->environment};
        const auto done = log_opening{*core_, next_, how}.recover();
        if (!done) {
            core_->early.failure = done.error();
            static_cast<void>(core_->log.close());
        }
        core_->at.store(done ? stage::open : stage::failed);
        core_->early.forget();
        return done;
    }
    /// From the files while that is possible; a store that is closed answers so.
    template <class Visit>
    [[gnu::noinline]] result<bool> read_early(bytes_view key, Visit& visit) const {
        if constexpr (is_early) {
            if (core_ == nullptr) return errc::closed;
            core_->early.readers.fetch_add(1); // before looking, as forget() looks after the change
            result<bool> found = errc::closed;
            if (core_->at.load() == stage::early) found = core_->early.rows->read(key, visit);
            core_->early.readers.fetch_sub(1);
            if (found) return found;
        }
        if (const auto all = ready(); !all) return all.error();
        return next_.read(key, visit);
    }

    [[no_unique_address]] mutable Next next_; ///< loading changes what there is, not what it means
    core_type* core_;
};

} // namespace ashlar::inline v0_1
