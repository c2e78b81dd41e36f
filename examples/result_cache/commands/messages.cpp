// SPDX-License-Identifier: BSL-1.0
// Publish and subscribe.
#include "commands/handlers.hpp"

namespace cache::on {

namespace {

void show_counts(session& who) {
    const std::lock_guard lock{who.mutex};
    who.shown.channels = who.channels.size();
    who.shown.patterns = who.patterns.size();
}

void confirm(call& c, string_view what, const std::string* name) {
    c.out.push(3);
    c.out.bulk(what);
    if (name != nullptr) c.out.bulk(*name);
    else c.out.null();
    c.out.integer(static_cast<long long>(c.who->subscriptions()));
}

void join(call& c, bool pattern) {
    auto& mine = pattern ? c.who->patterns : c.who->channels;
    for (const string_view word : c.args.subspan(1)) {
        const auto [name, is_new] = mine.emplace(word);
        if (is_new) c.host.listeners.add(*name, pattern, c.who);
        confirm(c, pattern ? "psubscribe" : "subscribe", &*name);
    }
    show_counts(*c.who);
}

void leave(call& c, bool pattern) {
    auto& mine = pattern ? c.who->patterns : c.who->channels;
    const string_view what = pattern ? "punsubscribe" : "unsubscribe";
    std::vector<std::string> names{c.args.begin() + 1, c.args.end()};
    if (c.size() == 1) {
        names.assign(mine.begin(), mine.end());
        if (names.empty()) confirm(c, what, nullptr);
    }
    for (const std::string& name : names) {
        if (mine.erase(name) != 0) c.host.listeners.remove(name, pattern, *c.who);
        confirm(c, what, &name);
    }
    show_counts(*c.who);
}

} // namespace

void subscribe(call& c) { join(c, false); }
void psubscribe(call& c) { join(c, true); }
void unsubscribe(call& c) { leave(c, false); }
void punsubscribe(call& c) { leave(c, true); }

void leave_all(call& c) {
    for (const std::string& name : c.who->channels) c.host.listeners.remove(name, false, *c.who);
    for (const std::string& name : c.who->patterns) c.host.listeners.remove(name, true, *c.who);
    c.who->channels.clear();
    c.who->patterns.clear();
    show_counts(*c.who);
}

void publish(call& c) {
    c.after.published.emplace_back(c[1], c[2]);
    c.out.integer(static_cast<long long>(c.host.listeners.receivers(c[1])));
}

void pubsub_channels(call& c) {
    if (c.size() > 3)
        return c.out.error("ERR unknown subcommand or wrong number of arguments for '" +
                           std::string{c[1]} + "'. Try PUBSUB HELP.");
    const auto names = c.host.listeners.channels(c.size() == 3 ? c[2] : string_view{});
    c.out.array(names.size());
    for (const std::string& name : names) c.out.bulk(name);
}
void pubsub_numsub(call& c) {
    c.out.array(2 * (c.size() - 2));
    for (const string_view name : c.args.subspan(2)) {
        c.out.bulk(name);
        c.out.integer(static_cast<long long>(c.host.listeners.listeners(name)));
    }
}
void pubsub_numpat(call& c) { c.out.integer(static_cast<long long>(c.host.listeners.patterns())); }

} // namespace cache::on
