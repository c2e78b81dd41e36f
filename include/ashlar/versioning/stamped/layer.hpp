// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer of stamped: the commit writes its sequence into the rows that it puts.
#pragma once

#include <ashlar/forwarding.hpp>

namespace ashlar::inline v0_1 {

/// An engine whose rows carry the sequence of the commit that wrote them: it tells the commit where
/// in a row its sequence goes. Thread-safe as Next is, and nothing else is different.
template <engine Next>
class stamped_layer
    : public forwarding<stamped_layer<Next>, Next, forwards::writes, forwards::replays,
                        forwards::reads, forwards::walks, forwards::sizes, forwards::upkeep,
                        forwards::expiries, forwards::evictions, forwards::sweeps> {
  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;

    constexpr stamped_layer()
        requires std::default_initializable<Next>
    = default;
    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, stamped_layer>)
    constexpr explicit stamped_layer(Inner&& inner) noexcept : next_{std::forward<Inner>(inner)} {}

    // --- what it does: marks where the commit writes its sequence --------------------------------

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

} // namespace ashlar::inline v0_1
