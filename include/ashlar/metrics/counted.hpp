// SPDX-License-Identifier: BSL-1.0
/// @file Defines counted: what is done with a store is counted.
#pragma once

#include <ashlar/metrics/concept.hpp>
#include <ashlar/metrics/counted/layer.hpp>

namespace ashlar::inline v0_1 {

/// Counts a store's verbs by result, bytes read and written, and how long one call in
/// `TimedEvery` took (0: none is timed; nothing is where the environment has no clock). Nothing of
/// it is on disk. A call costs two relaxed additions in a cell that few threads share, and what is
/// timed two looks at the clock. docs/policies/counted.md says the rest.
template <std::size_t TimedEvery = 64>
struct counted {
    using axis = metrics_axis;
    static constexpr row_fields fields{};
    static constexpr void describe(sentence&) noexcept {}

    template <class Next, class KeyCodec, class Environment, class Concurrency>
    using layer_in = counting_layer<Next, TimedEvery, Environment, Concurrency>;
};
static_assert(metrics_policy<counted<>>);

} // namespace ashlar::inline v0_1
