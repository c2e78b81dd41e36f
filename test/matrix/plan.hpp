// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>

// Which stores the matrix makes and which it must not make; pairs.cpp proves
// that nothing is left out.
namespace ashlar_test::matrix {

/// Today's policies, axis after axis. Wrappers (checksummed, slot, ...) stand
/// for one use of them.
// clang-format off: a line for each axis
enum policy : std::size_t {
    hash_map, sorted_map, static_map, lmdb, rocksdb, sqlite,
    shared, single,
    unversioned, stamped, shared_version,
    native_text, native_number, big_endian, text, composite, object_entry, namespaced, packed, slot,
    normalized,
    native_value, raw, reflected, cereal, tagged, checksummed,
    posix, bare,
    policy_count
};
inline constexpr const char* names[policy_count] = {
    "hash_map", "sorted_map", "static_map", "lmdb", "rocksdb", "sqlite",
    "shared", "single",
    "unversioned", "stamped", "shared_version",
    "native_text", "native_number", "big_endian", "text", "composite", "object_entry", "namespaced",
    "packed", "slot", "normalized",
    "native_value", "raw", "reflected", "cereal", "tagged", "checksummed",
    "posix", "bare",
};
// clang-format on
inline constexpr std::size_t axis_count = 6;
inline constexpr policy first_of_axis[axis_count] = {hash_map,    shared,       unversioned,
                                                     native_text, native_value, posix};

/// One policy of each axis, in the order of the enumeration.
using choice = std::array<policy, axis_count>;

/// The rules that two policies can break between them (ashlar/rules.hpp).
enum class rule_name {
    extents_are_fixed_where_needed,
    lengths_may_differ_where_needed,
    groups_are_known,
    files_where_needed,
    threads_where_needed,
};

/// `one` with `other` breaks the rule; `one` with `instead`, of the same axis
/// as `other`, does not.
struct illegal_pair {
    policy one;
    policy other;
    rule_name broken;
    policy instead;
};
// clang-format off: a table
inline constexpr illegal_pair illegal_pairs[] = {
    {static_map, native_text, rule_name::extents_are_fixed_where_needed, native_number},
    {static_map, text, rule_name::extents_are_fixed_where_needed, big_endian},
    {static_map, object_entry, rule_name::extents_are_fixed_where_needed, composite},
    {static_map, namespaced, rule_name::extents_are_fixed_where_needed, slot},
    {static_map, normalized, rule_name::extents_are_fixed_where_needed, packed},
    {static_map, cereal, rule_name::extents_are_fixed_where_needed, reflected},
    {static_map, tagged, rule_name::extents_are_fixed_where_needed, raw},
    {static_map, shared_version, rule_name::lengths_may_differ_where_needed, stamped},
    {shared_version, native_text, rule_name::groups_are_known, composite},
    {shared_version, native_number, rule_name::groups_are_known, composite},
    {shared_version, big_endian, rule_name::groups_are_known, composite},
    {shared_version, text, rule_name::groups_are_known, namespaced},
    {shared_version, packed, rule_name::groups_are_known, slot},
    {shared_version, normalized, rule_name::groups_are_known, object_entry},
    {lmdb, bare, rule_name::files_where_needed, posix},
    {rocksdb, bare, rule_name::files_where_needed, posix},
    {sqlite, bare, rule_name::files_where_needed, posix},
    {shared, bare, rule_name::threads_where_needed, posix},
};

/// The stores that are made and run: every legal pair of policies of two axes stands in one row at
/// least. Ten key codecs and six value codecs make sixty rows the fewest there can be. To add a
/// policy, add rows until pairs.cpp passes; rows that differ in codecs of one kind only (both
/// lengths fixed, or neither) share an engine and compile fastest.
inline constexpr choice plan[] = {
    {hash_map, shared, unversioned, native_text, checksummed, posix},
    {hash_map, shared, unversioned, object_entry, raw, posix},
    {hash_map, shared, stamped, text, raw, posix},
    {hash_map, shared, stamped, text, reflected, posix},
    {hash_map, shared, stamped, normalized, tagged, posix},
    {hash_map, single, unversioned, native_number, cereal, bare},
    {hash_map, single, unversioned, big_endian, tagged, bare},
    {hash_map, single, stamped, packed, native_value, bare},
    {hash_map, single, shared_version, composite, native_value, bare},
    {hash_map, single, shared_version, namespaced, raw, bare},
    {hash_map, single, shared_version, slot, cereal, bare},
    {sorted_map, shared, stamped, native_text, tagged, posix},
    {sorted_map, shared, stamped, slot, checksummed, posix},
    {sorted_map, single, unversioned, native_number, raw, posix},
    {sorted_map, single, unversioned, big_endian, checksummed, bare},
    {sorted_map, single, unversioned, packed, cereal, bare},
    {sorted_map, single, stamped, namespaced, tagged, posix},
    {sorted_map, single, stamped, normalized, checksummed, posix},
    {sorted_map, single, stamped, native_text, reflected, bare},
    {sorted_map, single, stamped, text, tagged, bare},
    {sorted_map, single, stamped, object_entry, tagged, bare},
    {sorted_map, single, stamped, normalized, raw, bare},
    {sorted_map, single, shared_version, composite, cereal, posix},
    {sorted_map, single, shared_version, object_entry, reflected, posix},
    {sorted_map, single, shared_version, namespaced, native_value, posix},
    {static_map, shared, stamped, composite, checksummed, posix},
    {static_map, single, unversioned, slot, native_value, posix},
    {static_map, single, stamped, native_number, reflected, posix},
    {static_map, single, stamped, big_endian, native_value, posix},
    {static_map, single, stamped, packed, raw, bare},
    {lmdb, shared, unversioned, big_endian, raw, posix},
    {lmdb, shared, unversioned, packed, checksummed, posix},
    {lmdb, shared, stamped, native_number, native_value, posix},
    {lmdb, shared, shared_version, composite, tagged, posix},
    {lmdb, shared, shared_version, object_entry, checksummed, posix},
    {lmdb, shared, shared_version, slot, reflected, posix},
    {lmdb, single, unversioned, native_text, cereal, posix},
    {lmdb, single, unversioned, text, cereal, posix},
    {lmdb, single, unversioned, namespaced, checksummed, posix},
    {lmdb, single, unversioned, normalized, cereal, posix},
    {rocksdb, shared, stamped, native_text, raw, posix},
    {rocksdb, shared, stamped, text, checksummed, posix},
    {rocksdb, shared, stamped, slot, tagged, posix},
    {rocksdb, shared, stamped, normalized, reflected, posix},
    {rocksdb, shared, shared_version, object_entry, native_value, posix},
    {rocksdb, shared, shared_version, namespaced, cereal, posix},
    {rocksdb, single, unversioned, native_number, tagged, posix},
    {rocksdb, single, unversioned, big_endian, reflected, posix},
    {rocksdb, single, unversioned, composite, reflected, posix},
    {rocksdb, single, unversioned, packed, reflected, posix},
    {sqlite, shared, shared_version, composite, raw, posix},
    {sqlite, shared, shared_version, object_entry, cereal, posix},
    {sqlite, shared, shared_version, namespaced, reflected, posix},
    {sqlite, shared, shared_version, slot, raw, posix},
    {sqlite, single, unversioned, native_text, native_value, posix},
    {sqlite, single, unversioned, text, native_value, posix},
    {sqlite, single, unversioned, normalized, native_value, posix},
    {sqlite, single, stamped, native_number, checksummed, posix},
    {sqlite, single, stamped, big_endian, cereal, posix},
    {sqlite, single, stamped, packed, tagged, posix},
};
// clang-format on

} // namespace ashlar_test::matrix
