// SPDX-License-Identifier: BSL-1.0
/// @file Defines stamped: each row carries the sequence of the commit that wrote it last.
#pragma once

#include <ashlar/versioning/concept.hpp>

namespace ashlar::inline v0_1 {

/// Versions per key, taken from the store's own commit sequence: they grow with every write and
/// survive erasure without a tombstone, because a row that comes back gets a later stamp than any
/// before (no ABA; systems row K-06). `expect_version(key, 0)` says absent. Costs 8 bytes a row.
struct stamped {
    using axis = versioning_axis;
    static constexpr row_fields fields{.version = true, .sequenced = true};
    static constexpr void describe(sentence& text) noexcept { text << " versioning=stamped/1"; }

    template <class KeyCodec>
    [[nodiscard]] static result<void> version_key(bytes_view key, key_buffer& out) noexcept {
        if (!out.assign(key)) return errc::out_of_memory;
        return {};
    }

    template <engine Next, class KeyCodec>
    class layer {
      public:
        using row = typename Next::row;
        using position = typename Next::position;
        using receipt = typename row::receipt;

        constexpr layer()
            requires std::default_initializable<Next>
        = default;
        template <class Inner>
            requires(!std::same_as<std::remove_cvref_t<Inner>, layer>)
        constexpr explicit layer(Inner&& inner) noexcept : next_{std::forward<Inner>(inner)} {}

        // --- what it does: marks where the commit writes its sequence ----------------------------

        template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
        [[gnu::always_inline]] receipt apply(Batch&& batch, Hook&& hook = Hook{},
                                             OnConflict&& on_conflict = OnConflict{}) {
            const batch_span span = batch;
            for (const operation op : span.operations)
                if (op.kind == operation_kind::put || op.kind == operation_kind::add)
                    op.mark_seq_in_value(row::version_offset);
            return next_.apply(batch, hook, on_conflict);
        }
        template <class Hook = no_hook>
        [[gnu::always_inline]] receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
            requires in_place_engine<Next>
        {
            if (!row::fits(bytes)) return errc::invalid_argument;
            const bytes_view whole = sized(bytes);
            return next_.update(
                key, whole.size(),
                [whole](commit_seq seq, const bytes_view*, std::byte* out) noexcept {
                    copy_bytes(out, sized(whole));
                    return stamp(update_action::write(sized(whole).size()), seq, out);
                },
                hook);
        }
        template <class F, class Hook = no_hook>
        [[gnu::always_inline]] receipt update(bytes_view key, std::size_t capacity, F f,
                                              Hook&& hook = Hook{})
            requires in_place_engine<Next>
        {
            return next_.update(
                key, capacity,
                [&f](commit_seq seq, const bytes_view* old, std::byte* out) noexcept {
                    return stamp(f(seq, old, out), seq, out);
                },
                hook);
        }

        // --- what it forwards --------------------------------------------------------------------

        template <class Visit>
        [[gnu::always_inline]] result<bool> read(bytes_view key, Visit&& visit) const {
            return next_.read(key, visit);
        }
        template <class Visit>
        result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
            return ashlar::read_many(next_, keys, count, visit);
        }
        template <class Visit>
        result<bool> walk(position& at, Visit visit, std::size_t limit) const {
            return next_.walk(at, visit, limit);
        }
        template <class Visit>
        result<bool> scan(const scan_range& range, Visit visit) const
            requires ordered_engine<Next>
        {
            return next_.scan(range, visit);
        }
        auto snapshot() const
            requires snapshot_engine<Next>
        {
            return next_.snapshot();
        }
        result<void> apply_at(commit_seq seq, operation_list operations) {
            return next_.apply_at(seq, operations);
        }
        std::size_t sweep_in_place(position& at, std::size_t most, bool& more) noexcept
            requires requires(Next& next) { next.sweep_in_place(at, most, more); }
        {
            return next_.sweep_in_place(at, most, more);
        }
        [[nodiscard]] auto& expiring() noexcept
            requires requires(Next& next) { next.expiring(); }
        {
            return next_.expiring();
        }
        [[nodiscard]] const auto& expiring() const noexcept
            requires requires(const Next& next) { next.expiring(); }
        {
            return next_.expiring();
        }
        [[nodiscard]] auto& evicting() noexcept
            requires requires(Next& next) { next.evicting(); }
        {
            return next_.evicting();
        }
        template <class Hook = no_hook>
        [[gnu::always_inline]] result<bool> erase(bytes_view key, Hook&& hook = Hook{})
            requires direct_engine<Next>
        {
            return next_.erase(key, hook);
        }
        auto clear()
            requires requires(Next& next) { next.clear(); }
        {
            return next_.clear();
        }
        result<void> sync(commit_seq seq)
            requires durable_engine<Next>
        {
            return next_.sync(seq);
        }
        result<void> close()
            requires requires(Next& next) { next.close(); }
        {
            return next_.close();
        }
        [[nodiscard]] std::size_t size() const
            requires sized_engine<Next>
        {
            return next_.size();
        }
        [[nodiscard]] std::size_t memory_used() const
            requires metered_engine<Next>
        {
            return next_.memory_used();
        }
        [[nodiscard]] std::uint64_t identity() const noexcept
            requires requires(const Next& next) { next.identity(); }
        {
            return next_.identity();
        }
        /// For the verbs that only one layer has, such as a checkpoint's.
        [[nodiscard]] Next& below() noexcept { return next_; }
        [[nodiscard]] const Next& below() const noexcept { return next_; }

      private:
        /// The same bytes, of a length that the compiler knows where rows have one.
        static bytes_view sized(bytes_view bytes) noexcept {
            if constexpr (row::row_extent != dynamic_extent) return {bytes.data(), row::row_extent};
            else return bytes;
        }
        static update_action stamp(update_action done, commit_seq seq, std::byte* out) noexcept {
            if (done.what == update_action::kind::write)
                store_little(out + row::version_offset, static_cast<std::uint64_t>(seq));
            return done;
        }

        [[no_unique_address]] Next next_;
    };
};
static_assert(versioning_policy<stamped>);

} // namespace ashlar::inline v0_1
