// SPDX-License-Identifier: BSL-1.0
// NEEDS: cereal
#include "value_codec_tools.hpp"

#include <ashlar/codec/cereal.hpp>
#include <ashlar/codec/checksummed.hpp>

#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <sstream>
#include <stdexcept>

using namespace value_codec_tools;
using ashlar::cereal_limits;
using ashlar::cereal_value;
using ashlar::errc;

namespace lab {

enum class colour : std::uint16_t { red = 1, blue = 258 };

struct sample {
    std::int32_t id{};
    bool ok{};
    double value{};
    colour hue{};
    std::string name;
    std::vector<std::int16_t> counts;
    std::map<std::string, std::uint8_t> marks;
    std::optional<std::string> note;
    bool operator==(const sample&) const = default;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(id, cereal::make_nvp("ok", ok), value, hue, name, counts, marks, note);
    }
};

struct node {
    std::vector<node> children;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(children);
    }
};

struct versioned {
    std::uint32_t seen = 0;
    std::uint8_t x{};
    template <class Archive>
    void serialize(Archive& archive, std::uint32_t version) {
        seen = version;
        archive(x);
    }
};

/// Stored as one number: cereal's save_minimal.
struct celsius {
    double degrees{};
    template <class Archive>
    double save_minimal(const Archive&) const {
        return degrees;
    }
    template <class Archive>
    void load_minimal(const Archive&, const double& value) {
        degrees = value;
    }
};

struct picky {
    std::uint8_t x{};
    template <class Archive>
    void save(Archive& archive) const {
        if (x == 13) throw std::runtime_error("unlucky");
        archive(x);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(x);
        if (x == 14) throw std::runtime_error("unlucky");
        if (x == 15) throw 15;
        if (x == 16) throw std::bad_alloc();
    }
};

} // namespace lab

CEREAL_CLASS_VERSION(lab::versioned, 3)

template <class T>
using codec = cereal_value<>::codec<T>;

static_assert(ashlar::value_codec_policy<cereal_value<>, lab::sample>);
static_assert(ashlar::value_codec_policy<ashlar::checksummed<cereal_value<>>, lab::sample>);
static_assert(ashlar::value_codec_policy<cereal_value<cereal_limits{.depth = 8}>, int>);

namespace {
lab::sample a_sample() {
    return {-2, true, 0.5, lab::colour::blue, "Ada", {1, -1}, {{"k", 7}}, "n"};
}
const char* const a_sample_hex = "feffffff"         // id
                                 "01"               // ok
                                 "000000000000e03f" // value
                                 "0201"             // hue
                                 "0300000000000000"
                                 "416461" // name
                                 "0200000000000000"
                                 "0100"
                                 "ffff" // counts
                                 "0100000000000000"
                                 "0100000000000000"
                                 "6b"
                                 "07" // marks
                                 "00"
                                 "0100000000000000"
                                 "6e"; // note

template <class T>
errc refused(const std::string& bytes) {
    return decode_error<codec<T>, T>(unhex(bytes));
}
} // namespace

TEST_CASE("cereal_value has golden encodings") {
    CHECK(encoded_hex<codec<lab::sample>>(a_sample()) == a_sample_hex);
    const auto back = decoded<codec<lab::sample>, lab::sample>(unhex(a_sample_hex));
    REQUIRE(back.has_value());
    CHECK(*back == a_sample());
    CHECK(encoded_hex<codec<int>>(1) == "01000000");
    CHECK(encoded_hex<codec<lab::celsius>>(lab::celsius{1.0}) == "000000000000f03f");
    CHECK(decoded<codec<lab::celsius>, lab::celsius>(unhex("000000000000f03f"))->degrees == 1.0);
    CHECK(encoded_hex<codec<lab::versioned>>(lab::versioned{0, 9}) == "0300000009");
    CHECK(decoded<codec<lab::versioned>, lab::versioned>(unhex("0200000009"))->seen == 2);
    CHECK(description<codec<int>>() == "cereal(portable,u64)");
}

TEST_CASE(
    "cereal_value writes what cereal's portable binary archive writes behind its first byte") {
    std::ostringstream stream;
    {
        using archive = cereal::PortableBinaryOutputArchive;
        archive out{stream, archive::Options::LittleEndian()};
        out(a_sample(), lab::versioned{0, 9}, lab::celsius{2.5});
    }
    const std::string plain = stream.str();
    CHECK(hex(ashlar::bytes_view{plain}.skip(1)) ==
          encoded_hex<codec<lab::sample>>(a_sample()) +
              encoded_hex<codec<lab::versioned>>(lab::versioned{0, 9}) +
              encoded_hex<codec<lab::celsius>>(lab::celsius{2.5}));
}

TEST_CASE("cereal_value round trips the containers") {
    const auto same = [](const auto& value) {
        using T = std::remove_cvref_t<decltype(value)>;
        const auto back = decoded<codec<T>, T>(encoded<codec<T>>(value));
        return back.has_value() && *back == value;
    };
    CHECK(same(std::vector<std::string>{"a", "", "ccc"}));
    CHECK(same(std::vector<bool>{true, false, true}));
    CHECK(same(std::array<bool, 3>{{true, false, true}}));
    CHECK(same(std::list<double>{1, 2, 3}));
    CHECK(same(std::unordered_map<int, std::string>{{1, "x"}, {2, "y"}}));
    CHECK(same(std::variant<int, std::string>{"text"}));
    CHECK(same(std::pair<std::uint8_t, std::u16string>{1, u"wide"}));
    CHECK(same(std::map<int, std::vector<std::optional<double>>>{{1, {std::nullopt, 2.0}}}));
}

TEST_CASE("cereal_value refuses every truncation and every addition") {
    check_truncations<codec<lab::sample>, lab::sample>(unhex(a_sample_hex));
    CHECK(refused<lab::sample>(std::string(a_sample_hex) + "00") == errc::corrupt);
    CHECK(refused<int>("0100000000") == errc::corrupt);
    CHECK(refused<int>("") == errc::corrupt);
}

TEST_CASE("cereal_value survives every flipped bit") {
    check_flips_are_canonical<codec<lab::sample>, lab::sample>(unhex(a_sample_hex));
}

TEST_CASE("cereal_value refuses a bool that is neither") {
    CHECK(refused<bool>("02") == errc::corrupt);
    CHECK(refused<std::vector<bool>>("0100000000000000 02") == errc::corrupt);
    CHECK(refused<std::array<bool, 2>>("0102") == errc::corrupt);
    CHECK(refused<std::optional<int>>("02 00000000") == errc::corrupt);
}

TEST_CASE("cereal_value holds sizes against the bytes left") {
    // The hostile inputs that cost 4 GiB, 2 GiB and a length_error when cereal is alone.
    CHECK(refused<std::vector<std::uint8_t>>("0000000001000000") == errc::corrupt);
    CHECK(refused<std::vector<std::string>>("0000000400000000") == errc::corrupt);
    CHECK(refused<std::string>("0000000000000080") == errc::corrupt);
    CHECK(refused<std::string>("ffffffffffffffff") == errc::corrupt);
    CHECK(refused<std::u16string>("0200000000000000 6100") == errc::corrupt);
    CHECK(refused<std::vector<double>>("ffffffffffffff1f") == errc::corrupt);
    CHECK(refused<std::list<int>>("0000000000000080 00000000") == errc::corrupt);
    CHECK(refused<std::unordered_map<int, int>>("ffffffffffffffff 0000000000000000") ==
          errc::corrupt);
}

TEST_CASE("cereal_value bounds the memory that an encoding may claim, in both directions") {
    using sparse = std::vector<std::optional<std::array<double, 20>>>; // 168 bytes behind each one
    CHECK(decoded<codec<sparse>, sparse>(encoded<codec<sparse>>(sparse(300))).has_value());
    CHECK(codec<sparse>::size(sparse(1000)).error() == errc::value_too_long);
    byte_string hostile = unhex("e803000000000000");
    hostile.resize(8 + 1000, std::byte{1});
    CHECK(decode_error<codec<sparse>, sparse>(hostile) == errc::corrupt);

    using generous = cereal_value<cereal_limits{.amplification = 200}>::codec<sparse>;
    CHECK(decoded<generous, sparse>(encoded<generous>(sparse(1000))).has_value());
}

TEST_CASE("cereal_value bounds bytes in both directions") {
    using small = cereal_value<cereal_limits{.bytes = 16}>::codec<std::string>;
    CHECK(decoded<small, std::string>(encoded<small>(std::string("12345678"))).has_value());
    CHECK(small::size(std::string("123456789")).error() == errc::value_too_long);
    CHECK(decode_error<small, std::string>(unhex("0900000000000000 313233343536373839")) ==
          errc::corrupt);
}

namespace {
lab::node chain(unsigned depth) {
    lab::node root;
    for (unsigned i = 1; i < depth; ++i) {
        lab::node parent;
        parent.children.push_back(std::move(root));
        root = std::move(parent);
    }
    return root;
}
} // namespace

TEST_CASE("cereal_value bounds the depth in both directions") {
    // A node is three objects deep: itself, its vector, the vector's size.
    CHECK(decoded<codec<lab::node>, lab::node>(encoded<codec<lab::node>>(chain(31))).has_value());
    CHECK(codec<lab::node>::size(chain(40)).error() == errc::invalid_argument);

    byte_string hostile;
    hostile.resize(8'000'000);
    for (std::size_t i = 0; i < hostile.size(); i += 8) hostile[i] = std::byte{1};
    CHECK(decode_error<codec<lab::node>, lab::node>(hostile) == errc::corrupt);
}

TEST_CASE("cereal_value makes errors of exceptions") {
    using picky = codec<lab::picky>;
    CHECK(picky::size(lab::picky{13}).error() == errc::invalid_argument);
    CHECK(refused<lab::picky>("0e") == errc::corrupt);
    CHECK(refused<lab::picky>("0f") == errc::corrupt);
    CHECK(refused<lab::picky>("10") == errc::out_of_memory);
    CHECK(decoded<picky, lab::picky>(unhex("11")).has_value());
    CHECK(refused<std::variant<int, std::string>>("09000000 00000000") == errc::corrupt);
}

TEST_CASE("cereal_value consumes its own bytes and leaves the rest") {
    const byte_string bytes = unhex("01000000 ff");
    ashlar::bytes_view in{bytes};
    CHECK(*codec<int>::decode_some(in) == 1);
    CHECK(in.size() == 1);
}
