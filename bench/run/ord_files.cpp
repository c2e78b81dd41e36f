// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb rocksdb sqlite
// ORD with files: ordered stores that rest on disk, all of their rows in the page cache and nothing
// synced. Not equivalent to maps in memory, which are there for comparison: these keep their rows
// when the process dies. What a backend costs above its engine stands in docs/bench/overhead.md.
#include "ordered_workload.hpp"
#include "peer/ashlar_store.hpp"
#include "peer/lmdb_store.hpp"
#include "peer/lsm_store.hpp"
#include "peer/sqlite_store.hpp"
#include "peer/tkrzw_store.hpp"
#include "peer/wiredtiger_store.hpp"

#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/sqlite.hpp>

#include <filesystem>

namespace {

using namespace bench;

std::string folder(const setting& how, const char* name) {
    const std::string path = how.directory + '/' + name;
    std::filesystem::create_directories(path);
    return path;
}

template <class Backend>
auto opened(const setting& how, const char* name, const auto&... more) {
    using adapter = ashlar_store<texts, Backend>;
    const std::string path = folder(how, name);
    auto store = adapter::store::open({.directory = path.c_str()}, more...);
    if (!store) throw std::runtime_error{std::string{"bench: can't open "} + name};
    return std::make_unique<adapter>(std::move(*store));
}
template <class Store>
auto made(const setting& how, const char* name) {
    return std::make_unique<Store>(folder(how, name));
}

void ord_files(const setting& how) {
    using memory = ashlar_store<texts, ashlar::sorted_map<>>;
    using ours_lmdb = ashlar_store<texts, ashlar::lmdb<>>;
    using ours_rocksdb = ashlar_store<texts, ashlar::rocksdb<>>;
    using ours_sqlite = ashlar_store<texts, ashlar::sqlite<>>;
    ordered_workload<texts, memory, ours_lmdb, ours_rocksdb, ours_sqlite, lmdb_store,
                     lsm_store<rocksdb_api>, lsm_store<leveldb_api>, sqlite_store, wiredtiger_store,
                     tkrzw_store>
        work{how,
             "ORD files",
             how.entries(200'000, 5'000),
             {"ashlar sorted_map", "ashlar lmdb", "ashlar rocksdb", "ashlar sqlite", "lmdb",
              "rocksdb", "leveldb", "sqlite", "wiredtiger", "tkrzw TreeDBM"},
             how.quick ? 1U << 11 : 1U << 14,
             {std::make_unique<memory>(),
              opened<ashlar::lmdb<>>(how, "ashlar_lmdb",
                                     ashlar::lmdb<>::options{.sync = ashlar::lmdb_sync::none}),
              opened<ashlar::rocksdb<>>(
                  how, "ashlar_rocksdb",
                  ashlar::rocksdb<>::options{.sync = false, .block_cache = std::size_t{1} << 30}),
              opened<ashlar::sqlite<>>(how, "ashlar_sqlite",
                                       ashlar::sqlite<>::options{.sync = ashlar::sqlite_sync::none,
                                                                 .cache_kib = 1U << 20}),
              made<lmdb_store>(how, "lmdb"), made<lsm_store<rocksdb_api>>(how, "rocksdb"),
              made<lsm_store<leveldb_api>>(how, "leveldb"), made<sqlite_store>(how, "sqlite"),
              made<wiredtiger_store>(how, "wiredtiger"), made<tkrzw_store>(how, "tkrzw")},
             false};
    work.gets(1);
    work.scans();
    work.gets_and_puts<1>();
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, ord_files); }
