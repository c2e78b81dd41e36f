// SPDX-License-Identifier: BSL-1.0
/// @file Defines the copies of rows that a walk takes under a lock and visits without it.
#pragma once

#include <ashlar/backend/hash/table.hpp>
#include <ashlar/buffer.hpp>

namespace ashlar::inline v0_1::hash {

/// A chunk of rows, each with the position behind it. Owns its bytes.
class copied_rows {
  public:
    static constexpr std::size_t most_rows = 64;
    static constexpr std::size_t most_bytes = 64 * 1024;
    /// Bounds the time under the lock where few buckets are in use.
    static constexpr std::uint32_t most_buckets = 1024;

    /// Copies rows from `at` on and leaves `at` behind them; `end` says whether the rows end
    /// there. False when there was no memory for even one. REQUIRES: the rows' lock.
    template <class Rows>
    [[nodiscard]] bool fill(const Rows& rows, bucket_position& at, std::size_t limit, bool& end) {
        bytes_.clear();
        std::size_t left = limit < most_rows ? limit : most_rows;
        bool memory = true;
        end = rows.walk(at, most_buckets, [&](bytes_view key, bytes_view row) {
            if (left == 0 || bytes_.size() >= most_bytes) return false;
            memory = add({at.bucket, at.slot + 1, at.buckets}, key, row);
            --left;
            return memory;
        });
        return memory || !bytes_.empty();
    }

    /// f(position behind, key, row) for each until it answers false; answers whether all were seen.
    template <class F>
    bool each(F f) const {
        const std::byte* read = bytes_.data();
        const std::byte* end = read + bytes_.size();
        while (read != end) {
            head row;
            std::memcpy(&row, read, sizeof row);
            const std::byte* key = read + sizeof row;
            read = key + row.key_size + row.row_size;
            if (!f(row.behind, bytes_view{key, row.key_size},
                   bytes_view{key + row.key_size, row.row_size}))
                return false;
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

} // namespace ashlar::inline v0_1::hash
