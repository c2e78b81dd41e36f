// SPDX-License-Identifier: BSL-1.0
// NEEDS: rocksdb
// The rocksdb backend against calls of RocksDB with the same options and the same checks.
#include "harness.hpp"

#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <cstring>
#include <filesystem>
#include <memory>

namespace {

using bench::point;

using on_rocksdb =
    ashlar::store<std::uint64_t, point, ashlar::rocksdb<>, ashlar::big_endian, ashlar::single>;
const ashlar::rocksdb_options unsynced{.sync = false};

struct big {
    char bytes[8];
    explicit big(std::uint64_t key) noexcept {
        ashlar::store_big(reinterpret_cast<std::byte*>(bytes), key);
    }
    [[nodiscard]] rocksdb::Slice slice() const noexcept { return {bytes, 8}; }
};

/// The same file layout and options as the backend's, without anything of ashlar around it.
class by_hand {
  public:
    explicit by_hand(const std::string& path) {
        rocksdb::Options o;
        o.create_if_missing = true;
        o.create_missing_column_families = true;
        o.compression = rocksdb::kNoCompression;
        o.write_buffer_size = unsynced.write_buffer;
        o.max_open_files = unsynced.max_open_files;
        o.info_log_level = rocksdb::ERROR_LEVEL;
        o.keep_log_file_num = 2;
        rocksdb::BlockBasedTableOptions table;
        table.block_cache = rocksdb::NewLRUCache(unsynced.block_cache);
        o.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
        rocksdb::DB* db = nullptr;
        const auto status = rocksdb::DB::Open(
            o, path, {{rocksdb::kDefaultColumnFamilyName, o}, {"ashlar", o}}, &families_, &db);
        bench::require(status.ok(), "RocksDB could not open");
        db_.reset(db);
    }
    by_hand(const by_hand&) = delete;
    by_hand& operator=(const by_hand&) = delete;
    ~by_hand() {
        for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
    }

    bool get(std::uint64_t key, point& out) const {
        const big at{key};
        rocksdb::PinnableSlice row;
        const auto status =
            db_->Get(rocksdb::ReadOptions{}, db_->DefaultColumnFamily(), at.slice(), &row);
        if (!status.ok() || row.size() != sizeof out) return false;
        std::memcpy(&out, row.data(), sizeof out);
        return true;
    }
    bool put(std::uint64_t key, const point& value) {
        const big at{key};
        rocksdb::WriteOptions options;
        options.sync = false;
        return db_->Put(options, at.slice(), {reinterpret_cast<const char*>(&value), sizeof value})
            .ok();
    }
    /// RocksDB does not say whether a row was there.
    bool erase(std::uint64_t key) {
        const big at{key};
        rocksdb::PinnableSlice row;
        const auto family = db_->DefaultColumnFamily();
        if (!db_->Get(rocksdb::ReadOptions{}, family, at.slice(), &row).ok()) return false;
        rocksdb::WriteOptions options;
        options.sync = false;
        return db_->Delete(options, at.slice()).ok();
    }
    template <class Visit>
    bool each(Visit visit) const {
        const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator(rocksdb::ReadOptions{})};
        for (at->SeekToFirst(); at->Valid(); at->Next()) {
            const auto key = at->key();
            const auto row = at->value();
            if (key.size() != 8 || row.size() != sizeof(point)) return false;
            point p;
            std::memcpy(&p, row.data(), sizeof p);
            visit(ashlar::load_big<std::uint64_t>(reinterpret_cast<const std::byte*>(key.data())),
                  p);
        }
        return at->status().ok();
    }

  private:
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

[[nodiscard]] on_rocksdb open_at(const std::string& path) {
    auto db = on_rocksdb::open({.directory = path}, unsynced);
    bench::require(db.has_value(), "the store on RocksDB could not be opened");
    return std::move(*db);
}

} // namespace

int main() {
    const auto keys = bench::make_keys(2'000);
    const std::size_t n = keys.size();
    const std::uint64_t* k = keys.data();
    bench::count_loop(keys);
    // Both open the same files in turn: opening sorts the log into a table, so that both read the
    // same blocks. What is in memory is a skip list of random heights, another in every run.
    const auto directory = std::filesystem::current_path() / "rocksdb_store";
    const std::string path = directory.string();
    {
        auto db = open_at(path);
        for (const std::uint64_t key : keys)
            bench::require(db.put(key, bench::point_of(key)).has_value(), "could not fill RocksDB");
        bench::require(db.close().has_value(), "could not close RocksDB");
    }
    std::unique_ptr<on_rocksdb> ours;
    std::unique_ptr<by_hand> twin;
    const auto use_ours = [&] {
        twin.reset();
        ours = std::make_unique<on_rocksdb>(open_at(path));
    };
    const auto use_twin = [&] {
        ours.reset();
        twin = std::make_unique<by_hand>(path + "/rocksdb");
    };
    const auto get_ours = [&ours, k](std::size_t i) {
        point p{};
        const auto there = ours->get(k[i], p);
        return there.value_or(false) ? bench::digest(p) : 0;
    };
    const auto get_twin = [&twin, k](std::size_t i) {
        point p{};
        return twin->get(k[i], p) ? bench::digest(p) : 0;
    };
    bench::compare("rocksdb get", n, n,
                   bench::side{[&] { use_ours(), bench::drive(n, get_ours); }, get_ours},
                   bench::side{[&] { use_twin(), bench::drive(n, get_twin); }, get_twin});
    const auto iterate_ours = [&ours](std::size_t) {
        std::uint64_t sum = 0;
        const auto done = ours->for_each(
            [&](std::uint64_t key, const point& p) { sum += key ^ bench::digest(p); });
        return done ? sum : 0;
    };
    const auto iterate_twin = [&twin](std::size_t) {
        std::uint64_t sum = 0;
        const bool done =
            twin->each([&](std::uint64_t key, const point& p) { sum += key ^ bench::digest(p); });
        return done ? sum : 0;
    };
    bench::compare("rocksdb iterate", 1, n,
                   bench::side{[&] { use_ours(), bench::drive(1, iterate_ours); }, iterate_ours},
                   bench::side{[&] { use_twin(), bench::drive(1, iterate_twin); }, iterate_twin});
    bench::compare("rocksdb put, overwriting", n, n,
                   bench::side{use_ours,
                               [&ours, k](std::size_t i) {
                                   return std::uint64_t{
                                       ours->put(k[i], bench::point_of(i)).has_value()};
                               }},
                   bench::side{use_twin, [&twin, k](std::size_t i) {
                                   return std::uint64_t{twin->put(k[i], bench::point_of(i))};
                               }});
    const auto erase_half = [k](auto& from, std::size_t half) {
        return [&from, k, half](std::size_t i) {
            const ashlar::result<bool> gone = from->erase(k[2 * i + half]);
            return std::uint64_t{gone.value_or(false)};
        };
    };
    bench::compare("rocksdb erase", n / 2, n / 2, bench::side{use_ours, erase_half(ours, 0)},
                   bench::side{use_twin, erase_half(twin, 1)});
}
