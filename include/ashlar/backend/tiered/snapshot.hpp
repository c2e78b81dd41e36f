// SPDX-License-Identifier: BSL-1.0
/// @file Defines snapshot: the rows of both tiers as they stood at one moment.
#pragma once

#include <ashlar/backend/tiered/core.hpp>

namespace ashlar::inline v0_1::tiered_parts {

/// The hot tier's snapshot names places of the cold one, which stay taken as long as it lives.
/// Thread-safe as the hot tier's; must not outlive the engine.
template <class Row, class Core, class View>
class snapshot {
  public:
    using row = Row;
    using position = typename View::position;

    snapshot(Core& of, typename Core::graves::visit&& held, View&& cells) noexcept
        : core_{&of}, held_{std::move(held)}, cells_{std::move(cells)} {}

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        byte_buffer fetched;
        result<bool> shown = false;
        const auto there = cells_.read(key, [&](bytes_view bytes) {
            auto each = [&](bytes_view, bytes_view found) { visit(found); };
            shown = core_->show(key, bytes, fetched, each);
        });
        return there && *there ? shown : there;
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        return core_->show_all(visit, [&](auto each) { return cells_.scan(range, each); });
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return core_->show_all(visit, [&](auto each) { return cells_.walk(at, each, limit); });
    }
    [[nodiscard]] std::size_t size() const noexcept { return cells_.size(); }

  private:
    Core* core_;
    typename Core::graves::visit held_;
    View cells_;
};

} // namespace ashlar::inline v0_1::tiered_parts
