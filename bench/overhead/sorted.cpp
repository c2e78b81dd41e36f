// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana
// sorted_map for one thread, under keys of three types, against the tree it rests on, used by hand.
#include "tree_twin.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/store.hpp>

#include <boost/hana/adapt_struct.hpp>

namespace sensors {

/// What a sensor measured, and when.
struct reading {
    std::uint64_t sensor;
    std::uint32_t channel;
    std::int64_t time;
    friend bool operator==(const reading&, const reading&) = default;
};
[[nodiscard]] inline std::uint64_t word_of(const reading& key) noexcept {
    return key.sensor ^ key.channel ^ static_cast<std::uint64_t>(key.time);
}

} // namespace sensors

BOOST_HANA_ADAPT_STRUCT(sensors::reading, sensor, channel, time);

namespace {

using ashlar::bytes_view;
using bench::point;
using sensors::reading;

template <class Key, class Codec>
using ordered =
    ashlar::store<Key, point, ashlar::sorted_map<>, Codec, ashlar::single, ashlar::bare>;

/// An integer, its greatest byte first.
struct big {
    static constexpr std::size_t extent = 8;
    std::byte bytes[8];
    explicit big(std::uint64_t key) noexcept { ashlar::store_big(bytes, key); }
    [[nodiscard]] bytes_view view() const noexcept { return {bytes, 8}; }
    static void assign(std::uint64_t& key, bytes_view from) noexcept {
        key = ashlar::load_big<std::uint64_t>(from.data());
    }
};
/// A text is its own image.
struct text {
    static constexpr std::size_t extent = ashlar::dynamic_extent;
    bytes_view bytes;
    explicit text(const std::string& key) noexcept : bytes{key} {}
    [[nodiscard]] bytes_view view() const noexcept { return bytes; }
    static void assign(std::string& key, bytes_view from) {
        key.assign(reinterpret_cast<const char*>(from.data()), from.size());
    }
};

[[nodiscard]] std::vector<reading> make_readings(std::size_t count) {
    std::vector<reading> made;
    for (const std::uint64_t key : bench::make_keys(count))
        made.push_back(
            {key >> 56, static_cast<std::uint32_t>(key & 7U), static_cast<std::int64_t>(key << 8)});
    return made;
}
/// Member for member, signs turned round.
struct in_order {
    static constexpr std::size_t extent = 20;
    static constexpr std::uint64_t sign = std::uint64_t{1} << 63;
    std::byte bytes[extent];
    explicit in_order(const reading& key) noexcept {
        ashlar::store_big(bytes, key.sensor);
        ashlar::store_big(bytes + 8, key.channel);
        ashlar::store_big(bytes + 12, static_cast<std::uint64_t>(key.time) ^ sign);
    }
    [[nodiscard]] bytes_view view() const noexcept { return {bytes, extent}; }
    static void assign(reading& key, bytes_view from) noexcept {
        key.sensor = ashlar::load_big<std::uint64_t>(from.data());
        key.channel = ashlar::load_big<std::uint32_t>(from.data() + 8);
        key.time =
            static_cast<std::int64_t>(ashlar::load_big<std::uint64_t>(from.data() + 12) ^ sign);
    }
};

/// What for_each does not: a range whose end is looked for, and whose cursor is kept.
void scan(const std::vector<std::uint64_t>& keys) {
    ordered<std::uint64_t, ashlar::big_endian> db;
    bench::hand_tree<std::uint64_t, big> by_hand;
    for (const std::uint64_t key : keys)
        bench::require(db.put(key, bench::point_of(key)).has_value() &&
                           by_hand.put(key, bench::point_of(key)).has_value(),
                       "could not fill the sorted maps");
    bench::compare_each(
        "sorted_map scan of all", 1, keys.size(),
        [&db](std::size_t) {
            std::uint64_t sum = 0;
            const auto done =
                db.scan(0, ~std::uint64_t{0}).for_each([&](std::uint64_t key, const point& p) {
                    sum += key ^ bench::digest(p);
                });
            return done ? sum : 0;
        },
        [&by_hand](std::size_t) {
            std::uint64_t sum = 0;
            by_hand.each([&](std::uint64_t key, const point& p) { sum += key ^ bench::digest(p); });
            return sum;
        });
}

} // namespace

int main() {
    const auto keys = bench::make_keys(10'000);
    bench::count_loop(keys);
    bench::compare_verbs<ordered<std::uint64_t, ashlar::big_endian>,
                         bench::hand_tree<std::uint64_t, big>>("sorted_map", keys);
    scan(keys);
    bench::compare_verbs<ordered<std::string, ashlar::native_key>,
                         bench::hand_tree<std::string, text>>("sorted texts",
                                                              bench::make_texts(10'000));
    bench::compare_verbs<ordered<reading, ashlar::composite>, bench::hand_tree<reading, in_order>>(
        "sorted composite", make_readings(10'000));
}
