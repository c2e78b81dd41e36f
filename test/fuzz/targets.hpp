// SPDX-License-Identifier: BSL-1.0
#pragma once

// What each fuzz target demands of any bytes: no crash, no read behind the end, an error or a value
// that can be stored again. A broken demand traps, so that a fuzzer and a replay both see it.

#include <ashlar/codec/cereal.hpp>
#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/namespaced.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/object_entry.hpp>
#include <ashlar/codec/reflected.hpp>
#include <ashlar/codec/tagged.hpp>
#include <ashlar/codec/text.hpp>
#include <ashlar/testing/codec_laws.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <array>
#include <cstdio>
#include <optional>

namespace fuzz {

inline void demand(bool holds, const char* law) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", law);
    __builtin_trap();
}

/// An error, or a value that re-encodes to the bytes that were taken.
template <class Codec, class T>
void canonical(ashlar::bytes_view bytes) {
    ashlar::byte_buffer again;
    ashlar::decoder<Codec, T> used;
    ashlar::testing::law::hostile_bytes<Codec, T>(bytes, used, again, true, demand);
}

/// An error, or a value that settles: stored and read again it is stored the same. For formats in
/// which two encodings may mean one value (maps with a key twice).
template <class Codec, class T>
void settling(ashlar::bytes_view bytes) {
    const ashlar::testing::law::exact_copy input{bytes};
    const auto value = ashlar::decode_all<Codec, T>(input.view());
    ashlar::byte_buffer once;
    ashlar::byte_buffer twice;
    if (!value || !ashlar::testing::law::encode<Codec>(*value, once, demand)) return;
    const auto back = ashlar::decode_all<Codec, T>(once.view());
    demand(back.has_value(), "what was stored again can be read");
    if (!back) return;
    demand(ashlar::testing::law::encode<Codec>(*back, twice, demand), "and stored once more");
    demand(once.view() == twice.view(), "to the same bytes");
}

/// Every kind of member, and a sequence of itself.
struct record {
    std::uint32_t id{};
    bool flag{};
    double number{};
    ashlar::decimal amount;
    std::array<std::uint16_t, 2> pair{};
    std::string text;
    std::vector<std::byte> blob;
    std::vector<std::int32_t> numbers;
    std::optional<std::string> note;
    std::vector<record> children;
};

struct archived {
    std::int32_t id{};
    bool flag{};
    std::string text;
    std::vector<std::string> names;
    std::map<std::string, std::vector<double>> table;
    std::optional<std::variant<int, std::string>> choice;
    std::vector<bool> bits;
    std::vector<archived> children;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(id, flag, text, names, table, choice, bits, children);
    }
};

struct event_key {
    std::string name;
    std::int64_t time;
    double weight;
};

inline void tagged(ashlar::bytes_view in) {
    canonical<ashlar::tagged::codec<ashlar::tagged_value>, ashlar::tagged_value>(in);
}
inline void reflected(ashlar::bytes_view in);
inline void cereal_value(ashlar::bytes_view in) {
    settling<ashlar::cereal_value<>::codec<archived>, archived>(in);
}
/// The input is the inner encoding too: behind its right sum, else no fuzzer would get past it.
inline void checksummed(ashlar::bytes_view in) {
    using codec = ashlar::checksummed<ashlar::tagged>::codec<ashlar::tagged_value>;
    canonical<codec, ashlar::tagged_value>(in);
    ashlar::byte_buffer summed;
    std::byte* const sum = summed.extend(4);
    if (sum == nullptr) return;
    ashlar::store_little(sum, ashlar::crc32c(in));
    if (ashlar::append(summed, in)) canonical<codec, ashlar::tagged_value>(summed.view());
}
inline void text(ashlar::bytes_view in) {
    canonical<ashlar::text::codec<std::string>, std::string>(in);
}
inline void composite(ashlar::bytes_view in);
inline void object_entry(ashlar::bytes_view in) {
    using key = ashlar::object_key<std::string>;
    canonical<ashlar::object_entry::codec<key>, key>(in);
}
inline void namespaced(ashlar::bytes_view in) {
    using key = ashlar::namespaced_key<std::string>;
    canonical<ashlar::namespaced<>::codec<key>, key>(in);
    canonical<ashlar::namespaced<ashlar::text>::codec<key>, key>(in);
}

} // namespace fuzz

BOOST_HANA_ADAPT_STRUCT(fuzz::record, id, flag, number, amount, pair, text, blob, numbers, note,
                        children);
BOOST_HANA_ADAPT_STRUCT(fuzz::event_key, name, time, weight);

namespace fuzz {
inline void reflected(ashlar::bytes_view in) {
    canonical<ashlar::reflected::codec<record>, record>(in);
}
inline void composite(ashlar::bytes_view in) {
    canonical<ashlar::composite::codec<event_key>, event_key>(in);
}
} // namespace fuzz
