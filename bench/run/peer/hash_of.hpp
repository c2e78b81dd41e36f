// SPDX-License-Identifier: BSL-1.0
/// @file Defines the hash that all maps use here: the store's own, so that nobody wins or loses by
/// another's choice.
#pragma once

#include <ashlar/bytes.hpp>
#include <ashlar/detail/hash.hpp>

#include <cstdint>
#include <string>

namespace bench {

struct hash_of {
    using is_avalanching = void; // boost: needs no mixing of its own
    std::size_t operator()(std::uint64_t key) const noexcept {
        return ashlar::detail::hash_word(key, {});
    }
    std::size_t operator()(const std::string& key) const noexcept {
        return ashlar::detail::hash_bytes(ashlar::bytes_view{key}, {});
    }
};

} // namespace bench
