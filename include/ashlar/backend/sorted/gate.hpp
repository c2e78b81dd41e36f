// SPDX-License-Identifier: BSL-1.0
/// @file Defines how rows of a sorted map are read without its lock.
#pragma once

#include <ashlar/backend/sorted/tree.hpp>

namespace ashlar::inline v0_1::sorted_tree {

/// A sequence lock over the tree: its count is odd while the tree is being changed, and readers
/// without the lock look at it before and after. What is changed in one leaf alone, the leaf's own
/// version tells them.
template <class Kind, bool Sightable = Kind::sightable>
struct gate {
    std::uint64_t changes = 0;
};
template <class Kind>
struct gate<Kind, false> {};

/// What a look without the lock found; `busy` when writers were in the way every time, or there is
/// no tree.
enum class sighting : std::uint8_t { absent, found, busy };

/// Readers that write nothing. Nodes never change but behind an odd count of the gate, leaves in
/// place behind an odd version of theirs, and a node's memory stays a node's (node_pool): so what a
/// reader sees is right when neither count has changed meanwhile. No address is followed before the
/// gate was asked again. (V. Leis et al., "The ART of practical synchronization", 2016)
template <class Kind>
    requires Kind::sightable
class sight {
  public:
    using node = typename format<Kind>::node;
    using words = typename format<Kind>::words;

    sight(const tree<Kind>& in, const gate<Kind>& before) noexcept : tree_{in}, gate_{before} {}

    /// Copies the row's words to `row` when the key is there.
    [[nodiscard]] sighting read(const probe& p, std::uint64_t* row) const noexcept {
        for (int tries = 0; tries < 32; ++tries) {
            const std::uint64_t began = words::load(gate_.changes);
            const node* n = words::load(tree_.root);
            if (n == nullptr) return sighting::busy;
            if ((began & 1U) != 0) continue;
            n = leaf_of(n, p, began);
            if (n == nullptr) continue;
            const sighting seen = read_leaf(n, p, row);
            if (seen != sighting::busy && words::load(gate_.changes) == began) return seen;
        }
        return sighting::busy;
    }

    static constexpr std::size_t group_size = tree<Kind>::group_size;

    /// Up to group_size keys together, level by level, so that their misses overlap: rows[i].words
    /// get key i's row. Those that are busy must be asked again.
    template <class Copy>
    void read_group(const probe* probes, std::size_t count, Copy* rows,
                    sighting* seen) const noexcept {
        for (std::size_t i = 0; i < count; ++i) seen[i] = sighting::busy;
        const std::uint64_t began = words::load(gate_.changes);
        const node* root = words::load(tree_.root);
        if (root == nullptr || (began & 1U) != 0) return;
        const node* at[group_size];
        for (std::size_t i = 0; i < count; ++i) at[i] = root;
        const std::size_t height = words::load(root->level);
        for (std::size_t level = height; level > 0; --level) {
            for (std::size_t i = 0; i < count; ++i) at[i] = child_of(at[i], probes[i]);
            if (words::load(gate_.changes) != began) return;
            for (std::size_t i = 0; i < count; ++i) format<Kind>::prefetch(at[i]);
        }
        for (std::size_t i = 0; i < count; ++i)
            seen[i] = read_leaf(at[i], probes[i], rows[i].words);
        if (words::load(gate_.changes) == began) return;
        for (std::size_t i = 0; i < count; ++i) seen[i] = sighting::busy;
    }

    /// Brings the way to a key into the cache, for a writer that will take the lock.
    void approach(const probe& p) const noexcept {
        const std::uint64_t began = words::load(gate_.changes);
        const node* n = words::load(tree_.root);
        if (n != nullptr && (began & 1U) == 0) static_cast<void>(leaf_of(n, p, began));
    }

  private:
    [[nodiscard]] static std::size_t count_of(const node* n, std::size_t most) noexcept {
        const std::size_t count = words::load(n->count);
        return count < most ? count : most; // of a node that is another by now
    }
    [[nodiscard]] static const node* child_of(const node* n, const probe& p) noexcept {
        const std::size_t i =
            count_heads<true, true>(format<Kind>::heads(n), count_of(n, inner_places - 1), p.word);
        return words::load(format<Kind>::children(n)[i]);
    }
    [[nodiscard, gnu::always_inline]] const node* leaf_of(const node* n, const probe& p,
                                                          std::uint64_t began) const noexcept {
        for (std::size_t level = words::load(n->level); level > 0; --level) {
            n = child_of(n, p);
            if (words::load(gate_.changes) != began) return nullptr;
            format<Kind>::prefetch(n);
        }
        return n;
    }
    [[nodiscard]] sighting read_leaf(const node* n, const probe& p,
                                     std::uint64_t* row) const noexcept {
        const std::uint32_t version = words::load(n->version);
        if ((version & 1U) != 0) return sighting::busy;
        const std::size_t count = count_of(n, leaf_capacity);
        const std::uint64_t* heads = format<Kind>::heads(n);
        const std::size_t i = count_heads<false, true>(heads, count, p.word);
        const bool found = i < count && words::load(heads[i]) == p.word;
        if (found)
            words::load_words(row, reinterpret_cast<const std::uint64_t*>(tree_.shape.slot(n, i)),
                              tree_.shape.stride() / 8);
        if (words::load(n->version) != version) return sighting::busy;
        return found ? sighting::found : sighting::absent;
    }

    const tree<Kind>& tree_;
    const gate<Kind>& gate_;
};

} // namespace ashlar::inline v0_1::sorted_tree
