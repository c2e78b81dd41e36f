// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a memory limit counts with: bytes that are taken, and locks by key.
#pragma once

#include <ashlar/bytes.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/detail/hash.hpp>

#include <bit>

namespace ashlar::inline v0_1::quota_parts {

/// Bytes taken and their limit. Thread-safe.
template <class Concurrency>
class account {
  public:
    explicit account(std::size_t limit) noexcept : limit_{limit} {}

    [[nodiscard]] std::size_t used() const noexcept { return used_.load_relaxed(); }
    [[nodiscard]] std::size_t limit() const noexcept { return limit_.load_relaxed(); }
    void limit(std::size_t bytes) noexcept { limit_.store(bytes); }

    /// Takes `more` if the limit allows; nobody ever sees more taken than that.
    [[nodiscard]] bool admit(std::size_t more) noexcept {
        std::size_t now = used_.load();
        do {
            const std::size_t most = limit();
            if (more != 0 && (now > most || more > most - now)) return false;
        } while (!used_.compare_exchange_strong(now, now + more));
        return true;
    }
    /// Takes it whatever the limit: it is there already.
    void take(std::size_t more) noexcept { used_.fetch_add(more); }
    void give_back(std::size_t less) noexcept { used_.fetch_sub(less); }

  private:
    typename Concurrency::template atomic<std::size_t> used_{0};
    typename Concurrency::template atomic<std::size_t> limit_;
};

/// Locks for ranges of hashes: a writer of a key holds the key's stripe, so that nobody changes
/// what the key takes between the writer's look and its write. Several stripes are locked in
/// ascending order.
template <class Concurrency>
class stripes {
  public:
    using mask = std::uint64_t;
    /// Not 64: clang's thread sanitizer follows that many locks held by one thread, and the engine
    /// below has some, too.
    static constexpr unsigned count = Concurrency::threads ? 32 : 1;
    static constexpr mask all = (mask{1} << count) - 1;

    [[nodiscard]] static mask of(bytes_view key) noexcept {
        if constexpr (count == 1) return 1;
        else return mask{1} << (detail::hash_bytes(key, detail::hash_seed::from(0)) % count);
    }

    class [[nodiscard]] hold {
      public:
        hold(stripes& held, mask which) noexcept : held_{held}, which_{which} {
            for (mask left = which_; left != 0; left &= left - 1) at(left).lock();
        }
        ~hold() {
            for (mask left = which_; left != 0; left &= left - 1) at(left).unlock();
        }
        hold(const hold&) = delete;
        hold& operator=(const hold&) = delete;

      private:
        [[nodiscard]] auto& at(mask left) noexcept {
            return held_.places_[std::countr_zero(left)].mutex;
        }
        stripes& held_;
        mask which_;
    };

  private:
    struct alignas(Concurrency::threads ? 64 : alignof(typename Concurrency::mutex)) place {
        typename Concurrency::mutex mutex;
    };
    place places_[count];
};

} // namespace ashlar::inline v0_1::quota_parts
