// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer of shared_version: how a batch moves the versions of its groups.
#pragma once

#include <ashlar/forwarding.hpp>
#include <ashlar/versioning/shared/by_prefix.hpp>
#include <ashlar/versioning/shared/view.hpp>

namespace ashlar::inline v0_1 {

/// The key of the row that a key's group keeps of itself. Errors: the scope's; corrupt,
/// out_of_memory.
template <class Scope, class KeyCodec>
[[nodiscard]] result<void> group_row_key(bytes_view key, key_buffer& out) noexcept {
    const auto size = Scope::template size<KeyCodec>(key);
    if (!size) return size.error();
    if (*size > key.size()) return errc::corrupt;
    if (!out.assign(key.first(*size))) return errc::out_of_memory;
    if (!append(out, Scope::template row_suffix<KeyCodec>())) return errc::out_of_memory;
    return {};
}

/// An engine whose groups of keys have one version each, kept in a row of the group's own: see
/// shared_version. Readers are shown all rows but those. Thread-safe as Next is; verbs that change
/// a group answer contended when other writers moved it `attempts` times in between.
template <engine Next, class KeyCodec, class Scope>
class shared_version_layer
    : public forwarding<shared_version_layer<Next, KeyCodec, Scope>, Next, forwards::replays,
                        forwards::upkeep, forwards::expiries> {
    static constexpr std::size_t attempts = 64;
    using view_of_next = group_view<Next, Scope, KeyCodec>;

  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;

    constexpr shared_version_layer()
        requires std::default_initializable<Next>
    = default;
    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, shared_version_layer>)
    constexpr explicit shared_version_layer(Inner&& inner) noexcept
        : next_{std::forward<Inner>(inner)} {}

    template <byte_sink Sink, class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(basic_batch<Sink>& batch, Hook&& hook = Hook{},
                  OnConflict&& on_conflict = OnConflict{}) {
        const auto users = batch.mark();
        for (std::size_t i = 0; i < attempts; ++i) {
            if (const auto ready = resolve(batch); !ready) {
                batch.rewind(users);
                return ready.error();
            }
            bool moved = false; // by somebody else, since we looked
            const receipt done = next_.apply(batch, hook, [&](const conflict_view& c) {
                if (c.index >= users.check_count) moved = true;
                else on_conflict(c);
            });
            batch.rewind(users);
            if (done || !moved) return done;
        }
        return errc::contended;
    }

    /// State of the group that `key` belongs to. Errors: those of read; corrupt.
    [[nodiscard]] result<group_state> group_of(bytes_view key) const {
        key_buffer name;
        if (auto named = group_row_key<Scope, KeyCodec>(key, name); !named) return named.error();
        return state_of(name.view());
    }
    /// Erases the whole group of `key` and leaves a tombstone; an absent group, or one that is
    /// a tombstone already, stays as it is. Answers whether anything was erased.
    template <class Hook = no_hook>
    result<bool> erase_group(bytes_view key, Hook&& hook = Hook{})
        requires ordered_engine<Next>
    {
        const auto size = Scope::template size<KeyCodec>(key);
        if (!size) return size.error();
        key_buffer end, name;
        if (!successor(key.first(*size), end)) return errc::out_of_memory;
        if (auto named = group_row_key<Scope, KeyCodec>(key, name); !named) return named.error();
        for (std::size_t i = 0; i < attempts; ++i) {
            const auto state = state_of(name.view());
            if (!state) return state.error();
            if (!state->exists || state->tombstone) return false;
            write_batch all;
            auto tombstone = state->next(true).template encode<row>();
            if constexpr (requires { next_.expiring().tombstone_expiry(); })
                row::set_expiry(tombstone.bytes, next_.expiring().tombstone_expiry());
            all.version_is(name.view(), state->version)
                .erase_range(key.first(*size), end.view())
                .put(name.view(), tombstone.view());
            if (!all.status()) return all.status().error();
            const receipt done = next_.apply(all, hook);
            if (done) return true;
            if (done.error() != errc::conflict) return done.error();
        }
        return errc::contended;
    }

    // --- what it shows: everything but the groups' own rows --------------------------------------

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
        return view_of_next::walk(next_, at, visit, limit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Next>
    {
        return view_of_next::scan(next_, range, visit);
    }
    auto snapshot() const
        requires snapshot_engine<Next>
    {
        auto view = next_.snapshot();
        using shown = group_view<std::remove_cvref_t<decltype(*view)>, Scope, KeyCodec>;
        if (!view) return result<shown>{view.error()};
        return result<shown>{shown{std::move(*view)}};
    }

    /// For the verbs that only one layer has, such as a checkpoint's.
    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    [[nodiscard]] result<group_state> state_of(bytes_view group_row) const {
        result<group_state> state = group_state{};
        const auto there = next_.read(
            group_row, [&](bytes_view bytes) noexcept { state = group_state::decode<row>(bytes); });
        if (!there) return there.error();
        return state;
    }

    /// Appends, for each group the batch names, a check that it is as we see it now and, if the
    /// batch changes it, its next state; stamps that version on the rows put. Each change moves
    /// the group's version, so the check covers all that was read here.
    template <byte_sink Sink>
    [[nodiscard]] result<void> resolve(basic_batch<Sink>& batch) const {
        byte_buffer names; // each behind its length: appending to the batch moves its bytes
        if (auto listed = list_groups(batch, names); !listed) return listed;
        const std::size_t count = batch.operation_count();
        for (bytes_view left = names.view(); !left.empty();) {
            const std::size_t size = load_little<std::uint32_t>(left.data());
            const bytes_view name = left.skip(4).first(size);
            left = left.skip(4 + size);
            const auto state = state_of(name);
            if (!state) return state.error();
            const auto changed = change(batch, count, name, *state);
            if (!changed) return changed.error();
            if (state->exists) batch.version_is(name, state->version);
            else batch.absent(name);
            if (*changed) batch.put(name, state->next(false).template encode<row>().view());
        }
        return batch.status();
    }

    template <byte_sink Sink>
    [[nodiscard]] static result<void> list_groups(basic_batch<Sink>& batch, byte_buffer& names) {
        std::size_t index = 0;
        for (const operation op : batch.operations()) {
            key_buffer name;
            if (auto named = group_row_key<Scope, KeyCodec>(op.key, name); !named) return named;
            if (seen_before(batch, index++, name.view())) continue;
            std::byte size[4];
            store_little(size, static_cast<std::uint32_t>(name.size()));
            if (!append(names, {size, 4}) || !append(names, name.view()))
                return errc::out_of_memory;
        }
        return {};
    }

    template <byte_sink Sink>
    [[nodiscard]] static bool seen_before(basic_batch<Sink>& batch, std::size_t end,
                                          bytes_view name) noexcept {
        std::size_t index = 0;
        for (const operation op : batch.operations()) {
            if (index++ == end) return false;
            if (belongs(op, name)) return true;
        }
        return false;
    }
    [[nodiscard]] static bool belongs(const operation& op, bytes_view name) noexcept {
        const std::size_t suffix = Scope::template row_suffix<KeyCodec>().size();
        const auto size = Scope::template size<KeyCodec>(op.key);
        return size && *size + suffix == name.size() && op.key.first(*size) == name.first(*size);
    }

    /// Stamps the group's next version on what the batch puts into it; answers whether
    /// anything of the group changes.
    template <byte_sink Sink>
    [[nodiscard]] result<bool> change(basic_batch<Sink>& batch, std::size_t count, bytes_view name,
                                      const group_state& state) const {
        bool changed = false;
        std::size_t index = 0;
        for (const operation op : batch.operations()) {
            if (index++ == count) break;
            if (!belongs(op, name)) continue;
            switch (op.kind) {
            case operation_kind::put:
            case operation_kind::add:
                store_little(op.value_bytes() + row::version_offset, state.next(false).version);
                changed = true;
                break;
            case operation_kind::erase: {
                if (changed) break; // whether it is there matters no more
                const auto there = next_.read(op.key, [](bytes_view) noexcept {});
                if (!there) return there.error();
                changed = *there;
                break;
            }
            case operation_kind::erase_range: {
                const auto any = view_of_next::any_in_group(next_, op, name);
                if (!any) return any.error();
                changed = changed || *any;
                break;
            }
            }
        }
        return changed;
    }

    [[no_unique_address]] Next next_;
};

} // namespace ashlar::inline v0_1
