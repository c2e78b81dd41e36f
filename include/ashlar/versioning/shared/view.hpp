// SPDX-License-Identifier: BSL-1.0
/// @file Defines what readers see of grouped rows: all but those the groups keep of themselves.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/versioning/shared/row.hpp>

namespace ashlar::inline v0_1 {

/// Reads through to a source (an engine or a snapshot of one) and leaves group rows out. As a
/// value it owns a snapshot; its static verbs serve the layer over an engine.
template <class Source, class Scope, class KeyCodec>
class group_view {
  public:
    explicit group_view(Source&& source) noexcept : source_{std::move(source)} {}

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        return source_.read(key, visit);
    }
    template <class Position, class Visit>
    result<bool> walk(Position& at, Visit visit, std::size_t limit) const {
        return walk(source_, at, visit, limit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        return scan(source_, range, visit);
    }

    template <class Position, class Visit>
    static result<bool> walk(const Source& source, Position& at, Visit& visit, std::size_t limit) {
        std::size_t shown = 0;
        if (limit == 0) return true;
        // The source counts group rows too, so it is asked again until enough are shown.
        while (true) {
            bool enough = false;
            const auto more = source.walk(
                at,
                [&](bytes_view key, bytes_view row) {
                    if (is_group_row(key)) return true;
                    if (!visit_row(visit, key, row)) return enough = true, false;
                    ++shown;
                    return true;
                },
                limit - shown);
            if (!more || !*more || enough || shown == limit) return more;
        }
    }
    template <class Visit>
    static result<bool> scan(const Source& source, scan_range range, Visit& visit) {
        std::size_t left = range.limit;
        if (left == 0) return true;
        if (range.limit != static_cast<std::size_t>(-1)) range.limit = static_cast<std::size_t>(-1);
        return source.scan(range, [&](bytes_view key, bytes_view row) {
            if (is_group_row(key)) return true;
            return visit_row(visit, key, row) && --left != 0;
        });
    }

    /// Whether an erase_range that begins in the group would erase a row of it. Errors:
    /// range_invalid when it reaches beyond the group or covers the group's own row: erase_group
    /// is for that.
    static result<bool> any_in_group(const Source& source, const operation& erased,
                                     bytes_view name) {
        const auto size = Scope::template size<KeyCodec>(erased.key);
        if (!size) return size.error();
        key_buffer end;
        if (!successor(erased.key.first(*size), end)) return errc::out_of_memory;
        if (!end.empty() && (erased.value.empty() || end.view() < erased.value))
            return errc::range_invalid;
        if (!(name < erased.key)) return errc::range_invalid;
        if constexpr (requires(const scan_range& r) {
                          source.scan(r, archetype::key_row_visitor{});
                      }) {
            bool any = false;
            const auto done = source.scan({.lo = erased.key, .hi = erased.value, .limit = 1},
                                          [&](bytes_view, bytes_view) { any = true; });
            if (!done) return done.error();
            return any;
        }
        return errc::unsupported;
    }

  private:
    [[nodiscard]] static bool is_group_row(bytes_view key) noexcept {
        const bytes_view suffix = Scope::template row_suffix<KeyCodec>();
        const auto size = Scope::template size<KeyCodec>(key);
        return size && key.size() == *size + suffix.size() && key.skip(*size) == suffix;
    }

    Source source_;
};

} // namespace ashlar::inline v0_1
