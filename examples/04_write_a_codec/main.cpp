// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
//
// A key codec of your own: points on a grid in Morton order, so that what is near on the grid is
// near in the store, and a square of the grid is one scan. The shipped laws prove it.
#include <ashlar/ashlar.hpp>
#include <ashlar/testing/codec_laws.hpp>

#include <cstdio>

namespace mine {

struct point {
    std::uint16_t x = 0;
    std::uint16_t y = 0;
    friend bool operator==(const point&, const point&) = default;
    // The order that the encoding keeps: that of the interleaved bits.
    friend bool operator<(const point& a, const point& b) { return a.morton() < b.morton(); }

    [[nodiscard]] std::uint32_t morton() const { return spread(x) << 1 | spread(y); }
    [[nodiscard]] static point at(std::uint32_t code) { return {gather(code >> 1), gather(code)}; }

  private:
    static std::uint32_t spread(std::uint32_t bits) { // abcd -> 0a0b0c0d, by halves
        bits = (bits | bits << 8) & 0x00FF00FF;
        bits = (bits | bits << 4) & 0x0F0F0F0F;
        bits = (bits | bits << 2) & 0x33333333;
        return (bits | bits << 1) & 0x55555555;
    }
    static std::uint16_t gather(std::uint32_t bits) {
        bits &= 0x55555555;
        bits = (bits | bits >> 1) & 0x33333333;
        bits = (bits | bits >> 2) & 0x0F0F0F0F;
        bits = (bits | bits >> 4) & 0x00FF00FF;
        return static_cast<std::uint16_t>(bits | bits >> 8);
    }
};

struct morton {
    using axis = ashlar::key_codec_axis;

    template <class Key>
    struct codec; // other keys: "the key codec can't encode this Key"
};
template <>
struct morton::codec<point> {
    static constexpr std::size_t extent = 4;
    static constexpr bool ordered = true;
    static constexpr bool self_delimiting = true;

    static ashlar::result<std::size_t> size(const point&) { return extent; }
    static std::byte* encode(const point& p, std::byte* out) noexcept {
        ashlar::store_big(out, p.morton());
        return out + extent;
    }
    static ashlar::result<point> decode_some(ashlar::bytes_view& in) {
        if (in.size() < extent) return ashlar::errc::corrupt; // sizes before use
        const auto p = point::at(ashlar::load_big<std::uint32_t>(in.data()));
        in = in.skip(extent);
        return p;
    }
    static void describe(ashlar::sentence& text) { text << "morton/1"; }
};
static_assert(ashlar::key_codec_policy<morton, point>);

} // namespace mine

int main() {
    using mine::point;
    std::size_t laws = 0, broken = 0;
    const auto samples = [](ashlar::testing::random_source& random) {
        return point::at(static_cast<std::uint32_t>(random.next()));
    };
    const auto check = [&](bool held, const char* law) {
        ++laws;
        if (!held) std::printf("BROKEN: %s\n", law), ++broken;
    };
    using codec = mine::morton::codec<point>;
    ashlar::testing::check_codec_laws<codec>(samples, check);
    ashlar::testing::check_key_pair_laws<codec>(samples, check); // order and freedom of prefixes
    std::printf("%zu checks of the laws, %zu broken\n", laws, broken);

    auto grid = ashlar::store<point, char, mine::morton, ashlar::sorted_map<>>::open();
    if (!grid) return 1;
    for (std::uint16_t x = 0; x < 16; ++x)
        for (std::uint16_t y = 0; y < 16; ++y)
            if (!grid->put({x, y}, static_cast<char>('a' + x))) return 1;
    std::size_t inside = 0; // the square [4, 8) x [4, 8) is one run of keys
    for (const auto& [p, mark] : grid->scan(point{4, 4}, point{8, 8}))
        inside += p.x >= 4 && p.x < 8 && p.y >= 4 && p.y < 8;
    std::printf("a square of 4 x 4 read by one scan: %zu points\n", inside);
    return broken == 0 && inside == 16 ? 0 : 1;
}
