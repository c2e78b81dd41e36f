// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb
// The lmdb backend against calls of LMDB's C interface with the same flags and the same checks.
#include "harness.hpp"

#include <ashlar/backend/lmdb.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <cstring>
#include <filesystem>
#include <utility>

namespace {

using bench::point;

using on_lmdb =
    ashlar::store<std::uint64_t, point, ashlar::lmdb<>, ashlar::big_endian, ashlar::single>;
const ashlar::lmdb_options unsynced{.sync = ashlar::lmdb_sync::none};

struct big {
    std::byte bytes[8];
    explicit big(std::uint64_t key) noexcept { ashlar::store_big(bytes, key); }
    [[nodiscard]] MDB_val value() noexcept { return {sizeof bytes, bytes}; }
};

/// One file, one reader that is kept and renewed, the checks of sizes that the backend makes.
class by_hand {
  public:
    explicit by_hand(const std::string& path) {
        bench::require(mdb_env_create(&env_) == MDB_SUCCESS, "LMDB: no environment");
        mdb_env_set_mapsize(env_, static_cast<std::size_t>(unsynced.map_size));
        bench::require(mdb_env_open(env_, path.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_NOSYNC,
                                    0666) == MDB_SUCCESS,
                       "LMDB: could not open the file");
        MDB_txn* txn = nullptr;
        bench::require(mdb_txn_begin(env_, nullptr, 0, &txn) == MDB_SUCCESS &&
                           mdb_dbi_open(txn, nullptr, 0, &dbi_) == MDB_SUCCESS &&
                           mdb_txn_commit(txn) == MDB_SUCCESS &&
                           mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reader_) == MDB_SUCCESS &&
                           mdb_cursor_open(reader_, dbi_, &cursor_) == MDB_SUCCESS,
                       "LMDB: could not begin");
        mdb_txn_reset(reader_);
    }
    by_hand(const by_hand&) = delete;
    by_hand& operator=(const by_hand&) = delete;
    ~by_hand() {
        mdb_cursor_close(cursor_);
        mdb_txn_abort(reader_);
        mdb_env_close(env_);
    }

    ashlar::result<bool> get(std::uint64_t key, point& out) {
        if (closed_) return ashlar::errc::closed;
        big at{key};
        MDB_val wanted = at.value();
        MDB_val found{};
        if (const int code = mdb_txn_renew(reader_); code != MDB_SUCCESS) return failure(code);
        const int code = mdb_get(reader_, dbi_, &wanted, &found);
        ashlar::result<bool> there = code == MDB_SUCCESS;
        if (code != MDB_SUCCESS && code != MDB_NOTFOUND) there = failure(code);
        else if (code == MDB_SUCCESS && found.mv_size != sizeof out) there = ashlar::errc::corrupt;
        else if (code == MDB_SUCCESS) std::memcpy(&out, found.mv_data, sizeof out);
        mdb_txn_reset(reader_);
        return there;
    }
    bool put(std::uint64_t key, const point& value) {
        big at{key};
        point copy = value;
        MDB_val wanted = at.value();
        MDB_val row{sizeof copy, &copy};
        MDB_txn* txn = nullptr;
        if (mdb_txn_begin(env_, nullptr, 0, &txn) != MDB_SUCCESS) return false;
        if (mdb_put(txn, dbi_, &wanted, &row, 0) == MDB_SUCCESS)
            return mdb_txn_commit(txn) == MDB_SUCCESS;
        mdb_txn_abort(txn);
        return false;
    }
    ashlar::result<bool> erase(std::uint64_t key) {
        if (closed_) return ashlar::errc::closed;
        big at{key};
        MDB_val wanted = at.value();
        MDB_txn* txn = nullptr;
        if (const int code = mdb_txn_begin(env_, nullptr, 0, &txn); code != MDB_SUCCESS)
            return failure(code);
        int code = mdb_del(txn, dbi_, &wanted, nullptr);
        if (code == MDB_SUCCESS) {
            code = mdb_txn_commit(txn);
            if (code == MDB_SUCCESS) return true;
            return failure(code);
        }
        mdb_txn_abort(txn);
        if (code == MDB_NOTFOUND) return false;
        return failure(code);
    }
    /// Copies 512 rows at a time, so that no reader is held while they are visited.
    template <class Visit>
    bool each(Visit visit) {
        struct copy {
            std::uint64_t key;
            point value;
        };
        std::vector<copy> copies(512);
        big from{0};
        bool behind = false;
        for (bool more = true; more;) {
            std::size_t n = 0;
            if (mdb_txn_renew(reader_) != MDB_SUCCESS) return false;
            if (mdb_cursor_renew(reader_, cursor_) != MDB_SUCCESS) return false;
            MDB_val key = from.value();
            MDB_val row{};
            int code = mdb_cursor_get(cursor_, &key, &row, MDB_SET_RANGE);
            if (behind && code == MDB_SUCCESS && key.mv_size == 8 &&
                std::memcmp(key.mv_data, from.bytes, 8) == 0)
                code = mdb_cursor_get(cursor_, &key, &row, MDB_NEXT);
            for (; code == MDB_SUCCESS && n < copies.size();
                 code = mdb_cursor_get(cursor_, &key, &row, MDB_NEXT)) {
                if (key.mv_size != 8 || row.mv_size != sizeof(point)) code = MDB_CORRUPTED;
                copies[n].key =
                    ashlar::load_big<std::uint64_t>(static_cast<const std::byte*>(key.mv_data));
                std::memcpy(&copies[n++].value, row.mv_data, sizeof(point));
            }
            mdb_txn_reset(reader_);
            if (code != MDB_SUCCESS && code != MDB_NOTFOUND) return false;
            more = code == MDB_SUCCESS && n == copies.size();
            for (std::size_t i = 0; i < n; ++i) visit(copies[i].key, copies[i].value);
            if (n != 0) from = big{copies[n - 1].key};
            behind = true;
        }
        return true;
    }

  private:
    static ashlar::error failure(int code) noexcept { return {ashlar::errc::io, code}; }

    bool closed_ = false;
    MDB_env* env_ = nullptr;
    MDB_dbi dbi_ = 0;
    MDB_txn* reader_ = nullptr;
    MDB_cursor* cursor_ = nullptr;
};

} // namespace

int main() {
    const auto keys = bench::make_keys(2'000);
    const std::size_t n = keys.size();
    const std::uint64_t* k = keys.data();
    bench::count_loop(keys);
    const auto here = std::filesystem::current_path();
    auto opened = on_lmdb::open({.directory = (here / "lmdb_store").string()}, unsynced);
    bench::require(opened.has_value(), "the store on LMDB could not be opened");
    on_lmdb db = std::move(*opened);
    by_hand twin{(here / "by_hand.mdb").string()};
    // Filled by like transactions, so that both trees have the same pages.
    bench::compare_verbs("lmdb", db, twin, keys);
    bench::compare_each(
        "lmdb get, visitor", n,
        [&db, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there =
                db.read(k[i], [&](const point& p) noexcept { seen = bench::digest(p); });
            return there.value_or(false) ? seen : 0;
        },
        [&twin, k](std::size_t i) {
            point p{};
            return twin.get(k[i], p).value_or(false) ? bench::digest(p) : 0;
        });
}
