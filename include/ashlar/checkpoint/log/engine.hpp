// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of logged: an engine in memory, a log beneath its commits.
#pragma once

#include <ashlar/checkpoint/log/hook.hpp>
#include <ashlar/checkpoint/log/recovery.hpp>
#include <ashlar/checkpoint/log/snapshot.hpp>
#include <ashlar/environment/fault_point.hpp>

namespace ashlar::inline v0_1 {

/// Run-time options of logged.
struct logged_options {
    std::size_t segment_size = std::size_t{64} << 20; ///< bytes after which a segment is sealed
    std::size_t queue_size = std::size_t{1} << 20;    ///< bytes of commits that wait for the disk
    bool refuse_when_full = false;  ///< backpressure instead of waiting for room in the queue
    std::size_t keep_snapshots = 2; ///< at least 1; older ones go with their part of the log
    std::size_t load_threads = 0;   ///< at most, to load a snapshot; 0: as there are processors
    bool repair = false; ///< go back to what stands before damage in the log; keeps its files aside
};

/// What checkpoint() has written.
struct checkpoint_report {
    std::uint64_t snapshot = 0; ///< its number
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

namespace log_parts {

/// What does not move when the engine does.
template <file_system Environment, concurrency_policy Concurrency, sync::model Sync>
struct core {
    using log_type = write_ahead_log<Environment, Concurrency, Sync>;

    core(store_directory<Environment>&& where, const Environment& env,
         const logged_options& chosen) noexcept
        : directory{std::move(where)}, environment{env}, options{chosen},
          log{env, {chosen.segment_size, chosen.queue_size, chosen.refuse_when_full}} {}

    store_directory<Environment> directory;
    [[no_unique_address]] Environment environment;
    logged_options options;
    log_type log;
    recovery_report report{};
    byte_buffer path;
    typename Concurrency::mutex one_checkpoint;
    typename Concurrency::template atomic<bool> closed{false};
    typename Concurrency::template atomic<std::uint64_t> time{0}; ///< the latest that was noted
};

} // namespace log_parts

/// Holds the engine whose commits it logs. As thread-safe as that one; moving is not. Errors of
/// every change: those of the engine below and of the log. After an error of the log itself (the
/// disk is full, a sync failed) changes may have happened that will not last: reading goes on,
/// every later change is refused with the same error, and reopening shows what has lasted.
template <engine Next, file_system Environment, concurrency_policy Concurrency, sync::model Sync>
class logged_engine {
    using core_type = log_parts::core<Environment, Concurrency, Sync>;

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
        const auto ready = core->directory.created() ? self.create(how) : self.recover(how);
        if (!ready) return ready.error();
        return self;
    }

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
        if (core_ == nullptr || core_->closed.load_relaxed()) return errc::closed;
        if (core_->directory.read_only()) return {};
        return core_->log.sync();
    }
    /// Everything that was committed before the call survives the end of the process, whatever ends
    /// it, but not the loss of power. For stores that acknowledge before they sync.
    result<void> flush() {
        if (core_ == nullptr || core_->closed.load_relaxed()) return errc::closed;
        if (core_->directory.read_only()) return {};
        return core_->log.flush();
    }
    /// Seals the log, so that any later loss shows, and closes what keeps files below it (tiered).
    /// Errors: those of the last writes and syncs.
    result<void> close() {
        if (core_ == nullptr || core_->closed.exchange(true)) return {};
        result<void> done;
        if (!core_->directory.read_only()) done = core_->log.close();
        if constexpr (requires { next_.close(); })
            if (const auto below = next_.close(); done) done = below;
        const auto unlocked = core_->directory.close();
        return done ? unlocked : done;
    }

    // --- checkpoints -----------------------------------------------------------------------------

    /// Writes all rows into a snapshot, from which the next opening starts, and drops the part of
    /// the log that no snapshot needs any more. Writers go on meanwhile. Memory: one block, and
    /// what a snapshot of the engine below holds on to, if it takes any.
    /// Errors: as for changes; a snapshot that could not be written leaves everything as it was.
    [[nodiscard]] result<checkpoint_report> checkpoint() {
        if (const auto open = may_write(); !open) return open.error();
        const guard alone{core_->one_checkpoint};
        return snapshot_from(core_->log.rotate());
    }
    /// What opening has found.
    [[nodiscard]] const recovery_report& recovered() const noexcept { return core_->report; }
    /// The log, for those who build on it: append, truncate, read from.
    [[nodiscard]] log_type& log() noexcept { return core_->log; }
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
        if (is_closed()) return errc::closed;
        return next_.read(key, visit);
    }
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        if (is_closed()) return errc::closed;
        return ashlar::read_many(next_, keys, count, visit);
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        if (is_closed()) return errc::closed;
        return next_.walk(at, visit, limit);
    }
    /// As walk, but rows may be shown without their payload: offered where that is less work.
    template <class Visit>
    result<bool> walk_headers(position& at, Visit visit, std::size_t limit) const
        requires requires(const Next& next) { next.walk_headers(at, visit, limit); }
    {
        if (is_closed()) return errc::closed;
        return next_.walk_headers(at, visit, limit);
    }
    template <class Visit>
    result<bool> scan_headers(const scan_range& range, Visit visit) const
        requires requires(const Next& next) { next.scan_headers(range, visit); }
    {
        return next_.scan_headers(range, visit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Next>
    {
        if (is_closed()) return errc::closed;
        return next_.scan(range, visit);
    }
    auto snapshot() const
        requires snapshot_engine<Next>
    {
        if (is_closed()) return decltype(next_.snapshot()){errc::closed};
        return next_.snapshot();
    }
    [[nodiscard]] std::size_t size() const
        requires sized_engine<Next>
    {
        return is_closed() ? 0 : next_.size();
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

    [[nodiscard]] bool is_closed() const noexcept {
        return core_ == nullptr || core_->closed.load_relaxed();
    }
    [[nodiscard]] result<void> may_write() const noexcept {
        if (is_closed()) return errc::closed;
        if (core_->directory.read_only()) return errc::read_only;
        return {};
    }
    void destroy() noexcept {
        if (core_ == nullptr) return;
        static_cast<void>(close());
        delete std::exchange(core_, nullptr);
    }
    [[nodiscard]] text_view path() const noexcept {
        return {reinterpret_cast<const char*>(core_->path.data()), core_->path.size()};
    }

    [[nodiscard]] result<void> create(const opening<Environment>& how) noexcept {
        const auto made = core_->log.create(path(), core_->directory.uuid());
        if (!made) return cant(how, made.error());
        return core_->directory.finish(how);
    }
    [[nodiscard]] result<void> recover(const opening<Environment>& how) {
        const bytes_view uuid = core_->directory.uuid();
        log_parts::recovery<Environment, Concurrency, Next> from{
            how.environment, path(), uuid, next_, how.options.detail, core_->options.load_threads};
        auto end = from.run(core_->options.repair && !how.options.read_only);
        if (!end) return end.error();
        if (const auto on = reach<fault_point::log_replayed>(how.environment); !on) return on;
        core_->report = from.report();
        core_->time.store(from.time());
        // A number may have been seen that did not last; none of those is given out again. No store
        // has 2^32 commits on their way to the disk.
        if (!core_->report.closed_well) end->sequence += std::uint64_t{1} << 32;
        const auto raised = next_.apply_at(commit_seq{end->sequence}, {});
        if (!raised || how.options.read_only) return raised;
        if (core_->report.repaired) return set_aside(how, *end);
        const auto resumed = core_->log.resume(path(), uuid, *end);
        return resumed ? resumed : cant(how, resumed.error());
    }
    [[nodiscard]] static result<void> cant(const opening<Environment>& how, error e) noexcept {
        if (how.options.detail != nullptr && !how.options.detail->message.empty()) return e;
        return how.fail(e, "the log can't be written; is the disk full or read-only?");
    }

    /// Begins a new log behind a damaged one, and a snapshot that makes the old one dispensable.
    [[nodiscard]] result<void> set_aside(const opening<Environment>& how,
                                         const log_end& end) noexcept {
        const auto there = log_parts::listing::of(core_->environment, path());
        if (!there) return there.error();
        const std::uint64_t last = there->segments[there->segments.size() - 1];
        auto done = core_->log.start_after(path(), core_->directory.uuid(), last, end.sequence);
        if (!done) return cant(how, done.error());
        const auto written = snapshot_from(last + 1, false);
        if (!written) return cant(how, written.error());
        for (std::size_t i = 0; i < there->segments.size(); ++i) {
            if (there->segments[i] < end.position.segment) continue;
            sentence aside;
            aside << log_parts::numbered_name{log_parts::segment_prefix, there->segments[i]}
                  << ".damaged";
            done = log_parts::rename_durably(
                core_->environment, path(),
                log_parts::numbered_name{log_parts::segment_prefix, there->segments[i]},
                aside.view());
            if (!done) return cant(how, done.error());
        }
        return {};
    }

    [[nodiscard]] result<checkpoint_report> snapshot_from(result<std::uint64_t> redo_from,
                                                          bool prunes = true) {
        if (!redo_from) return redo_from.error();
        log_parts::snapshot_writer<Environment> out;
        auto done = out.begin(core_->environment, path(), core_->directory.uuid(), *redo_from,
                              core_->log.greatest_sequence(), core_->time.load());
        if (done) done = write_rows(out);
        if (!done) return done.error();
        // Rows may be newer than the beginning of their part of the log. Before the file gets its
        // name, everything that can be in it is in the log, too.
        const log_position redo_to = core_->log.position();
        done = core_->log.sync();
        if (done) done = out.finish(redo_to);
        const log_parts::numbered_name name{log_parts::snapshot_prefix, *redo_from};
        if (done)
            done = log_parts::rename_durably(core_->environment, path(),
                                             log_parts::new_snapshot_name, name);
        if (done) done = reach<fault_point::snapshot_published>(core_->environment);
        if (done && prunes) done = prune();
        if (!done) return done.error();
        return checkpoint_report{*redo_from, out.rows(), out.size()};
    }
    [[nodiscard]] result<void> write_rows(log_parts::snapshot_writer<Environment>& out) const {
        const auto from = [&](const auto& source, auto at) -> result<void> {
            result<void> done;
            const auto write = [&](bytes_view key, bytes_view bytes) {
                done = out.add(key, bytes);
                return done.has_value();
            };
            const auto walked = source.walk(at, write, static_cast<std::size_t>(-1));
            if (!done) return done;
            if (!walked) return walked.error();
            return {};
        };
        if constexpr (snapshot_engine<Next>) {
            const auto view = next_.snapshot();
            if (!view) return view.error();
            return from(*view, typename std::remove_cvref_t<decltype(*view)>::position{});
        } else {
            return from(next_, position{});
        }
    }
    /// Keeps the newest snapshots, and the log from the oldest of them on.
    [[nodiscard]] result<void> prune() noexcept {
        const auto there = log_parts::listing::of(core_->environment, path());
        if (!there) return there.error();
        const std::size_t keep =
            core_->options.keep_snapshots == 0 ? 1 : core_->options.keep_snapshots;
        const std::size_t count = there->snapshots.size();
        if (count < keep) return {};
        for (std::size_t i = 0; i < count - keep; ++i) {
            const auto gone = log_parts::remove_file(
                core_->environment, path(),
                log_parts::numbered_name{log_parts::snapshot_prefix, there->snapshots[i]});
            if (!gone) return gone;
        }
        const auto on = reach<fault_point::snapshots_dropped>(core_->environment);
        return on ? core_->log.drop_before(there->snapshots[count - keep]) : on;
    }

    [[no_unique_address]] Next next_;
    core_type* core_;
};

} // namespace ashlar::inline v0_1
