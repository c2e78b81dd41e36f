// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer that tells subscribers of every commit.
#pragma once

#include <ashlar/feed/bounded/hook.hpp>
#include <ashlar/forwarding.hpp>

namespace ashlar::inline v0_1 {

/// An engine whose commits are events. Told at the commit point, under the locks of the changed
/// rows: the events of one key come in the order of its changes. Thread-safe as Next is.
template <engine Next, class KeyCodec, class Concurrency, std::size_t FanOut, std::size_t Sample>
class telling_layer
    : public forwarding<telling_layer<Next, KeyCodec, Concurrency, FanOut, Sample>, Next,
                        forwards::reads, forwards::walks, forwards::sizes, forwards::upkeep> {
    using events = bounded_parts::commit_events<typename Next::row, KeyCodec, FanOut, Sample>;

  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;
    using hub_type = bounded_parts::hub<Concurrency>;

    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, telling_layer>)
    explicit telling_layer(Inner&& inner)
        : next_{std::forward<Inner>(inner)}, hub_{std::make_shared<hub_type>()} {}

    [[nodiscard]] const std::shared_ptr<hub_type>& hub() const noexcept { return hub_; }

    // --- what it tells ---------------------------------------------------------------------------

    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(Batch&& batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        return next_.apply(batch, tell(hook), on_conflict);
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        return next_.put(key, bytes, tell(hook));
    }
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        return next_.erase(key, tell(hook));
    }
    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        return next_.update(key, capacity, f, tell(hook));
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        const auto done = next_.apply_at(seq, operations);
        if (done && hub_->is_heard()) events::publish(*hub_, seq, operations);
        return done;
    }

    /// For the verbs that only one layer has, such as a checkpoint's.
    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    template <class Hook>
    [[nodiscard]] auto tell(Hook& hook) noexcept {
        return bounded_parts::telling_hook<events, hub_type, Hook>{*hub_, hook};
    }

    [[no_unique_address]] Next next_;
    std::shared_ptr<hub_type> hub_;
};

} // namespace ashlar::inline v0_1
