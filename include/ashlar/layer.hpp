// SPDX-License-Identifier: BSL-1.0
/// @file Defines what the policies between face and backend have in common: fields, layer, format.
#pragma once

#include <ashlar/axis.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by policies that may put a layer over an engine:
///
///   fields                    the header fields its rows need
///   layer<Next, KeyCodec>     an engine over the engine Next, made as `layer{Next&&}`;
///                             null models answer Next itself, so that nothing of them remains
///   describe(text)            appends the format's explicit id, or nothing when no byte is changed
template <class P>
concept layer_policy = policy<P> && requires(sentence& text) {
    { P::fields } -> std::convertible_to<row_fields>;
    P::describe(text);
};

/// Policies that tell the time or count from several threads say, in place of `layer`,
///   layer_in<Next, KeyCodec, Environment, Concurrency>
/// and are made the same way; the layer makes the environment's handle by itself.
template <class P, class Next, class KeyCodec, class Environment, class Concurrency>
struct layer_over {
    using type = typename P::template layer<Next, KeyCodec>;
};
template <class P, class Next, class KeyCodec, class Environment, class Concurrency>
    requires requires { typename P::template layer_in<Next, KeyCodec, Environment, Concurrency>; }
struct layer_over<P, Next, KeyCodec, Environment, Concurrency> {
    using type = typename P::template layer_in<Next, KeyCodec, Environment, Concurrency>;
};

/// The null model of an axis: no field, no layer, no format.
struct null_layer {
    static constexpr row_fields fields{};
    template <class Next, class>
    using layer = Next;
    static constexpr void describe(sentence&) noexcept {}
};

} // namespace ashlar::inline v0_1
