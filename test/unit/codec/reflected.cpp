// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana
#include "value_codec_tools.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/reflected.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/define_struct.hpp>

#include <array>
#include <limits>
#include <optional>
#include <stdexcept>

using namespace value_codec_tools;
using ashlar::decimal;
using ashlar::errc;
using ashlar::reflected;

namespace shop {

enum class state : std::uint8_t { open = 1, paid = 2 };

/// Every fixed kind, with padding in memory and none in the encoding.
struct order {
    std::uint64_t id;
    bool urgent;
    std::int32_t delta;
    state now;
    float weight;
    double price;
    std::array<std::uint16_t, 3> lots;
    char code[4];
    decimal paid;
};

struct line {
    std::string name;
    std::uint16_t count;
    bool operator==(const line&) const = default;
};

/// Every dynamic kind.
struct basket {
    std::string owner;
    std::vector<std::byte> token;
    std::vector<std::int32_t> marks;
    std::vector<line> lines;
    std::optional<line> gift;
    std::optional<std::uint8_t> rank;
    std::array<std::string, 2> notes;
    std::vector<bool> flags;
    line last;
    bool operator==(const basket&) const = default;
};

struct tree {
    std::uint8_t label{};
    std::vector<tree> children;
};

struct account_v1 {
    std::uint32_t cents;
};
struct account_v2 {
    std::uint64_t cents;
    std::string owner;
};
struct account {
    std::int64_t micros;
    std::string owner;
    bool closed;
};

struct nothing {};
struct memory_image {
    std::uint64_t a;
    double b;
    std::uint32_t c;
    std::uint32_t d;
};
struct with_pointer {
    int* p;
};
struct with_view {
    ashlar::bytes_view v;
};
struct with_long_double {
    long double x;
};
struct not_adapted {
    int x;
};

/// As wide before as after: rows of both versions fit one slot.
struct sensor_v1 {
    std::uint32_t raw;
};
struct sensor {
    float value;
};

} // namespace shop

BOOST_HANA_ADAPT_STRUCT(shop::order, id, urgent, delta, now, weight, price, lots, code, paid);
BOOST_HANA_ADAPT_STRUCT(shop::line, name, count);
BOOST_HANA_ADAPT_STRUCT(shop::basket, owner, token, marks, lines, gift, rank, notes, flags, last);
BOOST_HANA_ADAPT_STRUCT(shop::tree, label, children);
BOOST_HANA_ADAPT_STRUCT(shop::account_v1, cents);
BOOST_HANA_ADAPT_STRUCT(shop::account_v2, cents, owner);
BOOST_HANA_ADAPT_STRUCT(shop::account, micros, owner, closed);
BOOST_HANA_ADAPT_STRUCT(shop::nothing);
BOOST_HANA_ADAPT_STRUCT(shop::memory_image, a, b, c, d);
BOOST_HANA_ADAPT_STRUCT(shop::with_pointer, p);
BOOST_HANA_ADAPT_STRUCT(shop::with_view, v);
BOOST_HANA_ADAPT_STRUCT(shop::with_long_double, x);
BOOST_HANA_ADAPT_STRUCT(shop::sensor_v1, raw);
BOOST_HANA_ADAPT_STRUCT(shop::sensor, value);

template <>
inline constexpr std::uint16_t ashlar::record_version<shop::account_v2> = 2;
template <>
inline constexpr std::uint16_t ashlar::record_version<shop::account> = 5;
template <>
inline constexpr std::uint16_t ashlar::record_version<shop::sensor> = 2;
template <>
struct ashlar::older_record<shop::account_v2> {
    using type = shop::account_v1;
    static shop::account_v2 migrate(shop::account_v1&& old) { return {old.cents, "unknown"}; }
};
template <>
struct ashlar::older_record<shop::account> {
    using type = shop::account_v2;
    static shop::account migrate(shop::account_v2&& old) {
        if (old.cents > 1'000'000'000'000) throw std::range_error("too rich");
        return {static_cast<std::int64_t>(old.cents) * 10000, std::move(old.owner), false};
    }
};
template <>
struct ashlar::older_record<shop::sensor> {
    using type = shop::sensor_v1;
    static shop::sensor migrate(shop::sensor_v1&& old) noexcept {
        return {static_cast<float>(old.raw) / 100};
    }
};

template <class T>
using codec = reflected::codec<T>;

static_assert(ashlar::value_codec_policy<reflected, shop::order>);
static_assert(ashlar::value_codec_policy<reflected, shop::basket>);
static_assert(ashlar::value_codec_policy<reflected, shop::tree>);
static_assert(ashlar::value_codec_policy<ashlar::checksummed<reflected>, shop::basket>);
static_assert(codec<shop::order>::extent == 2 + 8 + 1 + 4 + 1 + 4 + 8 + 6 + 4 + 14);
static_assert(codec<shop::memory_image>::extent == 2 + sizeof(shop::memory_image));
static_assert(codec<shop::basket>::extent == ashlar::dynamic_extent);
static_assert(codec<shop::nothing>::extent == 2);
static_assert(codec<shop::sensor>::extent == 6);
static_assert(codec<shop::account_v2>::extent == ashlar::dynamic_extent);
static_assert(!ashlar::reflected_record<shop::with_pointer>);
static_assert(!ashlar::reflected_record<shop::with_view>);
static_assert(!ashlar::reflected_record<shop::with_long_double>);
static_assert(!ashlar::reflected_record<shop::not_adapted>);
static_assert(!ashlar::reflected_record<int>);

namespace {
const shop::order an_order{0x0102030405060708,
                           true,
                           -2,
                           shop::state::paid,
                           1.5F,
                           -0.25,
                           {{1, 2, 0xABCD}},
                           {'E', 'U', 'R', '\0'},
                           *decimal::parse("-12.345")};
const char* const an_order_hex = "0100"             // version
                                 "0807060504030201" // id
                                 "01"               // urgent
                                 "feffffff"         // delta
                                 "02"               // now
                                 "0000c03f"         // weight
                                 "000000000000d0bf" // price
                                 "01000200cdab"     // lots
                                 "45555200"         // code
                                 "0301393000000000000000000000";

shop::basket a_basket() {
    return {"Ada",
            unhex("00ff"),
            {-1, 7},
            {{"nut", 3}, {"", 65535}},
            shop::line{"bow", 1},
            std::nullopt,
            {{"x", std::string("\0", 1)}},
            {true, false},
            {"end", 0}};
}
const char* const a_basket_hex = "0100" // version
                                 "03000000"
                                 "416461" // owner
                                 "02000000"
                                 "00ff" // token
                                 "02000000"
                                 "ffffffff"
                                 "07000000" // marks
                                 "02000000"
                                 "03000000"
                                 "6e7574"
                                 "0300" // lines
                                 "00000000"
                                 "ffff" //
                                 "01"
                                 "03000000"
                                 "626f77"
                                 "0100" // gift
                                 "00"   // rank
                                 "01000000"
                                 "78"
                                 "01000000"
                                 "00" // notes
                                 "02000000"
                                 "0100" // flags
                                 "03000000"
                                 "656e64"
                                 "0000"; // last
} // namespace

TEST_CASE("reflected has golden encodings of fixed structs") {
    CHECK(encoded_hex<codec<shop::order>>(an_order) == an_order_hex);
    const auto back = decoded<codec<shop::order>, shop::order>(unhex(an_order_hex));
    REQUIRE(back.has_value());
    CHECK(back->id == an_order.id);
    CHECK(back->urgent);
    CHECK(back->delta == -2);
    CHECK(back->now == shop::state::paid);
    CHECK(back->weight == 1.5F);
    CHECK(back->price == -0.25);
    CHECK(back->lots == an_order.lots);
    CHECK(std::string(back->code) == "EUR");
    CHECK(identical(back->paid, an_order.paid));
    CHECK(encoded_hex<codec<shop::nothing>>(shop::nothing{}) == "0100");
}

TEST_CASE("reflected has golden encodings of dynamic structs") {
    CHECK(encoded_hex<codec<shop::basket>>(a_basket()) == a_basket_hex);
    const auto back = decoded<codec<shop::basket>, shop::basket>(unhex(a_basket_hex));
    REQUIRE(back.has_value());
    CHECK(*back == a_basket());
    CHECK(*decoded<codec<shop::basket>, shop::basket>(
              encoded<codec<shop::basket>>(shop::basket{})) == shop::basket{});
}

TEST_CASE("reflected decodes into a value that is there, and uses its memory again") {
    const auto into = [](shop::basket& to, const byte_string& bytes) {
        ashlar::bytes_view in{bytes.data(), bytes.size()};
        const auto done = codec<shop::basket>::decode_into(to, in);
        CHECK((!done || in.empty()));
        return done.error().code;
    };
    const byte_string bytes = unhex(a_basket_hex);
    shop::basket to;
    to.owner = std::string(100, 'o');
    to.marks.assign(9, 9);
    to.lines.resize(9);
    to.rank = std::uint8_t{1};
    const char* owner = to.owner.data();
    const std::int32_t* marks = to.marks.data();
    const shop::line* lines = to.lines.data();
    REQUIRE(into(to, bytes) == errc::ok);
    CHECK(to == a_basket());
    CHECK((to.owner.data() == owner && to.marks.data() == marks && to.lines.data() == lines));
    for (std::size_t n = 0; n < bytes.size(); ++n)
        CHECK(into(to, byte_string(bytes.begin(), bytes.begin() + static_cast<long>(n))) ==
              errc::corrupt);
    REQUIRE(into(to, bytes) == errc::ok); // what an error left is no hindrance
    CHECK(to == a_basket());

    ashlar::bytes_view in;
    const byte_string v1 = encoded<codec<shop::account_v1>>(shop::account_v1{250});
    shop::account migrated{};
    in = {v1.data(), v1.size()};
    REQUIRE(codec<shop::account>::decode_into(migrated, in).has_value());
    CHECK((migrated.micros == 2500000 && in.empty()));
    const byte_string order = unhex(an_order_hex);
    shop::order fixed{};
    in = {order.data(), order.size() - 1};
    CHECK(codec<shop::order>::decode_into(fixed, in).error().code == errc::corrupt);
    in = {order.data(), order.size()};
    REQUIRE(codec<shop::order>::decode_into(fixed, in).has_value());
    CHECK(fixed.delta == -2);
}

TEST_CASE("a store of reflected values decodes into what get is given") {
    ashlar::store<std::uint32_t, shop::line, reflected, ashlar::hash_map<>, ashlar::single> db;
    REQUIRE(db.put(1, {"nut", 3}));
    shop::line out{std::string(100, 'x'), 9};
    const char* memory = out.name.data();
    CHECK_FALSE(db.get(2, out).value_or(true));
    CHECK(out == shop::line{std::string(100, 'x'), 9});
    CHECK(db.get(1, out).value_or(false));
    CHECK(out == shop::line{"nut", 3});
    CHECK(out.name.data() == memory);
}

TEST_CASE("reflected refuses every truncation and every addition") {
    check_truncations<codec<shop::order>, shop::order>(unhex(an_order_hex));
    check_truncations<codec<shop::basket>, shop::basket>(unhex(a_basket_hex));
    CHECK(decode_error<codec<shop::order>, shop::order>(unhex(std::string(an_order_hex) + "00")) ==
          errc::corrupt);
    CHECK(decode_error<codec<shop::basket>, shop::basket>(
              unhex(std::string(a_basket_hex) + "00")) == errc::corrupt);
}

TEST_CASE("reflected has one encoding for one value") {
    check_flips_are_canonical<codec<shop::order>, shop::order>(unhex(an_order_hex));
    check_flips_are_canonical<codec<shop::basket>, shop::basket>(unhex(a_basket_hex));
}

TEST_CASE("reflected refuses a bool, an option and a decimal that no value has") {
    byte_string bytes = unhex(an_order_hex);
    bytes[10] = std::byte{2}; // urgent
    CHECK(decode_error<codec<shop::order>, shop::order>(bytes) == errc::corrupt);
    bytes = unhex(an_order_hex);
    bytes[38] = std::byte{29}; // the scale of paid
    CHECK(decode_error<codec<shop::order>, shop::order>(bytes) == errc::corrupt);
    bytes = encoded<codec<shop::basket>>(shop::basket{});
    bytes[2 + 4 * 4] = std::byte{2}; // gift
    CHECK(decode_error<codec<shop::basket>, shop::basket>(bytes) == errc::corrupt);
}

TEST_CASE("reflected holds every length against the bytes left") {
    const byte_string empty = encoded<codec<shop::basket>>(shop::basket{});
    // owner, token, marks, lines, then (behind the two options) notes and flags
    for (const std::size_t at : {2U, 6U, 10U, 14U, 20U, 24U, 28U}) {
        for (const char* length : {"ffffffff", "00000080", "40000000"}) {
            byte_string bytes = empty;
            const byte_string mark = unhex(length);
            for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = mark[i];
            CAPTURE(at, length);
            CHECK(decode_error<codec<shop::basket>, shop::basket>(bytes) == errc::corrupt);
        }
    }
}

TEST_CASE("reflected keeps floats bit by bit") {
    shop::memory_image image{0, std::numeric_limits<double>::quiet_NaN(), 1, 2};
    const byte_string nan = encoded<codec<shop::memory_image>>(image);
    CHECK(hex(nan).substr(20, 16) == "000000000000f87f");
    image.b = -0.0;
    CHECK(encoded_hex<codec<shop::memory_image>>(image).substr(20, 16) == "0000000000000080");
}

TEST_CASE("reflected reads older versions through their migrations (X3-B)") {
    const byte_string v1 = encoded<codec<shop::account_v1>>(shop::account_v1{250});
    const byte_string v2 = encoded<codec<shop::account_v2>>(shop::account_v2{99, "Eva"});
    const byte_string v5 = encoded<codec<shop::account>>(shop::account{-1, "Ida", true});
    CHECK(hex(v1) == "0100fa000000");
    CHECK(hex(v2) == "0200630000000000000003000000457661");
    CHECK(hex(v5) == "0500ffffffffffffffff0300000049646101");

    const auto from_1 = decoded<codec<shop::account>, shop::account>(v1);
    REQUIRE(from_1.has_value());
    CHECK(from_1->micros == 2500000);
    CHECK(from_1->owner == "unknown");
    const auto from_2 = decoded<codec<shop::account>, shop::account>(v2);
    REQUIRE(from_2.has_value());
    CHECK(from_2->owner == "Eva");
    CHECK(decoded<codec<shop::account>, shop::account>(v5)->micros == -1);
    check_truncations<codec<shop::account>, shop::account>(v1);
    check_truncations<codec<shop::account>, shop::account>(v2);

    CHECK(decoded<codec<shop::sensor>, shop::sensor>(unhex("0100 fa000000"))->value == 2.5F);
}

TEST_CASE("reflected names a version it has no struct for") {
    using account = codec<shop::account>;
    for (const char* version : {"0000", "0300", "0400", "0600", "ffff"})
        CHECK(decode_error<account, shop::account>(unhex(std::string(version) + "00000000")) ==
              errc::unsupported_version);
    CHECK(decode_error<codec<shop::account_v1>, shop::account_v1>(unhex("0200 fa000000")) ==
          errc::unsupported_version);
}

TEST_CASE("reflected makes an error of a migration that throws") {
    const byte_string rich =
        encoded<codec<shop::account_v2>>(shop::account_v2{2'000'000'000'000, "Midas"});
    CHECK(decode_error<codec<shop::account>, shop::account>(rich) == errc::corrupt);
}

namespace {
shop::tree chain(unsigned sequences) {
    shop::tree root;
    for (unsigned i = 1; i < sequences; ++i) {
        shop::tree parent;
        parent.label = static_cast<std::uint8_t>(i);
        parent.children.push_back(std::move(root));
        root = std::move(parent);
    }
    return root;
}
} // namespace

TEST_CASE("reflected bounds the depth of recursive structs in both directions") {
    const byte_string deepest = encoded<codec<shop::tree>>(chain(ashlar::max_record_depth));
    CHECK(decoded<codec<shop::tree>, shop::tree>(deepest).has_value());
    CHECK(codec<shop::tree>::size(chain(ashlar::max_record_depth + 1)).error() ==
          errc::invalid_argument);

    // A million levels, as hostile bytes: an error, not the end of the stack.
    byte_string hostile = unhex("0100");
    for (int i = 0; i < 1'000'000; ++i)
        for (const unsigned byte : {7U, 1U, 0U, 0U, 0U})
            hostile.push_back(static_cast<std::byte>(byte));
    CHECK(decode_error<codec<shop::tree>, shop::tree>(hostile) == errc::corrupt);
}

TEST_CASE("reflected consumes its own bytes and leaves the rest") {
    byte_string bytes = unhex(a_basket_hex);
    bytes.push_back(std::byte{9});
    ashlar::bytes_view in{bytes};
    CHECK(codec<shop::basket>::decode_some(in).has_value());
    CHECK(in.size() == 1);
}

TEST_CASE("reflected names the layout of the oldest version it reads") {
    CHECK(description<codec<shop::order>>() ==
          "reflected(v1 {u64 b8 i32 e8 f32 f64 u16*3 i8*4 decimal})");
    CHECK(description<codec<shop::basket>>() ==
          "reflected(v1 {bytes bytes [i32] [{bytes u16}] ?{bytes u16} ?u8 bytes*2 [b8] "
          "{bytes u16}})");
    CHECK(description<codec<shop::account>>() == "reflected(v1 {u32})");
    CHECK(description<codec<shop::account_v1>>() == description<codec<shop::account>>());
    CHECK(description<codec<shop::tree>>() == "reflected(v1 {u8 [{u8 [{u8 [{u8 [...]}]}]}]})");
}
