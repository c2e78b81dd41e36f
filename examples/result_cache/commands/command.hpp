// SPDX-License-Identifier: BSL-1.0
/// @file Defines commands: what is known of each before it runs, and what it is run with.
#pragma once

#include "resp/reply_writer.hpp"
#include "server/server.hpp"
#include "text/words.hpp"

#include <span>

namespace cache {

using arguments = std::span<const string_view>;

/// What a commit of this command causes afterwards.
struct effects {
    std::vector<place> pushed; ///< lists and sorted sets that began to be
    std::vector<std::pair<std::string, std::string>> published;
    std::shared_ptr<waiter> wait; ///< it found nothing and waits
    /// Places in the reply, ascending, where the version that the commit gives is to stand.
    std::vector<std::size_t> versions;
};

/// One run of one command. A handler checks everything before it writes to `work`: an error must
/// leave no trace.
struct call {
    server& host;
    const std::shared_ptr<session>& who;
    unit& work;
    resp::reply_writer& out;
    arguments args; ///< the command's name first
    int db;
    bool in_exec;
    effects& after;

    [[nodiscard]] string_view operator[](std::size_t i) const noexcept { return args[i]; }
    [[nodiscard]] std::size_t size() const noexcept { return args.size(); }

    void syntax_error() { out.error("ERR syntax error"); }
    void wrong_type() { out.wrong_type(); }
    void wrong_arity();

    /// The number, or the error is replied.
    [[nodiscard]] std::optional<std::int64_t> integer(string_view text) {
        const auto value = parse_integer(text);
        if (!value) out.error("ERR value is not an integer or out of range");
        return value;
    }
    [[nodiscard]] std::optional<double> real(string_view text) {
        const auto value = parse_double(text);
        if (!value) out.error("ERR value is not a valid float");
        return value;
    }
    /// The head of a key that is absent or of this kind; otherwise the error is replied.
    [[nodiscard]] std::optional<head> open(string_view key, kind wanted) {
        const head h = work.find(db, key);
        if (h.absent() || h.type == wanted) return h;
        wrong_type();
        return std::nullopt;
    }
    /// Keeps a collection that was `before` and is now `after`: an empty one is gone.
    void keep(string_view key, const head& before, const head& now) {
        if (now.count != 0) work.put_head(db, key, head_row(now), now.at);
        else if (!before.absent()) work.erase_head(db, key);
    }
    /// A list or sorted set begins to be: somebody may wait for it.
    void note_push(string_view key, kind type) {
        after.pushed.push_back({db, std::string{key}, type});
    }
    /// Replies the version that the commit will give.
    void reply_version() { after.versions.push_back(out.size()); }
    /// A collection that begins to be.
    [[nodiscard]] head fresh(kind type) {
        head h;
        h.type = type;
        h.id = work.fresh_id();
        h.first = list_middle;
        return h;
    }
};

/// What Redis says of commands, by its names (COMMAND INFO).
enum command_flag : std::uint32_t {
    write = 1U << 0,
    readonly = 1U << 1,
    denyoom = 1U << 2,
    admin = 1U << 3,
    pubsub = 1U << 4,
    noscript = 1U << 5,
    blocking = 1U << 6,
    loading = 1U << 7,
    stale = 1U << 8,
    skip_monitor = 1U << 9,
    skip_slowlog = 1U << 10,
    fast = 1U << 11,
    no_auth = 1U << 12,
    no_async_loading = 1U << 13,
    no_multi = 1U << 14,
    movablekeys = 1U << 15,
    allow_busy = 1U << 16,
    no_mandatory_keys = 1U << 17,
};
inline constexpr std::array<string_view, 18> command_flag_names{
    "write",      "readonly",         "denyoom",      "admin",
    "pubsub",     "noscript",         "blocking",     "loading",
    "stale",      "skip_monitor",     "skip_slowlog", "fast",
    "no_auth",    "no_async_loading", "no_multi",     "movablekeys",
    "allow_busy", "no_mandatory_keys"};

/// ACL categories.
enum class category : std::uint32_t {
    none = 0,
    keyspace = 1U << 0,
    read = 1U << 1,
    write = 1U << 2,
    set = 1U << 3,
    sortedset = 1U << 4,
    list = 1U << 5,
    hash = 1U << 6,
    string = 1U << 7,
    pubsub = 1U << 8,
    admin = 1U << 9,
    fast = 1U << 10,
    slow = 1U << 11,
    blocking = 1U << 12,
    dangerous = 1U << 13,
    connection = 1U << 14,
    transaction = 1U << 15,
    scripting = 1U << 16,
    bitmap = 1U << 17,
};
[[nodiscard]] constexpr category operator|(category a, category b) noexcept {
    return static_cast<category>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
[[nodiscard]] constexpr bool has(category all, category one) noexcept {
    return (static_cast<std::uint32_t>(all) & static_cast<std::uint32_t>(one)) != 0;
}
inline constexpr std::array<string_view, 18> category_names{
    "keyspace", "read",      "write",      "set",         "sortedset", "list",
    "hash",     "string",    "pubsub",     "admin",       "fast",      "slow",
    "blocking", "dangerous", "connection", "transaction", "scripting", "bitmap"};

/// Which stripes a command needs beyond those of its keys.
enum class reach : std::uint8_t { keys, everything, nothing };

/// One line of the table.
struct command {
    string_view name;
    int arity; ///< words with the name; negative: at least
    std::uint32_t flags;
    int first_key; ///< 0 for none
    int last_key;  ///< negative counts from the end
    int key_step;
    category categories;
    reach reaches;
    void (*run)(call&);
    /// The word that says how many keys come behind it, where one does.
    int key_count = 0;

    [[nodiscard]] constexpr bool takes(std::size_t words) const noexcept {
        const auto given = static_cast<int>(words > 1000000000 ? 1000000000 : words);
        return arity > 0 ? given == arity : given >= -arity;
    }
    /// visit(string_view key) for each key among the words. REQUIRES: takes(args.size()).
    template <class Visit>
    constexpr void each_key(arguments args, Visit&& visit) const {
        const auto count = static_cast<int>(args.size());
        const int last = last_key < 0 ? count + last_key : last_key;
        for (int i = first_key; i != 0 && i <= last && i < count; i += key_step)
            visit(args[static_cast<std::size_t>(i)]);
        if (key_count != 0) each_counted_key(args, visit);
    }

  private:
    template <class Visit>
    constexpr void each_counted_key(arguments args, Visit& visit) const {
        const auto first = static_cast<std::size_t>(key_count) + 1;
        const auto keys = args.size() < first ? std::nullopt : parse_integer(args[first - 1]);
        for (std::size_t i = first;
             keys && i < args.size() && i - first < static_cast<std::size_t>(*keys); ++i)
            visit(args[i]);
    }
};

/// A subcommand; arity counts the command's name too.
struct subcommand {
    string_view of;
    string_view name;
    int arity;
    void (*run)(call&);
    std::uint32_t flags = 0;
};

/// Its place in commands().
[[nodiscard]] std::size_t number_of(const command& what);
/// Takes back what was replied from `begin` on and replies why the store did not commit.
void refuse_commit(resp::reply_writer& out, std::size_t begin, ashlar::error why);

/// All commands, by name. Names are found in any case.
[[nodiscard]] std::span<const command> commands() noexcept;
[[nodiscard]] const command* find_command(string_view name) noexcept;
[[nodiscard]] std::span<const subcommand> subcommands() noexcept;
[[nodiscard]] bool has_subcommands(const command& of) noexcept;
/// Null where `of` has none of that name; `known` says whether `of` has any at all.
[[nodiscard]] const subcommand* find_subcommand(string_view of, string_view name,
                                                bool& known) noexcept;

} // namespace cache
