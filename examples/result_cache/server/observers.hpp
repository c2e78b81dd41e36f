// SPDX-License-Identifier: BSL-1.0
/// @file Defines slow_log and monitors: who looks on when commands run.
#pragma once

#include "server/session.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>

namespace cache {

/// The words of a request as others may see them: no password is among them.
[[nodiscard]] word_list shown_words(std::span<const std::string_view> words);

/// Commands that took long. The words are cut as Redis cuts them: 32 of them, 128 bytes each.
/// Thread-safe.
class slow_log {
  public:
    struct entry {
        std::uint64_t id = 0;
        std::int64_t seconds = 0; ///< since 1970, when it began
        std::int64_t microseconds = 0;
        word_list words;
        std::string address;
        std::string name;
    };

    std::atomic<std::int64_t> threshold{10000}; ///< microseconds; negative: nothing is slow
    std::atomic<std::int64_t> longest{128};     ///< entries; the oldest go

    /// Whether a command that took so long is to be kept.
    [[nodiscard]] bool is_slow(std::int64_t microseconds) const noexcept {
        const std::int64_t from = threshold.load(std::memory_order_relaxed);
        return from >= 0 && microseconds >= from;
    }
    /// Keeps it if it took that long.
    void add(session& who, std::span<const std::string_view> words, std::int64_t microseconds);
    /// Newest first; all for a negative count.
    [[nodiscard]] std::vector<entry> newest(std::int64_t count) const;
    [[nodiscard]] std::size_t size() const;
    void clear();

  private:
    mutable std::mutex mutex_;
    std::deque<entry> entries_; ///< newest first
    std::uint64_t next_id_ = 0;
};

/// Clients that are shown every command. Thread-safe; nothing is written while there is none.
class monitors {
  public:
    void add(const std::shared_ptr<session>& who);
    void remove(const session& who);
    [[nodiscard]] bool none() const noexcept { return count_.load(std::memory_order_relaxed) == 0; }
    void show(session& who, int db, std::span<const std::string_view> words) const;

  private:
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<session>> who_;
    std::atomic<std::size_t> count_{0};
};

} // namespace cache
