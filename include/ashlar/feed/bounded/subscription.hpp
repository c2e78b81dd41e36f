// SPDX-License-Identifier: BSL-1.0
/// @file Defines a subscription: where one listener's events wait.
#pragma once

#include <ashlar/feed/bounded/hub.hpp>

namespace ashlar::inline v0_1 {

/// What `ashlar::subscribe(store)` answers. Movable; ends with its destruction; may outlive the
/// store, when nothing comes any more. Reading is for one thread at a time.
template <class Store, class Hub>
class subscription {
    using queue_type = typename Hub::queue_type;

  public:
    using event_type = event<typename Store::key_codec, typename Store::key_type>;

    [[nodiscard]] static result<subscription> to(const std::shared_ptr<Hub>& hub,
                                                 std::size_t bound) {
        auto fresh = hub->subscribe(bound);
        if (!fresh) return fresh.error();
        return subscription{hub, std::move(*fresh)};
    }
    subscription(subscription&&) noexcept = default;
    subscription& operator=(subscription&& other) noexcept {
        if (this == &other) return *this;
        end();
        hub_ = std::move(other.hub_);
        queue_ = std::move(other.queue_);
        return *this;
    }
    ~subscription() { end(); }

    /// visit(const event_type&) for up to `most` events, the oldest first; answers how many. Never
    /// waits. The visitor may call the store; what it causes comes behind what waits already.
    template <class Visit>
    std::size_t poll(Visit&& visit, std::size_t most = static_cast<std::size_t>(-1)) {
        std::size_t seen = 0;
        for (bounded_parts::record next; seen < most && queue_->take(next); ++seen)
            visit(event_type{next});
        return seen;
    }
    /// Events that found the queue full, or no memory.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return queue_->dropped(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return queue_->waiting(); }

  private:
    subscription(const std::shared_ptr<Hub>& hub, std::shared_ptr<queue_type>&& queue) noexcept
        : hub_{hub}, queue_{std::move(queue)} {}
    void end() noexcept {
        if (queue_ != nullptr) hub_->unsubscribe(queue_.get());
    }

    std::shared_ptr<Hub> hub_;
    std::shared_ptr<queue_type> queue_;
};

} // namespace ashlar::inline v0_1
