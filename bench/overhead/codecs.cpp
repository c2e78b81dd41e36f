// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal
// Codecs against code written by hand for the one type, and reflected against cereal. Values differ
// from call to call; each call encodes into, or decodes from, memory that is there already.
#include "harness.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/reflected.hpp>

#include <boost/hana/adapt_struct.hpp>
#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <cstring>
#include <sstream>

namespace coded {

struct place {
    std::uint64_t shelf;
    std::uint32_t row;
    std::int64_t column;
};

/// Twenty members, three of them texts and two vectors (COD of the workloads).
struct record {
    std::uint64_t id, parent;
    std::int64_t created, changed;
    std::uint32_t kind, flags, owner, group;
    std::int32_t x, y, z;
    std::uint16_t port, zone;
    double weight, price;
    std::string name, title, note;
    std::vector<std::uint32_t> links;
    std::vector<double> samples;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(id, parent, created, changed, kind, flags, owner, group, x, y, z, port, zone,
                weight, price, name, title, note, links, samples);
    }
    friend bool operator==(const record&, const record&) = default;
};

} // namespace coded

BOOST_HANA_ADAPT_STRUCT(coded::place, shelf, row, column);
BOOST_HANA_ADAPT_STRUCT(coded::record, id, parent, created, changed, kind, flags, owner, group, x,
                        y, z, port, zone, weight, price, name, title, note, links, samples);

namespace {

using ashlar::bytes_view;
using bench::point;
using coded::place;
using coded::record;

[[nodiscard]] std::uint64_t first_word(const std::byte* bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

void key_cases(const std::vector<std::uint64_t>& keys) {
    using number = ashlar::big_endian::codec<std::uint64_t>;
    const std::size_t n = keys.size();
    const std::uint64_t* k = keys.data();
    static std::byte out[64];
    bench::compare_each(
        "big_endian encode, u64", n,
        [k](std::size_t i) {
            static_cast<void>(number::encode(k[i], out));
            return first_word(out);
        },
        [k](std::size_t i) {
            const std::uint64_t swapped = __builtin_bswap64(k[i]);
            std::memcpy(out, &swapped, sizeof swapped);
            return first_word(out);
        });

    using placed = ashlar::composite::codec<place>;
    std::vector<place> places;
    for (const std::uint64_t key : keys)
        places.push_back(
            {key, static_cast<std::uint32_t>(key >> 9), static_cast<std::int64_t>(key << 3)});
    const place* p = places.data();
    bench::compare_each(
        "composite encode, {u64,u32,i64}", n,
        [p](std::size_t i) {
            static_cast<void>(placed::encode(p[i], out));
            return first_word(out) + first_word(out + 12);
        },
        [p](std::size_t i) {
            const std::uint64_t a = __builtin_bswap64(p[i].shelf);
            const std::uint32_t b = __builtin_bswap32(p[i].row);
            const std::uint64_t c = __builtin_bswap64(static_cast<std::uint64_t>(p[i].column) ^
                                                      (std::uint64_t{1} << 63));
            std::memcpy(out, &a, 8);
            std::memcpy(out + 8, &b, 4);
            std::memcpy(out + 12, &c, 8);
            return first_word(out) + first_word(out + 12);
        });
    std::vector<std::byte> encoded(n * 20);
    for (std::size_t i = 0; i < n; ++i)
        static_cast<void>(placed::encode(places[i], encoded.data() + 20 * i));
    const std::byte* e = encoded.data();
    bench::compare_each(
        "composite decode, {u64,u32,i64}", n,
        [e](std::size_t i) {
            bytes_view in{e + 20 * i, 20};
            const auto at = placed::decode_some(in);
            return at ? at->shelf + at->row + static_cast<std::uint64_t>(at->column) : 0;
        },
        [e](std::size_t i) {
            const std::byte* in = e + 20 * i;
            std::uint32_t row = 0;
            std::memcpy(&row, in + 8, 4);
            return __builtin_bswap64(first_word(in)) + __builtin_bswap32(row) +
                   (__builtin_bswap64(first_word(in + 12)) ^ (std::uint64_t{1} << 63));
        });
}

void image_cases(const std::vector<std::uint64_t>& keys) {
    using image = ashlar::native_value::codec<point>;
    const std::size_t n = keys.size();
    std::vector<point> points;
    for (const std::uint64_t key : keys) points.push_back(bench::point_of(key));
    const point* p = points.data();
    static std::byte out[sizeof(point)];
    bench::compare_each(
        "native encode, 16 bytes", n,
        [p](std::size_t i) {
            static_cast<void>(image::encode(p[i], out));
            return first_word(out) + first_word(out + 8);
        },
        [p](std::size_t i) {
            std::memcpy(out, p + i, sizeof(point));
            return first_word(out) + first_word(out + 8);
        });
    bench::compare_each(
        "native decode, 16 bytes", n,
        [p](std::size_t i) {
            bytes_view in = ashlar::object_bytes(p[i]);
            const auto value = image::decode_some(in);
            return value ? bench::digest(*value) : 0;
        },
        [p](std::size_t i) {
            point value{};
            std::memcpy(&value, p + i, sizeof(point));
            return bench::digest(value);
        });
}

[[nodiscard]] record record_of(std::uint64_t key) {
    record r{};
    r.id = key;
    r.parent = key >> 3;
    r.created = static_cast<std::int64_t>(key >> 1);
    r.kind = static_cast<std::uint32_t>(key >> 5);
    r.x = static_cast<std::int32_t>(key >> 40);
    r.port = static_cast<std::uint16_t>(key);
    r.weight = static_cast<double>(key >> 11);
    r.name = "name/" + std::to_string(key);
    r.title = std::string(20 + key % 20, 't');
    r.note = std::string(key % 64, 'n');
    r.links.assign(key % 9, static_cast<std::uint32_t>(key));
    r.samples.assign(key % 5, static_cast<double>(key >> 20));
    return r;
}

/// What one would write for this one struct: sizes first, then copies; checks while reading.
struct by_hand {
    template <class T>
    static void put(std::byte*& to, const T& value) noexcept {
        std::memcpy(to, &value, sizeof value);
        to += sizeof value;
    }
    static void put(std::byte*& to, const void* from, std::size_t bytes,
                    std::size_t count) noexcept {
        put(to, static_cast<std::uint32_t>(count));
        if (bytes != 0) std::memcpy(to, from, bytes);
        to += bytes;
    }
    static std::size_t size(const record& r) noexcept {
        return 2 + 8 * 4 + 4 * 7 + 2 * 2 + 8 * 2 + 5 * 4 + r.name.size() + r.title.size() +
               r.note.size() + 4 * r.links.size() + 8 * r.samples.size();
    }
    static void encode(const record& r, std::byte* to) noexcept {
        put(to, std::uint16_t{1});
        put(to, r.id), put(to, r.parent), put(to, r.created), put(to, r.changed);
        put(to, r.kind), put(to, r.flags), put(to, r.owner), put(to, r.group);
        put(to, r.x), put(to, r.y), put(to, r.z), put(to, r.port), put(to, r.zone);
        put(to, r.weight), put(to, r.price);
        put(to, r.name.data(), r.name.size(), r.name.size());
        put(to, r.title.data(), r.title.size(), r.title.size());
        put(to, r.note.data(), r.note.size(), r.note.size());
        put(to, r.links.data(), 4 * r.links.size(), r.links.size());
        put(to, r.samples.data(), 8 * r.samples.size(), r.samples.size());
    }

    bytes_view in;
    bool fine = true;

    template <class T>
    void get(T& value) noexcept {
        if (!fine || in.size() < sizeof value) return static_cast<void>(fine = false);
        std::memcpy(&value, in.data(), sizeof value);
        in = in.skip(sizeof value);
    }
    template <class Sequence>
    void get_all(Sequence& value) {
        constexpr std::size_t each = sizeof(typename Sequence::value_type);
        std::uint32_t count = 0;
        get(count);
        if (!fine || in.size() / each < count) return static_cast<void>(fine = false);
        value.resize(count);
        if (count != 0) std::memcpy(value.data(), in.data(), count * each);
        in = in.skip(count * each);
    }
    bool decode(record& r) {
        std::uint16_t version = 0;
        get(version);
        get(r.id), get(r.parent), get(r.created), get(r.changed);
        get(r.kind), get(r.flags), get(r.owner), get(r.group);
        get(r.x), get(r.y), get(r.z), get(r.port), get(r.zone), get(r.weight), get(r.price);
        get_all(r.name), get_all(r.title), get_all(r.note), get_all(r.links), get_all(r.samples);
        return fine && version == 1;
    }
};

/// Memory as a stream: made once, for making a stream costs more than filling it.
class memory_stream_buffer : public std::streambuf {
  public:
    void use(std::byte* at, std::size_t size) {
        char* const first = reinterpret_cast<char*>(at);
        setg(first, first, first + size);
        setp(first, first + size);
    }
};

void record_cases(const std::vector<std::uint64_t>& keys) {
    using codec = ashlar::reflected::codec<record>;
    std::vector<record> records;
    std::vector<std::vector<std::byte>> encoded;
    for (std::size_t i = 0; i < 2'000; ++i) {
        records.push_back(record_of(keys[i]));
        encoded.emplace_back(*codec::size(records.back()));
        static_cast<void>(codec::encode(records.back(), encoded.back().data()));
        std::vector<std::byte> twin(by_hand::size(records.back()));
        by_hand::encode(records.back(), twin.data());
        bench::require(twin == encoded.back(), "record: the twin writes other bytes");
    }
    const std::size_t n = records.size();
    const record* r = records.data();
    const auto* e = encoded.data();
    static std::byte out[4096];
    const auto ours_out = [r](std::size_t i) {
        const auto size = codec::size(r[i]);
        if (!size || *size > sizeof out) return std::uint64_t{0};
        static_cast<void>(codec::encode(r[i], out));
        return first_word(out + 2);
    };
    const auto ours_in = [e](std::size_t i) {
        bytes_view in{e[i].data(), e[i].size()};
        const auto value = codec::decode_some(in);
        return value ? value->id + value->name.size() : 0;
    };
    bench::compare_each("reflected encode, 20 members", n, ours_out, [r](std::size_t i) {
        if (by_hand::size(r[i]) > sizeof out) return std::uint64_t{0};
        by_hand::encode(r[i], out);
        return first_word(out + 2);
    });
    bench::compare_each("reflected decode, 20 members", n, ours_in, [e](std::size_t i) {
        record value{};
        by_hand from{{e[i].data(), e[i].size()}};
        return from.decode(value) ? value.id + value.name.size() : 0;
    });

    // cereal knows streams only.
    static memory_stream_buffer memory;
    static std::iostream stream{&memory};
    const auto cereal_out = [r](std::size_t i) {
        memory.use(out, sizeof out);
        cereal::BinaryOutputArchive archive{stream};
        archive(r[i]);
        return first_word(out);
    };
    bench::compare_each("reflected encode, against cereal", n, ours_out, cereal_out);
    std::vector<std::string> archived;
    for (const record& one : records) {
        std::ostringstream to;
        cereal::BinaryOutputArchive{to}(one);
        archived.push_back(to.str());
    }
    std::string* a = archived.data();
    bench::compare_each("reflected decode, against cereal", n, ours_in, [a](std::size_t i) {
        memory.use(reinterpret_cast<std::byte*>(a[i].data()), a[i].size());
        record value{};
        cereal::BinaryInputArchive{stream}(value);
        return value.id + value.name.size();
    });
}

} // namespace

int main() {
    const auto keys = bench::make_keys(10'000);
    bench::count_loop(keys);
    key_cases(keys);
    image_cases(keys);
    record_cases(keys);
}
