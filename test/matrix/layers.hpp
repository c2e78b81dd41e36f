// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catch.hpp"
#include "matrix/policies.hpp"

#include <ashlar/backend/flash_log.hpp>
#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/backend/static_map.hpp>
#include <ashlar/backend/tiered.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/checkpoint/native.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/expiry/evicting.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/expiry/retained.hpp>
#include <ashlar/feed/bounded_events.hpp>
#include <ashlar/feed/change_log.hpp>
#include <ashlar/metrics/counted.hpp>
#include <ashlar/quota/memory_limit.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <iterator>

// Pairs of all policies but the codecs (plan.hpp has those), of which only the lengths count here:
// each pair is judged by the rules, and must be refused by the one rule that the table names, or
// else be legal. Here only the rules are instantiated; stacks.hpp has stores.
namespace ashlar_test::layers {

// clang-format off: a line for each axis
enum policy : std::size_t {
    hash_map, sorted_map, static_map, flash_log, lmdb, rocksdb, sqlite, tiered,
    unversioned, stamped, shared_version,
    ephemeral, logged, native,
    kept, lazy_ttl, active_ttl, evicting, retained,
    silent, bounded_events, change_log,
    shared, single,
    posix, simulated, bare,
    unlimited, limited,
    unmetered, counted,
    fixed, dynamic,
    policy_count
};
inline constexpr const char* names[policy_count] = {
    "hash_map", "sorted_map", "static_map", "flash_log", "lmdb", "rocksdb", "sqlite",
    "tiered",
    "unversioned", "stamped", "shared_version",
    "ephemeral", "logged", "native",
    "kept", "lazy_ttl", "active_ttl", "evicting", "retained",
    "silent", "bounded_events", "change_log",
    "shared", "single",
    "posix", "simulated", "bare",
    "unlimited", "memory_limit",
    "unmetered", "counted",
    "fixed lengths", "dynamic lengths",
};
// clang-format on
inline constexpr std::size_t axis_count = 10;
inline constexpr policy first_of_axis[axis_count] = {
    hash_map, unversioned, ephemeral, kept, silent, shared, posix, unlimited, unmetered, fixed};
using choice = std::array<policy, axis_count>;

[[nodiscard]] constexpr std::size_t axis_of(policy p) noexcept {
    std::size_t axis = axis_count - 1;
    while (p < first_of_axis[axis]) --axis;
    return axis;
}

/// What a policy can't do without, on another axis, where the pair does not say otherwise.
struct companion {
    policy of;
    policy needs;
};
inline constexpr companion companions[] = {
    {native, lmdb},
    {change_log, logged},
    {retained, shared_version},
};

[[nodiscard]] constexpr choice with(policy one, policy other) noexcept {
    choice c = {sorted_map, unversioned, ephemeral, kept,      silent,
                single,     posix,       unlimited, unmetered, fixed};
    for (const companion& each : companions)
        if (each.of == one || each.of == other) c[axis_of(each.needs)] = each.needs;
    c[axis_of(one)] = one;
    c[axis_of(other)] = other;
    return c;
}

using flash_chip = ashlar::testing::flash_model<4096, 4, 4>;

template <policy P>
struct named;
// clang-format off: a line for each policy
template <> struct named<hash_map> : std::type_identity<ashlar::hash_map<>> {};
template <> struct named<sorted_map> : std::type_identity<ashlar::sorted_map<>> {};
template <> struct named<static_map> : std::type_identity<ashlar::static_map<16>> {};
template <> struct named<flash_log>
    : std::type_identity<ashlar::flash_log<flash_chip>> {};
template <> struct named<lmdb> : std::type_identity<ashlar::lmdb<>> {};
template <> struct named<rocksdb> : std::type_identity<ashlar::rocksdb<>> {};
template <> struct named<sqlite> : std::type_identity<ashlar::sqlite<>> {};
template <> struct named<tiered>
    : std::type_identity<ashlar::tiered<ashlar::sorted_map<>, ashlar::lmdb<>>> {};
template <> struct named<unversioned> : std::type_identity<ashlar::unversioned> {};
template <> struct named<stamped> : std::type_identity<ashlar::stamped> {};
template <> struct named<shared_version>
    : std::type_identity<ashlar::shared_version<ashlar::by_prefix>> {};
template <> struct named<ephemeral> : std::type_identity<ashlar::ephemeral> {};
template <> struct named<logged> : std::type_identity<ashlar::logged<>> {};
template <> struct named<native> : std::type_identity<ashlar::native> {};
template <> struct named<kept> : std::type_identity<ashlar::kept> {};
template <> struct named<lazy_ttl> : std::type_identity<ashlar::lazy_ttl> {};
template <> struct named<active_ttl> : std::type_identity<ashlar::active_ttl<>> {};
template <> struct named<evicting> : std::type_identity<ashlar::evicting<ashlar::s3_fifo, 1000>> {};
template <> struct named<retained> : std::type_identity<ashlar::retained<60, ashlar::lazy_ttl>> {};
template <> struct named<silent> : std::type_identity<ashlar::silent> {};
template <> struct named<bounded_events> : std::type_identity<ashlar::bounded_events<>> {};
template <> struct named<change_log> : std::type_identity<ashlar::change_log> {};
template <> struct named<shared> : std::type_identity<ashlar::shared> {};
template <> struct named<single> : std::type_identity<ashlar::single> {};
template <> struct named<posix> : std::type_identity<ashlar::posix> {};
template <> struct named<simulated> : std::type_identity<ashlar::simulated> {};
template <> struct named<bare> : std::type_identity<ashlar::bare> {};
template <> struct named<unlimited> : std::type_identity<ashlar::unlimited> {};
template <> struct named<limited> : std::type_identity<ashlar::memory_limit<1'000'000>> {};
template <> struct named<unmetered> : std::type_identity<ashlar::unmetered> {};
template <> struct named<counted> : std::type_identity<ashlar::counted<1>> {};
template <> struct named<fixed> : std::type_identity<ashlar::native_value> {};
template <> struct named<dynamic> : std::type_identity<ashlar::raw> {};
// clang-format on

using stack_key = std::pair<std::uint32_t, std::uint32_t>;
template <choice C>
using stack_value = std::conditional_t<C[9] == fixed, std::int64_t, std::string>;

enum class rule_name {
    legal,
    extents_are_fixed_where_needed,
    lengths_may_differ_where_needed,
    files_where_needed,
    logs_only_memory,
    native_where_copied,
    log_where_followed,
    threads_where_needed,
    clock_where_needed,
    groups_are_not_evicted,
    tombstones_where_retained,
};

/// The first rule that a choice breaks.
template <choice C>
[[nodiscard]] consteval rule_name broken_by() {
    using key = stack_key;
    using value = stack_value<C>;
    using c = ashlar::composition<
        ashlar::composite, typename named<C[9]>::type, typename named<C[0]>::type,
        typename named<C[1]>::type, ashlar::unreplicated, typename named<C[2]>::type,
        typename named<C[3]>::type, ashlar::unindexed, typename named<C[7]>::type,
        typename named<C[4]>::type, typename named<C[8]>::type, typename named<C[5]>::type,
        typename named<C[6]>::type>;
    namespace rule = ashlar::rule;
    if constexpr (rule::legal<c, key, value>) return rule_name::legal;
    if (!rule::extents_are_fixed_where_needed<c, key, value>)
        return rule_name::extents_are_fixed_where_needed;
    if (!rule::lengths_may_differ_where_needed<c>)
        return rule_name::lengths_may_differ_where_needed;
    if (!rule::files_where_needed<c>) return rule_name::files_where_needed;
    if (!rule::logs_only_memory<c>) return rule_name::logs_only_memory;
    if (!rule::native_where_copied<c>) return rule_name::native_where_copied;
    if (!rule::log_where_followed<c>) return rule_name::log_where_followed;
    if (!rule::threads_where_needed<c>) return rule_name::threads_where_needed;
    if (!rule::clock_where_needed<c>) return rule_name::clock_where_needed;
    if (!rule::groups_are_not_evicted<c>) return rule_name::groups_are_not_evicted;
    if (!rule::tombstones_where_retained<c>) return rule_name::tombstones_where_retained;
    throw "a rule that this table does not know"; // not a constant: does not compile
}

struct illegal_pair {
    policy one;
    policy other;
    rule_name broken;
};
// clang-format off: a table
inline constexpr illegal_pair illegal_pairs[] = {
    {static_map, shared_version, rule_name::lengths_may_differ_where_needed},
    {static_map, retained, rule_name::lengths_may_differ_where_needed}, // groups come with it
    {static_map, dynamic, rule_name::extents_are_fixed_where_needed},
    {flash_log, logged, rule_name::logs_only_memory},
    {lmdb, logged, rule_name::logs_only_memory},
    {rocksdb, logged, rule_name::logs_only_memory},
    {sqlite, logged, rule_name::logs_only_memory},
    {flash_log, change_log, rule_name::logs_only_memory}, // a log comes with it
    {lmdb, change_log, rule_name::logs_only_memory},
    {rocksdb, change_log, rule_name::logs_only_memory},
    {sqlite, change_log, rule_name::logs_only_memory},
    {hash_map, native, rule_name::native_where_copied},
    {sorted_map, native, rule_name::native_where_copied},
    {static_map, native, rule_name::native_where_copied},
    {flash_log, native, rule_name::native_where_copied},
    {tiered, native, rule_name::native_where_copied},
    {ephemeral, change_log, rule_name::log_where_followed},
    {native, change_log, rule_name::log_where_followed},
    {lmdb, bare, rule_name::files_where_needed},
    {rocksdb, bare, rule_name::files_where_needed},
    {sqlite, bare, rule_name::files_where_needed},
    {tiered, bare, rule_name::files_where_needed}, // what is below keeps them
    {lmdb, simulated, rule_name::files_where_needed},
    {rocksdb, simulated, rule_name::files_where_needed},
    {sqlite, simulated, rule_name::files_where_needed},
    {tiered, simulated, rule_name::files_where_needed},
    {native, simulated, rule_name::files_where_needed}, // lmdb comes with it
    {logged, bare, rule_name::files_where_needed},
    {native, bare, rule_name::files_where_needed},
    {change_log, bare, rule_name::files_where_needed},
    {shared, bare, rule_name::threads_where_needed},
    {lazy_ttl, bare, rule_name::clock_where_needed},
    {active_ttl, bare, rule_name::clock_where_needed},
    {retained, bare, rule_name::clock_where_needed},
    {shared_version, evicting, rule_name::groups_are_not_evicted},
    {unversioned, retained, rule_name::tombstones_where_retained},
    {stamped, retained, rule_name::tombstones_where_retained},
};
// clang-format on

inline constexpr std::size_t pair_count = std::size_t{policy_count} * policy_count;

/// By one * policy_count + other.
inline constexpr auto verdicts = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<rule_name, pair_count>{[] {
        constexpr auto one = policy{I / policy_count}, other = policy{I % policy_count};
        if constexpr (one < other && axis_of(one) != axis_of(other))
            return broken_by<with(one, other)>();
        else return rule_name::legal;
    }()...};
}(std::make_index_sequence<pair_count>{});

} // namespace ashlar_test::layers
