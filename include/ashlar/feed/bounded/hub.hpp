// SPDX-License-Identifier: BSL-1.0
/// @file Defines the hub between commits and subscribers: bounded queues that drop and count.
#pragma once

#include <ashlar/concurrency/concept.hpp>
#include <ashlar/feed/bounded/event.hpp>
#include <ashlar/guarded.hpp>
#include <ashlar/row.hpp>

#include <deque>
#include <memory>

namespace ashlar::inline v0_1::bounded_parts {

/// One subscriber's queue. What does not fit is dropped and counted; writers never wait for a
/// reader. One reader at a time.
template <class Concurrency>
class queue {
  public:
    explicit queue(std::size_t bound) noexcept : bound_{bound} {}

    void add(const record& event) noexcept {
        const guard hold{mutex_};
        const std::uint64_t number = ++last_number_;
        bool kept = false;
        if (waiting_.size() < bound_)
            kept = guarded(errc::out_of_memory, [&]() -> result<void> {
                       waiting_.push_back(event);
                       waiting_.back().number = number;
                       return {};
                   }).has_value();
        if (!kept) ++dropped_;
    }
    /// The oldest event, or none.
    [[nodiscard]] bool take(record& to) noexcept {
        const guard hold{mutex_};
        if (waiting_.empty()) return false;
        to = std::move(waiting_.front());
        waiting_.pop_front();
        return true;
    }
    [[nodiscard]] std::uint64_t dropped() const noexcept {
        const guard hold{mutex_};
        return dropped_;
    }
    [[nodiscard]] std::size_t waiting() const noexcept {
        const guard hold{mutex_};
        return waiting_.size();
    }

  private:
    mutable typename Concurrency::mutex mutex_;
    std::deque<record> waiting_;
    std::size_t bound_;
    std::uint64_t last_number_ = 0;
    std::uint64_t dropped_ = 0;
};

/// Hands each event to every subscriber in one order. Without subscribers a commit costs the
/// reading of one word.
template <class Concurrency>
class hub {
  public:
    using queue_type = queue<Concurrency>;

    [[nodiscard]] bool is_heard() const noexcept { return count_.load_relaxed() != 0; }
    /// Events of one commit follow each other without others between them.
    template <class Emit>
    void publish(Emit emit) noexcept {
        const guard hold{mutex_};
        emit([&](const record& event) {
            for (const auto& each : queues_) each->add(event);
        });
    }
    [[nodiscard]] result<std::shared_ptr<queue_type>> subscribe(std::size_t bound) {
        const guard hold{mutex_};
        return guarded(errc::out_of_memory, [&]() -> result<std::shared_ptr<queue_type>> {
            auto fresh = std::make_shared<queue_type>(bound);
            queues_.push_back(fresh);
            count_.store(queues_.size());
            return fresh;
        });
    }
    void unsubscribe(const queue_type* gone) noexcept {
        const guard hold{mutex_};
        std::erase_if(queues_, [&](const auto& each) { return each.get() == gone; });
        count_.store(queues_.size());
    }

  private:
    typename Concurrency::mutex mutex_;
    std::vector<std::shared_ptr<queue_type>> queues_;
    typename Concurrency::template atomic<std::size_t> count_{0};
};

} // namespace ashlar::inline v0_1::bounded_parts
