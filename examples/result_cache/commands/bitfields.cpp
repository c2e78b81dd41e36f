// SPDX-License-Identifier: BSL-1.0
// BITFIELD: integers of 1 to 64 bits anywhere in a string.
#include "commands/handlers.hpp"

#include <algorithm>

namespace cache::on {

namespace {

constexpr std::size_t longest_string = std::size_t{512} << 20;

enum class overflow : std::uint8_t { wrap, saturate, fail };
enum class action : std::uint8_t { get, set, add };

struct field_step {
    action what = action::get;
    bool is_signed = false;
    unsigned bits = 0;
    std::uint64_t offset = 0;
    std::int64_t operand = 0;
    overflow policy = overflow::wrap;

    [[nodiscard]] std::int64_t most() const noexcept {
        const unsigned digits = is_signed ? bits - 1 : bits; // at most 63
        return static_cast<std::int64_t>((std::uint64_t{1} << digits) - 1);
    }
    [[nodiscard]] std::int64_t least() const noexcept { return is_signed ? -most() - 1 : 0; }
    /// The lowest bits of a number, as this type reads them.
    [[nodiscard]] std::int64_t read(std::uint64_t raw) const noexcept {
        const unsigned unused = 64 - bits;
        const std::uint64_t high = raw << unused;
        if (is_signed) return static_cast<std::int64_t>(high) >> unused;
        return static_cast<std::int64_t>(high >> unused);
    }
};

/// None when an error was replied.
std::optional<field_step> parse_step(call& c, action what, overflow policy, std::size_t at) {
    field_step step{.what = what, .policy = policy};
    const string_view type = c[at + 1];
    const auto bits = type.empty() ? std::nullopt : parse_integer(type.substr(1));
    step.is_signed = !type.empty() && type[0] == 'i';
    if (!bits || *bits < 1 || *bits > (step.is_signed ? 64 : 63) ||
        (type[0] != 'i' && type[0] != 'u'))
        return c.out.error("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is "
                           "not supported but i64 is."),
               std::nullopt;
    step.bits = static_cast<unsigned>(*bits);
    string_view place = c[at + 2];
    const bool counts_fields = !place.empty() && place[0] == '#';
    if (counts_fields) place.remove_prefix(1);
    const auto offset = parse_integer(place);
    constexpr auto most = static_cast<std::int64_t>(longest_string) * 8;
    const std::int64_t factor = counts_fields ? *bits : 1;
    if (!offset || *offset < 0 || *offset > (most - 1) / factor)
        return c.out.error("ERR bit offset is not an integer or out of range"), std::nullopt;
    step.offset = static_cast<std::uint64_t>(*offset * factor);
    if (what == action::get) return step;
    const auto operand = c.integer(c[at + 3]);
    if (!operand) return std::nullopt;
    step.operand = *operand;
    return step;
}

std::optional<std::vector<field_step>> parse_steps(call& c) {
    std::vector<field_step> steps;
    overflow policy = overflow::wrap;
    for (std::size_t at = 2; at < c.size();) {
        const std::size_t left = c.size() - at - 1;
        action what = action::get;
        std::size_t words = 3;
        if (is(c[at], "overflow") && left >= 1) {
            const string_view name = c[at + 1];
            if (is(name, "wrap")) policy = overflow::wrap;
            else if (is(name, "sat")) policy = overflow::saturate;
            else if (is(name, "fail")) policy = overflow::fail;
            else return c.out.error("ERR Invalid OVERFLOW type specified"), std::nullopt;
            at += 2;
            continue;
        }
        if (is(c[at], "set")) what = action::set;
        else if (is(c[at], "incrby")) what = action::add;
        else if (!is(c[at], "get")) return c.syntax_error(), std::nullopt;
        if (what != action::get) ++words;
        if (left + 1 < words) return c.syntax_error(), std::nullopt;
        const auto step = parse_step(c, what, policy, at);
        if (!step) return std::nullopt;
        steps.push_back(*step);
        at += words;
    }
    return steps;
}

/// Behind the end of the string there are zeros.
std::uint64_t load(const std::string& bytes, const field_step& step) {
    std::uint64_t value = 0;
    for (std::uint64_t bit = step.offset; bit < step.offset + step.bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        const unsigned char there =
            byte < bytes.size() ? static_cast<unsigned char>(bytes[byte]) : std::uint8_t{0};
        value = value << 1 | (there >> (7 - bit % 8) & 1U);
    }
    return value;
}
/// REQUIRES: the string is long enough.
void store(std::string& bytes, const field_step& step, std::uint64_t value) {
    for (unsigned i = 0; i < step.bits; ++i) {
        const std::uint64_t bit = step.offset + i;
        char& byte = bytes[static_cast<std::size_t>(bit / 8)];
        const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
        const bool on = (value >> (step.bits - 1 - i) & 1U) != 0;
        const auto old = static_cast<unsigned char>(byte);
        byte = static_cast<char>(on ? old | mask : old & ~mask);
    }
}

/// What the field becomes; none where it would overflow and must not.
std::optional<std::int64_t> result_of(const field_step& step, std::int64_t before) {
    std::int64_t sum = step.operand;
    bool is_above = false;
    bool is_below = false;
    if (step.what == action::add && __builtin_add_overflow(before, step.operand, &sum)) {
        is_above = step.operand > 0;
        is_below = !is_above;
    } else {
        // SET takes a negative number for one above all that are unsigned, as Redis does, and one
        // that is so low that its distance to the greatest has no sign bit left.
        const std::int64_t lowest = step.is_signed && step.bits < 64 ? step.most() - INT64_MAX : 0;
        const bool is_huge =
            step.what == action::set && !(step.is_signed && step.bits == 64) && sum < lowest;
        is_above = is_huge || sum > step.most();
        is_below = !is_huge && sum < step.least();
    }
    if (!is_above && !is_below) return sum;
    if (step.policy == overflow::fail) return std::nullopt;
    if (step.policy == overflow::saturate) return is_above ? step.most() : step.least();
    return step.read(static_cast<std::uint64_t>(sum)); // wrapped by the sum already
}

void run(call& c, const std::vector<field_step>& steps) {
    if (!c.open(c[1], kind::string)) return;
    std::string bytes;
    std::uint64_t end_of_life = 0;
    c.work.read(head_key(c.db, c[1]), [&](string_view row, std::uint64_t at) {
        bytes = row.substr(1);
        end_of_life = at;
    });
    std::uint64_t size = bytes.size();
    bool writes = false;
    for (const field_step& step : steps) {
        if (step.what == action::get) continue;
        writes = true;
        size = std::max(size, (step.offset + step.bits - 1) / 8 + 1);
    }
    if (writes) bytes.resize(static_cast<std::size_t>(size));
    c.out.array(steps.size());
    for (const field_step& step : steps) {
        const std::int64_t before = step.read(load(bytes, step));
        if (step.what == action::get) {
            c.out.integer(before);
            continue;
        }
        const auto after = result_of(step, before);
        if (!after) {
            c.out.null();
            continue;
        }
        store(bytes, step, static_cast<std::uint64_t>(*after));
        c.out.integer(step.what == action::set ? before : *after);
    }
    if (writes) c.work.put_string(c.db, c[1], head{}, bytes, end_of_life);
}

} // namespace

void bitfield(call& c) {
    if (const auto steps = parse_steps(c)) run(c, *steps);
}
void bitfield_ro(call& c) {
    const auto steps = parse_steps(c);
    if (!steps) return;
    for (const field_step& step : *steps)
        if (step.what != action::get)
            return c.out.error("ERR BITFIELD_RO only supports the GET subcommand");
    run(c, *steps);
}

} // namespace cache::on
