// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of rocksdb: reads, commits, snapshots and copies.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/rocksdb/core.hpp>
#include <ashlar/backend/rocksdb/snapshot.hpp>

namespace ashlar::inline v0_1::rocksdb_parts {

/// Movable; thread-safe but for close.
template <class Row, class Environment, class Concurrency>
class engine {
    using core_type = core<Environment, Concurrency>;

  public:
    using row = Row;
    using position = key_buffer;
    using receipt = typename Row::receipt;
    using view = rocksdb_parts::snapshot<Row>;

    static result<engine> open(const opening<Environment>& how, const rocksdb_options& options) {
        auto directory = store_directory<Environment>::open(how);
        if (!directory) return directory.error();
        return guarded(errc::io, [&]() -> result<engine> {
            auto core = std::make_unique<core_type>(std::move(*directory));
            if (const auto opened = core->open(how, options); !opened) return opened.error();
            if (const auto made = core->directory.finish(how); !made) return made.error();
            return engine{std::move(core)};
        });
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (closed()) return errc::closed;
        return reader().read(key, visit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        if (closed()) return errc::closed;
        return reader().scan(range, visit);
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        if (closed()) return errc::closed;
        return walk_by_scan(reader(), at, visit, limit);
    }
    result<view> snapshot() const {
        if (closed()) return errc::closed;
        return guarded(errc::io, [&]() -> result<view> { return view{core_->db}; });
    }

    /// Makes a checkpoint in another directory: hard links to the files that don't change any more,
    /// where both are on one file system, and copies of the rest. Nobody waits.
    result<void> copy_into(text_view directory) const {
        if (closed()) return errc::closed;
        const auto path = joined_path::of(directory, "rocksdb");
        if (!path) return path.error();
        return guarded(errc::io, [&] { return make_checkpoint(core_->db, path->c_str()); });
    }

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (auto ready = writable(); !ready) return ready.error();
        if (auto room = hook.reserve(batch.operations.bytes().size()); !room) return room.error();
        const auto seq = guarded(errc::io, [&]() -> result<commit_seq> {
            const guard in{core_->commit};
            writer table{core_->db};
            if (auto ok = admit<Row>(batch, table, on_conflict); !ok) return ok.error();
            const commit_seq next = core_->next_sequence();
            fill_sequence(batch.operations, next);
            if (auto ok = carry_out(batch.operations, table); !ok) return ok.error();
            // RocksDB counts operations: a commit without one would lend its number to the next.
            if (Row::fields.sequenced && table.changes().Count() == 0)
                if (auto ok = core_->write_base(table.changes()); !ok) return ok.error();
            const auto status = core_->db->Write(core_->write, &table.changes());
            if (!status.ok()) return failure(status);
            hook.commit(next, batch.operations);
            return next;
        });
        return acknowledged(seq, hook);
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        if (auto ready = writable(); !ready) return ready;
        for (const operation op : operations)
            if (auto fits = admissible<Row>(op); !fits) return fits;
        return guarded(errc::io, [&]() -> result<void> {
            const guard in{core_->commit};
            writer table{core_->db};
            fill_sequence(operations, seq);
            if (auto ok = carry_out(operations, table); !ok) return ok;
            if constexpr (Row::fields.sequenced)
                if (auto ok = core_->raise_sequence(seq, table.changes()); !ok) return ok;
            return done(core_->db->Write(core_->write, &table.changes()));
        });
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{}) {
        if (auto ready = writable(); !ready) return ready.error();
        if (auto room = hook.reserve(sizeof(batch_entry) + key.size() + bytes.size()); !room)
            return room.error();
        const auto seq = guarded(errc::io, [&]() -> result<commit_seq> {
            const guard in{core_->commit};
            const commit_seq next = core_->next_sequence();
            if (auto fits = admissible<Row>({operation_kind::put, key, bytes, nullptr}); !fits)
                return fits.error();
            const auto status = core_->db->Put(core_->write, slice(key), slice(bytes));
            if (!status.ok()) return failure(status);
            hook.commit_put(next, key, bytes);
            return next;
        });
        return acknowledged(seq, hook);
    }
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        if (auto ready = writable(); !ready) return ready.error();
        if (auto room = hook.reserve(sizeof(batch_entry) + key.size()); !room) return room.error();
        bool there = false;
        const auto seq = guarded(errc::io, [&]() -> result<commit_seq> {
            const guard in{core_->commit};
            const auto found = reader().read(key, [](bytes_view) noexcept {});
            if (!found) return found.error();
            const commit_seq next = core_->next_sequence();
            if (!(there = *found)) return next;
            const auto status = core_->db->Delete(core_->write, slice(key));
            if (!status.ok()) return failure(status);
            hook.commit_erase(next, key);
            return next;
        });
        if (const auto done = acknowledged(seq, hook); !done) return done.error();
        return there;
    }

    /// Everything acknowledged so far is on disk when it returns, also with options.sync off.
    result<void> sync(commit_seq = {}) {
        if (closed()) return errc::closed;
        if (core_->read_only) return {};
        return guarded(errc::io, [&] { return done(core_->db->FlushWAL(true)); });
    }
    result<void> close() {
        if (closed()) return errc::closed;
        const auto synced = sync();
        const auto given_back = guarded(errc::io, [&] { return core_->close(); });
        core_.reset();
        return synced ? given_back : synced;
    }
    [[nodiscard]] std::uint64_t identity() const noexcept {
        return closed() ? 0 : core_->directory.identity();
    }

  private:
    explicit engine(std::unique_ptr<core_type> core) noexcept : core_{std::move(core)} {}

    [[nodiscard]] bool closed() const noexcept { return core_ == nullptr; }
    [[nodiscard]] result<void> writable() const noexcept {
        if (closed()) return errc::closed;
        if (core_->read_only) return errc::read_only;
        return {};
    }
    template <class Hook>
    [[nodiscard]] static receipt acknowledged(const result<commit_seq>& seq, Hook& hook) {
        if (!seq) return seq.error();
        if (auto durable = hook.wait(*seq); !durable) return durable.error();
        return Row::receipt_for(*seq);
    }
    [[nodiscard]] rocksdb_parts::reader<Row> reader() const noexcept {
        return {core_->db, nullptr};
    }

    std::unique_ptr<core_type> core_;
};

} // namespace ashlar::inline v0_1::rocksdb_parts
