// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of sqlite: reads, commits, snapshots and copies.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/sqlite/backup.hpp>
#include <ashlar/backend/sqlite/snapshot.hpp>
#include <ashlar/backend/sqlite/table.hpp>

namespace ashlar::inline v0_1::sqlite_parts {

/// Thread-safe when Concurrency has threads, but for moving. Readers wait for nobody; writers wait
/// for one another. Visitors see SQLite's own memory; those of scan and walk may call the engine.
template <class Row, class Environment, class Concurrency, std::size_t MaxKeySize,
          std::size_t MaxRowSize>
class engine {
    using core_type = core<Environment, Concurrency>;
    using table_type = table<Row, MaxKeySize>;

  public:
    using row = Row;
    using position = key_buffer;
    using receipt = typename Row::receipt;
    using view = sqlite_parts::snapshot<Row, core_type, MaxKeySize>;

    engine(engine&& other) noexcept : core_{std::exchange(other.core_, nullptr)} {}
    engine& operator=(engine&& other) noexcept {
        engine old{std::move(*this)};
        core_ = std::exchange(other.core_, nullptr);
        return *this;
    }
    ~engine() {
        if (core_ == nullptr) return;
        static_cast<void>(core_->close());
        core_type::leave(core_);
    }

    /// Errors: those of store_directory; corrupt when rows.sqlite is missing, cut off, damaged or
    /// no SQLite file; foreign when it is another program's; unsupported_version; unsupported when
    /// the library was built without threads, or the file system can't hold a write-ahead log.
    [[nodiscard]] static result<engine> open(const opening<Environment>& how,
                                             const sqlite_options& options) {
        if (Concurrency::threads && ::sqlite3_threadsafe() == 0)
            return how.fail({errc::unsupported},
                            "this SQLite was built without threads; use ashlar::single");
        if (options.busy_ms < 0)
            return how.fail({errc::invalid_argument},
                            "sqlite_options::busy_ms is negative; give it 0 or more");
        if (const int code = ::sqlite3_initialize(); code != SQLITE_OK) return failure(code);
        auto directory = store_directory<Environment>::open(how);
        if (!directory) return directory.error();
        auto* core = new (std::nothrow) core_type{std::move(*directory), options};
        if (core == nullptr) return errc::out_of_memory;
        engine self{core};
        if (const auto opened = core->open(how); !opened) return opened.error();
        if (const auto kept = core->directory.finish(how); !kept) return kept.error();
        return self;
    }

    // --- reading ---------------------------------------------------------------------------------

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (const auto fine = check_key<Row, MaxKeySize>(key); !fine) return fine.error();
        const auto on = core_->acquire();
        if (!on) return on.error();
        return read_row<Row>(**on, key, visit);
    }
    /// All keys within one read transaction: consistent as a whole.
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        auto on = core_->acquire();
        if (!on) return on.error();
        const auto moment = view::take(*std::move(on));
        if (!moment) return moment.error();
        for (std::size_t i = 0; i < count; ++i) {
            const auto show = [&](bytes_view bytes) { visit(i, bytes); };
            if (const auto found = moment->read(keys[i], show); !found) return found.error();
        }
        return {};
    }
    /// One moment altogether: the read transaction lasts as long as the scan.
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        if (const auto fine = check_bounds(range); !fine) return fine.error();
        const auto on = core_->acquire();
        if (!on) return on.error();
        return scan_rows<Row>(**on, range, visit);
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(*this, at, visit, limit);
    }
    [[nodiscard]] result<view> snapshot() const {
        auto on = core_->acquire();
        if (!on) return on.error();
        return view::take(*std::move(on));
    }
    /// Writes a copy of the file, as it is at one moment, into another directory. Nobody waits; the
    /// log grows meanwhile, as under any long read.
    [[nodiscard]] result<void> copy_into(text_view directory) const {
        const auto on = core_->acquire();
        if (!on) return on.error();
        return back_up(**on, directory);
    }
    /// Names the store over restarts; cursors carry it.
    [[nodiscard]] std::uint64_t identity() const noexcept { return core_->directory.identity(); }

    // --- writing ---------------------------------------------------------------------------------

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (const auto fine = check_sizes(batch.operations); !fine) return fine.error();
        if (const auto room = hook.reserve(batch.operations.bytes().size()); !room)
            return room.error();
        return commit(
            hook,
            [&](commit_seq seq) -> result<bool> {
                table_type rows{core_->writer};
                if (const auto fine = admit<Row>(batch, rows, on_conflict); !fine)
                    return fine.error();
                rows.rest();
                if constexpr (Row::fields.sequenced) fill_sequence(batch.operations, seq);
                if (const auto done = carry_out(batch.operations, rows); !done) return done.error();
                return true;
            },
            [&](commit_seq seq) { hook.commit(seq, batch.operations); });
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        if (const auto fine = check_sizes(operations); !fine) return fine.error();
        for (const operation op : operations)
            if (const auto fine = admissible<Row>(op); !fine) return fine.error();
        if constexpr (Row::fields.sequenced) fill_sequence(operations, seq);
        const guard lock{core_->write};
        if (const auto ready = writable(); !ready) return ready;
        const auto wanted = static_cast<std::uint64_t>(seq);
        const bool raised = Row::fields.sequenced && wanted > core_->last;
        const auto done = core_->transact([&]() -> result<bool> {
            table_type rows{core_->writer};
            if (const auto carried = carry_out(operations, rows); !carried) return carried.error();
            if (raised)
                if (const auto kept = store_sequence(seq); !kept) return kept.error();
            return true;
        });
        if (!done) return done.error();
        if (raised) core_->last = wanted;
        return {};
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{}) {
        const operation op{operation_kind::put, key, bytes, nullptr};
        if (const auto fine = check_size(op); !fine) return fine.error();
        if (const auto fine = admissible<Row>(op); !fine) return fine.error();
        const std::size_t size = sizeof(batch_entry) + key.size() + bytes.size();
        if (const auto room = hook.reserve(size); !room) return room.error();
        return commit_one(
            hook,
            [&]() -> result<bool> {
                const auto done = core_->writer.order(query::put, key, bytes);
                if (!done) return done.error();
                return true;
            },
            [&](commit_seq seq) { hook.commit_put(seq, key, bytes); });
    }
    /// Answers whether the key was there; if not, nothing is committed.
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        if (const auto fine = check_key<Row, MaxKeySize>(key); !fine) return fine.error();
        if (const auto room = hook.reserve(sizeof(batch_entry) + key.size()); !room)
            return room.error();
        bool there = false;
        const auto done = commit_one(
            hook,
            [&]() -> result<bool> {
                const auto erased = core_->writer.order(query::erase, key);
                if (!erased) return erased.error();
                return there = ::sqlite3_changes(core_->writer.handle()) != 0;
            },
            [&](commit_seq seq) { hook.commit_erase(seq, key); });
        if (!done) return done.error();
        return there;
    }
    /// Everything acknowledged so far is on disk when it returns, whatever sqlite_options::sync.
    result<void> sync(commit_seq = {}) {
        const guard lock{core_->write};
        if (core_->is_closed()) return errc::closed;
        return core_->sync();
    }
    /// The file stays open while there are snapshots. Errors: closed; those of the last sync.
    result<void> close() { return core_->close(); }

  private:
    explicit engine(core_type* core) noexcept : core_{core} {}

    /// REQUIRES: core_->write is held.
    [[nodiscard]] result<void> writable() const noexcept {
        if (core_->is_closed()) return errc::closed;
        if (core_->directory.read_only()) return errc::read_only;
        return {};
    }
    /// Row lengths that the layout does not fix, and keys, against what fits into one SQLite row.
    [[nodiscard]] static result<void> check_size(const operation& op) noexcept {
        if (op.kind == operation_kind::erase_range) return {};
        if (op.key.size() > MaxKeySize) return errc::key_too_long;
        if (op.kind != operation_kind::erase && op.value.size() > MaxRowSize)
            return errc::value_too_long;
        return {};
    }
    [[nodiscard]] static result<void> check_sizes(operation_list operations) noexcept {
        for (const operation op : operations)
            if (const auto fine = check_size(op); !fine) return fine;
        return {};
    }
    [[nodiscard]] result<void> store_sequence(commit_seq seq) noexcept {
        return core_->writer.order(query::store_sequence, static_cast<std::uint64_t>(seq));
    }

    /// change(seq) in a write transaction, note(seq) at the commit point when it answered true,
    /// then the hook's wait.
    template <class Hook, class Change, class Note>
    [[nodiscard]] receipt commit(Hook& hook, Change change, Note note) {
        return locked(hook, note, [&](commit_seq seq) {
            return core_->transact([&]() -> result<bool> {
                const result<bool> changed = change(seq);
                if constexpr (Row::fields.sequenced)
                    if (changed && *changed)
                        if (const auto kept = store_sequence(seq); !kept) return kept.error();
                return changed;
            });
        });
    }
    /// The same for a change of one statement: a transaction of its own, if it takes no sequence.
    template <class Hook, class Change, class Note>
    [[nodiscard]] receipt commit_one(Hook& hook, Change change, Note note) {
        if constexpr (Row::fields.sequenced)
            return commit(hook, [&](commit_seq) { return change(); }, note);
        else return locked(hook, note, [&](commit_seq) { return change(); });
    }
    template <class Hook, class Note, class Work>
    [[nodiscard]] receipt locked(Hook& hook, Note& note, Work work) {
        commit_seq seq{};
        {
            const guard lock{core_->write};
            if (const auto ready = writable(); !ready) return ready.error();
            seq = commit_seq{core_->last + 1};
            const result<bool> done = work(seq);
            if (!done) return done.error();
            if (!*done) return Row::receipt_for(commit_seq{core_->last});
            core_->last = static_cast<std::uint64_t>(seq);
            note(seq);
        }
        if (const auto durable = hook.wait(seq); !durable) return durable.error();
        return Row::receipt_for(seq);
    }

    core_type* core_;
};

} // namespace ashlar::inline v0_1::sqlite_parts
