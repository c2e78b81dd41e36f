// SPDX-License-Identifier: BSL-1.0
/// @file Defines what the engine of rocksdb owns: the open database, its options, its numbers.
#pragma once

#include <ashlar/backend/rocksdb/database.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/store_directory.hpp>

#include <vector>

namespace ashlar::inline v0_1 {

/// How a RocksDB store is opened. Sizes in bytes.
struct rocksdb_options {
    bool sync = true;                     ///< a commit survives power loss before it is answered
    std::size_t write_buffer = 64U << 20; ///< memory for rows not yet in a sorted file
    std::size_t block_cache = 32U << 20;  ///< memory for blocks read from files
    int max_open_files = 256;             ///< sorted files that RocksDB keeps open
};

namespace rocksdb_parts {

/// An open database in a store's directory. Thread-safe as RocksDB is; what changes a commit's
/// number REQUIRES that `commit` is held.
template <class Environment, class Concurrency>
class core {
  public:
    explicit core(store_directory<Environment>&& held) noexcept : directory{std::move(held)} {}
    ~core() {
        static_cast<void>(guarded(errc::io, [&] { return close(); }));
    }
    core(const core&) = delete;
    core& operator=(const core&) = delete;

    store_directory<Environment> directory;
    ::rocksdb::DB* db = nullptr;
    ::rocksdb::WriteOptions write;
    bool read_only = false;
    typename Concurrency::mutex commit;

    /// Opens, or creates when the directory was. Errors: corrupt for files that are missing or
    /// damaged, and RocksDB's own; `how.detail` gets RocksDB's sentence.
    [[nodiscard]] result<void> open(const opening<Environment>& how,
                                    const rocksdb_options& options) {
        ::rocksdb::Options o;
        // Files that are gone from a store that was finished are damage, not a new store.
        o.create_if_missing = directory.created();
        o.create_missing_column_families = directory.created();
        o.compression = ::rocksdb::kNoCompression;
        o.write_buffer_size = options.write_buffer;
        o.max_open_files = options.max_open_files;
        // RocksDB's report of itself would stand on the store's disk, and a library built with
        // assertions ends the process when it can't be written there. A full disk must not.
        const auto kept = reports_->NewLogger("/report", &o.info_log);
        if (!kept.ok()) return failure(kept);
        o.info_log_level = ::rocksdb::ERROR_LEVEL;
        // A torn end of the log was never acknowledged; damage before it is an error. (The
        // default would silently drop every commit behind the damage.)
        o.wal_recovery_mode = ::rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
        ::rocksdb::BlockBasedTableOptions table;
        table.block_cache = ::rocksdb::NewLRUCache(options.block_cache);
        o.table_factory.reset(::rocksdb::NewBlockBasedTableFactory(table));
        write.sync = options.sync;
        read_only = how.options.read_only;

        const auto path = joined_path::of(how.options.directory, "rocksdb");
        if (!path) return path.error();
        const std::vector<::rocksdb::ColumnFamilyDescriptor> families{
            {::rocksdb::kDefaultColumnFamilyName, o}, {"ashlar", o}};
        ::rocksdb::DB* opened = nullptr;
        const auto status =
            read_only
                ? ::rocksdb::DB::OpenForReadOnly(o, path->c_str(), families, &families_, &opened)
                : ::rocksdb::DB::Open(o, path->c_str(), families, &families_, &opened);
        if (!status.ok())
            return how.fail(open_failure(status), "RocksDB can't open '" +
                                                      std::string(path->c_str()) +
                                                      "': " + status.ToString());
        db = opened;
        return load_base();
    }
    [[nodiscard]] result<void> close() {
        if (db == nullptr) return {};
        for (auto* family : families_) db->DestroyColumnFamilyHandle(family);
        const auto status = db->Close();
        delete std::exchange(db, nullptr);
        return done(status);
    }

    /// RocksDB numbers each operation; a commit is named after its first. The base is what apply_at
    /// added to that, and stands in a column family of its own.
    [[nodiscard]] commit_seq next_sequence() const noexcept {
        return commit_seq{base_ + db->GetLatestSequenceNumber() + 1};
    }
    /// Makes later numbers greater than `to`, when `changes` are written.
    [[nodiscard]] result<void> raise_sequence(commit_seq to, ::rocksdb::WriteBatch& changes) {
        const auto wanted = static_cast<std::uint64_t>(to);
        const auto now = base_ + db->GetLatestSequenceNumber();
        if (wanted <= now) return {};
        base_ += wanted - now;
        return write_base(changes);
    }
    [[nodiscard]] result<void> write_base(::rocksdb::WriteBatch& changes) const {
        std::byte stored[8];
        store_little(stored, base_);
        return done(changes.Put(families_[1], base_key, slice({stored, sizeof stored})));
    }

  private:
    static constexpr const char* base_key = "sequence base";

    [[nodiscard]] result<void> load_base() {
        std::string stored;
        const auto status = db->Get({}, families_[1], base_key, &stored);
        if (status.IsNotFound()) return {};
        if (!status.ok()) return failure(status);
        if (stored.size() != 8) return errc::corrupt;
        base_ = load_little<std::uint64_t>(bytes_view{stored}.data());
        return {};
    }
    /// RocksDB calls a missing database an invalid argument.
    [[nodiscard]] static error open_failure(const ::rocksdb::Status& status) noexcept {
        const error e = failure(status);
        return e == errc::invalid_argument ? error{errc::corrupt, e.native} : e;
    }

    std::unique_ptr<::rocksdb::Env> reports_{::rocksdb::NewMemEnv(::rocksdb::Env::Default())};
    std::vector<::rocksdb::ColumnFamilyHandle*> families_; ///< the rows', and the base's
    std::uint64_t base_ = 0;
};

} // namespace rocksdb_parts
} // namespace ashlar::inline v0_1
