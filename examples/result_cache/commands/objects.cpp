// SPDX-License-Identifier: BSL-1.0
// OBJECT: what Redis would keep a value in. Here values are rows; programs that ask want to know
// whether a value is small, so the answer is by Redis's bounds, as for a value written at once.
#include "commands/handlers.hpp"

#include <algorithm>

namespace cache::on {

namespace {

constexpr std::size_t longest_embedded = 44;
constexpr std::uint64_t most_in_listpack = 128;
constexpr std::size_t longest_in_listpack = 64;
constexpr std::uint64_t most_in_intset = 512;
constexpr std::int64_t shared_integers = 10000; ///< from 0 on, which Redis keeps once for all
constexpr std::size_t longest_integer = 20;

/// Whether test(name, row) holds for all elements. `tag` as in element_prefix().
template <class Test>
bool all_elements(const call& c, const head& h, string_view tag, Test test) {
    const std::string prefix = element_prefix(c.db, h.id, tag);
    bool all = true;
    c.work.scan_prefix(prefix, [&](string_view key, string_view row) {
        return all = test(key.substr(prefix.size() + sizeof(std::uint32_t)), row);
    });
    return all;
}

string_view encoding_of(const call& c, const head& h, string_view string) {
    const auto is_short = [](string_view name, string_view row) {
        return std::max(name.size(), row.size()) <= longest_in_listpack;
    };
    const bool few = h.count <= most_in_listpack;
    switch (h.type) {
    case kind::string:
        if (string.size() <= longest_integer && parse_integer(string)) return "int";
        return string.size() <= longest_embedded ? "embstr" : "raw";
    case kind::list: return "quicklist";
    case kind::hash: return few && all_elements(c, h, {}, is_short) ? "listpack" : "hashtable";
    case kind::set: {
        const auto is_integer = [](string_view name, string_view) {
            return parse_integer(name).has_value();
        };
        const bool integers = h.count <= most_in_intset && all_elements(c, h, {}, is_integer);
        return integers ? "intset" : "hashtable";
    }
    case kind::zset: return few && all_elements(c, h, "m", is_short) ? "listpack" : "skiplist";
    case kind::none: break;
    }
    return "none";
}

/// visit(head, its bytes if it is a string) of the key that is named; nothing is replied otherwise.
template <class Visit>
void with_object(call& c, Visit visit) {
    head h;
    std::string string;
    c.work.read(head_key(c.db, c[2]), [&](string_view row, std::uint64_t at) {
        h = parse_head(row, at);
        if (h.type == kind::string) string = row.substr(1);
    });
    if (h.absent()) c.out.null();
    else visit(h, string_view{string});
}

} // namespace

void object_encoding(call& c) {
    with_object(c,
                [&](const head& h, string_view string) { c.out.bulk(encoding_of(c, h, string)); });
}
void object_refcount(call& c) {
    with_object(c, [&](const head&, string_view string) {
        const auto number = parse_integer(string);
        const bool shared = number && *number >= 0 && *number < shared_integers;
        c.out.integer(shared ? INT32_MAX : 1);
    });
}
void object_idletime(call& c) {
    with_object(c, [&](const head&, string_view) { c.out.integer(0); });
}
void object_freq(call& c) {
    with_object(c, [&](const head&, string_view) {
        c.out.error("ERR An LFU maxmemory policy is not selected, access frequency not tracked. "
                    "Please note that when switching between policies at runtime LRU and LFU data "
                    "will take some time to adjust.");
    });
}

} // namespace cache::on
