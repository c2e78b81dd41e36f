// SPDX-License-Identifier: BSL-1.0
/// @file Defines durability, what the operator asks of the disk, and disk_gate, which waits for it.
#pragma once

#include "keyspace/keyspace.hpp"

#include <condition_variable>
#include <functional>
#include <thread>

namespace cache {

/// What stands behind a reply to a command that writes. `always` and `group`: its write survives
/// the loss of power; a sync for each command, or one for all that came meanwhile. `interval` and
/// `no`: its write survives the end of the process, and the loss of power when the next interval is
/// over, or when the system writes it.
enum class fsync_policy : std::uint8_t { always, group, interval, no };

struct durability {
    std::string directory; ///< empty: in memory
    fsync_policy fsync = fsync_policy::group;
    unsigned interval = 1000; ///< milliseconds
    /// A snapshot is written when the log has grown by so many bytes, and by as many as the last
    /// snapshot has.
    std::uint64_t snapshot_after = std::uint64_t{64} << 20;

    /// Whether replies wait for a sync.
    [[nodiscard]] bool replies_wait() const noexcept {
        return !directory.empty() &&
               (fsync == fsync_policy::always || fsync == fsync_policy::group);
    }
    /// "always", "group", "interval:MS" or "no". Answers whether it is one of them.
    [[nodiscard]] bool set_fsync(string_view word);
};

/// What replies pass: asked whether they may leave, it says so, or does what they wait for.
/// Thread-safe.
class disk_gate {
  public:
    /// Begins the thread if `wanted` needs it; `rows` must outlive this.
    disk_gate(row_store& rows, const durability& wanted);
    /// Ends it; everybody who waits is told first.
    ~disk_gate();
    disk_gate(const disk_gate&) = delete;
    disk_gate& operator=(const disk_gate&) = delete;

    /// Whether replies wait for a sync; else for a flush, which the caller can do by itself.
    [[nodiscard]] bool waits() const noexcept {
        return wanted_.fsync == fsync_policy::always || wanted_.fsync == fsync_policy::group;
    }
    /// Whether what was read so far may be told.
    [[nodiscard]] bool is_open() const noexcept {
        return waits() ? rows_.unsynced() == 0 : rows_.is_flushed();
    }
    /// Whether it never opens again, for the disk has failed.
    [[nodiscard]] bool has_failed() const noexcept { return rows_.has_failed(); }

    /// Whether one sync had better stand for as many replies as there can be.
    [[nodiscard]] bool gathers() const noexcept { return wanted_.fsync == fsync_policy::group; }
    /// Whether there is so much to sync that the disk should not wait for more.
    [[nodiscard]] bool has_much() const noexcept {
        return rows_.unsynced() >= std::uint64_t{32} << 10;
    }
    [[nodiscard]] bool passes_one_by_one() const noexcept {
        return wanted_.fsync == fsync_policy::always;
    }
    /// Does what replies wait for, in this thread. Answers whether they may leave.
    [[nodiscard]] bool pass() { return (waits() ? rows_.sync() : rows_.flush()).has_value(); }
    /// Has it done by the gate's thread, so that the caller can go on: whoever waits while the disk
    /// is busy shares the next sync. Calls then(true) when everything committed so far is durable,
    /// then(false) when that failed for ever; from the gate's thread. It must not block or throw.
    void after_sync(std::function<void(bool durable)> then);

  private:
    void run();

    row_store& rows_;
    const durability& wanted_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::function<void(bool)>> waiting_;
    bool ends_ = false;
    std::thread thread_;
};

} // namespace cache
