// SPDX-License-Identifier: BSL-1.0
// Keys of any type: heads are moved, copied, counted and walked.
#include "commands/handlers.hpp"

#include "commands/scan.hpp"
#include "text/glob.hpp"

#include <random>

namespace cache::on {

namespace {

string_view name_of(kind type) {
    switch (type) {
    case kind::string: return "string";
    case kind::list: return "list";
    case kind::hash: return "hash";
    case kind::set: return "set";
    case kind::zset: return "zset";
    case kind::none: break;
    }
    return "none";
}

void count_keys(call& c) {
    long long found = 0;
    for (std::size_t i = 1; i < c.size(); ++i)
        if (c.work.contains(head_key(c.db, c[i]))) ++found;
    c.out.integer(found);
}

/// A head row as it stands, and what it says.
struct whole_head {
    std::string row;
    head h;
};
whole_head read_head(call& c, string_view key) {
    whole_head read;
    c.work.read(head_key(c.db, key), [&](string_view row, std::uint64_t at) {
        read = {std::string{row}, parse_head(row, at)};
    });
    return read;
}

/// Somebody may wait for what has come under a name.
void note_kind(call& c, int db, string_view key, kind type) {
    if (type == kind::list || type == kind::zset)
        c.after.pushed.push_back({db, std::string{key}, type});
}

/// Writes a copy of all that `from` holds under `to`, which must be absent by now.
void copy_key(call& c, string_view from, int to_db, string_view to) {
    auto [row, h] = read_head(c, from);
    if (h.type == kind::string) return c.work.put_head(to_db, to, std::move(row), h.at);
    const std::string old_prefix = element_prefix(c.db, h.id);
    h.id = c.work.fresh_id();
    const std::string new_prefix = element_prefix(to_db, h.id);
    std::vector<std::pair<std::string, std::string>> copies;
    c.work.scan_prefix(old_prefix, [&](string_view key, string_view value) {
        copies.emplace_back(new_prefix + std::string{key.substr(old_prefix.size())}, value);
        return true;
    });
    for (auto& [key, value] : copies) c.work.put(std::move(key), std::move(value), h.elements_at);
    c.work.put_head(to_db, to, head_row(h), h.at);
    note_kind(c, to_db, to, h.type);
}

/// Renames, once it is known that it may be done. The rows of a collection stay where they are.
void rename_to(call& c) {
    if (c[1] == c[2]) return;
    auto [row, h] = read_head(c, c[1]);
    c.work.erase_key(c.db, c[2]);
    c.work.erase_head(c.db, c[1]);
    note_kind(c, c.db, c[2], h.type);
    c.work.put_head(c.db, c[2], std::move(row), h.at);
}

bool missing_source(call& c) {
    if (c.work.contains(head_key(c.db, c[1]))) return false;
    c.out.error("ERR no such key");
    return true;
}

bool flush_option(call& c) {
    const bool fine = c.size() == 1 || (c.size() == 2 && (is(c[1], "async") || is(c[1], "sync")));
    if (!fine) c.syntax_error();
    return fine;
}

} // namespace

std::optional<int> database(call& c, string_view text) {
    const auto number = c.integer(text);
    if (!number) return std::nullopt;
    if (*number < INT32_MIN || *number > INT32_MAX) {
        c.out.error("ERR value is out of range, value must between -2147483648 and 2147483647");
        return std::nullopt;
    }
    if (*number < 0 || *number >= database_count) {
        c.out.error("ERR DB index is out of range");
        return std::nullopt;
    }
    return static_cast<int>(*number);
}

void del(call& c) {
    long long gone = 0;
    for (std::size_t i = 1; i < c.size(); ++i)
        if (c.work.erase_key(c.db, c[i])) ++gone;
    c.out.integer(gone);
}
void unlink(call& c) { del(c); }
void exists(call& c) { count_keys(c); }
void touch(call& c) { count_keys(c); }
void type(call& c) { c.out.simple(name_of(c.work.find(c.db, c[1]).type)); }
void dbsize(call& c) { c.out.integer(c.work.count(c.db)); }

void rename(call& c) {
    if (missing_source(c)) return;
    rename_to(c);
    c.out.ok();
}
void renamenx(call& c) {
    if (missing_source(c)) return;
    if (c.work.contains(head_key(c.db, c[2]))) return c.out.integer(0);
    rename_to(c);
    c.out.integer(1);
}

void copy(call& c) {
    int to = c.db;
    bool replace = false;
    for (std::size_t i = 3; i < c.size(); ++i) {
        if (is(c[i], "replace")) {
            replace = true;
        } else if (is(c[i], "db") && i + 1 < c.size()) {
            const auto chosen = database(c, c[++i]);
            if (!chosen) return;
            to = c.work.place_of(*chosen);
        } else {
            return c.syntax_error();
        }
    }
    if (to == c.db && c[1] == c[2])
        return c.out.error("ERR source and destination objects are the same");
    if (!c.work.contains(head_key(c.db, c[1]))) return c.out.integer(0);
    if (c.work.contains(head_key(to, c[2]))) {
        if (!replace) return c.out.integer(0);
        c.work.erase_key(to, c[2]);
    }
    copy_key(c, c[1], to, c[2]);
    c.out.integer(1);
}

void move(call& c) {
    const auto chosen = database(c, c[2]);
    if (!chosen) return;
    const int to = c.work.place_of(*chosen);
    if (to == c.db) return c.out.error("ERR source and destination objects are the same");
    if (!c.work.contains(head_key(c.db, c[1])) || c.work.contains(head_key(to, c[1])))
        return c.out.integer(0);
    copy_key(c, c[1], to, c[1]);
    c.work.erase_key(c.db, c[1]);
    c.out.integer(1);
}

void swapdb(call& c) {
    std::int64_t numbers[2];
    for (const std::size_t i : {0U, 1U}) {
        const auto number = parse_integer(c[i + 1]);
        if (!number || *number < INT32_MIN || *number > INT32_MAX)
            return c.out.error(i == 0 ? "ERR invalid first DB index"
                                      : "ERR invalid second DB index");
        numbers[i] = *number;
    }
    for (const std::int64_t number : numbers)
        if (number < 0 || number >= database_count)
            return c.out.error("ERR DB index is out of range");
    if (numbers[0] != numbers[1])
        c.work.swap_databases(static_cast<int>(numbers[0]), static_cast<int>(numbers[1]));
    c.out.ok();
}

void keys(call& c) {
    std::vector<std::string> found;
    c.work.scan_prefix(heads_prefix(c.db), [&](string_view row_key) {
        if (glob_match(c[1], key_of(row_key))) found.emplace_back(key_of(row_key));
        return true;
    });
    c.out.array(found.size());
    for (const std::string& key : found) c.out.bulk(key);
}

void scan(call& c) {
    auto how = scan_options::parse(c, 2, true);
    if (!how) return;
    const scan_page page =
        next_page(c.work, heads_prefix(c.db), how->cursor, how->count, !how->type.empty());
    c.out.array(2);
    c.out.bulk(page.cursor());
    std::vector<string_view> found;
    for (const auto& [key, row] : page.rows)
        if (how->shows(key) &&
            (how->type.empty() || is(how->type, name_of(parse_head(row, 0).type))))
            found.emplace_back(key);
    c.out.array(found.size());
    for (const string_view key : found) c.out.bulk(key);
}

void randomkey(call& c) {
    // Any key may come; those behind a gap of hashes come more often.
    thread_local std::minstd_rand random{std::random_device{}()};
    std::string from = heads_prefix(c.db);
    append_big(from, static_cast<std::uint32_t>(random() * 2654435761U));
    std::optional<std::string> found;
    const auto take = [&](string_view row_key) {
        found.emplace(key_of(row_key));
        return false;
    };
    c.work.scan(from, behind(heads_prefix(c.db)), false, take, 1);
    if (!found) c.work.scan_prefix(heads_prefix(c.db), take, 1);
    if (found) c.out.bulk(*found);
    else c.out.null();
}

void flushdb(call& c) {
    if (!flush_option(c)) return;
    c.work.erase_database(c.db);
    c.out.ok();
}
void flushall(call& c) {
    if (!flush_option(c)) return;
    for (int db = 0; db < database_count; ++db) c.work.erase_database(db);
    c.out.ok();
}

} // namespace cache::on
