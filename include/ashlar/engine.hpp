// SPDX-License-Identifier: BSL-1.0
/// @file Defines the waist: what an engine is, what more it may be, and what it is handed.
#pragma once

#include <ashlar/row.hpp>

namespace ashlar::inline v0_1 {

// --- what an engine is handed --------------------------------------------------------------------

/// Rows in byte order between two keys. Views: the caller keeps the bytes alive during the call.
struct scan_range {
    bytes_view lo{};      ///< inclusive
    bytes_view hi{};      ///< exclusive; empty for no bound
    bool reverse = false; ///< from hi down to lo
    bool resume = false;  ///< go on behind `after` instead of at the beginning
    bytes_view after{};   ///< the raw key visited last
    std::size_t limit = static_cast<std::size_t>(-1);

    [[nodiscard]] bool contains(bytes_view key) const noexcept {
        return !(key < lo) && (hi.empty() || key < hi);
    }
};

/// Errors: range_invalid when the bounds are crossed, foreign_cursor when `after` lies outside.
[[nodiscard]] inline result<void> check_range(const scan_range& range) noexcept {
    if (!range.hi.empty() && range.hi < range.lo) return errc::range_invalid;
    if (range.resume && !range.contains(range.after)) return errc::foreign_cursor;
    return {};
}

/// A failed check, shown to the caller of apply while the engine still holds the row.
struct conflict_view {
    std::size_t index; ///< of the check in the batch
    ashlar::check check;
    bool found;     ///< whether there is a live row (for range_empty: in the range)
    bytes_view row; ///< header and payload of that row; empty without one
};

/// The default answer to a conflict: the error alone.
struct ignore_conflict {
    void operator()(const conflict_view&) const noexcept {}
};

/// What `update` is told to do with the row it was called for.
struct update_action {
    enum class kind : std::uint8_t { keep, write, erase } what = kind::keep;
    std::size_t size = 0; ///< bytes of `out` that were written

    [[nodiscard]] static constexpr update_action keep() noexcept { return {}; }
    [[nodiscard]] static constexpr update_action write(std::size_t size) noexcept {
        return {kind::write, size};
    }
    [[nodiscard]] static constexpr update_action erase() noexcept { return {kind::erase, 0}; }
};

/// Satisfied by what a checkpoint hangs on the commit point (a log, a counter, nothing).
/// `reserve` runs before any key is locked and may block or fail; the commits run under the keys,
/// only copy and can't fail, so the order of the log is the order of effect per key; `wait` runs
/// after release and answers when the commit is as durable as the policy promises.
/// A reservation that meets no commit is voided by the hook's destructor.
template <class H>
concept commit_hook = requires(H& hook, commit_seq seq, operation_list operations, bytes_view b) {
    { hook.reserve(std::size_t{}) } -> std::same_as<result<void>>;
    { hook.commit(seq, operations) } noexcept;
    { hook.commit_put(seq, b, b) } noexcept;
    { hook.commit_erase(seq, b) } noexcept;
    { hook.wait(seq) } -> std::same_as<result<void>>;
};

/// Nothing hangs on the commit point: not one instruction.
struct no_hook {
    static result<void> reserve(std::size_t) noexcept { return {}; }
    static void commit(commit_seq, operation_list) noexcept {}
    static void commit_put(commit_seq, bytes_view, bytes_view) noexcept {}
    static void commit_erase(commit_seq, bytes_view) noexcept {}
    static result<void> wait(commit_seq) noexcept { return {}; }
};
static_assert(commit_hook<no_hook>);

namespace archetype {
struct row_visitor {
    void operator()(bytes_view) const noexcept {}
};
struct indexed_visitor {
    void operator()(std::size_t, bytes_view) const noexcept {}
};
struct key_row_visitor {
    void operator()(bytes_view, bytes_view) const noexcept {}
};
struct updater {
    update_action operator()(commit_seq, const bytes_view*, std::byte*) const noexcept {
        return update_action::keep();
    }
};
} // namespace archetype

// --- what an engine is ---------------------------------------------------------------------------

/// Satisfied by everything a store can rest on: a backend, a layer over one, a whole stack.
/// Contracts (docs/concepts.md has them as tables): `read` calls visit(row) once when the key is
/// there and answers whether; the view lives until the visitor returns; the visitor must not call
/// the engine, block or throw. `walk` visits (key, row) in any order from a position that starts
/// default-constructed, at most `limit` rows, and answers whether more may follow; a key present
/// throughout is visited at least once; no lock is held while visiting. `apply` carries out all
/// checks, then all operations or none. `apply_at` replays operations: no checks, idempotent.
template <class E>
concept engine =
    requires(E& e, const E& view, bytes_view key, typename E::position& at, batch_span batch,
             commit_seq seq, operation_list operations) {
        typename E::row;
        { view.read(key, archetype::row_visitor{}) } -> std::same_as<result<bool>>;
        {
            view.walk(at, archetype::key_row_visitor{}, std::size_t{})
        } -> std::same_as<result<bool>>;
        { e.apply_at(seq, operations) } -> std::same_as<result<void>>;
    } && (requires(E& e, batch_span batch) {
        { e.apply(batch) } -> std::same_as<typename E::row::receipt>;
    } || requires(E& e, write_batch& batch) {
        { e.apply(batch) } -> std::same_as<typename E::row::receipt>;
    });

/// Satisfied by engines that batch and prefetch reads themselves; for others `read_many` loops.
template <class E>
concept batched_engine = engine<E> && requires(const E& e, const bytes_view* keys) {
    {
        e.read_many(keys, std::size_t{}, archetype::indexed_visitor{})
    } -> std::same_as<result<void>>;
};

/// Satisfied by engines whose rows stand in byte order of their keys. `scan` visits (key, row)
/// within the range and answers whether it stopped before the range's end (limit, or a visitor
/// that answered false). Rows are copied out in chunks: no lock is held while visiting.
template <class E>
concept ordered_engine = engine<E> && requires(const E& e, const scan_range& range) {
    { e.scan(range, archetype::key_row_visitor{}) } -> std::same_as<result<bool>>;
};

/// Satisfied by engines that show one moment of all their rows while writers go on. The view
/// offers read, walk and (ordered) scan, is movable, and must not outlive the engine.
template <class E>
concept snapshot_engine = engine<E> && requires(const E& e) {
    { e.snapshot().has_value() } -> std::same_as<bool>;
};

/// Satisfied by engines that change one row in place under its key:
/// f(seq, old or null, out) noexcept -> update_action, with `capacity` bytes at `out`, which never
/// overlap the old row.
template <class E>
concept in_place_engine = engine<E> && requires(E& e, bytes_view key) {
    {
        e.update(key, std::size_t{}, archetype::updater{})
    } -> std::same_as<typename E::row::receipt>;
};

/// Satisfied by engines that write one key without a batch; `erase` answers whether it was there.
template <class E>
concept direct_engine = engine<E> && requires(E& e, bytes_view key) {
    { e.put(key, key) } -> std::same_as<typename E::row::receipt>;
    { e.erase(key) } -> std::same_as<result<bool>>;
};

/// Satisfied by engines that outlive the process: `sync` returns when everything up to `seq`
/// survives power loss, `close` gives the handles back and answers the last sync's error.
template <class E>
concept durable_engine = engine<E> && requires(E& e, commit_seq seq) {
    { e.sync(seq) } -> std::same_as<result<void>>;
    { e.close() } -> std::same_as<result<void>>;
};

/// Satisfied by engines that know how many rows they hold.
template <class E>
concept sized_engine = engine<E> && requires(const E& e) {
    { e.size() } -> std::convertible_to<std::size_t>;
};

/// Satisfied by engines that know how many bytes of memory their rows take, keys included.
template <class E>
concept metered_engine = engine<E> && requires(const E& e) {
    { e.memory_used() } -> std::convertible_to<std::size_t>;
};

/// visit(index, row) for each key that is there; consistent key by key only. Complexity: one
/// batched pass where the engine has one, else a read per key.
template <engine E, class Visit>
result<void> read_many(const E& e, const bytes_view* keys, std::size_t count, Visit visit) {
    if constexpr (batched_engine<E>) {
        return e.read_many(keys, count, visit);
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            const auto found = e.read(keys[i], [&](bytes_view row) { visit(i, row); });
            if (!found) return found.error();
        }
        return {};
    }
}

/// Calls a (key, row) visitor, bytes or typed, that may answer false for "enough".
template <class Visit, class Key, class Row>
[[nodiscard]] bool visit_row(Visit& visit, const Key& key, const Row& row) {
    if constexpr (std::is_void_v<decltype(visit(key, row))>) return visit(key, row), true;
    else return visit(key, row);
}

} // namespace ashlar::inline v0_1
