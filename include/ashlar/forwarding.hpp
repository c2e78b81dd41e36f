// SPDX-License-Identifier: BSL-1.0
/// @file Defines the verbs that a layer hands on as they are, by groups that it names.
#pragma once

#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1 {

/// The groups: bases without members that ask their layer for `below()`, the engine Next under it.
/// They add nothing to its verbs: as thread-safe, as fast and as fallible as there. Verbs of each
/// operation are always inlined; g++ would outline them by how often they are used.
// NOLINTBEGIN(bugprone-crtp-constructor-accessibility): the cast refuses a layer that is another's.
namespace forwards {

/// The engine under the layer that a group is a base of.
template <class Layer, class Group>
[[nodiscard, gnu::always_inline]] inline auto& below(Group& group) noexcept {
    using layer = std::conditional_t<std::is_const_v<Group>, const Layer, Layer>;
    return static_cast<layer&>(group).below();
}

/// All that users change rows by.
template <class Layer, class Next>
struct writes {
    using receipt = typename Next::row::receipt;

    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    [[gnu::always_inline]] receipt apply(Batch&& batch, Hook&& hook = Hook{},
                                         OnConflict&& on_conflict = OnConflict{}) {
        return below<Layer>(*this).apply(batch, hook, on_conflict);
    }
    template <class Hook = no_hook>
    [[gnu::always_inline]] receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        return below<Layer>(*this).put(key, bytes, hook);
    }
    template <class Hook = no_hook>
    [[gnu::always_inline]] result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        return below<Layer>(*this).erase(key, hook);
    }
    template <class F, class Hook = no_hook>
    [[gnu::always_inline]] receipt update(bytes_view key, std::size_t capacity, F f,
                                          Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        return below<Layer>(*this).update(key, capacity, f, hook);
    }
};

/// Commits that happened elsewhere, or before.
template <class Layer, class Next>
struct replays {
    result<void> apply_at(commit_seq seq, operation_list operations) {
        return below<Layer>(*this).apply_at(seq, operations);
    }
};

/// Reads of keys.
template <class Layer, class Next>
struct reads {
    template <class Visit>
    [[gnu::always_inline]] result<bool> read(bytes_view key, Visit&& visit) const {
        return below<Layer>(*this).read(key, visit);
    }
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        return ashlar::read_many(below<Layer>(*this), keys, count, visit);
    }
};

/// Walks, scans and snapshots.
template <class Layer, class Next>
struct walks {
    using position = typename Next::position;

    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return below<Layer>(*this).walk(at, visit, limit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Next>
    {
        return below<Layer>(*this).scan(range, visit);
    }
    auto snapshot() const
        requires snapshot_engine<Next>
    {
        return below<Layer>(*this).snapshot();
    }
};

/// The number of rows. Not for layers from which some are hidden.
template <class Layer, class Next>
struct sizes {
    [[nodiscard]] std::size_t size() const
        requires sized_engine<Next>
    {
        return below<Layer>(*this).size();
    }
};

/// What an engine is beside its rows: files, memory, who it is.
template <class Layer, class Next>
struct upkeep {
    result<void> sync(commit_seq seq)
        requires durable_engine<Next>
    {
        return below<Layer>(*this).sync(seq);
    }
    result<void> close()
        requires requires(Next& next) { next.close(); }
    {
        return below<Layer>(*this).close();
    }
    [[nodiscard]] std::size_t memory_used() const
        requires metered_engine<Next>
    {
        return below<Layer>(*this).memory_used();
    }
    [[nodiscard]] std::uint64_t identity() const noexcept
        requires requires(const Next& next) { next.identity(); }
    {
        return below<Layer>(*this).identity();
    }
};

/// The layer under which rows expire, so that the face finds it.
template <class Layer, class Next>
struct expiries {
    [[nodiscard]] auto& expiring() noexcept
        requires requires(Next& next) { next.expiring(); }
    {
        return below<Layer>(*this).expiring();
    }
    [[nodiscard]] const auto& expiring() const noexcept
        requires requires(const Next& next) { next.expiring(); }
    {
        return below<Layer>(*this).expiring();
    }
};

/// The layer that evicts, likewise.
template <class Layer, class Next>
struct evictions {
    [[nodiscard]] auto& evicting() noexcept
        requires requires(Next& next) { next.evicting(); }
    {
        return below<Layer>(*this).evicting();
    }
};

/// Erasures that pass by the commit point: for layers that need not hear of each.
template <class Layer, class Next>
struct sweeps {
    std::size_t sweep_in_place(typename Next::position& at, std::size_t most, bool& more) noexcept
        requires requires(Next& next) { next.sweep_in_place(at, most, more); }
    {
        return below<Layer>(*this).sweep_in_place(at, most, more);
    }
    auto clear()
        requires requires(Next& next) { next.clear(); }
    {
        return below<Layer>(*this).clear();
    }
};

} // namespace forwards

/// The base of a layer over Next that hands these groups on. A verb of its own hides a group's. It
/// does not inherit from Next: what neither it nor a group has, it has not, and the compiler says
/// so where a verb was forgotten.
template <class Layer, class Next, template <class, class> class... Groups>
struct forwarding : Groups<Layer, Next>... {};
// NOLINTEND(bugprone-crtp-constructor-accessibility)

} // namespace ashlar::inline v0_1
