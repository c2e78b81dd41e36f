// SPDX-License-Identifier: BSL-1.0
// What Redis has not: writes that depend on a value or a version, keys asked for many at once,
// exact decimals. A version is that of the store (rows K-06, K-16): it grows with every write to
// the key, whatever wrote, and no key has one twice, though it was deleted between.
#include "commands/expire.hpp"
#include "commands/handlers.hpp"

#include <ashlar/decimal.hpp>

namespace cache::on {

namespace {

struct current {
    bool present = false;
    bool is_string = true;
    std::string text;
    std::uint64_t at = 0;                 ///< when it goes
    std::optional<std::uint64_t> version; ///< none: that of this transaction, not known yet
};

current look(call& c, string_view key) {
    current now;
    now.present = c.work.read(head_key(c.db, key), [&](string_view row, std::uint64_t at) {
        now.is_string = row[0] == 's';
        if (now.is_string) now.text = row.substr(1);
        now.at = at;
    });
    if (!now.present) now.version = 0;
    else if (!c.work.touches(head_key(c.db, key))) now.version = c.work.version(c.db, key);
    return now;
}

void reply_version(call& c, const current& now) {
    if (now.version) c.out.integer(static_cast<long long>(*now.version));
    else c.reply_version();
}

/// [EX seconds | PX milliseconds | EXAT | PXAT] behind the first four words; without it the key
/// goes when it would have gone. None when an error was replied.
std::optional<std::uint64_t> end_of(call& c, const current& now) {
    if (c.size() == 4) return now.at;
    const auto unit_of_time = time_unit::named(c[4]);
    if (c.size() != 6 || !unit_of_time) return c.syntax_error(), std::nullopt;
    return moment(c, {*unit_of_time, c[5]}, true);
}

void write(call& c, string_view value, std::uint64_t at) {
    c.work.put_head(c.db, c[1], std::string(1, 's').append(value), at);
}

} // namespace

/// CAS key expected new [time]: 1 when the value was `expected`, 0 when it was another, nothing
/// when there was none.
void cas(call& c) {
    const current now = look(c, c[1]);
    const auto at = end_of(c, now);
    if (!at) return;
    if (!now.is_string) return c.wrong_type();
    if (!now.present) return c.out.null();
    if (now.text != c[2]) return c.out.integer(0);
    write(c, c[3], *at);
    c.out.integer(1);
}

/// CASV key version new [time]: the new version; nothing when the key is at another. Version 0 is
/// that of a key that is not there.
void casv(call& c) {
    const auto expected = c.integer(c[2]);
    if (!expected) return;
    const current now = look(c, c[1]);
    const auto at = end_of(c, now);
    if (!at) return;
    if (!now.is_string) return c.wrong_type();
    if (*expected < 0 || now.version != static_cast<std::uint64_t>(*expected)) return c.out.null();
    write(c, c[3], *at);
    c.reply_version();
}

/// GETV key: its version and its value, or nothing.
void getv(call& c) {
    const current now = look(c, c[1]);
    if (!now.is_string) return c.wrong_type();
    if (!now.present) return c.out.null_array();
    c.out.array(2);
    reply_version(c, now);
    c.out.bulk(now.text);
}

/// VERSION key, of any type: 0 for one that is not there.
void version(call& c) { reply_version(c, look(c, c[1])); }

/// MEXISTS key...: 1 or 0 for each, all at one moment.
void mexists(call& c) {
    c.out.array(c.size() - 1);
    for (const string_view key : c.args.subspan(1))
        c.out.integer(c.work.contains(head_key(c.db, key)) ? 1 : 0);
}

/// INCRBYDEC key delta: the sum, exact (row K-02: 96 bits, 28 decimals); what has no exact sum is
/// an error, never rounded.
void incrbydec(call& c) {
    const current now = look(c, c[1]);
    if (!now.is_string) return c.wrong_type();
    const auto value = ashlar::decimal::parse(now.present ? string_view{now.text} : "0");
    const auto delta = ashlar::decimal::parse(c[2]);
    if (!value || !delta) return c.out.error("ERR value is not a decimal or out of range");
    const auto sum = checked_add(*value, *delta);
    if (!sum) return c.out.error("ERR increment or decrement would overflow");
    const auto digits = sum->to_text();
    const string_view text{digits.digits, digits.size};
    write(c, text, now.at);
    c.out.bulk(text);
}

} // namespace cache::on
