// SPDX-License-Identifier: BSL-1.0
/// @file Defines the verbs of a store over all of its keys: scans, walks, snapshots, counts.
#pragma once

#include <ashlar/environment/store_identity.hpp>
#include <ashlar/face/snapshot.hpp>

namespace ashlar::inline v0_1::face {

/// Satisfied by stacks that know which store they are: those whose files do.
template <class Stack>
concept identified = requires(const Stack& stack) {
    { stack.identity() } -> std::same_as<std::uint64_t>;
};

/// Nothing: the stack names itself, or there are no scans and so no cursors to be marked.
struct no_identity {};

/// Not std::conditional, which would name both: a refused composition may lack what
/// store_identity asks.
template <bool Drawn, class Composition>
struct identity_of {
    using type = no_identity;
};
template <class C>
struct identity_of<true, C> {
    using type = store_identity<typename C::environment, typename C::concurrency>;
};

/// The verbs of a store that name no single key, and the identity that its cursors carry: a base of
/// basic_store, whose verbs are too many for one header. A base is made before its store is
/// complete, so whatever is asked of Store is asked inside a verb.
template <class Store, class Key, class Composition, class Stack>
class all_keys {
    static constexpr bool draws_identity = ordered_engine<Stack> && !identified<Stack>;

  public:
    /// All rows in key order, for range-for.
    [[nodiscard]] auto scan() const
        requires Store::is_ordered
    {
        return scan_rows<Store, Stack>{self(), self().unvisited()};
    }
    /// Rows with lo <= key < hi.
    template <class Lo = Key, class Hi = Key>
    [[nodiscard]] auto scan(const Lo& lo, const Hi& hi) const
        requires Store::keeps_key_order
    {
        return scan().between(Store::encode(lo), Store::encode(hi));
    }
    /// Rows whose encoded key begins with these bytes (text keys: with this text).
    [[nodiscard]] auto scan_prefix(const auto& prefix) const
        requires Store::is_ordered
    {
        return scan().prefix(bytes_of(prefix));
    }
    // clang-format off: the compiler prints these lines
    void scan(auto&&...) const requires(!Store::is_ordered) = delete; // ashlar: this backend keeps no order, so there is no scan; choose sorted_map, lmdb, rocksdb, sqlite or static_map, or use walk()
    void scan_prefix(auto&&...) const requires(!Store::is_ordered) = delete; // ashlar: this backend keeps no order, so there is no scan; choose sorted_map, lmdb, rocksdb, sqlite or static_map, or use walk()
    void scan(const Key&, const Key&) const requires(Store::is_ordered && !Store::keeps_key_order) = delete; // ashlar: this key codec does not keep the order of keys, so a range of keys means nothing; add ashlar::big_endian, text or composite
    // clang-format on

    /// visit(const Key&, const Value&) for up to `limit` rows in any order, going on from
    /// `position` (default-constructed: from the start); answers whether more may follow. A row
    /// present throughout is visited at least once. The visitor may call the store.
    template <class Visit>
    [[nodiscard]] result<bool> walk(typename Stack::position& position, Visit&& visit,
                                    std::size_t limit = static_cast<std::size_t>(-1)) const {
        return Store::parts::walk(self().unvisited(), position, visit, limit);
    }
    /// visit(const Key&, const Value&) for all rows, in key order where the backend keeps one;
    /// false from it means enough. As walk otherwise.
    template <class Visit>
    [[nodiscard]] result<void> for_each(Visit&& visit) const {
        const auto more = Store::parts::visit_all(self().unvisited(), visit);
        if (!more) return more.error();
        return {};
    }
    /// One moment of the whole store: offers get and scan; must not outlive the store.
    [[nodiscard]] auto snapshot() const
        requires snapshot_engine<Stack>
    {
        return take_snapshot(self(), self().unvisited());
    }
    // clang-format off
    void snapshot() const requires(!snapshot_engine<Stack>) = delete; // ashlar: this backend takes no snapshots; choose sorted_map, lmdb, rocksdb or sqlite
    void size() const requires(!sized_engine<Stack>) = delete; // ashlar: this stack does not know how many rows it has; count them with for_each
    void memory_used() const requires(!metered_engine<Stack>) = delete; // ashlar: this stack does not know the memory its rows take; choose hash_map, sorted_map or static_map
    // clang-format on

    [[nodiscard]] std::size_t size() const
        requires sized_engine<Stack>
    {
        return self().stack().size();
    }
    [[nodiscard]] std::size_t memory_used() const
        requires metered_engine<Stack>
    {
        return self().stack().memory_used();
    }
    /// What cursors are marked with. No other store has it; it is kept over restarts where the
    /// backend persists, and moves with the rows.
    [[nodiscard]] std::uint64_t identity() const noexcept
        requires Store::is_ordered
    {
        const std::uint64_t type = Store::parts::format_identity();
        if constexpr (draws_identity) return type ^ identity_.value();
        else return type ^ self().stack().identity();
    }

  private:
    friend Store;
    constexpr all_keys() noexcept = default;

    [[nodiscard]] const Store& self() const noexcept { return static_cast<const Store&>(*this); }

    [[no_unique_address]] typename identity_of<draws_identity, Composition>::type identity_;
};

} // namespace ashlar::inline v0_1::face
