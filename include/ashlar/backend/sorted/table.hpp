// SPDX-License-Identifier: BSL-1.0
/// @file Defines table: the verbs that change a tree, and how a half-done batch is taken back.
#pragma once

#include <ashlar/backend/sorted/cursor.hpp>
#include <ashlar/backend/sorted/gate.hpp>
#include <ashlar/backend/sorted/growth.hpp>
#include <ashlar/backend/sorted/shrinkage.hpp>
#include <ashlar/buffer.hpp>
#include <ashlar/result.hpp>

#include <cstring>

namespace ashlar::inline v0_1::sorted_tree {

/// Whether a table can take its changes back: a single put or erase is all or nothing by itself.
enum class undo_log : bool { none, kept };

/// Changes a tree while the map is locked. Until the table ends, readers without the lock are kept
/// from what it changes: so they see nothing that is not committed, nor half of a batch.
/// With undo_log::kept every change is noted before it happens; what is not confirmed by keep() is
/// taken back when the table ends. Taking back never allocates: until keep() no node is joined, so
/// that each leaf still has the room it had.
/// REQUIRES: rows have the length of a slot where slots hold rows; with a log, keys outlive the
/// table.
template <class Kind>
class table {
  public:
    using item = typename format<Kind>::item;

    /// For a tree that nobody reads without the lock.
    table(tree<Kind>& on, undo_log log) noexcept : tree_{on}, log_{log} {}
    table(tree<Kind>& on, undo_log log, gate<Kind>& before) noexcept : tree_{on}, log_{log} {
        if constexpr (Kind::sightable) changes_ = &before.changes;
    }
    table(const table&) = delete;
    table& operator=(const table&) = delete;
    ~table() {
        undo();
        open();
    }

    [[nodiscard]] result<bool> find(bytes_view key, bytes_view& row) const noexcept {
        const std::byte* slot = tree_.find(key);
        if (slot != nullptr) row = tree_.shape.row_in(slot);
        return slot != nullptr;
    }
    [[nodiscard]] result<bool> find_in(bytes_view lo, bytes_view hi,
                                       bytes_view& row) const noexcept {
        cursor<Kind> at{tree_.shape, tree_.root};
        at.seek(tree_.shape.probe_for(lo));
        key_space space;
        if (!at.valid() || (!hi.empty() && !(at.key(space) < hi))) return false;
        row = at.row();
        return true;
    }

    [[nodiscard]] result<void> assign(bytes_view key, bytes_view row) noexcept {
        static_cast<void>(locate(key));
        return assign_located(key, row);
    }
    /// The slot of that very key, or nullptr.
    [[nodiscard]] const std::byte* locate(bytes_view key) noexcept {
        found_ = path_.locate(tree_, tree_.shape.probe_for(key));
        return found_ ? tree_.shape.slot(path_.leaf().at, path_.leaf().index) : nullptr;
    }
    /// assign() without going down once more. REQUIRES: locate(key) was called last.
    [[nodiscard]] result<void> assign_located(bytes_view key, bytes_view row) noexcept {
        const probe p = tree_.shape.probe_for(key);
        const bool found = found_;
        shut(!found && (path_.empty() || path_.leaf().at->count == leaf_capacity));
        if (!path_.unshare(tree_)) return errc::out_of_memory;
        if (found) return replace(p, row);
        const std::byte* slot = row.data();
        if constexpr (Kind::boxed) {
            boxed_slot made{tree_.shape.make_item(Kind::words ? bytes_view{} : key, row)};
            if (made.it == nullptr) return errc::out_of_memory;
            if (note(change::inserted, p, nullptr) && insert_entry(tree_, path_, p, made.bytes())) {
                tree_.memory += made.it->footprint();
                return {};
            }
            item::release(made.it);
            return errc::out_of_memory;
        } else {
            if (note(change::inserted, p, nullptr) && insert_entry(tree_, path_, p, slot))
                return {};
            return errc::out_of_memory;
        }
    }

    /// Answers whether the key was there.
    [[nodiscard]] result<bool> erase(bytes_view key) noexcept {
        return erase(tree_.shape.probe_for(key));
    }
    [[nodiscard]] result<void> remove(bytes_view key) noexcept {
        const auto gone = erase(key);
        return gone ? result<void>{} : gone.error();
    }

    /// Every key in [lo, hi); an empty hi is no bound. O(log n) per row. REQUIRES: undo_log::kept.
    [[nodiscard]] result<void> remove_range(bytes_view lo, bytes_view hi) noexcept {
        cursor<Kind> at{tree_.shape, nullptr};
        key_space space;
        for (bytes_view key = lo;;) {
            at = cursor<Kind>{tree_.shape, tree_.root};
            at.seek(tree_.shape.probe_for(key));
            if (!at.valid()) return {};
            key = at.key(space); // stays readable: the log owns the item of a removed entry
            if (!hi.empty() && !(key < hi)) return {};
            if (const auto gone = erase(tree_.shape.probe_for(key)); !gone) return gone.error();
        }
    }

    /// Confirms all changes.
    void keep() noexcept {
        for (std::size_t i = 0; i < noted_; ++i) {
            const entry e = entry_at(i);
            if (e.what == change::removed) tidy(e);
            if (e.what != change::inserted) drop(slot_of(i));
        }
        forget();
    }

  private:
    enum class change : std::uint8_t { inserted, replaced, removed };
    /// The old slot's bytes follow, for all but inserted. `key` lives in the batch or in that
    /// slot's item; where keys are words only its length is ever looked at.
    struct entry {
        std::uint64_t word;
        bytes_view key;
        change what;
    };
    struct boxed_slot {
        item* it;
        [[nodiscard]] const std::byte* bytes() const noexcept {
            return reinterpret_cast<const std::byte*>(&it);
        }
    };

    /// Before the first change: keeps readers without the lock out of the leaf, or of the whole
    /// tree where nodes will be made or joined, or where there may be more than this change.
    void shut(bool nodes_change) noexcept {
        if constexpr (Kind::sightable) {
            if (changes_ == nullptr || (*changes_ & 1U) != 0) return;
            if (nodes_change || log_ == undo_log::kept || path_.shared()) {
                word<true>::store(*changes_, *changes_ + 1);
            } else if (leaf_ == nullptr) {
                leaf_ = path_.leaf().at;
                word<true>::store(leaf_->version, leaf_->version + 1);
            }
        }
    }
    void open() noexcept {
        if constexpr (Kind::sightable) {
            if (leaf_ != nullptr) word<true>::store(leaf_->version, leaf_->version + 1);
            if (changes_ != nullptr && (*changes_ & 1U) != 0)
                word<true>::store(*changes_, *changes_ + 1);
        }
    }

    [[nodiscard]] result<void> replace(const probe& p, bytes_view row) noexcept {
        std::byte* slot = tree_.shape.slot(path_.leaf().at, path_.leaf().index);
        if constexpr (Kind::boxed) {
            item* old = tree_.shape.boxed(slot);
            if (log_ == undo_log::none && old->sole() && old->row().size() == row.size()) {
                old->overwrite(row);
                return {};
            }
            const boxed_slot made{tree_.shape.make_item(Kind::words ? bytes_view{} : p.key, row)};
            if (made.it == nullptr) return errc::out_of_memory;
            if (!note(change::replaced, lasting(p, slot), slot)) {
                item::release(made.it);
                return errc::out_of_memory;
            }
            tree_.memory += made.it->footprint() - old->footprint();
            std::memcpy(slot, made.bytes(), sizeof(item*));
            if (log_ == undo_log::none) item::release(old);
        } else {
            if (!note(change::replaced, p, slot)) return errc::out_of_memory;
            tree_.shape.set_slot(path_.leaf().at, path_.leaf().index, row.data());
        }
        return {};
    }

    [[nodiscard]] result<bool> erase(const probe& p) noexcept {
        if (!path_.locate(tree_, p)) return false;
        shut(path_.leaf().at->count <= path_.leaf().at->least_count());
        if (!path_.unshare(tree_)) return errc::out_of_memory;
        const std::byte* slot = tree_.shape.slot(path_.leaf().at, path_.leaf().index);
        if (!note(change::removed, lasting(p, slot), slot)) return errc::out_of_memory;
        tree_.memory -= weight(slot);
        if (log_ == undo_log::none) drop(slot);
        remove_entry(tree_, path_);
        if (log_ == undo_log::none) shrinkage<Kind>{tree_, path_}.run();
        return true;
    }

    void undo() noexcept {
        for (std::size_t i = noted_; i > 0; --i) {
            const entry e = entry_at(i - 1);
            const probe p = probe_of(e);
            const bool found = path_.locate(tree_, p);
            const std::byte* old = slot_of(i - 1);
            if (e.what == change::removed) {
                if (!insert_entry(tree_, path_, p, old))
                    __builtin_trap(); // there is room: see above
                tree_.memory += weight(old);
                continue;
            }
            // A failed insertion was noted and did not happen; it is the last entry then.
            if (!found) continue;
            std::byte* slot = tree_.shape.slot(path_.leaf().at, path_.leaf().index);
            tree_.memory -= weight(slot);
            drop(slot);
            if (e.what == change::replaced) {
                tree_.memory += weight(old);
                tree_.shape.set_slot(path_.leaf().at, path_.leaf().index, old);
            } else {
                remove_entry(tree_, path_);
            }
        }
        for (std::size_t i = 0; i < noted_; ++i)
            if (entry_at(i).what == change::inserted) tidy(entry_at(i));
        forget();
    }

    // --- the log ---------------------------------------------------------------------------------

    [[nodiscard]] std::size_t stride() const noexcept {
        return sizeof(entry) + tree_.shape.slot_size();
    }
    [[nodiscard]] bool note(change what, const probe& p, const std::byte* slot) noexcept {
        if (log_ == undo_log::none) return true;
        std::byte* to = notes_.extend(stride());
        if (to == nullptr) return false;
        const entry e{p.word, p.key, what};
        std::memcpy(to, &e, sizeof e);
        if (slot != nullptr) copy_bytes(to + sizeof e, {slot, tree_.shape.slot_size()});
        ++noted_;
        return true;
    }
    [[nodiscard]] entry entry_at(std::size_t i) noexcept {
        entry e;
        std::memcpy(&e, notes_.data() + i * stride(), sizeof e);
        return e;
    }
    [[nodiscard]] const std::byte* slot_of(std::size_t i) noexcept {
        return notes_.data() + i * stride() + sizeof(entry);
    }
    /// The probe with a key that lives as long as the log.
    [[nodiscard]] probe lasting(const probe& p, const std::byte* slot) const noexcept {
        if constexpr (Kind::words) return static_cast<void>(slot), p;
        else return {tree_.shape.boxed(slot)->key(), p.word, p.past};
    }
    [[nodiscard]] static probe probe_of(const entry& e) noexcept { return {e.key, e.word, false}; }
    void forget() noexcept {
        notes_.clear();
        noted_ = 0;
    }

    /// Joins the leaf where the key would stand with a neighbour when it is thin.
    void tidy(const entry& e) noexcept {
        static_cast<void>(path_.locate(tree_, probe_of(e)));
        if (path_.empty() || path_.leaf().at->count >= path_.leaf().at->least_count()) return;
        if (path_.unshare(tree_)) shrinkage<Kind>{tree_, path_}.run();
    }
    [[nodiscard]] std::size_t weight(const std::byte* slot) const noexcept {
        if constexpr (Kind::boxed) return tree_.shape.boxed(slot)->footprint();
        else return static_cast<void>(slot), 0;
    }
    void drop(const std::byte* slot) const noexcept {
        if constexpr (Kind::boxed) item::release(tree_.shape.boxed(slot));
        else static_cast<void>(slot);
    }

    struct nothing {};
    tree<Kind>& tree_;
    [[no_unique_address]] std::conditional_t<Kind::sightable, std::uint64_t*, nothing> changes_{};
    [[no_unique_address]] std::conditional_t<Kind::sightable, typename format<Kind>::node*, nothing>
        leaf_{};
    path<Kind> path_;
    byte_buffer notes_;
    std::size_t noted_ = 0;
    undo_log log_;
    bool found_ = false; ///< whether path_ leads to a key that is there
};

} // namespace ashlar::inline v0_1::sorted_tree
