// SPDX-License-Identifier: BSL-1.0
/// @file Defines one moment of all rows of a RocksDB database.
#pragma once

#include <ashlar/backend/rocksdb/database.hpp>
#include <ashlar/walk.hpp>

namespace ashlar::inline v0_1::rocksdb_parts {

/// Keeps the rows that it shows on disk until it goes. Movable; as thread-safe as RocksDB's
/// snapshots. Must not outlive the engine.
template <class Row>
class snapshot {
  public:
    explicit snapshot(::rocksdb::DB* db)
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
    result<bool> walk(key_buffer& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(reader_, at, visit, limit);
    }

  private:
    struct release {
        ::rocksdb::DB* db;
        void operator()(const ::rocksdb::Snapshot* s) const { db->ReleaseSnapshot(s); }
    };
    std::unique_ptr<const ::rocksdb::Snapshot, release> snapshot_;
    reader<Row> reader_;
};

} // namespace ashlar::inline v0_1::rocksdb_parts
