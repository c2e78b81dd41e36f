// SPDX-License-Identifier: BSL-1.0
// Which events a command causes, as Redis 7.0 names them.
#include "server/key_events.hpp"

#include "commands/handlers.hpp"

#include <algorithm>
#include <unordered_set>

namespace cache {

namespace {

/// A bit for each letter, in this order. m, n, t and d are taken, but there is nothing to tell.
constexpr string_view known_letters = "g$lshzxetdnKEm";
constexpr std::size_t all_of_a = 10; ///< letters that A stands for
constexpr std::uint32_t bits_of_a = (1U << all_of_a) - 1;

constexpr std::uint32_t bit_of(char letter) { return 1U << known_letters.find(letter); }

/// What a command tells of a key that it wrote, and, before "del", of one that it emptied.
struct rule {
    string_view command;
    char kind;
    string_view written;
    string_view emptied = {};
};
constexpr std::array rules = std::to_array<rule>({
    {"append", '$', "append"},
    {"bitfield", '$', "setbit"},
    {"bitop", '$', "set"},
    {"blpop", 'l', "lpop", "lpop"},
    {"brpop", 'l', "rpop", "rpop"},
    {"bzpopmax", 'z', "zpopmax", "zpopmax"},
    {"bzpopmin", 'z', "zpopmin", "zpopmin"},
    {"cas", '$', "set"},
    {"casv", '$', "set"},
    {"copy", 'g', "copy_to"},
    {"decr", '$', "incrby"},
    {"decrby", '$', "incrby"},
    {"eval", 'g', "expire"},
    {"evalsha", 'g', "expire"},
    {"expire", 'g', "expire"},
    {"expireat", 'g', "expire"},
    {"extend", 'g', "expire"},
    {"getset", '$', "set"},
    {"hdel", 'h', "hdel", "hdel"},
    {"hincrby", 'h', "hincrby"},
    {"hincrbyfloat", 'h', "hincrbyfloat"},
    {"hmset", 'h', "hset"},
    {"hset", 'h', "hset"},
    {"hsetnx", 'h', "hset"},
    {"incr", '$', "incrby"},
    {"incrby", '$', "incrby"},
    {"incrbydec", '$', "incrbyfloat"},
    {"incrbyfloat", '$', "incrbyfloat"},
    {"linsert", 'l', "linsert"},
    {"lock", '$', "set"},
    {"lpop", 'l', "lpop", "lpop"},
    {"lpush", 'l', "lpush"},
    {"lpushx", 'l', "lpush"},
    {"lrem", 'l', "lrem", "lrem"},
    {"lset", 'l', "lset"},
    {"ltrim", 'l', "ltrim", "ltrim"},
    {"mset", '$', "set"},
    {"msetnx", '$', "set"},
    {"persist", 'g', "persist"},
    {"pexpire", 'g', "expire"},
    {"pexpireat", 'g', "expire"},
    {"psetex", '$', "set"},
    {"rpop", 'l', "rpop", "rpop"},
    {"rpush", 'l', "rpush"},
    {"rpushx", 'l', "rpush"},
    {"sadd", 's', "sadd"},
    {"sdiffstore", 's', "sdiffstore"},
    {"set", '$', "set"},
    {"setbit", '$', "setbit"},
    {"setex", '$', "set"},
    {"setnx", '$', "set"},
    {"setrange", '$', "setrange"},
    {"sinterstore", 's', "sinterstore"},
    {"sort", 'l', "sortstore"},
    {"spop", 's', "spop", "spop"},
    {"srem", 's', "srem", "srem"},
    {"sunionstore", 's', "sunionstore"},
    {"zdiffstore", 'z', "zdiffstore"},
    {"zincrby", 'z', "zincr"},
    {"zinterstore", 'z', "zinterstore"},
    {"zpopmax", 'z', "zpopmax", "zpopmax"},
    {"zpopmin", 'z', "zpopmin", "zpopmin"},
    {"zrangestore", 'z', "zrangestore"},
    {"zrem", 'z', "zrem", "zrem"},
    {"zremrangebylex", 'z', "zremrangebylex", "zremrangebylex"},
    {"zremrangebyrank", 'z', "zremrangebyrank", "zremrangebyrank"},
    {"zremrangebyscore", 'z', "zremrangebyscore", "zremrangebyscore"},
    {"zunionstore", 'z', "zunionstore"},
});

static_assert(std::is_sorted(rules.begin(), rules.end(),
                             [](const rule& a, const rule& b) { return a.command < b.command; }));

bool moves_element(string_view name) {
    return name.ends_with("lmove") || name.ends_with("rpoplpush");
}

/// Of pops: the word behind the counted keys says from which end.
rule pop_rule(const command& what, arguments args) {
    const auto count = static_cast<std::size_t>(what.key_count);
    const auto keys = static_cast<std::size_t>(parse_integer(args[count]).value_or(0));
    const string_view end = args[count + 1 + keys];
    if (what.name.ends_with("lmpop"))
        return is(end, "left") ? rule{{}, 'l', "lpop", "lpop"} : rule{{}, 'l', "rpop", "rpop"};
    return is(end, "min") ? rule{{}, 'z', "zpopmin", "zpopmin"}
                          : rule{{}, 'z', "zpopmax", "zpopmax"};
}

/// `first`: it is the first that is told of.
rule rule_for(const command& what, const call& c, const head_change& change, bool first) {
    const string_view name = what.name;
    const auto has_word = [&](string_view word) {
        return std::any_of(c.args.begin() + 2, c.args.end(),
                           [&](string_view one) { return is(one, word); });
    };
    if (name.ends_with("mpop")) return pop_rule(what, c.args);
    if (name == "zadd") return {{}, 'z', has_word("incr") ? "zincr" : "zadd"};
    if (name == "getex") return {{}, 'g', change.at == 0 ? "persist" : "expire"};
    if (name == "smove") return {{}, 's', first ? "srem" : "sadd", "srem"};
    if (moves_element(name)) {
        const bool named = name.ends_with("lmove"); // RPOPLPUSH says its ends itself
        if (first) return {{}, 'l', !named || is(c[4], "left") ? "lpush" : "rpush"};
        const string_view pop = named && is(c[3], "left") ? "lpop" : "rpop";
        return {{}, 'l', pop, pop};
    }
    for (const rule& one : rules)
        if (one.command == name) return one;
    return {{}, 'g', {}}; // DEL and the like
}

/// Whether a command that sets a string says when it goes, too.
bool says_end(string_view name, arguments args) {
    if (name != "set") return name == "setex" || name == "psetex" || name == "lock";
    return std::any_of(args.begin() + 3, args.end(), [](string_view word) {
        return is(word, "ex") || is(word, "px") || is(word, "exat") || is(word, "pxat");
    });
}

/// Each key once, where it was written last.
std::vector<head_change> last_of_each(const std::vector<head_change>& all) {
    std::vector<head_change> last;
    std::unordered_set<string_view> seen;
    for (auto i = all.rbegin(); i != all.rend(); ++i)
        if (seen.insert(i->head).second) last.push_back(*i);
    std::reverse(last.begin(), last.end());
    return last;
}

} // namespace

key_events::key_events(keyspace& space, const subscriptions& listeners) : listeners_{listeners} {
    space.when_gone = [this, &space](string_view head, bool by_time) {
        if (none()) return;
        const auto send = [this](string_view channel, string_view text) {
            listeners_.publish(channel, text);
        };
        int db = 0;
        while (space.place_of(db) != static_cast<unsigned char>(head[0])) ++db;
        tell(by_time ? 'x' : 'e', by_time ? "expired" : "evicted", db, key_of(head), send);
    };
}

std::optional<std::uint32_t> key_events::parse(string_view letters) {
    std::uint32_t classes = 0;
    for (const char letter : letters) {
        if (letter != 'A' && known_letters.find(letter) == string_view::npos) return std::nullopt;
        classes |= letter == 'A' ? bits_of_a : bit_of(letter);
    }
    return classes;
}

std::string key_events::letters() const {
    const std::uint32_t classes = classes_;
    const bool all = (classes & bits_of_a) == bits_of_a;
    std::string text = all ? "A" : "";
    // As Redis: A stands for n, too, when it is shown.
    for (const char letter : known_letters.substr(all ? all_of_a + 1 : 0))
        if ((classes & bit_of(letter)) != 0) text += letter;
    return text;
}

template <class Send>
void key_events::tell(char kind, string_view event, int db, string_view key, Send send) const {
    const std::uint32_t classes = classes_;
    if (event.empty() || (classes & bit_of(kind)) == 0) return;
    const std::string of_db = '@' + std::to_string(db) + "__:";
    if ((classes & bit_of('K')) != 0)
        send(std::string{"__keyspace"}.append(of_db).append(key), event);
    if ((classes & bit_of('E')) != 0)
        send(std::string{"__keyevent"}.append(of_db).append(event), key);
}

void key_events::run(const command& what, call& c) const {
    if (none()) return what.run(c);
    c.work.note_changes(true);
    what.run(c);
    auto changed = last_of_each(c.work.changed_heads());
    c.work.note_changes(false);
    const string_view name = what.name;
    const auto say = [&](char kind, string_view event, const head_change& of) {
        int db = 0;
        while (c.work.place_of(db) != static_cast<unsigned char>(of.head[0])) ++db;
        tell(kind, event, db, key_of(of.head), [&](string_view channel, string_view text) {
            c.after.published.emplace_back(channel, text);
        });
    };
    const bool renames = name == "rename" || name == "renamenx";
    // The target of a list's element is told of first, also where it is the source.
    const bool pushes = moves_element(name);
    if (pushes && changed.size() == 1) changed.push_back(changed.front());
    else if (pushes || name == "move") std::reverse(changed.begin(), changed.end());
    for (const head_change& one : changed) {
        if (renames || name == "move") {
            const std::string from_or_to = one.gone ? "_from" : "_to";
            say('g', std::string{renames ? "rename" : "move"} + from_or_to, one);
            continue;
        }
        const rule its = rule_for(what, c, one, &one == changed.data());
        say(its.kind, one.gone ? its.emptied : its.written, one);
        if (one.gone) say('g', "del", one);
        else if (its.written == "set" && says_end(name, c.args)) say('g', "expire", one);
    }
}

} // namespace cache
