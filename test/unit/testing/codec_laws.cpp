// SPDX-License-Identifier: BSL-1.0
#include "key_codec_tools.hpp"

#include <ashlar/testing/codec_laws.hpp>

// The laws must catch what they are there for: each codec below breaks one on purpose.

using namespace ashlar;
using namespace key_codec_tools;

namespace {

struct honest {
    static constexpr std::size_t extent = 2;
    static constexpr bool ordered = true;
    static constexpr bool self_delimiting = true;
    static result<std::size_t> size(std::uint16_t) noexcept { return extent; }
    static std::byte* encode(std::uint16_t value, std::byte* out) noexcept {
        store_big(out, value);
        return out + 2;
    }
    static result<std::uint16_t> decode_some(bytes_view& in) noexcept {
        if (in.size() < 2) return errc::corrupt;
        const auto value = load_big<std::uint16_t>(in.data());
        in = in.skip(2);
        return value;
    }
    static void describe(sentence&) noexcept {}
};

struct says_too_much : honest {
    static constexpr std::size_t extent = dynamic_extent;
    static result<std::size_t> size(std::uint16_t) noexcept { return 3u; }
};
struct writes_behind : honest {
    static std::byte* encode(std::uint16_t value, std::byte* out) noexcept {
        out[2] = std::byte{0};
        return honest::encode(value, out);
    }
};
struct wrong_extent : honest {
    static constexpr std::size_t extent = 4;
};
struct forgets : honest {
    static result<std::uint16_t> decode_some(bytes_view& in) noexcept {
        const result<std::uint16_t> value = honest::decode_some(in);
        if (!value) return value;
        return static_cast<std::uint16_t>(*value & 0xFF);
    }
};
struct takes_all : honest {
    static result<std::uint16_t> decode_some(bytes_view& in) noexcept {
        const result<std::uint16_t> value = honest::decode_some(in);
        in = in.skip(in.size());
        return value;
    }
};
struct takes_less : honest {
    static result<std::uint16_t> decode_some(bytes_view& in) noexcept {
        if (in.size() == 1) return static_cast<std::uint16_t>(in[0]);
        return honest::decode_some(in);
    }
};
struct little_endian : honest {
    static std::byte* encode(std::uint16_t value, std::byte* out) noexcept {
        store_little(out, value);
        return out + 2;
    }
    static result<std::uint16_t> decode_some(bytes_view& in) noexcept {
        if (in.size() < 2) return errc::corrupt;
        const auto value = load_little<std::uint16_t>(in.data());
        in = in.skip(2);
        return value;
    }
};
struct loses_bits : honest {
    static std::byte* encode(std::uint16_t value, std::byte* out) noexcept {
        return honest::encode(static_cast<std::uint16_t>(value | 1), out);
    }
};
/// Unary: n times 01. Round trips alone, but each encoding begins the next.
struct unary : honest {
    static constexpr std::size_t extent = dynamic_extent;
    static result<std::size_t> size(std::uint16_t value) noexcept { return std::size_t{value}; }
    static std::byte* encode(std::uint16_t value, std::byte* out) noexcept {
        for (; value != 0; --value) *out++ = std::byte{1};
        return out;
    }
    static result<std::uint16_t> decode_some(bytes_view& in) noexcept {
        std::uint16_t n = 0;
        for (; !in.empty() && in[0] == std::byte{1}; in = in.skip(1)) ++n;
        return n;
    }
};
/// The group is the high byte, and its own row looks like the key that ends in 07.
struct grouped_badly : honest {
    static result<std::size_t> prefix_size(bytes_view key) noexcept {
        if (key.empty()) return errc::corrupt;
        return 1u;
    }
    static constexpr std::byte row[1] = {std::byte{7}};
    static constexpr bytes_view group_row{row, 1};
};
/// One value, many encodings: the upper bit of the first byte is not looked at.
struct not_canonical : honest {
    static result<std::uint16_t> decode_some(bytes_view& in) noexcept {
        const result<std::uint16_t> value = honest::decode_some(in);
        if (!value) return value;
        return static_cast<std::uint16_t>(*value & 0x7FFF);
    }
};

struct small_number {
    std::uint16_t operator()(testing::random_source& random) const {
        return static_cast<std::uint16_t>(random.below(600));
    }
};

template <class Codec>
law_report report_on() {
    law_report report;
    testing::check_codec_laws<Codec>(small_number{}, report, {.rounds = 300});
    testing::check_key_pair_laws<Codec>(small_number{}, report, {.rounds = 3000});
    return report;
}

} // namespace

TEST_CASE("codec laws: an honest codec breaks none") { report_on<honest>().verdict(3300, 3300); }

TEST_CASE("codec laws: each planted fault is found by its law") {
    CHECK(report_on<says_too_much>().broke("encode writes exactly size() bytes"));
    CHECK(report_on<writes_behind>().broke("encode writes nothing behind its end"));
    CHECK(report_on<wrong_extent>().broke("size() is the extent"));
    CHECK(report_on<forgets>().broke("decode(encode(x)) == x"));
    CHECK(report_on<takes_all>().broke("decode_some stops at the encoding's end"));
    CHECK(report_on<takes_less>().broke("a truncated encoding is an error"));
    CHECK(report_on<little_endian>().broke("order(x, y) == order(bytes)"));
    CHECK(report_on<little_endian>().broke("order(y, x) == order(bytes)"));
    CHECK(report_on<loses_bits>().broke("keys are equal exactly when their bytes are"));
    CHECK(report_on<unary>().broke("no encoding begins another"));
    CHECK(report_on<grouped_badly>().broke("no key equals its group's own row"));
    CHECK(report_on<not_canonical>().broke("what decodes re-encodes to its bytes"));
}

TEST_CASE("random_source: the same seed gives the same numbers, on every machine") {
    testing::random_source one{1};
    testing::random_source again{1};
    testing::random_source other{2};
    const std::uint64_t first = one.next();
    CHECK(first == again.next());
    CHECK(first != other.next());
    std::size_t counts[8] = {};
    for (int i = 0; i < 8000; ++i) ++counts[one.below(8)];
    for (const std::size_t count : counts) {
        CHECK(count > 850);
        CHECK(count < 1150);
    }
}
