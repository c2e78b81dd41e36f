// SPDX-License-Identifier: BSL-1.0
// Bits of strings: bit 0 is the most significant of the first byte.
#include "commands/handlers.hpp"

#include <algorithm>

namespace cache::on {

namespace {

constexpr std::size_t longest_string = std::size_t{512} << 20;

[[nodiscard]] bool bit_of(string_view bytes, std::uint64_t bit) noexcept {
    const std::uint64_t byte = bit / 8;
    return byte < bytes.size() &&
           (static_cast<unsigned char>(bytes[byte]) >> (7 - bit % 8) & 1U) != 0;
}

/// None when an error was replied. What is not there is empty; `there` says so.
struct bit_string {
    std::string bytes;
    std::uint64_t at = 0;
    bool there = false;

    [[nodiscard]] bool operator[](std::uint64_t bit) const noexcept { return bit_of(bytes, bit); }
};
std::optional<bit_string> open_bits(call& c, string_view key) {
    bit_string s;
    bool wrong = false;
    s.there = c.work.read(head_key(c.db, key), [&](string_view row, std::uint64_t at) {
        wrong = row[0] != 's';
        s.bytes = row.substr(1);
        s.at = at;
    });
    if (!wrong) return s;
    c.wrong_type();
    return std::nullopt;
}

std::optional<std::uint64_t> offset_of(call& c, string_view text) {
    const auto offset = parse_integer(text);
    if (offset && *offset >= 0 && static_cast<std::uint64_t>(*offset) / 8 < longest_string)
        return static_cast<std::uint64_t>(*offset);
    c.out.error("ERR bit offset is not an integer or out of range");
    return std::nullopt;
}

/// Bits [first, last] of a string, as "start [end [BYTE|BIT]]" from word `at` on names them.
struct bit_range {
    std::int64_t first = 0;
    std::int64_t last = -1;
    [[nodiscard]] bool empty() const noexcept { return first > last; }
};
std::optional<bit_range> range_of(call& c, std::size_t at, std::size_t bytes) {
    const auto all = static_cast<std::int64_t>(bytes) * 8;
    if (c.size() <= at) return bit_range{0, all - 1};
    if (c.size() > at + 3) return c.syntax_error(), std::nullopt;
    const auto start = c.integer(c[at]);
    if (!start) return std::nullopt;
    std::int64_t in_unit = 8; // bits
    std::optional<std::int64_t> end = -1;
    const bool has_unit = c.size() == at + 3;
    const auto read_unit = [&] {
        if (has_unit && is(c[at + 2], "bit")) in_unit = 1;
        return !has_unit || in_unit == 1 || is(c[at + 2], "byte");
    };
    if (c.size() > at + 1) end = c.integer(c[at + 1]);
    if (!end) return std::nullopt;
    if (!read_unit()) return c.syntax_error(), std::nullopt;
    if (*start < 0 && *end < 0 && *start > *end) return bit_range{};
    const std::int64_t size = all / in_unit;
    const auto from_front = [&](std::int64_t i) {
        return i < 0 ? std::max<std::int64_t>(i + size, 0) : i;
    };
    const std::int64_t first = from_front(*start);
    const std::int64_t last = std::min(from_front(*end), size - 1);
    if (first > last) return bit_range{};
    return bit_range{first * in_unit, (last + 1) * in_unit - 1};
}

} // namespace

void getbit(call& c) {
    const auto offset = offset_of(c, c[2]);
    if (!offset) return;
    bool wrong = false;
    bool is_set = false;
    c.work.read(head_key(c.db, c[1]), [&](string_view row) {
        wrong = row[0] != 's';
        is_set = !wrong && bit_of(row.substr(1), *offset);
    });
    if (wrong) return c.wrong_type();
    c.out.integer(is_set ? 1 : 0);
}

void setbit(call& c) {
    const auto offset = offset_of(c, c[2]);
    if (!offset) return;
    if (c[3] != "0" && c[3] != "1") return c.out.error("ERR bit is not an integer or out of range");
    auto s = open_bits(c, c[1]);
    if (!s) return;
    c.out.integer((*s)[*offset] ? 1 : 0);
    const auto byte = static_cast<std::size_t>(*offset / 8);
    if (s->bytes.size() <= byte) s->bytes.resize(byte + 1);
    const auto mask = static_cast<unsigned char>(0x80U >> (*offset % 8));
    const auto old = static_cast<unsigned char>(s->bytes[byte]);
    s->bytes[byte] = static_cast<char>(c[3] == "1" ? old | mask : old & ~mask);
    c.work.put_string(c.db, c[1], head{}, s->bytes, s->at);
}

void bitcount(call& c) {
    const auto s = open_bits(c, c[1]);
    if (!s) return;
    if (!s->there) return c.out.integer(0);
    if (c.size() == 3) return c.syntax_error();
    const auto range = range_of(c, 2, s->bytes.size());
    if (!range) return;
    long long count = 0;
    for (std::int64_t bit = range->first; bit <= range->last;) {
        if (bit % 8 == 0 && range->last - bit >= 7) { // a whole byte
            const char byte = s->bytes[static_cast<std::size_t>(bit / 8)];
            count += std::popcount(static_cast<unsigned char>(byte));
            bit += 8;
        } else {
            count += (*s)[static_cast<std::uint64_t>(bit++)] ? 1 : 0;
        }
    }
    c.out.integer(count);
}

void bitpos(call& c) {
    const auto bit = c.integer(c[2]);
    if (!bit) return;
    if (*bit != 0 && *bit != 1) return c.out.error("ERR The bit argument must be 1 or 0.");
    const auto s = open_bits(c, c[1]);
    if (!s) return;
    if (!s->there) return c.out.integer(*bit == 1 ? -1 : 0);
    const auto range = range_of(c, 3, s->bytes.size());
    if (!range) return;
    if (range->empty()) return c.out.integer(-1);
    const char without = *bit == 1 ? '\0' : '\xff';
    for (std::int64_t i = range->first; i <= range->last;) {
        if (i % 8 == 0 && s->bytes[static_cast<std::size_t>(i / 8)] == without) i += 8;
        else if ((*s)[static_cast<std::uint64_t>(i)] == (*bit == 1)) return c.out.integer(i);
        else ++i;
    }
    // Behind a string whose end nobody named, there are zeros.
    c.out.integer(*bit == 0 && c.size() < 5 ? range->last + 1 : -1);
}

void bitop(call& c) {
    const bool inverts = is(c[1], "not");
    if (!inverts && !is(c[1], "and") && !is(c[1], "or") && !is(c[1], "xor"))
        return c.syntax_error();
    if (inverts && c.size() != 4)
        return c.out.error("ERR BITOP NOT must be called with a single source key.");
    std::vector<std::string> sources;
    std::size_t longest = 0;
    for (const string_view key : c.args.subspan(3)) {
        auto s = open_bits(c, key);
        if (!s) return;
        longest = std::max(longest, s->bytes.size());
        sources.push_back(std::move(s->bytes));
    }
    for (std::string& s : sources) s.resize(longest); // with zeros
    std::string& result = sources.front();
    if (inverts)
        for (char& byte : result) byte = static_cast<char>(~byte);
    for (std::size_t i = 1; i < sources.size(); ++i)
        for (std::size_t at = 0; at < longest; ++at) {
            const char a = result[at];
            const char b = sources[i][at];
            result[at] = static_cast<char>(is(c[1], "and")  ? a & b
                                           : is(c[1], "or") ? a | b
                                                            : a ^ b);
        }
    if (longest == 0) c.work.erase_key(c.db, c[2]);
    else c.work.put_string(c.db, c[2], result, 0);
    c.out.integer(static_cast<long long>(longest));
}

} // namespace cache::on
