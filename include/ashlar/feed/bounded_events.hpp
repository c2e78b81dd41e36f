// SPDX-License-Identifier: BSL-1.0
/// @file Defines bounded_events: subscribers hear of changes as long as they keep up.
#pragma once

#include <ashlar/feed/bounded/layer.hpp>
#include <ashlar/feed/bounded/subscription.hpp>
#include <ashlar/feed/concept.hpp>

namespace ashlar::inline v0_1 {

/// Tells subscribers of every commit, at most once (systems rows O-V1 to O-V4): each has a queue
/// of `Bound` events; what does not fit is dropped and counted, and no writer ever waits. A batch
/// makes at most `FanOut` events and then one summary, with up to `Sample` of the keys that got
/// none. Nothing is kept over a restart. Sweeps and evictions are changes like others. Costs a word
/// per commit while nobody listens.
///
///   auto events = ashlar::subscribe(db);
///   events->poll([](const auto& e) { ... e.key(), e.kind(), e.version() ... });
template <std::size_t Bound = 1024, std::size_t FanOut = 256, std::size_t Sample = 32>
struct bounded_events {
    static_assert(Bound >= 1 && FanOut >= 1,
                  "ashlar: bounded_events needs room for one event at least, in the queue and in "
                  "a batch; let both be 1 or more");
    using axis = feed_axis;
    static constexpr row_fields fields{};
    static constexpr std::size_t bound = Bound;
    static constexpr void describe(sentence&) noexcept {}

    template <class Next, class KeyCodec, class, class Concurrency>
    using layer_in = telling_layer<Next, KeyCodec, Concurrency, FanOut, Sample>;
};
static_assert(feed_policy<bounded_events<>>);

namespace bounded_parts {

template <class Stack>
concept telling = requires(Stack& stack) { stack.hub()->is_heard(); };

template <class Stack>
[[nodiscard]] auto& telling_in(Stack& stack) noexcept {
    if constexpr (telling<Stack>) return stack;
    else return telling_in(stack.below());
}

} // namespace bounded_parts

/// Begins to listen: to commits that begin after it returns, and to some that begin before.
/// Errors: out_of_memory.
template <class Store>
[[nodiscard]] auto subscribe(Store& store) {
    using feed = typename Store::composition::feed;
    static_assert(
        requires { feed::bound; },
        "ashlar: this store tells nobody of its changes; add ashlar::bounded_events<>");
    if constexpr (requires { feed::bound; }) {
        auto& layer = bounded_parts::telling_in(store.stack());
        using hub = typename std::remove_reference_t<decltype(layer)>::hub_type;
        return subscription<Store, hub>::to(layer.hub(), feed::bound);
    }
}

} // namespace ashlar::inline v0_1
