// SPDX-License-Identifier: BSL-1.0
/// @file Defines LMDB behind the verbs of this bench: one thread, no syncs.
#pragma once

#include "../measure/keys.hpp"

#include <lmdb.h>

#include <stdexcept>

namespace bench {

class lmdb_store {
  public:
    static constexpr bool concurrent = false;

    explicit lmdb_store(const std::string& directory) {
        check(mdb_env_create(&env_));
        check(mdb_env_set_mapsize(env_, std::size_t{8} << 30));
        check(mdb_env_open(env_, directory.c_str(), MDB_NOSYNC | MDB_WRITEMAP, 0644));
        MDB_txn* txn = nullptr;
        check(mdb_txn_begin(env_, nullptr, 0, &txn));
        check(mdb_dbi_open(txn, nullptr, 0, &table_));
        check(mdb_txn_commit(txn));
        check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reading_));
        mdb_txn_reset(reading_);
    }
    lmdb_store(const lmdb_store&) = delete;
    lmdb_store& operator=(const lmdb_store&) = delete;
    ~lmdb_store() {
        mdb_txn_abort(reading_);
        mdb_env_close(env_);
    }

    template <class F>
    bool read(const std::string& k, F f) const {
        const inside now{reading_};
        MDB_val key = value_of(k);
        MDB_val found;
        if (mdb_get(reading_, table_, &key, &found) != 0) return false;
        f(view(found));
        return true;
    }
    template <class F>
    void scan(const std::string& from, const std::string& end, std::size_t n, F f) const {
        const inside now{reading_};
        MDB_cursor* at = nullptr;
        check(mdb_cursor_open(reading_, table_, &at));
        MDB_val key = value_of(from);
        MDB_val found;
        for (int ok = mdb_cursor_get(at, &key, &found, MDB_SET_RANGE);
             ok == 0 && n > 0 && view(key) < end; --n) {
            f(view(found));
            ok = mdb_cursor_get(at, &key, &found, MDB_NEXT);
        }
        mdb_cursor_close(at);
    }
    void put(const std::string& k, const std::string& v) {
        MDB_txn* txn = nullptr;
        check(mdb_txn_begin(env_, nullptr, 0, &txn));
        MDB_val key = value_of(k);
        MDB_val value = value_of(v);
        check(mdb_put(txn, table_, &key, &value, 0));
        check(mdb_txn_commit(txn));
    }
    [[nodiscard]] std::size_t size() const {
        MDB_stat told;
        check(mdb_env_stat(env_, &told));
        return told.ms_entries;
    }

  private:
    struct inside { // the handle of a read transaction is used again, as LMDB advises
        explicit inside(MDB_txn* t) : txn{t} { check(mdb_txn_renew(txn)); }
        ~inside() { mdb_txn_reset(txn); }
        MDB_txn* txn;
    };
    static void check(int done) {
        if (done != 0) throw std::runtime_error{std::string{"lmdb: "} + mdb_strerror(done)};
    }
    static MDB_val value_of(const std::string& text) {
        return {text.size(), const_cast<char*>(text.data())};
    }
    static std::string_view view(const MDB_val& v) {
        return {static_cast<const char*>(v.mv_data), v.mv_size};
    }
    MDB_env* env_ = nullptr;
    MDB_dbi table_ = 0;
    MDB_txn* reading_ = nullptr;
};

} // namespace bench
