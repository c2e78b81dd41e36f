// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/toy_backend.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <string>
#include <utility>

// The stores that the tests of face and versioning share.
namespace ashlar_test {

using ashlar::errc;

template <class Backend, class... Policies>
using text_counters =
    ashlar::store<std::string, std::int64_t, Backend, toy_environment, Policies...>;
template <class Backend, class... Policies>
using texts = ashlar::store<std::string, std::string, Backend, toy_environment, Policies...>;

/// An entry of a group: the first component names the group.
using entry_key = std::pair<std::string, std::string>;
using by_group = ashlar::shared_version<ashlar::by_prefix>;
template <class Backend, class Value = std::string>
using grouped =
    ashlar::store<entry_key, Value, ashlar::composite, by_group, Backend, toy_environment>;

/// Text in which one byte is no value: what a damaged disk might hold behind a good checksum.
struct text_without_ff {
    using axis = ashlar::value_codec_axis;
    template <class Value>
    struct codec : ashlar::native_value::codec<Value> {
        using plain = ashlar::native_value::codec<Value>;
        [[nodiscard]] static ashlar::result<Value> decode_some(ashlar::bytes_view& in) noexcept {
            for (const std::byte byte : in)
                if (byte == std::byte{0xFF}) return errc::corrupt;
            return plain::decode_some(in);
        }
    };
};
/// Puts such a byte under a key, below the face.
template <class Store>
void damage(Store& store, const char* key) {
    ashlar::write_batch raw;
    raw.put(ashlar::bytes_view{ashlar::text_view{key}},
            std::string(Store::row::header_size, '\0') + "\xFF");
    if (!store.stack().apply(raw)) __builtin_trap();
}

template <class Store>
[[nodiscard]] Store opened() {
    auto store = Store::open();
    if (!store) __builtin_trap();
    return *std::move(store);
}

} // namespace ashlar_test
