// SPDX-License-Identifier: BSL-1.0
/// @file Defines the typed view of one moment of a store.
#pragma once

#include <ashlar/face/scan.hpp>

namespace ashlar::inline v0_1::face {

/// What `store.snapshot()` answers: get and scan over the rows as they were, while writers go on.
/// Movable; must not outlive the store; may keep old rows alive in memory or on disk until it goes.
template <class Store, class View>
class typed_snapshot {
    using key_type = typename Store::key_type;
    using mapped_type = typename Store::mapped_type;

  public:
    typed_snapshot(const Store& store, View&& view) noexcept
        : store_{&store}, view_{std::move(view)} {}

    /// The value, or not_found.
    template <class K = key_type>
    [[nodiscard]] result<mapped_type> get(const K& key) const {
        const auto k = Store::encode(key);
        if (!k.status()) return k.status().error();
        result<mapped_type> value = errc::not_found;
        const auto there =
            view_.read(k.view(), [&](bytes_view r) noexcept { value = Store::decode_value(r); });
        if (!there) return there.error();
        return value;
    }
    [[nodiscard]] auto scan() const
        requires Store::is_ordered
    {
        return scan_rows<Store, View>{*store_, view_};
    }
    template <class Lo = key_type, class Hi = key_type>
    [[nodiscard]] auto scan(const Lo& lo, const Hi& hi) const
        requires Store::keeps_key_order
    {
        return scan().between(Store::encode(lo), Store::encode(hi));
    }
    [[nodiscard]] const View& view() const noexcept { return view_; }

  private:
    const Store* store_;
    View view_;
};

template <class Store, class Stack>
[[nodiscard]] auto take_snapshot(const Store& store, const Stack& stack) {
    auto view = stack.snapshot();
    using typed = typed_snapshot<Store, std::remove_cvref_t<decltype(*view)>>;
    if (!view) return result<typed>{view.error()};
    return result<typed>{typed{store, std::move(*view)}};
}

} // namespace ashlar::inline v0_1::face
