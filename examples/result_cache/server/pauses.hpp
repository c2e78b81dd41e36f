// SPDX-License-Identifier: BSL-1.0
/// @file Defines pauses: CLIENT PAUSE, which has clients wait before their requests run.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace cache {

/// For a time nobody's requests run, or none that write. Thread-safe.
class pauses {
  public:
    using clock = std::chrono::steady_clock;
    enum class whom : std::uint8_t { nobody, writers, everybody };

    /// What is asked for on top of a pause makes it longer and wider, never shorter.
    void begin(std::chrono::milliseconds time, whom asked) {
        const std::lock_guard lock{mutex_};
        const auto now = clock::now();
        if (end_ < now) whom_ = whom::nobody;
        end_ = std::max(end_, now + time);
        whom_ = std::max(whom_.load(), asked);
    }
    void end() {
        const std::lock_guard lock{mutex_};
        whom_ = whom::nobody;
        end_ = {};
    }
    /// How long a request has still to wait; not at all where that is zero.
    [[nodiscard]] clock::duration left(bool writes) {
        if (none()) return {};
        const std::lock_guard lock{mutex_};
        const auto rest = end_ - clock::now();
        if (rest <= clock::duration::zero()) whom_ = whom::nobody;
        const whom those = whom_;
        return those == whom::everybody || (those == whom::writers && writes) ? rest
                                                                              : clock::duration{};
    }
    /// A client that waits for the end of a pause, as long as this lives.
    class stay {
      public:
        explicit stay(pauses& at) noexcept : at_{at} { ++at_.waiting_; }
        ~stay() { --at_.waiting_; }
        stay(const stay&) = delete;
        stay& operator=(const stay&) = delete;

      private:
        pauses& at_;
    };
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(); }
    [[nodiscard]] bool none() const noexcept {
        return whom_.load(std::memory_order_relaxed) == whom::nobody;
    }

  private:
    std::mutex mutex_;
    std::atomic<whom> whom_{whom::nobody}; ///< changed under mutex_
    clock::time_point end_;
    std::atomic<std::size_t> waiting_{0};
};

} // namespace cache
