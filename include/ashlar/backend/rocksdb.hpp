// SPDX-License-Identifier: BSL-1.0
/// @file Defines rocksdb: rows in a RocksDB database, an LSM tree on disk.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/concept.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/store_directory.hpp>
#include <ashlar/guarded.hpp>
#include <ashlar/walk.hpp>

#include <memory>
#include <rocksdb/db.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <string>
#include <vector>

namespace ashlar::inline v0_1 {

namespace rocksdb_parts {

[[nodiscard]] inline ::rocksdb::Slice slice(bytes_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline bytes_view bytes(const ::rocksdb::Slice& slice) noexcept {
    return {reinterpret_cast<const std::byte*>(slice.data()), slice.size()};
}

/// RocksDB's status in our terms; its code stays in error::native.
[[nodiscard]] inline error failure(const ::rocksdb::Status& status) noexcept {
    const auto native = static_cast<std::int32_t>(status.code());
    if (status.IsCorruption()) return {errc::corrupt, native};
    if (status.IsNoSpace()) return {errc::no_space, native};
    if (status.IsMemoryLimit()) return {errc::out_of_memory, native};
    if (status.IsTimedOut() || status.IsBusy()) return {errc::timeout, native};
    if (status.IsInvalidArgument()) return {errc::invalid_argument, native};
    if (status.IsNotSupported()) return {errc::unsupported, native};
    return {errc::io, native};
}
[[nodiscard]] inline result<void> done(const ::rocksdb::Status& status) noexcept {
    if (!status.ok()) return failure(status);
    return {};
}

/// Reading a database, or one snapshot of it. Rows are seen in RocksDB's memory, not copied; no
/// lock is held while they are visited, so visitors of scan and walk may call the store.
class reader {
  public:
    reader(::rocksdb::DB* db, const ::rocksdb::Snapshot* snapshot) noexcept : db_{db} {
        options_.snapshot = snapshot;
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const noexcept {
        return guarded(errc::io, [&]() -> result<bool> {
            ::rocksdb::PinnableSlice row;
            const auto status = db_->Get(options_, db_->DefaultColumnFamily(), slice(key), &row);
            if (status.IsNotFound()) return false;
            if (!status.ok()) return failure(status);
            visit(bytes(row));
            return true;
        });
    }

    template <class Visit>
    result<bool> scan(const scan_range& range, Visit&& visit) const noexcept {
        if (!range.hi.empty() && range.hi < range.lo) return errc::range_invalid;
        if (range.resume && !range.contains(range.after)) return errc::foreign_cursor;
        return guarded(errc::io, [&] { return range.reverse ? down(range, visit) : up(range, visit); });
    }

  private:
    template <class Visit>
    result<bool> up(const scan_range& range, Visit& visit) const {
        auto options = options_;
        const ::rocksdb::Slice hi = slice(range.hi);
        if (!range.hi.empty()) options.iterate_upper_bound = &hi;
        const std::unique_ptr<::rocksdb::Iterator> at{db_->NewIterator(options)};
        at->Seek(slice(range.resume ? range.after : range.lo));
        if (range.resume && at->Valid() && bytes(at->key()) == range.after) at->Next();
        std::size_t left = range.limit;
        for (; at->Valid(); at->Next(), --left)
            if (left == 0 || !visit_row(visit, bytes(at->key()), bytes(at->value()))) return true;
        return ended(*at);
    }
    template <class Visit>
    result<bool> down(const scan_range& range, Visit& visit) const {
        auto options = options_;
        const ::rocksdb::Slice lo = slice(range.lo);
        options.iterate_lower_bound = &lo;
        const std::unique_ptr<::rocksdb::Iterator> at{db_->NewIterator(options)};
        const bytes_view from = range.resume ? range.after : range.hi;
        if (from.empty() && !range.resume) at->SeekToLast();
        else at->SeekForPrev(slice(from));
        if (!from.empty() || range.resume)
            if (at->Valid() && bytes(at->key()) == from) at->Prev(); // exclusive
        std::size_t left = range.limit;
        for (; at->Valid(); at->Prev(), --left)
            if (left == 0 || !visit_row(visit, bytes(at->key()), bytes(at->value()))) return true;
        return ended(*at);
    }
    static result<bool> ended(const ::rocksdb::Iterator& at) {
        if (!at.status().ok()) return failure(at.status());
        return false;
    }

    ::rocksdb::DB* db_;
    ::rocksdb::ReadOptions options_;
};

} // namespace rocksdb_parts

/// How a RocksDB store is opened. Sizes in bytes.
struct rocksdb_options {
    bool sync = true;                        ///< a commit survives power loss before it is answered
    std::size_t write_buffer = 64U << 20;    ///< memory for rows not yet in a sorted file
    std::size_t block_cache = 32U << 20;     ///< memory for blocks read from files
    int max_open_files = 256;
};

namespace rocksdb_parts {

/// What a commit sees and changes: the database behind the batch under construction.
class writer {
  public:
    explicit writer(::rocksdb::DB* db) noexcept : db_{db} {}

    result<bool> find(bytes_view key, bytes_view& row) {
        row_.Reset();
        const auto status = db_->Get({}, db_->DefaultColumnFamily(), slice(key), &row_);
        if (status.IsNotFound()) return false;
        if (!status.ok()) return failure(status);
        row = bytes(row_);
        return true;
    }
    result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& row) {
        at_.reset(db_->NewIterator({}));
        at_->Seek(slice(lo));
        if (!at_->Valid()) return at_->status().ok() ? result<bool>{false} : failure(at_->status());
        if (!hi.empty() && !(bytes(at_->key()) < hi)) return false;
        row = bytes(at_->value());
        return true;
    }

    result<void> assign(bytes_view key, bytes_view row) {
        if (greatest_ < key.as<std::string>()) greatest_ = key.as<std::string>();
        return done(changes_.Put(slice(key), slice(row)));
    }
    result<void> remove(bytes_view key) { return done(changes_.Delete(slice(key))); }
    /// DeleteRange wants an upper bound: without one it is the greatest key there is, stored or put
    /// earlier in this batch, which is then erased by name.
    result<void> remove_range(bytes_view lo, bytes_view hi) {
        if (!hi.empty()) return done(changes_.DeleteRange(slice(lo), slice(hi)));
        const std::unique_ptr<::rocksdb::Iterator> at{db_->NewIterator({})};
        at->SeekToLast();
        if (!at->status().ok()) return failure(at->status());
        if (at->Valid() && greatest_ < at->key().ToString()) greatest_ = at->key().ToString();
        if (bytes_view{greatest_} < lo) return {};
        const auto status = changes_.DeleteRange(slice(lo), greatest_);
        if (!status.ok()) return failure(status);
        return done(changes_.Delete(greatest_));
    }
    [[nodiscard]] ::rocksdb::WriteBatch& changes() noexcept { return changes_; }

  private:
    ::rocksdb::DB* db_;
    ::rocksdb::WriteBatch changes_;
    ::rocksdb::PinnableSlice row_;
    std::unique_ptr<::rocksdb::Iterator> at_;
    std::string greatest_;
};

} // namespace rocksdb_parts

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
        rocksdb_parts::reader reader_;
    };

    static result<rocksdb_engine> open(const opening<Environment>& how,
                                       const rocksdb_options& options) {
        auto directory = directory_lock::open(how);
        if (!directory) return directory.error();
        return guarded(errc::io, [&]() -> result<rocksdb_engine> {
            auto state = std::make_unique<state_type>(std::move(*directory));
            ::rocksdb::Options o;
            o.create_if_missing = !how.options.read_only;
            o.create_missing_column_families = true;
            o.compression = ::rocksdb::kNoCompression;
            o.write_buffer_size = options.write_buffer;
            o.max_open_files = options.max_open_files;
            o.info_log_level = ::rocksdb::ERROR_LEVEL;
            o.keep_log_file_num = 2;
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
                    ? ::rocksdb::DB::OpenForReadOnly(o, path->c_str(), families, &state->families, &db)
                    : ::rocksdb::DB::Open(o, path->c_str(), families, &state->families, &db);
            if (!status.ok())
                return how.fail(rocksdb_parts::failure(status), "RocksDB: " + status.ToString());
            state->db = db;
            if (const auto based = state->load_base(); !based) return based.error();
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

    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (auto ready = writable(); !ready) return ready.error();
        if (auto room = hook.reserve(batch.operations.bytes().size()); !room) return room.error();
        const auto seq = guarded(errc::io, [&]() -> result<commit_seq> {
            const guard in{state_->commit};
            rocksdb_parts::writer table{state_->db};
            if (auto ok = admit<Row>(batch, table, on_conflict); !ok) return ok.error();
            const commit_seq next = state_->next_sequence(!batch.operations.empty());
            fill_sequence(batch.operations, next);
            if (auto ok = carry_out(batch.operations, table); !ok) return ok.error();
            const auto status = state_->db->Write(state_->write, &table.changes());
            if (!status.ok()) return rocksdb_parts::failure(status);
            hook.commit(next, batch.operations);
            return next;
        });
        if (!seq) return seq.error();
        if (auto durable = hook.wait(*seq); !durable) return durable.error();
        return Row::receipt_for(*seq);
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        if (auto ready = writable(); !ready) return ready;
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
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires(!Row::fields.sequenced)
    {
        if (auto ready = writable(); !ready) return ready.error();
        if (auto room = hook.reserve(key.size() + bytes.size()); !room) return room.error();
        const auto put = guarded(errc::io, [&]() -> result<void> {
            const guard in{state_->commit};
            const auto status = state_->db->Put(state_->write, rocksdb_parts::slice(key),
                                                rocksdb_parts::slice(bytes));
            if (!status.ok()) return rocksdb_parts::failure(status);
            hook.commit_put(commit_seq{}, key, bytes);
            return {};
        });
        if (!put) return put.error();
        return hook.wait(commit_seq{});
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
        const auto closed = guarded(errc::io, [&] { return state_->close(); });
        state_.reset();
        return synced ? closed : synced;
    }
    [[nodiscard]] std::uint64_t identity() const noexcept { return closed() ? 0 : state_->directory.identity(); }

  private:
    struct state_type {
        explicit state_type(directory_lock&& held) noexcept : directory{std::move(held)} {}
        ~state_type() { static_cast<void>(guarded(errc::io, [&] { return close(); })); }
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
        [[nodiscard]] commit_seq next_sequence(bool writes) const noexcept {
            return commit_seq{base + db->GetLatestSequenceNumber() + (writes ? 1U : 0U)};
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
            std::byte stored[8];
            store_little(stored, base);
            return rocksdb_parts::done(
                changes.Put(families[1], base_key, rocksdb_parts::slice({stored, 8})));
        }

        directory_lock directory;
        ::rocksdb::DB* db = nullptr;
        std::vector<::rocksdb::ColumnFamilyHandle*> families;
        ::rocksdb::WriteOptions write;
        std::uint64_t base = 0;
        bool read_only = false;
        typename Concurrency::mutex commit;
    };

    explicit rocksdb_engine(std::unique_ptr<state_type> state) noexcept : state_{std::move(state)} {}

    [[nodiscard]] bool closed() const noexcept { return state_ == nullptr; }
    [[nodiscard]] result<void> writable() const noexcept {
        if (closed()) return errc::closed;
        if (state_->read_only) return errc::read_only;
        return {};
    }
    [[nodiscard]] rocksdb_parts::reader reader() const noexcept { return {state_->db, nullptr}; }

    std::unique_ptr<state_type> state_;
};

/// An LSM tree: fast writes, data far larger than memory, ordered. Links against RocksDB 7 or later;
/// derives from none of its classes, so a library built without RTTI serves. Batches with checks
/// are serialised by one mutex per store (checks and write are one critical section); reads take no
/// lock. The sequence is RocksDB's own and costs no row of ours. Kernel-tested, not simulated.
template <class...>
struct rocksdb {
    using axis = backend_axis;
    using options = rocksdb_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = true;
    static constexpr bool needs_fixed_extents = false;
    static constexpr std::size_t max_key_size = 0xFFFF'FFFFU;
    static constexpr std::size_t max_row_size = 0xFFFF'FFFFU;
    static void describe(sentence& text) noexcept { text << "rocksdb/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = rocksdb_engine<Row, Environment, Concurrency>;
};
static_assert(backend_policy<rocksdb<>>);

} // namespace ashlar::inline v0_1
