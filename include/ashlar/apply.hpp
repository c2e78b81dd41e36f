// SPDX-License-Identifier: BSL-1.0
/// @file Defines how an engine carries out a batch: admit (nothing changes), then carry out.
#pragma once

#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1 {

/// Satisfied by what `admit` may look at while the engine holds its locks or transaction:
/// `find` answers whether there is a live row and points `row` at it until the next call; ordered
/// tables also say whether a live row lies in a range.
template <class T>
concept readable_table = requires(T& table, bytes_view key, bytes_view& row) {
    { table.find(key, row) } -> std::same_as<result<bool>>;
};
template <class T>
concept ordered_table = readable_table<T> && requires(T& table, bytes_view key, bytes_view& row) {
    { table.find_in(key, key, row) } -> std::same_as<result<bool>>;
};

/// Satisfied by visitors of conflicts that also say which rows count: one that is not live is taken
/// for absent, by checks and by `add`, at the moment the engine looks at it. `range_empty` shows
/// the first row of the range as it is; the visitor sees to the rest.
template <class V>
concept judges_rows = requires(const V& by, bytes_view row) {
    { by.is_live(row) } -> std::same_as<bool>;
};

namespace detail {

template <class OnConflict>
[[nodiscard]] bool counts(const OnConflict& by, bytes_view row) noexcept {
    if constexpr (judges_rows<OnConflict>) return by.is_live(row);
    else return static_cast<void>(by), static_cast<void>(row), true;
}

template <class Row>
[[nodiscard]] result<bool> holds(const check& c, bool found, bytes_view row) noexcept {
    if (found && c.kind != check_kind::range_empty && !Row::fits(row)) return errc::corrupt;
    switch (c.kind) {
    case check_kind::absent:
    case check_kind::range_empty: return !found;
    case check_kind::present: return found;
    case check_kind::equals: return found && Row::payload(row) == c.operand;
    case check_kind::version_is:
        if constexpr (Row::fields.version) {
            if (c.operand.size() != 8) return errc::invalid_argument;
            return load_little<std::uint64_t>(c.operand.data()) == (found ? Row::version(row) : 0);
        }
        return errc::unsupported; // the face offers no such check without a version field
    }
    return errc::corrupt;
}

/// Where an `add` finds the value it adds to: the latest earlier operation of the same batch on
/// that key, or else the table, if the row there counts.
template <class Table, class OnConflict>
[[nodiscard]] result<bool> find_before(batch_span batch, const operation& add, Table& table,
                                       const OnConflict& by, bytes_view& row) {
    bool decided = false;
    bool found = false;
    for (const operation op : batch.operations) {
        if (op.entry == add.entry) break;
        if (op.kind == operation_kind::erase_range) {
            if (op.key == add.key || op.key < add.key)
                if (op.value.empty() || add.key < op.value) decided = true, found = false;
        } else if (op.key == add.key) {
            decided = true;
            found = op.kind == operation_kind::put; // an earlier add is a put by now
            row = op.value;
        }
    }
    if (decided) return found;
    const result<bool> there = table.find(add.key, row);
    if (!there || !*there) return there;
    return counts(by, row);
}
template <class Table>
[[nodiscard]] result<bool> find_before(batch_span batch, const operation& add, Table& table,
                                       bytes_view& row) {
    return find_before(batch, add, table, ignore_conflict{}, row);
}

/// Puts the replaced row's expiry where an operation asks to keep it.
template <class Row, class Table, class OnConflict>
[[nodiscard]] result<void> resolve_expiry(batch_span batch, const operation& op, Table& table,
                                          const OnConflict& by) {
    const bool writes = op.kind == operation_kind::put || op.kind == operation_kind::add;
    if (!writes || !Row::fits(op.value) || Row::expiry(op.value) != keeps_expiry) return {};
    bytes_view row;
    const auto found = find_before(batch, op, table, by, row);
    if (!found) return found.error();
    if (*found && !Row::fits(row)) return errc::corrupt;
    Row::set_expiry(op.value_bytes(), *found ? Row::expiry(row) : expires_never);
    return {};
}

} // namespace detail

/// Whether key and row have the lengths that the layout fixes (the typed face makes no others).
/// Errors: invalid_argument.
template <class Row>
[[nodiscard]] result<void> admissible(const operation& op) noexcept {
    if (op.kind == operation_kind::erase_range) return {};
    if (Row::key_extent != dynamic_extent && op.key.size() != Row::key_extent)
        return errc::invalid_argument;
    if (op.kind == operation_kind::put && !Row::fits(op.value)) return errc::invalid_argument;
    return {};
}

/// First half of apply: evaluates every check and resolves every `add`, changing nothing but the
/// batch itself. On success nothing of the batch's meaning can fail any more; what is left is room.
/// Errors: conflict (after on_conflict was shown the first failed check), overflow, type_mismatch
/// (an add to a payload that is not 8 bytes), corrupt, unsupported (a range without order), and
/// whatever the table answers.
template <class Row, readable_table Table, class OnConflict>
[[nodiscard]] result<void> admit(batch_span batch, Table& table, OnConflict&& on_conflict) {
    std::size_t index = 0;
    for (const check c : batch.checks) {
        bytes_view row;
        result<bool> found = errc::unsupported;
        if (c.kind != check_kind::range_empty) found = table.find(c.key, row);
        else if constexpr (ordered_table<Table>) found = table.find_in(c.key, c.operand, row);
        if (!found) return found.error();
        if (*found && c.kind != check_kind::range_empty && !detail::counts(on_conflict, row))
            found = false, row = {};
        const auto met = detail::holds<Row>(c, *found, row);
        if (!met) return met.error();
        if (!*met) {
            on_conflict(conflict_view{index, c, *found, row});
            return errc::conflict;
        }
        ++index;
    }
    for (operation op : batch.operations) {
        if (op.kind == operation_kind::erase_range && !ordered_table<Table>)
            return errc::unsupported;
        if (const auto fits = admissible<Row>(op); !fits) return fits;
        if constexpr (Row::fields.expiry)
            if (auto kept = detail::resolve_expiry<Row>(batch, op, table, on_conflict); !kept)
                return kept;
        if (op.kind != operation_kind::add) continue;
        if (op.value.size() != Row::header_size + 8) return errc::type_mismatch;
        bytes_view row;
        const auto found = detail::find_before(batch, op, table, on_conflict, row);
        if (!found) return found.error();
        std::int64_t sum = 0;
        if (*found) {
            if (!Row::fits(row)) return errc::corrupt;
            if (Row::payload(row).size() != 8) return errc::type_mismatch;
            sum = static_cast<std::int64_t>(load_little<std::uint64_t>(Row::payload(row).data()));
        }
        const auto delta = static_cast<std::int64_t>(
            load_little<std::uint64_t>(op.value.data() + Row::header_size));
        if (__builtin_add_overflow(sum, delta, &sum)) return errc::overflow;
        op.resolve_add(sum);
    }
    return {};
}

/// Second half: the operations in their order on a table whose verbs answer result<void>, or void
/// when they can't fail. REQUIRES: admit succeeded under the same locks.
template <class Table>
[[nodiscard]] result<void> carry_out(operation_list operations, Table& table) {
    const auto step = [](auto&& verb) -> result<void> {
        if constexpr (std::is_void_v<decltype(verb())>) return verb(), result<void>{};
        else return verb();
    };
    for (const operation op : operations) {
        result<void> done;
        switch (op.kind) {
        case operation_kind::put:
            done = step([&] { return table.assign(op.key, op.value); });
            break;
        case operation_kind::erase: done = step([&] { return table.remove(op.key); }); break;
        case operation_kind::erase_range:
            if constexpr (requires { table.remove_range(op.key, op.value); })
                done = step([&] { return table.remove_range(op.key, op.value); });
            else done = errc::unsupported;
            break;
        case operation_kind::add: done = errc::corrupt; break; // admit resolves every add
        }
        if (!done) return done;
    }
    return {};
}

} // namespace ashlar::inline v0_1
