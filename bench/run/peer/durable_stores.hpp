// SPDX-License-Identifier: BSL-1.0
/// @file Defines stores that acknowledge what is durable only, with the settings that their
/// documentation names for that, and the file that they all end in.
#pragma once

#include "../measure/durable_row.hpp"

#include <lmdb.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>
#include <sqlite3.h>

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace bench {

/// The limit: one write of the row behind the last one, and one fdatasync. With room, zeros are on
/// the disk where the rows will come, so that file and blocks stay as they are.
class raw_log {
  public:
    explicit raw_log(const std::string& directory, std::size_t room = 0)
        : file_{::open((directory + "/raw").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644)} {
        must(file_ >= 0, "durable: can't write here");
        const std::string zeros(room, '\0');
        must(::pwrite(file_, zeros.data(), room, 0) == static_cast<::ssize_t>(room), "pwrite");
        must(::fsync(file_) == 0, "fsync");
    }
    raw_log(const raw_log&) = delete;
    raw_log& operator=(const raw_log&) = delete;
    ~raw_log() { ::close(file_); }
    void put(std::uint64_t) { append(row_.size()); }
    void batch(std::uint64_t, std::size_t count) {
        if (row_.size() < count * durable_row::size) row_.resize(count * durable_row::size, 'v');
        append(count * durable_row::size);
    }
    void append(std::size_t size) {
        must(::pwrite(file_, row_.data(), size, at_) == static_cast<::ssize_t>(size), "pwrite");
        must(::fdatasync(file_) == 0, "fdatasync");
        at_ += static_cast<::off_t>(size);
    }

  private:
    int file_;
    ::off_t at_ = 0;
    std::string row_ = std::string(durable_row::size, 'v');
};

class ashlar_durable {
  public:
    using store = ashlar::store<std::string, std::string, ashlar::hash_map<>, ashlar::logged<>,
                                ashlar::shared>;

    explicit ashlar_durable(const std::string& directory, std::size_t spare_segments = 0)
        : store_{[&] {
              auto opened = store::open(
                  {.directory = directory.c_str()},
                  ashlar::logged_options{.keep_snapshots = 1, .spare_segments = spare_segments});
              must(static_cast<bool>(opened), "durable: ashlar can't be opened");
              return std::move(*opened);
          }()} {}
    void put(std::uint64_t i) {
        const durable_row row{i};
        must(static_cast<bool>(store_.put(row.key, row.value)), "ashlar: put");
    }
    void batch(std::uint64_t first, std::size_t count) {
        auto many = store_.batch();
        for (std::size_t i = 0; i < count; ++i) {
            const durable_row row{first + i};
            many.put(row.key, row.value);
        }
        must(static_cast<bool>(store_.apply(many)), "ashlar: apply");
    }
    /// After it there are as many spare segments as at the beginning.
    void checkpoint() { must(static_cast<bool>(store_.checkpoint()), "ashlar: checkpoint"); }
    [[nodiscard]] store& itself() { return store_; }

  private:
    store store_;
};

class lmdb_durable {
  public:
    explicit lmdb_durable(const std::string& directory) {
        must(mdb_env_create(&env_) == 0 && mdb_env_set_mapsize(env_, std::size_t{4} << 30) == 0 &&
                 mdb_env_open(env_, directory.c_str(), 0, 0644) == 0,
             "durable: lmdb can't be opened");
        MDB_txn* txn = nullptr;
        must(mdb_txn_begin(env_, nullptr, 0, &txn) == 0 &&
                 mdb_dbi_open(txn, nullptr, 0, &table_) == 0 && mdb_txn_commit(txn) == 0,
             "lmdb: no table");
    }
    lmdb_durable(const lmdb_durable&) = delete;
    lmdb_durable& operator=(const lmdb_durable&) = delete;
    ~lmdb_durable() { mdb_env_close(env_); }
    void put(std::uint64_t i) { batch(i, 1); }
    void batch(std::uint64_t first, std::size_t count) {
        MDB_txn* txn = nullptr;
        must(mdb_txn_begin(env_, nullptr, 0, &txn) == 0, "lmdb: begin");
        for (std::size_t i = 0; i < count; ++i) {
            durable_row row{first + i};
            MDB_val key{row.key.size(), row.key.data()};
            MDB_val value{row.value.size(), row.value.data()};
            must(mdb_put(txn, table_, &key, &value, 0) == 0, "lmdb: put");
        }
        must(mdb_txn_commit(txn) == 0, "lmdb: commit");
    }

  private:
    MDB_env* env_ = nullptr;
    MDB_dbi table_ = 0;
};

class rocksdb_durable {
  public:
    /// With `logs`, that many are used again, and as long as `rows` rows already.
    explicit rocksdb_durable(const std::string& directory, std::size_t logs = 0,
                             std::size_t rows = 0) {
        rocksdb::Options how;
        how.create_if_missing = true;
        how.compression = rocksdb::kNoCompression;
        how.write_buffer_size = std::size_t{256} << 20; // no compaction while it is measured
        how.recycle_log_file_num = logs;
        rocksdb::DB* opened = nullptr;
        must(rocksdb::DB::Open(how, directory, &opened).ok(), "durable: rocksdb can't be opened");
        db_.reset(opened);
        for (std::size_t log = 0; log < logs; ++log) {
            for (std::size_t i = 0; i < rows; ++i) put(i);
            must(db_->Flush({}).ok(), "rocksdb: flush"); // the next log is a new or a used one
        }
        sync_.sync = true;
    }
    void put(std::uint64_t i) {
        const durable_row row{i};
        must(db_->Put(sync_, row.key, row.value).ok(), "rocksdb: put");
    }
    void batch(std::uint64_t first, std::size_t count) {
        rocksdb::WriteBatch many;
        for (std::size_t i = 0; i < count; ++i) {
            const durable_row row{first + i};
            must(many.Put(row.key, row.value).ok(), "rocksdb: put");
        }
        must(db_->Write(sync_, &many).ok(), "rocksdb: write");
    }

  private:
    std::unique_ptr<rocksdb::DB> db_;
    rocksdb::WriteOptions sync_;
};

class sqlite_durable {
  public:
    explicit sqlite_durable(const std::string& directory) {
        must(sqlite3_open((directory + "/rows").c_str(), &db_) == SQLITE_OK, "sqlite: open");
        for (const char* said : {"pragma journal_mode = wal", "pragma synchronous = full",
                                 "pragma locking_mode = exclusive",
                                 "create table rows(k blob primary key, v blob) without rowid"})
            run(said);
        must(sqlite3_prepare_v2(db_,
                                "insert into rows values(?1, ?2) on conflict do update set v = ?2",
                                -1, &put_, nullptr) == SQLITE_OK,
             "sqlite: prepare");
    }
    sqlite_durable(const sqlite_durable&) = delete;
    sqlite_durable& operator=(const sqlite_durable&) = delete;
    ~sqlite_durable() {
        sqlite3_finalize(put_);
        sqlite3_close(db_);
    }
    void put(std::uint64_t i) {
        const durable_row row{i};
        const auto bind = [&](int place, const std::string& text) {
            sqlite3_bind_blob(put_, place, text.data(), static_cast<int>(text.size()),
                              SQLITE_STATIC);
        };
        bind(1, row.key);
        bind(2, row.value);
        must(sqlite3_step(put_) == SQLITE_DONE, "sqlite: put");
        sqlite3_reset(put_);
    }
    void batch(std::uint64_t first, std::size_t count) {
        run("begin");
        for (std::size_t i = 0; i < count; ++i) put(first + i);
        run("commit");
    }

  private:
    void run(const char* said) {
        must(sqlite3_exec(db_, said, nullptr, nullptr, nullptr) == SQLITE_OK, said);
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt* put_ = nullptr;
};

} // namespace bench
