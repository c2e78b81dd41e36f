// SPDX-License-Identifier: BSL-1.0
// SORT: what a list, a set or a sorted set holds, in the order of numbers, of letters, or of what
// other keys hold.
#include "commands/handlers.hpp"
#include "commands/list_ends.hpp"
#include "keyspace/sorted_range.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>

namespace cache::on {

namespace {

struct sort_request {
    bool descends = false;
    bool by_letters = false;
    std::optional<string_view> by;
    std::vector<string_view> get;
    std::optional<string_view> store;
    std::int64_t skip = 0;
    std::int64_t most = -1;

    [[nodiscard]] bool keeps_order() const noexcept {
        return by && by->find('*') == string_view::npos;
    }
};
/// None when an error was replied.
std::optional<sort_request> parse_sort(call& c, bool may_store) {
    sort_request wanted;
    for (std::size_t i = 2; i < c.size(); ++i) {
        const std::size_t left = c.size() - i - 1;
        if (is(c[i], "asc")) wanted.descends = false;
        else if (is(c[i], "desc")) wanted.descends = true;
        else if (is(c[i], "alpha")) wanted.by_letters = true;
        else if (is(c[i], "limit") && left >= 2) {
            const auto skip = c.integer(c[++i]);
            const auto most = skip ? c.integer(c[++i]) : std::nullopt;
            if (!most) return std::nullopt;
            wanted.skip = std::max<std::int64_t>(*skip, 0);
            wanted.most = *most;
        } else if (is(c[i], "store") && left >= 1 && may_store) wanted.store = c[++i];
        else if (is(c[i], "by") && left >= 1) wanted.by = c[++i];
        else if (is(c[i], "get") && left >= 1) wanted.get.push_back(c[++i]);
        else return c.syntax_error(), std::nullopt;
    }
    return wanted;
}

/// What a pattern means for an element: the string under the key whose name it makes, or a field
/// of the hash there; the element itself for "#".
std::optional<std::string> look_up(const call& c, string_view pattern, string_view element) {
    if (pattern == "#") return std::string{element};
    const std::size_t star = pattern.find('*');
    if (star == string_view::npos) return std::nullopt;
    string_view behind_star = pattern.substr(star + 1);
    string_view field;
    if (const std::size_t arrow = behind_star.find("->");
        arrow != string_view::npos && arrow + 2 < behind_star.size()) {
        field = behind_star.substr(arrow + 2);
        behind_star = behind_star.substr(0, arrow);
    }
    std::string key{pattern.substr(0, star)};
    key.append(element).append(behind_star);
    const head h = c.work.find(c.db, key);
    if (!field.empty())
        return h.type == kind::hash ? c.work.get(member_key(c.db, h.id, field)) : std::nullopt;
    if (h.type != kind::string) return std::nullopt;
    return c.work.get(head_key(c.db, key))->substr(1);
}

struct sorted_element {
    std::string text;
    double number = 0;
    std::size_t place = 0;             ///< among all, before they are sorted
    std::optional<std::string> word{}; ///< by which it is sorted, where another key says so
};

/// In the order in which they are kept, or from the last on.
std::vector<sorted_element> elements_of(const call& c, const head& h, bool descends) {
    std::vector<sorted_element> all;
    if (h.absent()) return all;
    if (h.type == kind::zset) {
        for (scored& row :
             by_rank(c.work, c.db, h, 0, static_cast<std::int64_t>(h.count) - 1, descends))
            all.push_back({.text = std::move(row.member)});
        return all;
    }
    const std::string prefix = element_prefix(c.db, h.id);
    c.work.scan_prefix(prefix, [&](string_view key, string_view row) {
        const string_view member = key.substr(prefix.size() + sizeof(std::uint32_t));
        all.push_back({.text = std::string{h.type == kind::list ? row : member}});
        return true;
    });
    if (descends) std::reverse(all.begin(), all.end());
    return all;
}

/// A number as C reads one; the empty text is 0.
std::optional<double> number_in(const std::string& text) {
    errno = 0;
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (*end != '\0' || errno == ERANGE || std::isnan(number)) return std::nullopt;
    return number;
}

/// False when an error was replied.
bool put_in_order(call& c, const sort_request& wanted, std::vector<sorted_element>& all) {
    for (sorted_element& one : all) {
        if (wanted.by) one.word = look_up(c, *wanted.by, one.text);
        if (wanted.by_letters || (wanted.by && !one.word)) continue;
        const auto number = number_in(wanted.by ? *one.word : one.text);
        if (!number)
            return c.out.error("ERR One or more scores can't be converted into double"), false;
        one.number = *number;
    }
    for (std::size_t i = 0; i < all.size(); ++i) all[i].place = i;
    std::sort(all.begin(), all.end(), [&](const sorted_element& x, const sorted_element& y) {
        const sorted_element& a = wanted.descends ? y : x;
        const sorted_element& b = wanted.descends ? x : y;
        if (!wanted.by_letters && a.number != b.number) return a.number < b.number;
        if (wanted.by_letters && wanted.by && a.word != b.word) return a.word < b.word;
        const bool by_text = !wanted.by_letters || !wanted.by;
        if (by_text && a.text != b.text) return a.text < b.text;
        return x.place < y.place;
    });
    return true;
}

void reply_sorted(call& c, const std::vector<std::optional<std::string>>& texts) {
    c.out.array(texts.size());
    for (const auto& text : texts) {
        if (text) c.out.bulk(*text);
        else c.out.null();
    }
}
void store_sorted(call& c, string_view key, const std::vector<std::optional<std::string>>& texts) {
    c.work.erase_key(c.db, key);
    if (!texts.empty()) {
        head h = c.fresh(kind::list);
        for (const auto& text : texts) push_one(c, h, end::right, text.value_or(std::string{}));
        c.keep(key, head{}, h);
        c.note_push(key, kind::list);
    }
    c.out.integer(static_cast<long long>(texts.size()));
}

void sort_with(call& c, bool may_store) {
    auto wanted = parse_sort(c, may_store);
    if (!wanted) return;
    const head h = c.work.find(c.db, c[1]);
    if (h.type == kind::string || h.type == kind::hash) return c.wrong_type();
    const bool keeps_order = wanted->keeps_order() && !(h.type == kind::set && wanted->store);
    if (wanted->keeps_order() && !keeps_order) { // a set that is stored has some order
        wanted->by.reset();
        wanted->by_letters = true;
    }
    auto all = elements_of(c, h, keeps_order && wanted->descends);
    if (!keeps_order && !put_in_order(c, *wanted, all)) return;
    const auto count = static_cast<std::int64_t>(all.size());
    const std::int64_t first = std::min(wanted->skip, count);
    const std::int64_t left = count - first;
    const std::int64_t shown = wanted->most < 0 ? left : std::min(wanted->most, left);
    std::vector<std::optional<std::string>> texts;
    for (std::int64_t i = first; i < first + shown; ++i) {
        std::string& text = all[static_cast<std::size_t>(i)].text;
        for (const string_view pattern : wanted->get) texts.push_back(look_up(c, pattern, text));
        if (wanted->get.empty()) texts.emplace_back(std::move(text));
    }
    if (wanted->store) store_sorted(c, *wanted->store, texts);
    else reply_sorted(c, texts);
}

} // namespace

void sort(call& c) { sort_with(c, true); }
void sort_ro(call& c) { sort_with(c, false); }

} // namespace cache::on
