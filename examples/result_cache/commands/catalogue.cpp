// SPDX-License-Identifier: BSL-1.0
// COMMAND: what the server says of its commands.
#include "commands/handlers.hpp"
#include "text/glob.hpp"

namespace cache::on {

namespace {

void describe(resp::reply_writer& out, const cache::command& one) {
    out.array(10);
    out.bulk(one.name);
    out.integer(one.arity);
    const auto names = [&](std::uint32_t bits, auto all, string_view prefix) {
        out.set(static_cast<std::size_t>(std::popcount(bits)));
        for (std::size_t i = 0; i < all.size(); ++i)
            if ((bits >> i & 1) != 0) out.simple(std::string{prefix}.append(all[i]));
    };
    names(one.flags, command_flag_names, "");
    out.integer(one.first_key);
    out.integer(one.last_key);
    out.integer(one.key_step);
    names(static_cast<std::uint32_t>(one.categories), category_names, "@");
    for (int i = 0; i < 3; ++i) out.set(0); // tips, key specifications, subcommands: none
}

/// The group that the documentation of Redis puts a command in: that of its category, with
/// exceptions.
string_view group_of(const cache::command& one) {
    using group = std::pair<string_view, string_view>;
    constexpr std::array exceptions = std::to_array<group>({{"client", "connection"},
                                                            {"cluster", "cluster"},
                                                            {"command", "server"},
                                                            {"dbsize", "server"},
                                                            {"flushall", "server"},
                                                            {"flushdb", "server"},
                                                            {"pubsub", "pubsub"},
                                                            {"object", "generic"},
                                                            {"sort", "generic"},
                                                            {"sort_ro", "generic"},
                                                            {"swapdb", "server"},
                                                            {"wait", "generic"},
                                                            {"script", "scripting"}});
    for (const auto& [name, its] : exceptions)
        if (one.name == name) return its;
    using named = std::pair<category, string_view>;
    constexpr std::array groups = std::to_array<named>({{category::bitmap, "bitmap"},
                                                        {category::string, "string"},
                                                        {category::list, "list"},
                                                        {category::hash, "hash"},
                                                        {category::set, "set"},
                                                        {category::sortedset, "sorted-set"},
                                                        {category::pubsub, "pubsub"},
                                                        {category::connection, "connection"},
                                                        {category::transaction, "transactions"},
                                                        {category::scripting, "scripting"},
                                                        {category::keyspace, "generic"}});
    for (const auto& [its, name] : groups)
        if (has(one.categories, its)) return name;
    return "server";
}

void list_all(call& c) {
    c.out.array(commands().size());
    for (const cache::command& one : commands()) describe(c.out, one);
}

} // namespace

void command(call& c) {
    if (c.size() > 1) return by_subcommand(c);
    list_all(c);
}
void command_count(call& c) { c.out.integer(static_cast<long long>(commands().size())); }
/// [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]
void command_list(call& c) {
    if (c.size() != 2 && (c.size() != 5 || !is(c[2], "filterby"))) return c.syntax_error();
    const auto is_wanted = [&](const cache::command& one) {
        if (c.size() == 2) return true;
        if (is(c[3], "pattern")) return glob_match(c[4], one.name);
        for (std::size_t i = 0; is(c[3], "aclcat") && i < category_names.size(); ++i)
            if (is(c[4], category_names[i]))
                return has(one.categories, static_cast<category>(1U << i));
        return false; // there are no modules
    };
    if (c.size() == 5 && !is(c[3], "pattern") && !is(c[3], "aclcat") && !is(c[3], "module"))
        return c.syntax_error();
    std::vector<std::string> names;
    for (const cache::command& one : commands())
        if (is_wanted(one)) names.emplace_back(one.name);
    for (const subcommand& one : subcommands()) {
        std::string name = std::string{one.of}.append("|").append(one.name);
        const bool fits = c.size() == 2 || (is(c[3], "pattern") && glob_match(c[4], name)) ||
                          (is(c[3], "aclcat") && is(c[4], "admin") && (one.flags & admin) != 0);
        if (fits) names.push_back(std::move(name));
    }
    c.out.array(names.size());
    for (const std::string& name : names) c.out.bulk(name);
}
/// Of SORT the source alone: what STORE names is nobody's to tell apart.
void command_getkeys(call& c) {
    const cache::command* what = find_command(c[2]);
    const arguments words = c.args.subspan(2);
    if (what == nullptr) return c.out.error("ERR Invalid command specified");
    bool known = false; // of subcommands, those that read have a key
    const subcommand* sub = find_subcommand(c[2], words[1], known);
    if (sub != nullptr && (sub->flags & readonly) != 0 && words.size() > 2) {
        c.out.array(1);
        return c.out.bulk(words[2]);
    }
    if (what->first_key == 0 && what->key_count == 0)
        return c.out.error("ERR The command has no key arguments");
    if (!what->takes(words.size()))
        return c.out.error("ERR Invalid number of arguments specified for command");
    std::vector<string_view> keys;
    what->each_key(words, [&](string_view key) { keys.push_back(key); });
    std::optional<string_view> target; // of SORT; the last counts
    for (std::size_t i = 2; what->run == sort && i + 1 < words.size(); ++i)
        if (is(words[i], "store")) target = words[i + 1];
    if (target) keys.push_back(*target);
    if (keys.empty() && (what->flags & no_mandatory_keys) == 0)
        return c.out.error("ERR Invalid arguments specified for command");
    c.out.array(keys.size());
    for (const string_view key : keys) c.out.bulk(key);
}
void command_info(call& c) {
    if (c.size() == 2) return list_all(c);
    c.out.array(c.size() - 2);
    for (const string_view name : c.args.subspan(2)) {
        if (const cache::command* one = find_command(name)) describe(c.out, *one);
        else c.out.null();
    }
}
void command_docs(call& c) {
    std::vector<const cache::command*> shown;
    if (c.size() == 2)
        for (const cache::command& one : commands()) shown.push_back(&one);
    for (const string_view name : c.args.subspan(2))
        if (const cache::command* one = find_command(name)) shown.push_back(one);
    c.out.map(shown.size());
    for (const cache::command* one : shown) {
        c.out.bulk(one->name);
        c.out.map(1);
        c.out.bulk("group");
        c.out.bulk(group_of(*one));
    }
}

} // namespace cache::on
