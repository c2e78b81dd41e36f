// SPDX-License-Identifier: BSL-1.0
/// @file Defines RocksDB and LevelDB, whose interfaces are alike, behind the verbs of this bench:
/// one thread, no syncs, no compression.
#pragma once

#include "../measure/keys.hpp"

#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <memory>
#include <stdexcept>

namespace bench {

struct rocksdb_api {
    using db = rocksdb::DB;
    using slice = rocksdb::Slice;
    using read_options = rocksdb::ReadOptions;
    using write_options = rocksdb::WriteOptions;
    /// Into a slice that points into the store: one copy less than with a string.
    using found = rocksdb::PinnableSlice;
    static bool get(db& d, const slice& key, found& out) {
        out.Reset();
        return d.Get({}, d.DefaultColumnFamily(), key, &out).ok();
    }
    static std::unique_ptr<db> open(const std::string& directory) {
        rocksdb::Options how;
        how.create_if_missing = true;
        how.compression = rocksdb::kNoCompression;
        rocksdb::BlockBasedTableOptions table;
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        table.block_cache = rocksdb::NewLRUCache(std::size_t{1} << 30);
        how.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
        db* opened = nullptr;
        if (!db::Open(how, directory, &opened).ok()) throw std::runtime_error{"rocksdb: no store"};
        return std::unique_ptr<db>{opened};
    }
};

struct leveldb_api {
    using db = leveldb::DB;
    using slice = leveldb::Slice;
    using read_options = leveldb::ReadOptions;
    using write_options = leveldb::WriteOptions;
    using found = std::string;
    static bool get(db& d, const slice& key, found& out) { return d.Get({}, key, &out).ok(); }
    static std::unique_ptr<db> open(const std::string& directory) {
        leveldb::Options how;
        how.create_if_missing = true;
        how.compression = leveldb::kNoCompression;
        how.filter_policy = leveldb::NewBloomFilterPolicy(10); // as long as the process
        how.write_buffer_size = std::size_t{64} << 20;         // as RocksDB
        db* opened = nullptr;
        if (!db::Open(how, directory, &opened).ok()) throw std::runtime_error{"leveldb: no store"};
        return std::unique_ptr<db>{opened};
    }
};

template <class Api>
class lsm_store {
    using slice = typename Api::slice;

  public:
    static constexpr bool concurrent = false;
    explicit lsm_store(const std::string& directory) : db_{Api::open(directory)} {}

    template <class F>
    bool read(const std::string& k, F f) const {
        if (!Api::get(*db_, slice{k}, found_)) return false;
        f(std::string_view{found_.data(), found_.size()});
        return true;
    }
    template <class F>
    void scan(const std::string& from, const std::string& end, std::size_t n, F f) const {
        using iterator = std::remove_pointer_t<decltype(db_->NewIterator({}))>;
        const std::unique_ptr<iterator> at{db_->NewIterator({})};
        for (at->Seek(slice{from}); n > 0 && at->Valid() && at->key().compare(end) < 0;
             at->Next(), --n)
            f(std::string_view{at->value().data(), at->value().size()});
    }
    void put(const std::string& k, const std::string& v) {
        if (!db_->Put({}, slice{k}, slice{v}).ok()) throw std::runtime_error{"put failed"};
    }
    /// Neither keeps a count.
    [[nodiscard]] std::size_t size() const {
        std::size_t n = 0;
        scan(" ", "~", ~std::size_t{0}, [&](std::string_view) { ++n; });
        return n;
    }

  private:
    std::unique_ptr<typename Api::db> db_;
    mutable typename Api::found found_;
};

} // namespace bench
