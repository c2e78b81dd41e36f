// SPDX-License-Identifier: BSL-1.0
/// @file Defines how pieces of nodes are moved: entries of leaves, separators and children of inner
/// nodes. Nothing here allocates or fails.
#pragma once

#include <ashlar/backend/sorted/tree.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// What stands between two children: a whole key as a word, or a shortest separating text.
template <class Kind>
struct separator {
    std::uint64_t word = 0;
    typename format<Kind>::item* text = nullptr;
};

/// The shortest bytes s with a < s and not b < s. REQUIRES: a < b.
[[nodiscard]] inline bytes_view shortest_between(bytes_view a, bytes_view b) noexcept {
    std::size_t common = 0;
    while (common < a.size() && a[common] == b[common]) ++common;
    return b.first(common + 1);
}

template <class Kind>
struct pieces {
    using node = typename format<Kind>::node;
    using item = typename format<Kind>::item;
    using shape_type = format<Kind>;
    using words = typename shape_type::words;

    /// Sets the skip of a node between two bounds and computes its heads anew when they are stale
    /// or the skip has changed.
    static void fit(const shape_type& shape, node* n, const item* low, const item* high,
                    bool stale) noexcept {
        if constexpr (!Kind::words) {
            std::uint32_t skip = 0;
            if (low != nullptr && high != nullptr) {
                const bytes_view a = low->key();
                const bytes_view b = high->key();
                while (skip < a.size() && skip < b.size() && a[skip] == b[skip]) ++skip;
            }
            if (skip == n->skip && !stale) return;
            n->skip = skip;
            for (std::size_t i = 0; i < n->count; ++i) {
                const item* it = n->leaf() ? shape.boxed(shape.slot(n, i)) : shape.separators(n)[i];
                shape.heads(n)[i] = shape.head_of(it->key(), skip);
            }
        }
    }

    // --- leaves ----------------------------------------------------------------------------------

    static void move_entries(const shape_type& shape, node* from, std::size_t first,
                             std::size_t count, node* to, std::size_t at) noexcept {
        words::move(shape.heads(to) + at, shape.heads(from) + first, count);
        shape.move_slots(to, at, from, first, count);
    }
    static void put_entry(const shape_type& shape, node* n, std::size_t at, const probe& key,
                          const std::byte* slot) noexcept {
        move_entries(shape, n, at, n->count - at, n, at + 1);
        shape.set_head(n, at, shape.head_of(key, n));
        shape.set_slot(n, at, slot);
        shape.set_count(n, n->count + 1U);
    }
    static void take_entry(const shape_type& shape, node* n, std::size_t at) noexcept {
        move_entries(shape, n, at + 1, n->count - at - 1, n, at);
        shape.set_count(n, n->count - 1U);
    }

    // --- inner nodes -----------------------------------------------------------------------------

    static void move_separators(node* from, std::size_t first, std::size_t count, node* to,
                                std::size_t at) noexcept {
        words::move(shape_type::heads(to) + at, shape_type::heads(from) + first, count);
        if constexpr (!Kind::words)
            words::move(shape_type::separators(to) + at, shape_type::separators(from) + first,
                        count);
    }
    static void move_children(node* from, std::size_t first, std::size_t count, node* to,
                              std::size_t at) noexcept {
        words::move(shape_type::children(to) + at, shape_type::children(from) + first, count);
    }
    [[nodiscard]] static separator<Kind> separator_at(node* n, std::size_t i) noexcept {
        if constexpr (Kind::words) return {shape_type::heads(n)[i], nullptr};
        else return {0, shape_type::separators(n)[i]};
    }
    static void set_separator(node* n, std::size_t i, const separator<Kind>& s) noexcept {
        if constexpr (Kind::words) {
            shape_type::set_head(n, i, s.word);
        } else {
            shape_type::heads(n)[i] = shape_type::head_of(s.text->key(), n->skip);
            shape_type::separators(n)[i] = s.text;
        }
    }
    /// A child to the right of child `at`, with the separator between the two.
    static void put_child(node* n, std::size_t at, const separator<Kind>& s, node* child) noexcept {
        move_separators(n, at, n->count - at, n, at + 1);
        move_children(n, at + 1, n->count - at, n, at + 2);
        set_separator(n, at, s);
        shape_type::set_child(n, at + 1, child);
        shape_type::set_count(n, n->count + 1U);
    }
    /// Forgets separator `at` and the child to its right; releases neither.
    static void take_child(node* n, std::size_t at) noexcept {
        move_separators(n, at + 1, n->count - at - 1, n, at);
        move_children(n, at + 2, n->count - at - 1, n, at + 1);
        shape_type::set_count(n, n->count - 1U);
    }
};

} // namespace ashlar::inline v0_1::sorted_tree
