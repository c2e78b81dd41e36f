// SPDX-License-Identifier: BSL-1.0
/// @file Defines a time series in a flash log: append, range by time, latest.
#pragma once

#include <ashlar/backend/flash/log.hpp>

namespace ashlar::inline v0_1::flash {

/// Readings under the keys `Prefix ++ time` (8 bytes, big-endian) of a log that may hold other
/// rows too. With `drop_oldest_of<Prefix>` as the log's retention the oldest make room for new
/// ones. Times must grow; they need not be regular. A handle: the log must outlive it.
template <class Log, std::uint8_t Prefix>
class series {
  public:
    static constexpr std::uint32_t key_size = 9;

    constexpr explicit series(Log& in) noexcept : log_{&in} {}

    /// Errors: those of put.
    [[nodiscard]] errc append(std::uint64_t time, bytes_view reading) noexcept {
        std::byte key[key_size];
        fill_key(key, time);
        return log_->put({key, key_size}, reading);
    }

    /// The reading with the latest time, in `out`. Errors: not_found, corrupt.
    /// Complexity: one read per record from the newest sector to the one it is in.
    [[nodiscard]] errc latest(std::uint64_t& time, std::byte* out, std::uint32_t capacity,
                              std::uint32_t& size) const noexcept {
        return log_->last_row([](bytes_view key) { return is_reading(key); },
                              [&](bytes_view key) { time = time_of(key); }, out, capacity, size);
    }

    /// visit(time, reading) for from <= time < to, in order of time; `buffer` holds one reading.
    /// Answers corrupt when a reading could not be shown, after showing the others.
    template <class Visit>
    [[nodiscard]] errc range(std::uint64_t from, std::uint64_t to, std::byte* buffer,
                             std::uint32_t capacity, Visit visit) const noexcept {
        place at{0, 0}, end = log_->log_end();
        errc verdict = errc::ok;
        for (;;) {
            std::byte key[Log::max_key_size];
            std::uint32_t n = 0, size = 0;
            bool there = false;
            const errc bad = log_->next_row(at, end, key, n, buffer, capacity, size, there);
            if (bad == errc::corrupt) verdict = bad;
            else if (bad != errc::ok) return bad;
            else if (!there) return verdict;
            else if (const bytes_view name{key, n}; is_reading(name)) {
                const std::uint64_t time = time_of(name);
                if (time >= from && time < to)
                    visit(time, bytes_view{buffer, size < capacity ? size : capacity});
            }
        }
    }

  private:
    static_assert(Log::max_key_size >= key_size,
                  "ashlar: a series needs keys of 9 bytes; give the log max_key = 9 or more");

    static void fill_key(std::byte* key, std::uint64_t time) noexcept {
        key[0] = std::byte{Prefix};
        store_big(key + 1, time);
    }
    [[nodiscard]] static bool is_reading(bytes_view key) noexcept {
        return key.size() == key_size && key[0] == std::byte{Prefix};
    }
    [[nodiscard]] static std::uint64_t time_of(bytes_view key) noexcept {
        return load_big<std::uint64_t>(key.data() + 1);
    }

    Log* log_;
};

} // namespace ashlar::inline v0_1::flash
