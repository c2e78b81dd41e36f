// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal
// COD: codecs of values and of keys. Goals F1 (a record of twenty fields), F2 (a plain record), F3
// (keys), F4 (escaping), F5 (comparing keys), F6 (the order of encoded keys).
#include "measure/rounds.hpp"
#include "record/by_hand.hpp"
#include "record/cereal.hpp"
#include "record/flatbuffers.hpp"
#include "record/protobuf.hpp"
#include "record/reflected.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/text.hpp>

#include <bit>
#include <cstring>
#include <memory>
#include <tuple>

namespace {

using namespace bench;

/// What stands at an address may be looked at: it must be there.
void use(const auto& at) noexcept { asm volatile("" : : "r"(&at) : "memory"); }

/// f(i) -> number, for each of n things, again and again until that was `operations` times.
template <class F>
[[nodiscard]] subject looped(std::string name, std::size_t n, std::size_t operations, F f) {
    const bool limit = name.starts_with("limit");
    return {std::move(name),
            [n, operations, f](std::size_t) {
                return timed(1, [&](unsigned) {
                    std::uint64_t sum = 0;
                    for (std::size_t done = 0; done < operations; done += n)
                        for (std::size_t i = 0; i < n; ++i) sum += f(i);
                    return sum;
                });
            },
            limit};
}

// --- F1 ------------------------------------------------------------------------------------------

/// `again` decodes into a record that is there, as one does who decodes many.
struct codec_subjects {
    std::vector<subject> encoding, decoding, again;
};
template <class Codec>
void add(codec_subjects& to, const char* name, Codec& codec, std::size_t n,
         std::size_t operations) {
    auto& [encoding, decoding, again] = to;
    encoding.push_back(looped(name, n, operations, [&codec](std::size_t i) {
        codec.encode(i);
        return std::uint64_t{1};
    }));
    decoding.push_back(
        looped(name, n, operations, [&codec](std::size_t i) { return codec.decode(i); }));
    if constexpr (requires(record& r) { codec.decode(n, r); }) {
        auto there = std::make_shared<record>();
        again.push_back(looped(name, n, operations,
                               [&codec, there](std::size_t i) { return codec.decode(i, *there); }));
    } else { // keeps its own, or makes none
        again.push_back(decoding.back());
    }
    for (std::size_t i = 0; i < n; ++i) codec.encode(i);
}

void records(const setting& how) {
    constexpr std::size_t n = 256; // in cache: it is codecs that are compared
    const std::size_t operations = how.quick ? 16 * n : 512 * n;
    std::vector<record> all;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        all.push_back(make_record(i));
        sum += sum_of(all.back());
    }
    reflected_records reflected{all};
    reflected_views views{all};
    by_hand hand{all};
    cereal_memory cereal{all};
    cereal_string_streams streams{all};
    protobuf_records protobuf{all};
    flatbuffers_records flat{all};
    codec_subjects to;
    add(to, "ashlar reflected", reflected, n, operations);
    add(to, "ashlar reflected again", reflected, n, operations);
    add(to, "ashlar views", views, n, operations);
    add(to, "by hand", hand, n, operations);
    add(to, "cereal", cereal, n, operations);
    add(to, "cereal string streams", streams, n, operations);
    add(to, "protobuf", protobuf, n, operations);
    add(to, "flatbuffers", flat, n, operations);
    measure(how, {"COD", "encode 20 fields", 1, operations}, to.encoding,
            [&](std::size_t) { return operations; });
    const auto expected = [&](std::size_t) { return sum * (operations / n); };
    measure(how, {"COD", "decode 20 fields", 1, operations}, to.decoding, expected);
    measure(how, {"COD", "decode 20 fields again", 1, operations}, to.again, expected);
}

// --- F2 to F5 ------------------------------------------------------------------------------------

struct plain {
    std::uint64_t words[8];
};
using plain_key = std::tuple<std::uint64_t, std::uint32_t, std::int64_t>;
using text_key = std::tuple<std::uint64_t, std::string>;

template <class T>
void put_big(std::byte* out, T number) {
    if constexpr (std::endian::native == std::endian::little) {
        if constexpr (sizeof number == 8) number = __builtin_bswap64(number);
        else number = __builtin_bswap32(number);
    }
    std::memcpy(out, &number, sizeof number);
}

/// The same bytes from both, or no time for either.
template <class Ours, class Theirs>
void encode_part(const setting& how, const char* what, const char* name, const char* other,
                 std::size_t n, Ours ours, Theirs theirs) {
    const std::size_t operations =
        (how.quick ? std::size_t{1} << 16 : std::size_t{1} << 21) / n * n;
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < n; ++i) expected += theirs(i);
    measure(how, {"COD", what, 1, operations},
            {looped(name, n, operations, ours), looped(other, n, operations, theirs),
             looped(std::string{name} + " again", n, operations, ours)},
            [&](std::size_t) { return expected * (operations / n); });
}

std::uint64_t last_byte(const std::byte* out, std::size_t size) {
    return std::to_integer<std::uint64_t>(out[size - 1]) + size;
}

void keys(const setting& how) {
    constexpr std::size_t n = 1024;
    std::vector<plain> images(n);
    std::vector<std::uint64_t> numbers(n);
    std::vector<plain_key> threes(n);
    std::vector<text_key> named(n);
    uniform_state chance{how.seed};
    for (std::size_t i = 0; i < n; ++i) {
        for (auto& word : images[i].words) word = scatter(i);
        numbers[i] = scatter(i);
        threes[i] = {chance.below(4), static_cast<std::uint32_t>(chance.below(1U << 31)),
                     static_cast<std::int64_t>(scatter(i))};
        named[i] = {chance.below(4), random_text(i, 16)};
    }
    static std::byte out[16 * 1024];
    use(out);
    encode_part(
        how, "encode plain record", "ashlar native", "limit: memcpy", n,
        [&](std::size_t i) {
            use(*ashlar::native_value::codec<plain>::encode(images[i], out));
            return use(out), last_byte(out, sizeof(plain));
        },
        [&](std::size_t i) {
            std::memcpy(out, &images[i], sizeof(plain));
            return use(out), last_byte(out, sizeof(plain));
        });
    encode_part(
        how, "encode key u64", "ashlar", "limit: by hand", n,
        [&](std::size_t i) {
            use(*ashlar::big_endian::codec<std::uint64_t>::encode(numbers[i], out));
            return use(out), last_byte(out, 8);
        },
        [&](std::size_t i) {
            put_big(out, numbers[i]);
            return use(out), last_byte(out, 8);
        });
    encode_part(
        how, "encode key of three", "ashlar", "limit: by hand", n,
        [&](std::size_t i) {
            use(*ashlar::composite::codec<plain_key>::encode(threes[i], out));
            return use(out), last_byte(out, 20);
        },
        [&](std::size_t i) {
            put_big(out, std::get<0>(threes[i]));
            put_big(out + 8, std::get<1>(threes[i]));
            put_big(out + 12, static_cast<std::uint64_t>(std::get<2>(threes[i])) ^ (1ULL << 63));
            return use(out), last_byte(out, 20);
        });
    for (const std::size_t size : {std::size_t{64}, std::size_t{1024}, std::size_t{4096}}) {
        std::vector<std::string> texts(64, std::string(size, 'a'));
        encode_part(
            how, ("escape text of " + std::to_string(size)).c_str(), "ashlar", "limit: memcpy", 64,
            [&](std::size_t i) {
                using codec = ashlar::text::codec<std::string>;
                if (!codec::size(texts[i])) return std::uint64_t{0};
                use(*codec::encode(texts[i], out));
                return use(out), last_byte(out, size);
            },
            [&](std::size_t i) {
                std::memcpy(out, texts[i].data(), size);
                return use(out), last_byte(out, size);
            });
    }

    // F5: neighbours are compared, whose first member is often the same.
    using codec = ashlar::composite::codec<plain_key>;
    std::vector<std::array<std::byte, 20>> encoded(n + 1);
    for (std::size_t i = 0; i < n; ++i) use(*codec::encode(threes[i], encoded[i].data()));
    const auto view = [&](std::size_t i) {
        return ashlar::bytes_view{encoded[i % n].data(), encoded[i % n].size()};
    };
    const std::size_t operations = how.quick ? 64 * n : 2048 * n;
    const auto compare = [&](std::size_t i) {
        return std::uint64_t{threes[i] < threes[(i + 1) % n]};
    };
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < n; ++i) expected += compare(i);
    measure(how, {"COD", "compare keys", 1, operations},
            {looped("ashlar encoded", n, operations,
                    [&](std::size_t i) { return std::uint64_t{view(i) < view(i + 1)}; }),
             looped("decode then compare", n, operations,
                    [&](std::size_t i) {
                        ashlar::bytes_view a = view(i);
                        ashlar::bytes_view b = view(i + 1);
                        const auto left = codec::decode_some(a);
                        const auto right = codec::decode_some(b);
                        return std::uint64_t{left && right && *left < *right};
                    }),
             looped("std tuple", n, operations, compare)},
            [&](std::size_t) { return expected * (operations / n); });
}

// --- F6 ------------------------------------------------------------------------------------------

/// Pairs of keys whose order as bytes is not their order as keys, or that don't come back.
template <class Key, class Make>
std::uint64_t disorder(std::size_t pairs, Make make) {
    using codec = ashlar::composite::codec<Key>;
    std::byte a[256];
    std::byte b[256];
    std::uint64_t wrong = 0;
    Key before = make();
    for (std::size_t i = 0; i < pairs; ++i) {
        Key now = make();
        const ashlar::bytes_view left{a, static_cast<std::size_t>(codec::encode(before, a) - a)};
        const ashlar::bytes_view right{b, static_cast<std::size_t>(codec::encode(now, b) - b)};
        wrong += (left < right) != (before < now) || (left == right) != (before == now) ? 1U : 0U;
        if (i % 64 == 0) {
            ashlar::bytes_view in = right;
            const auto back = codec::decode_some(in);
            wrong += !back || *back != now || !in.empty() ? 1U : 0U;
        }
        before = std::move(now);
    }
    return wrong;
}

void order(const setting& how) {
    const std::size_t pairs = how.quick ? 500'000 : 50'000'000;
    uniform_state chance{how.seed};
    // Few values of each member, among them the extremes, so that the next one often decides.
    const auto number = [&]() -> std::uint64_t {
        const std::uint64_t dice = chance.below(8);
        return dice < 4 ? dice + ~std::uint64_t{1} : scatter(chance.state++);
    };
    std::uint64_t wrong = disorder<plain_key>(pairs, [&] {
        return plain_key{number(), static_cast<std::uint32_t>(number()),
                         static_cast<std::int64_t>(number())};
    });
    wrong += disorder<text_key>(pairs, [&] {
        std::string text; // short, of few signs, zeros among them
        for (std::uint64_t n = chance.below(6); n > 0; --n) text += "\0\1\377a"[chance.below(4)];
        return text_key{number(), std::move(text)};
    });
    print_value({"COD", "pairs compared"}, "ashlar", 2.0 * static_cast<double>(pairs), "pairs");
    print_value({"COD", "pairs out of order"}, "ashlar", static_cast<double>(wrong), "pairs");
}

void cod(const setting& how) {
    print_version("cereal", std::to_string(CEREAL_VERSION));
    print_version("protobuf", std::to_string(GOOGLE_PROTOBUF_VERSION));
    print_version("FlatBuffers", std::to_string(FLATBUFFERS_VERSION_MAJOR) + "." +
                                     std::to_string(FLATBUFFERS_VERSION_MINOR));
    records(how);
    keys(how);
    order(how);
}

} // namespace

int main(int argc, char** argv) { return bench::program(argc, argv, cod); }
