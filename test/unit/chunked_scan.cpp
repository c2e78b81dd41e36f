// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/chunked_scan.hpp>

#include <map>
#include <string>
#include <vector>

namespace {

using namespace ashlar;
using row = row_layout<dynamic_extent, dynamic_extent, row_fields{.version = true}>;

/// A cursor over a std::map that can be told to fail.
struct map_cursor {
    struct by_bytes {
        bool operator()(const std::string& a, const std::string& b) const {
            return bytes_view{a} < bytes_view{b};
        }
    };
    using map = std::map<std::string, std::string, by_bytes>;
    const map& rows;
    map::const_iterator at{};
    int moves_left = 1 << 30;

    result<bool> landed() {
        if (--moves_left < 0) return errc::io;
        return at != rows.end();
    }
    result<bool> back() {
        if (--moves_left < 0) return errc::io;
        if (at == rows.begin()) return false;
        --at;
        return true;
    }
    result<bool> seek(bytes_view key) {
        at = rows.lower_bound(key.as<std::string>());
        return landed();
    }
    result<bool> seek_before(bytes_view key) {
        at = rows.lower_bound(key.as<std::string>());
        return back();
    }
    result<bool> seek_last() {
        at = rows.end();
        return back();
    }
    result<bool> next() {
        ++at;
        return landed();
    }
    result<bool> previous() { return back(); }
    bytes_view key() const { return at->first; }
    bytes_view row() const { return at->second; }
};
static_assert(row_cursor<map_cursor>);

map_cursor::map rows(std::size_t n, std::size_t size = 8) {
    map_cursor::map all;
    for (std::size_t i = 0; i < n; ++i)
        all["k" + std::to_string(1000 + i)] = std::string(size, 'v');
    return all;
}

} // namespace

TEST_CASE("chunked scan: chunks are bounded by rows and by bytes, and nothing is held in a visit") {
    const auto all = GENERATE(rows(0), rows(1), rows(64), rows(65), rows(900), rows(9, 40'000));
    const bool reverse = GENERATE(false, true);
    int views = 0;
    bool inside = false;
    const auto with_cursor = [&](auto fill) {
        ++views;
        inside = true;
        map_cursor at{all};
        const auto done = fill(at);
        inside = false;
        return done;
    };
    std::vector<std::string> seen;
    const auto visit = [&](bytes_view key, bytes_view) {
        CHECK_FALSE(inside);
        seen.push_back(key.as<std::string>());
    };
    const auto more = scan_in_chunks<row>(with_cursor, {.reverse = reverse}, visit);
    CHECK_FALSE(more.value_or(true));
    REQUIRE(seen.size() == all.size());
    std::vector<std::string> wanted;
    for (const auto& [key, value] : all) wanted.push_back(key);
    if (reverse) CHECK(seen == std::vector<std::string>(wanted.rbegin(), wanted.rend()));
    else CHECK(seen == wanted);
    if (all.size() == 900) CHECK(views == 3); // 64, 512, the rest
    if (all.size() == 9) CHECK(views == 5);   // two rows of 40 000 bytes each
}

TEST_CASE("chunked scan: failures of the cursor and rows that do not fit are answered") {
    auto all = rows(100);
    const auto visit = [](bytes_view, bytes_view) {};
    for (int moves = 0; moves < 100; moves += 9) {
        map_cursor at{all, {}, moves};
        const auto with_cursor = [&](auto fill) { return fill(at); };
        CHECK(scan_in_chunks<row>(with_cursor, {}, visit).error() == errc::io);
        at.moves_left = moves;
        CHECK(scan_in_place<row>(at, {}, visit).error() == errc::io);
    }
    all["k1050"] = "short";
    map_cursor at{all};
    CHECK(scan_in_place<row>(at, {}, visit).error() == errc::corrupt);
    const auto with_cursor = [&](auto fill) { return fill(at); };
    CHECK(scan_in_chunks<row>(with_cursor, {}, visit).error() == errc::corrupt);
}

TEST_CASE("chunked scan: in place it answers as in chunks") {
    const auto all = rows(150);
    const std::string lo = "k1010", hi = "k1140", after = "k1100";
    for (const bool reverse : {false, true})
        for (const bool resume : {false, true})
            for (const std::size_t limit : {0U, 1U, 63U, 64U, 65U, 1000U}) {
                const scan_range range{lo, hi, reverse, resume, after, limit};
                std::vector<std::string> chunks, places;
                map_cursor at{all};
                const auto with_cursor = [&](auto fill) { return fill(at); };
                const auto in_chunks = [&](bytes_view key, bytes_view) {
                    chunks.push_back(key.as<std::string>());
                };
                const auto in_place = [&](bytes_view key, bytes_view) {
                    places.push_back(key.as<std::string>());
                };
                const auto one = scan_in_chunks<row>(with_cursor, range, in_chunks);
                const auto other = scan_in_place<row>(at, range, in_place);
                CHECK(chunks == places);
                CHECK(one.value_or(false) == other.value_or(true));
            }
}

TEST_CASE("chunked scan: ranges upside down and cursors from elsewhere are refused") {
    using namespace ashlar::literals;
    CHECK(check_range({.lo = "b"_b, .hi = "a"_b}).error() == errc::range_invalid);
    CHECK(check_range({.lo = "b"_b, .hi = "b"_b}));
    CHECK(check_range({.lo = "b"_b}));
    CHECK(check_range({.hi = "c"_b, .resume = true, .after = "c"_b}).error() ==
          errc::foreign_cursor);
    CHECK(check_range({.lo = "b"_b, .resume = true, .after = "a"_b}).error() ==
          errc::foreign_cursor);
    CHECK(check_range({.lo = "b"_b, .resume = true, .after = "b"_b}));
}
