// SPDX-License-Identifier: BSL-1.0
/// @file Defines checksummed<Inner>: a value codec whose bytes carry a CRC-32C of themselves.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/format/crc32c.hpp>

namespace ashlar::inline v0_1 {

/// Value codec: the encoding of Inner behind its CRC-32C (4 bytes, little-endian).
///
/// The checksum is verified before Inner sees a byte, so altered bytes are `checksum_mismatch`
/// and never reach a parser; fewer than 4 bytes are `corrupt`. Every change within 32 adjacent bits
/// is found for certain, any other with probability 1 - 2^-32; it is no protection against intent.
/// Like `raw` it takes all bytes that are left: it is the outermost codec of a value.
/// Cost: one pass over the encoding, both ways (docs/decisions/0010-crc32c.md has the figures).
template <class Inner>
struct checksummed {
    static_assert(on_axis<Inner, value_codec_axis>,
                  "ashlar: checksummed<Inner> wraps a value codec and Inner is none; "
                  "name one, e.g. checksummed<raw>");
    using axis = value_codec_axis;

    template <class Value>
        requires value_codec_policy<Inner, Value>
    struct codec {
        using inner = typename Inner::template codec<Value>;
        static constexpr std::size_t sum_size = 4;
        static constexpr std::size_t extent =
            inner::extent == dynamic_extent ? dynamic_extent : inner::extent + sum_size;

        [[nodiscard]] static result<std::size_t> size(const Value& value) noexcept {
            const result<std::size_t> plain = inner::size(value);
            if (!plain) return plain.error();
            if (*plain > dynamic_extent - 1 - sum_size) return errc::value_too_long;
            return *plain + sum_size;
        }
        [[nodiscard]] static std::byte* encode(const Value& value, std::byte* out) noexcept {
            std::byte* begin = out + sum_size;
            std::byte* end = inner::encode(value, begin);
            store_little(out, crc32c({begin, static_cast<std::size_t>(end - begin)}));
            return end;
        }
        [[nodiscard]] static result<Value> decode_some(bytes_view& in) {
            if (in.size() < sum_size) return errc::corrupt;
            const auto sum = load_little<std::uint32_t>(in.data());
            const bytes_view plain = in.skip(sum_size);
            if (crc32c(plain) != sum) return errc::checksum_mismatch;
            in = in.skip(in.size());
            return decode_all<inner, Value>(plain);
        }
        static void describe(sentence& out) noexcept {
            out << "checksummed(crc32c,";
            inner::describe(out);
            out << ")";
        }
    };
};

} // namespace ashlar::inline v0_1
