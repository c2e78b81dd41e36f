// SPDX-License-Identifier: BSL-1.0
/// @file Defines rocksdb: rows in a RocksDB database, an LSM tree on disk.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/concept.hpp>
#include <ashlar/backend/rocksdb/database.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/store_directory.hpp>
#include <ashlar/walk.hpp>

#include <vector>

namespace ashlar::inline v0_1 {

/// How a RocksDB store is opened. Sizes in bytes.
struct rocksdb_options {
    bool sync = true;                     ///< a commit survives power loss before it is answered
    std::size_t write_buffer = 64U << 20; ///< memory for rows not yet in a sorted file
    std::size_t block_cache = 32U << 20;  ///< memory for blocks read from files
    int max_open_files = 256;
};

/// The engine of the rocksdb backend. Movable; thread-safe but for close.
template <class Row, class Environment, class Concurrency>
class rocksdb_engine {
    using directory_lock = store_directory<Environment>;
    static constexpr const char* base_key = "sequence base";

  public:
    using row = Row;
    using position = key_buffer;
    using receipt = typename Row::receipt;

    /// One moment of the rows. Keeps them on disk until it goes; must not outlive the engine.
    class view {
      public:
        explicit view(::rocksdb::DB* db)
            : snapshot_{db->GetSnapshot(), release{db}}, reader_{db, snapshot_.get()} {}
        template <class Visit>
        result<bool> read(bytes_view key, Visit&& visit) const {
            return reader_.read(key, visit);
        }
        template <class Visit>
        result<bool> scan(const scan_range& range, Visit visit) const {
            return reader_.scan(range, visit);
        }
        template <class Visit>
        result<bool> walk(position& at, Visit visit, std::size_t limit) const {
            return walk_by_scan(reader_, at, visit, limit);
        }

      private:
        struct release {
            ::rocksdb::DB* db;
            void operator()(const ::rocksdb::Snapshot* s) const { db->ReleaseSnapshot(s); }
        };
        std::unique_ptr<const ::rocksdb::Snapshot, release> snapshot_;
        rocksdb_parts::reader<Row> reader_;
    };

    static result<rocksdb_engine> open(const opening<Environment>& how,
                                       const rocksdb_options& options) {
        auto directory = directory_lock::open(how);
        if (!directory) return directory.error();
        return guarded(errc::io, [&]() -> result<rocksdb_engine> {
            auto state = std::make_unique<state_type>(std::move(*directory));
            ::rocksdb::Options o;
            // Files that are gone from a store that was finished are damage, not a new store.
            o.create_if_missing = state->directory.created();
            o.create_missing_column_families = state->directory.created();
            o.compression = ::rocksdb::kNoCompression;
            o.write_buffer_size = options.write_buffer;
            o.max_open_files = options.max_open_files;
            // RocksDB's report of itself would stand on the store's disk, and a library built with
            // assertions ends the process when it can't be written there. A full disk must not.
            const auto kept = state->reports->NewLogger("/report", &o.info_log);
            if (!kept.ok()) return rocksdb_parts::failure(kept);
            o.info_log_level = ::rocksdb::ERROR_LEVEL;
            // A torn end of the log was never acknowledged; damage before it is an error. (The
            // default would silently drop every commit behind the damage.)
            o.wal_recovery_mode = ::rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
            ::rocksdb::BlockBasedTableOptions table;
            table.block_cache = ::rocksdb::NewLRUCache(options.block_cache);
            o.table_factory.reset(::rocksdb::NewBlockBasedTableFactory(table));
            state->write.sync = options.sync;
            state->read_only = how.options.read_only;

            const auto path = joined_path::of(how.options.directory, "rocksdb");
            if (!path) return path.error();
            const std::vector<::rocksdb::ColumnFamilyDescriptor> families{
                {::rocksdb::kDefaultColumnFamilyName, o}, {"ashlar", o}};
            ::rocksdb::DB* db = nullptr;
            const auto status =
                state->read_only
                    ? ::rocksdb::DB::OpenForReadOnly(o, path->c_str(), families, &state->families,
                                                     &db)
                    : ::rocksdb::DB::Open(o, path->c_str(), families, &state->families, &db);
            if (!status.ok())
                return how.fail(open_failure(status), "RocksDB can't open '" +
                                                          std::string(path->c_str()) +
                                                          "': " + status.ToString());
            state->db = db;
            if (const auto based = state->load_base(); !based) return based.error();
            if (const auto made = state->directory.finish(how); !made) return made.error();
            return rocksdb_engine{std::move(state)};
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
        return guarded(errc::io, [&]() -> result<view> { return view{state_->db}; });
    }

    /// Makes a checkpoint in another directory: hard links to the files that don't change any more,
    /// where both are on one file system, and copies of the rest. Nobody waits.
    result<void> copy_into(text_view directory) const {
        if (closed()) return errc::closed;
        const auto path = joined_path::of(directory, "rocksdb");
        if (!path) return path.error();
        return guarded(errc::io,
                       [&] { return rocksdb_parts::make_checkpoint(state_->db, path->c_str()); });
    }

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (auto ready = writable(); !ready) return ready.error();
        if (auto room = hook.reserve(batch.operations.bytes().size()); !room) return room.error();
        const auto seq = guarded(errc::io, [&]() -> result<commit_seq> {
            const guard in{state_->commit};
            rocksdb_parts::writer table{state_->db};
            if (auto ok = admit<Row>(batch, table, on_conflict); !ok) return ok.error();
            const commit_seq next = state_->next_sequence();
            fill_sequence(batch.operations, next);
            if (auto ok = carry_out(batch.operations, table); !ok) return ok.error();
            // RocksDB counts operations: a commit without one would lend its number to the next.
            if (Row::fields.sequenced && table.changes().Count() == 0)
                if (auto ok = state_->write_base(table.changes()); !ok) return ok.error();
            const auto status = state_->db->Write(state_->write, &table.changes());
            if (!status.ok()) return rocksdb_parts::failure(status);
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
            const guard in{state_->commit};
            rocksdb_parts::writer table{state_->db};
            fill_sequence(operations, seq);
            if (auto ok = carry_out(operations, table); !ok) return ok;
            if (auto ok = state_->raise_sequence(seq, table.changes()); !ok) return ok;
            return rocksdb_parts::done(state_->db->Write(state_->write, &table.changes()));
        });
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{}) {
        if (auto ready = writable(); !ready) return ready.error();
        if (auto room = hook.reserve(sizeof(batch_entry) + key.size() + bytes.size()); !room)
            return room.error();
        const auto seq = guarded(errc::io, [&]() -> result<commit_seq> {
            const guard in{state_->commit};
            const commit_seq next = state_->next_sequence();
            if (auto fits = admissible<Row>({operation_kind::put, key, bytes, nullptr}); !fits)
                return fits.error();
            const auto status = state_->db->Put(state_->write, rocksdb_parts::slice(key),
                                                rocksdb_parts::slice(bytes));
            if (!status.ok()) return rocksdb_parts::failure(status);
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
            const guard in{state_->commit};
            const auto found = reader().read(key, [](bytes_view) noexcept {});
            if (!found) return found.error();
            const commit_seq next = state_->next_sequence();
            if (!(there = *found)) return next;
            const auto status = state_->db->Delete(state_->write, rocksdb_parts::slice(key));
            if (!status.ok()) return rocksdb_parts::failure(status);
            hook.commit_erase(next, key);
            return next;
        });
        if (const auto done = acknowledged(seq, hook); !done) return done.error();
        return there;
    }

    /// Everything acknowledged so far is on disk when it returns, also with options.sync off.
    result<void> sync(commit_seq = {}) {
        if (closed()) return errc::closed;
        if (state_->read_only) return {};
        return guarded(errc::io, [&] { return rocksdb_parts::done(state_->db->FlushWAL(true)); });
    }
    result<void> close() {
        if (closed()) return errc::closed;
        const auto synced = sync();
        const auto given_back = guarded(errc::io, [&] { return state_->close(); });
        state_.reset();
        return synced ? given_back : synced;
    }
    [[nodiscard]] std::uint64_t identity() const noexcept {
        return closed() ? 0 : state_->directory.identity();
    }

  private:
    struct state_type {
        explicit state_type(directory_lock&& held) noexcept : directory{std::move(held)} {}
        ~state_type() {
            static_cast<void>(guarded(errc::io, [&] { return close(); }));
        }
        state_type(const state_type&) = delete;
        state_type& operator=(const state_type&) = delete;

        result<void> close() {
            if (db == nullptr) return {};
            for (auto* family : families) db->DestroyColumnFamilyHandle(family);
            const auto status = db->Close();
            delete std::exchange(db, nullptr);
            return rocksdb_parts::done(status);
        }
        /// RocksDB numbers each operation; a commit is named after its first. The base is what
        /// apply_at added to that, and stands in a column family of its own.
        [[nodiscard]] commit_seq next_sequence() const noexcept {
            return commit_seq{base + db->GetLatestSequenceNumber() + 1};
        }
        result<void> load_base() {
            std::string stored;
            const auto status = db->Get({}, families[1], base_key, &stored);
            if (status.IsNotFound()) return {};
            if (!status.ok()) return rocksdb_parts::failure(status);
            if (stored.size() != 8) return errc::corrupt;
            base = load_little<std::uint64_t>(bytes_view{stored}.data());
            return {};
        }
        result<void> raise_sequence(commit_seq to, ::rocksdb::WriteBatch& changes) {
            const auto wanted = static_cast<std::uint64_t>(to);
            const auto now = base + db->GetLatestSequenceNumber();
            if (!Row::fields.sequenced || wanted <= now) return {};
            base += wanted - now;
            return write_base(changes);
        }
        result<void> write_base(::rocksdb::WriteBatch& changes) const {
            std::byte stored[8];
            store_little(stored, base);
            return rocksdb_parts::done(
                changes.Put(families[1], base_key, rocksdb_parts::slice({stored, 8})));
        }

        directory_lock directory;
        std::unique_ptr<::rocksdb::Env> reports{::rocksdb::NewMemEnv(::rocksdb::Env::Default())};
        ::rocksdb::DB* db = nullptr;
        std::vector<::rocksdb::ColumnFamilyHandle*> families;
        ::rocksdb::WriteOptions write;
        std::uint64_t base = 0;
        bool read_only = false;
        typename Concurrency::mutex commit;
    };

    explicit rocksdb_engine(std::unique_ptr<state_type> state) noexcept
        : state_{std::move(state)} {}

    [[nodiscard]] bool closed() const noexcept { return state_ == nullptr; }
    [[nodiscard]] result<void> writable() const noexcept {
        if (closed()) return errc::closed;
        if (state_->read_only) return errc::read_only;
        return {};
    }
    /// RocksDB calls a missing database an invalid argument.
    [[nodiscard]] static error open_failure(const ::rocksdb::Status& status) noexcept {
        const error e = rocksdb_parts::failure(status);
        return e == errc::invalid_argument ? error{errc::corrupt, e.native} : e;
    }
    template <class Hook>
    [[nodiscard]] static receipt acknowledged(const result<commit_seq>& seq, Hook& hook) {
        if (!seq) return seq.error();
        if (auto durable = hook.wait(*seq); !durable) return durable.error();
        return Row::receipt_for(*seq);
    }
    [[nodiscard]] rocksdb_parts::reader<Row> reader() const noexcept {
        return {state_->db, nullptr};
    }

    std::unique_ptr<state_type> state_;
};

/// An LSM tree: fast writes, data far larger than memory, ordered. Links RocksDB 7 or later;
/// derives from none of its classes, so a library built without RTTI serves. Batches with checks
/// are serialised by one mutex per store (checks and write are one critical section); reads take no
/// lock. The sequence is RocksDB's own and costs no row of ours. Kernel-tested, not simulated.
template <class...>
struct rocksdb {
    using axis = backend_axis;
    using options = rocksdb_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = true;
    static constexpr bool copies_itself = true; ///< engines have copy_into
    static constexpr bool opens_system_files = true;
    static constexpr bool needs_fixed_extents = false;
    static constexpr std::size_t max_key_size = 0xFFFF'FFFFU;
    static constexpr std::size_t max_row_size = 0xFFFF'FFFFU;
    static void describe(sentence& text) noexcept { text << "rocksdb/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = rocksdb_engine<Row, Environment, Concurrency>;
};
static_assert(backend_policy<rocksdb<>>);

} // namespace ashlar::inline v0_1
