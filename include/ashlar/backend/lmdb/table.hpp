// SPDX-License-Identifier: BSL-1.0
/// @file Defines what admit and carry_out see of an LMDB write transaction.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/lmdb/cursor.hpp>

namespace ashlar::inline v0_1::lmdb_parts {

template <class Row>
class table {
  public:
    table(MDB_txn* txn, MDB_dbi dbi) noexcept : txn_{txn}, dbi_{dbi} {}

    [[nodiscard]] result<bool> find(bytes_view key, bytes_view& row) noexcept {
        if (const auto fine = check_key<Row>(key); !fine) return fine.error();
        MDB_val wanted = value_of(key);
        MDB_val found{};
        const auto there = presence(::mdb_get(txn_, dbi_, &wanted, &found));
        row = view_of(found);
        return there;
    }
    [[nodiscard]] result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& row) noexcept {
        return with_cursor([&](auto& at) -> result<bool> {
            const auto found = at.seek(lo);
            if (!found || !*found) return found;
            row = at.row();
            return hi.empty() || at.key() < hi;
        });
    }
    [[nodiscard]] result<void> assign(bytes_view key, bytes_view row) noexcept {
        MDB_val at = value_of(key);
        MDB_val value = value_of(row);
        changed_ = true;
        return status(::mdb_put(txn_, dbi_, &at, &value, 0));
    }
    [[nodiscard]] result<bool> erase(bytes_view key) noexcept {
        MDB_val at = value_of(key);
        const auto there = presence(::mdb_del(txn_, dbi_, &at, nullptr));
        changed_ = changed_ || (there && *there);
        return there;
    }
    [[nodiscard]] result<void> remove(bytes_view key) noexcept {
        const auto there = erase(key);
        if (!there) return there.error();
        return {};
    }
    [[nodiscard]] result<void> remove_range(bytes_view lo, bytes_view hi) noexcept {
        const auto done = with_cursor([&](auto& at) -> result<bool> {
            auto found = at.seek(lo);
            while (found && *found && (hi.empty() || at.key() < hi)) {
                if (const auto erased = at.erase(); !erased) return erased.error();
                changed_ = true;
                found = at.next();
            }
            return found;
        });
        if (!done) return done.error();
        return {};
    }
    /// The sequence of the transaction, given what the engine's own row says.
    [[nodiscard]] std::uint64_t sequence(std::uint64_t offset) const noexcept {
        return std::uint64_t{::mdb_txn_id(txn_)} + offset;
    }
    /// LMDB numbers only transactions that change something.
    [[nodiscard]] result<void> write_offset(std::uint64_t offset) noexcept {
        std::byte bytes[8];
        store_little(bytes, offset);
        return assign({own_key.bytes, longest_key}, {bytes, 8});
    }
    [[nodiscard]] bool changed() const noexcept { return changed_; }

  private:
    template <class F>
    [[nodiscard]] result<bool> with_cursor(F f) noexcept {
        MDB_cursor* at = nullptr;
        if (const int code = ::mdb_cursor_open(txn_, dbi_, &at); code != MDB_SUCCESS)
            return failure(code);
        cursor<Row> place{at};
        const result<bool> done = f(place);
        ::mdb_cursor_close(at);
        return done;
    }

    MDB_txn* txn_;
    MDB_dbi dbi_;
    bool changed_ = false;
};
static_assert(ordered_table<table<row_layout<8, 8, row_fields{}>>>);

} // namespace ashlar::inline v0_1::lmdb_parts
