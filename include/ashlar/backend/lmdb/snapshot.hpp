// SPDX-License-Identifier: BSL-1.0
/// @file Defines one moment of all rows of an LMDB file.
#pragma once

#include <ashlar/backend/lmdb/core.hpp>

namespace ashlar::inline v0_1::lmdb_parts {

/// A read transaction of its own: writers go on, but pages that it can see are not used again, so
/// the file grows while it lives. Movable; used by one thread at a time. It keeps the file open
/// beyond the engine's close, after which its verbs answer closed.
template <class Row, class Core>
class snapshot {
  public:
    using row = Row;
    using position = key_buffer;

    snapshot(Core* core, MDB_txn* txn) noexcept : core_{core}, txn_{txn} {}
    snapshot(snapshot&& other) noexcept
        : core_{std::exchange(other.core_, nullptr)}, txn_{other.txn_} {}
    snapshot& operator=(snapshot&& other) noexcept {
        std::swap(core_, other.core_);
        std::swap(txn_, other.txn_);
        return *this;
    }
    ~snapshot() {
        if (core_ != nullptr) Core::leave_snapshot(core_, txn_);
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        if (const auto fine = check_key<Row>(key); !fine) return fine.error();
        const auto slot = core_->readers.acquire();
        if (core_->closed) return errc::closed;
        MDB_val wanted = value_of(key);
        MDB_val found{};
        const auto there = presence(::mdb_get(txn_, core_->dbi, &wanted, &found));
        if (!there || !*there) return there;
        if (!Row::fits(view_of(found))) return errc::corrupt;
        visit(view_of(found));
        return true;
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        if (const auto fine = check_range(range); !fine) return fine.error();
        const auto with_cursor = [this](auto fill) -> result<bool> {
            const auto slot = core_->readers.acquire();
            if (core_->closed) return errc::closed;
            MDB_cursor* at = nullptr;
            if (const auto opened = status(::mdb_cursor_open(txn_, core_->dbi, &at)); !opened)
                return opened.error();
            cursor<Row> rows{at};
            const result<bool> done = fill(rows);
            ::mdb_cursor_close(at);
            return done;
        };
        return scan_in_chunks<Row>(with_cursor, range, visit);
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return walk_by_scan(*this, at, visit, limit);
    }

  private:
    Core* core_;
    MDB_txn* txn_;
};

} // namespace ashlar::inline v0_1::lmdb_parts
