// SPDX-License-Identifier: BSL-1.0
/// @file Defines the copies of rows that a walk takes under a lock and visits without it.
#pragma once

#include <ashlar/backend/hash/table.hpp>
#include <ashlar/buffer.hpp>
#include <ashlar/engine.hpp>

#include <cstring>

namespace ashlar::inline v0_1::hash {

/// Of a walk, at once: bounds the time under the lock where few buckets are in use.
inline constexpr std::uint32_t most_copied_buckets = 1024;

/// A chunk of rows of any length, each with the position behind it. Owns its bytes. Where there are
/// threads it is short, so that others seldom wait for longer than they try before they sleep
/// (lock_briefly): with 64 rows a client beside a snapshot had half its speed (0186).
template <bool Threads>
class copied_rows {
  public:
    static constexpr std::size_t most_rows = Threads ? 16 : 64;
    static constexpr std::size_t most_bytes = std::size_t{64} << 10;

    /// Copies rows from `at` on and leaves `at` behind them; `end` says whether the rows end
    /// there. False when there was no memory for even one. REQUIRES: the rows' lock.
    template <class Rows>
    [[nodiscard]] bool fill(const Rows& rows, bucket_position& at, std::size_t limit, bool& end) {
        bytes_.clear();
        std::size_t left = limit < most_rows ? limit : most_rows;
        bool memory = true;
        end = rows.walk(at, most_copied_buckets, [&](bytes_view key, bytes_view row) {
            if (left == 0 || bytes_.size() >= most_bytes) return false;
            memory = add({at.bucket, at.slot + 1, at.buckets}, key, row);
            --left;
            return memory;
        });
        return memory || !bytes_.empty();
    }

    /// visit(key, row) for each until it answers false, which leaves `at` behind that row; answers
    /// whether all were seen. Their number is taken from `limit`.
    template <class Visit>
    bool show(Visit& visit, bucket_position& at, std::size_t& limit) const {
        const std::byte* read = bytes_.data();
        const std::byte* end = read + bytes_.size();
        while (read != end) {
            head row;
            std::memcpy(&row, read, sizeof row);
            const std::byte* key = read + sizeof row;
            read = key + row.key_size + row.row_size;
            --limit;
            if (!visit_row(visit, bytes_view{key, row.key_size},
                           bytes_view{key + row.key_size, row.row_size}))
                return at = row.behind, false;
        }
        return true;
    }

  private:
    struct head {
        bucket_position behind;
        std::uint32_t key_size, row_size;
    };
    [[nodiscard]] bool add(bucket_position behind, bytes_view key, bytes_view row) noexcept {
        const head h{behind, static_cast<std::uint32_t>(key.size()),
                     static_cast<std::uint32_t>(row.size())};
        std::byte* to = bytes_.extend(sizeof h + key.size() + row.size());
        if (to == nullptr) return false;
        std::memcpy(to, &h, sizeof h);
        copy_bytes(to + sizeof h, key);
        copy_bytes(to + sizeof h + key.size(), row);
        return true;
    }

    small_buffer<4096> bytes_;
};

/// The same for rows whose lengths the compiler knows: one array, and copies of constant size.
template <std::size_t KeyExtent, std::size_t RowExtent>
class copied_slots {
    struct copy {
        std::uint32_t bucket, behind;
        std::byte key[KeyExtent == 0 ? 1 : KeyExtent];
        std::byte row[RowExtent == 0 ? 1 : RowExtent];
    };

  public:
    /// At most 4 KiB on the stack, as copied_rows has it.
    static constexpr std::size_t most_rows = 4096 / sizeof(copy) < 64 ? 4096 / sizeof(copy) : 64;

    template <class Rows>
    [[nodiscard]] bool fill(const Rows& rows, bucket_position& at, std::size_t limit, bool& end) {
        const std::size_t most = limit < most_rows ? limit : most_rows;
        std::size_t n = 0;
        end = rows.walk(at, most_copied_buckets, [&](bytes_view key, bytes_view row) {
            if (n == most) return false;
            copy& to = copies_[n++];
            to.bucket = at.bucket;
            to.behind = at.slot + 1;
            std::memcpy(to.key, key.data(), KeyExtent);
            std::memcpy(to.row, row.data(), RowExtent);
            return true;
        });
        count_ = n;
        buckets_ = at.buckets;
        return true;
    }
    template <class Visit>
    bool show(Visit& visit, bucket_position& at, std::size_t& limit) const {
        for (std::size_t i = 0; i < count_; ++i) {
            const copy& from = copies_[i];
            if (visit_row(visit, bytes_view{from.key, KeyExtent}, bytes_view{from.row, RowExtent}))
                continue;
            at = {from.bucket, from.behind, buckets_};
            limit -= i + 1;
            return false;
        }
        limit -= count_;
        return true;
    }

  private:
    std::size_t count_ = 0;
    std::uint32_t buckets_ = 0;
    copy copies_[most_rows];
};

} // namespace ashlar::inline v0_1::hash
