// SPDX-License-Identifier: BSL-1.0
// NEEDS: cereal hana
// How much memory decoding hostile bytes takes (G13), counted where it is taken.
#include "value_codec_tools.hpp"

#include "fault/failing_memory.hpp"

#include <ashlar/codec/cereal.hpp>
#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/codec/reflected.hpp>
#include <ashlar/codec/tagged.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>

namespace {
auto& allocated = ashlar_fault::memory.allocated;
auto& fail_at = ashlar_fault::memory.fail_at;

void* counted(std::size_t n) noexcept {
    allocated += n;
    std::size_t left = fail_at.load();
    if (left != 0) {
        if (left != 1 || !ashlar_fault::memory.for_ever) fail_at = left - 1;
        if (left == 1) return nullptr;
    }
    return std::malloc(n == 0 ? 1 : n);
}
} // namespace

// Not inlined: g++ would see malloc's bytes end in its own operator delete and warn.
[[gnu::noinline]] void* operator new(std::size_t n) {
    void* p = counted(n);
    if (p == nullptr) throw std::bad_alloc();
    return p;
}
[[gnu::noinline]] void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    return counted(n);
}
[[gnu::noinline]] void* operator new(std::size_t n, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
    const auto line = static_cast<std::size_t>(alignment);
    void* failing = counted(0);
    std::free(failing);
    return failing == nullptr ? nullptr : std::aligned_alloc(line, (n + line - 1) / line * line);
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }

namespace memory_test {

struct flat {
    std::string text;
    std::vector<std::uint32_t> numbers;
    std::vector<std::byte> blob;
    std::optional<std::string> note;
};
struct item {
    std::uint64_t id;
    std::string name;
};
struct deep {
    std::vector<std::string> names;
    std::vector<item> items;
    std::vector<std::vector<std::uint8_t>> grid;
};
struct record {
    std::string text;
    std::vector<std::string> names;
    std::map<std::string, std::vector<std::uint32_t>> table;
    std::optional<std::vector<double>> curve;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(text, names, table, curve);
    }
};

} // namespace memory_test
BOOST_HANA_ADAPT_STRUCT(memory_test::flat, text, numbers, blob, note);
BOOST_HANA_ADAPT_STRUCT(memory_test::item, id, name);
BOOST_HANA_ADAPT_STRUCT(memory_test::deep, names, items, grid);

using namespace value_codec_tools;
using namespace memory_test;
using ashlar::errc;

namespace {

std::uint64_t state = 0x9E3779B97F4A7C15;
std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/// Bytes of the kinds that hurt parsers: noise; one byte over and over, with lengths planted; and
/// heads that parsers believe (a record version or an empty string, then a count that is possible).
byte_string hostile(std::size_t size) {
    byte_string bytes(size);
    const std::uint64_t kind = next() % 5;
    const auto fill = static_cast<std::byte>(kind > 2 ? 0 : next() % 4 == 0 ? 255 : next() % 10);
    for (std::byte& b : bytes) b = kind == 0 ? static_cast<std::byte>(next()) : fill;
    if (size < 16) return bytes;
    if (kind == 3) { // reflected: version 1, u32
        bytes[0] = std::byte{1};
        ashlar::store_little(bytes.data() + 2, static_cast<std::uint32_t>(next() % (size / 4)));
    } else if (kind == 4) { // cereal: u64 0, u64
        ashlar::store_little(bytes.data() + 8, next() % (size / 8));
    } else {
        for (std::uint64_t n = next() % 8; n > 0; --n)
            ashlar::store_little(bytes.data() + next() % (size - 7), next() % (2 * size));
    }
    return bytes;
}

const std::vector<byte_string>& hostile_inputs() {
    static const auto all = [] {
        std::vector<byte_string> made;
        for (int i = 0; i < 3000; ++i)
            made.push_back(hostile(i % 10 == 0 ? 200'000 : next() % 3000));
        return made;
    }();
    return all;
}

/// The most that decoding took beyond `factor` times its input, over many inputs.
template <class Codec, class T>
std::size_t worst_excess(std::size_t factor) {
    std::size_t worst = 0;
    for (const byte_string& bytes : hostile_inputs()) {
        const std::size_t before = allocated;
        static_cast<void>(ashlar::decode_all<Codec, T>(bytes));
        const std::size_t taken = allocated - before;
        if (taken > factor * bytes.size()) worst = std::max(worst, taken - factor * bytes.size());
    }
    return worst;
}

} // namespace

TEST_CASE("G13: decoding takes at most 4 times its input and 64 KiB") {
    constexpr std::size_t allowance = 64U << 10;
    CHECK(worst_excess<ashlar::raw::codec<std::string>, std::string>(4) <= allowance);
    CHECK(worst_excess<ashlar::tagged::codec<ashlar::tagged_value>, ashlar::tagged_value>(4) <=
          allowance);
    CHECK(worst_excess<ashlar::checksummed<ashlar::tagged>::codec<ashlar::tagged_value>,
                       ashlar::tagged_value>(4) <= allowance);
    CHECK(worst_excess<ashlar::reflected::codec<flat>, flat>(4) <= allowance);
    using tight = ashlar::cereal_value<ashlar::cereal_limits{.amplification = 3}>;
    CHECK(worst_excess<tight::codec<record>, record>(4) <= allowance);
}

TEST_CASE("G13: containers in containers take what their elements weigh, no more") {
    // sizeof(std::string) is 32 and its least encoding 4 bytes: a vector of empty strings is
    // eight times its encoding, hostile or not.
    constexpr std::size_t factor = sizeof(std::string) / 4;
    CHECK(worst_excess<ashlar::reflected::codec<deep>, deep>(factor) <= (64U << 10));
    // The control: the inputs above do reach that far.
    CHECK(worst_excess<ashlar::reflected::codec<deep>, deep>(4) > (64U << 10));
    CHECK(worst_excess<ashlar::cereal_value<>::codec<record>, record>(
              ashlar::cereal_limits{}.amplification) <= ashlar::cereal_limits{}.allowance + 4096);
}

TEST_CASE("the hostile inputs that cost cereal alone gigabytes cost nothing") {
    const struct {
        const char* bytes;
        const char* what;
    } inputs[] = {{"0000000001000000", "4 GiB of bytes"}, {"0000000400000000", "64 Mi strings"}};
    for (const auto& input : inputs) {
        INFO(input.what);
        const byte_string bytes = unhex(input.bytes);
        const std::size_t before = allocated;
        CHECK_FALSE(ashlar::decode_all<ashlar::cereal_value<>::codec<std::vector<std::uint8_t>>,
                                       std::vector<std::uint8_t>>(bytes)
                        .has_value());
        CHECK_FALSE(ashlar::decode_all<ashlar::cereal_value<>::codec<std::vector<std::string>>,
                                       std::vector<std::string>>(bytes)
                        .has_value());
        CHECK(allocated - before < 1024);
    }
}

namespace {
/// Fails each allocation of decoding in turn; all must end in out_of_memory, the last in success.
template <class Codec, class T>
unsigned failures_reported(const byte_string& bytes) {
    for (unsigned n = 1; n < 1000; ++n) {
        fail_at = n;
        const auto value = ashlar::decode_all<Codec, T>(bytes);
        const bool failed = fail_at == 0;
        fail_at = 0;
        if (!failed) {
            CHECK(value.has_value());
            return n - 1;
        }
        CHECK(value.error() == errc::out_of_memory);
    }
    return 0;
}
} // namespace

TEST_CASE("every allocation that fails while decoding is reported") {
    const std::string text(100, 'x');
    using raw = ashlar::raw::codec<std::string>;
    CHECK(failures_reported<raw, std::string>(encoded<raw>(text)) == 1);

    using tagged = ashlar::tagged::codec<ashlar::tagged_value>;
    const auto list = ashlar::tagged_value::list({text, text});
    CHECK(failures_reported<tagged, ashlar::tagged_value>(encoded<tagged>(list)) == 1);

    using reflected = ashlar::reflected::codec<deep>;
    const deep value{{text, text}, {{1, text}}, {{1, 2}, {3}}};
    CHECK(failures_reported<reflected, deep>(encoded<reflected>(value)) == 8);

    using cereal = ashlar::cereal_value<>::codec<record>;
    record kept;
    kept.text = text;
    kept.names = {text, text};
    kept.table[text] = {1, 2, 3};
    kept.curve = std::vector<double>{1, 2};
    CHECK(failures_reported<cereal, record>(encoded<cereal>(kept)) >= 6);
}
