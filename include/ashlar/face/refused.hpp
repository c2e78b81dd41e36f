// SPDX-License-Identifier: BSL-1.0
/// @file Defines what an illegal composition is made of, so that its sentence stands alone.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::face {

/// Types that basic_store can be declared with after its verdict was spoken; nothing of it runs.
struct refused_parts {
    struct key_codec {
        static constexpr std::size_t extent = dynamic_extent;
        static constexpr bool ordered = false;
    };
    using value_codec = key_codec;
    using row = row_layout<dynamic_extent, dynamic_extent, row_fields{}>;
    struct stack {
        using row = refused_parts::row;
        struct position {};
    };
    using backend_engine = stack;
    struct row_decoder {};
    using one_sink = byte_buffer;
};

} // namespace ashlar::inline v0_1::face
