// SPDX-License-Identifier: BSL-1.0
#pragma once

// Key codecs whose keys have a fixed length, or are taken from texts by a rule.

#include "targets.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/packed.hpp>
#include <ashlar/codec/slot.hpp>

#include <string>
#include <utility>

namespace fuzz {

inline void plain_keys(ashlar::bytes_view in) {
    canonical<ashlar::big_endian::codec<std::uint64_t>, std::uint64_t>(in);
    canonical<ashlar::big_endian::codec<std::int16_t>, std::int16_t>(in);
    canonical<ashlar::native_key::codec<std::uint32_t>, std::uint32_t>(in);
    canonical<ashlar::native_key::codec<std::string>, std::string>(in);
    using pair = std::pair<std::uint32_t, std::uint32_t>;
    canonical<ashlar::packed<20, 12>::codec<pair>, pair>(in);
    canonical<ashlar::slot<16, ashlar::big_endian>::codec<std::uint64_t>, std::uint64_t>(in);
    canonical<ashlar::slot<1024, ashlar::text>::codec<std::string>, std::string>(in);
    using identifiers = ashlar::normalized<ashlar::native_key, ashlar::identifier_rule<>>;
    settling<identifiers::codec<std::string>, std::string>(in);
    using paths = ashlar::normalized<ashlar::text, ashlar::path_rule<>>;
    settling<paths::codec<std::string>, std::string>(in);
    using texts = ashlar::normalized<ashlar::text, ashlar::utf8_rule<>>;
    settling<texts::codec<std::string>, std::string>(in);
}

} // namespace fuzz
