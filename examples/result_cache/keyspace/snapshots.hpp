// SPDX-License-Identifier: BSL-1.0
/// @file Defines snapshots: SAVE and BGSAVE, and the snapshots that keep the log short.
#pragma once

#include "keyspace/durability.hpp"

#include <ctime>
#include <mutex>

namespace cache {

/// Writes snapshots, one at a time, while clients go on. Thread-safe.
class snapshots {
  public:
    snapshots(keyspace& space, const durability& wanted) noexcept
        : space_{space}, wanted_{wanted} {}
    ~snapshots() { finish(); }
    snapshots(const snapshots&) = delete;
    snapshots& operator=(const snapshots&) = delete;

    enum class outcome : std::uint8_t { done, busy, failed };
    /// Writes one now, for as long as it takes.
    outcome save();
    /// Has one written by a thread of its own; busy when one is being written.
    outcome start();
    /// Starts one when the log has grown enough.
    void tend();
    /// Waits for the one that is being written.
    void finish();

    [[nodiscard]] bool running() const noexcept { return running_.load(); }
    /// Of the last one that succeeded, else of the server's start; seconds since 1970.
    [[nodiscard]] std::time_t last() const noexcept { return last_.load(); }
    [[nodiscard]] bool last_succeeded() const noexcept { return succeeded_.load(); }
    /// Bytes of batches that were committed since the last one began.
    [[nodiscard]] std::uint64_t bytes_since() const noexcept {
        return space_.committed_bytes() - begun_at_.load();
    }

  private:
    bool write();

    keyspace& space_;
    const durability& wanted_;
    std::mutex mutex_; ///< over thread_
    std::thread thread_;
    std::atomic<bool> running_{false};
    std::atomic<bool> succeeded_{true};
    std::atomic<std::time_t> last_{std::time(nullptr)};
    std::atomic<std::uint64_t> begun_at_{0};
    std::atomic<std::uint64_t> size_{0};
};

} // namespace cache
