// SPDX-License-Identifier: BSL-1.0
/// @file Defines what readers see of rows that expire: those that are still there.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/expiry/ttl/clock.hpp>

namespace ashlar::inline v0_1 {

/// Reads through to a source (an engine or a snapshot of one) and leaves out what a clock says is
/// past. As a value it owns a snapshot, whose rows are judged at one moment; its static verbs serve
/// the layer over an engine.
template <class Source, class Row>
class live_view {
  public:
    live_view(Source&& source, fixed_moment taken) noexcept
        : source_{std::move(source)}, taken_{taken} {}

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        return read(source_, taken_, key, visit);
    }
    template <class Position, class Visit>
    result<bool> walk(Position& at, Visit visit, std::size_t limit) const {
        return walk(source_, taken_, at, visit, limit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const {
        return scan(source_, taken_, range, visit);
    }

    template <class Clock, class Visit>
    [[gnu::always_inline]] static result<bool> read(const Source& source, const Clock& clock,
                                                    bytes_view key, Visit& visit) {
        bool live = false;
        auto there = source.read(key, [&](bytes_view row) noexcept {
            if ((live = is_live<Row>(row, clock))) visit(row);
        });
        if (there && *there && !live) there = false;
        return there;
    }
    /// The source counts rows that are gone, too, so it is asked again until enough are shown.
    template <class Clock, class Position, class Visit>
    static result<bool> walk(const Source& source, const Clock& clock, Position& at, Visit& visit,
                             std::size_t limit) {
        std::size_t shown = 0;
        if (limit == 0) return source.walk(at, visit, limit);
        while (true) {
            bool enough = false;
            const auto more = source.walk(
                at,
                [&](bytes_view key, bytes_view row) {
                    if (!is_live<Row>(row, clock)) return true;
                    if (!visit_row(visit, key, row)) return enough = true, false;
                    ++shown;
                    return true;
                },
                limit - shown);
            if (!more || !*more || enough || shown == limit) return more;
        }
    }
    template <class Clock, class Visit>
    static result<bool> scan(const Source& source, const Clock& clock, scan_range range,
                             Visit& visit) {
        std::size_t left = range.limit;
        if (left == 0) return source.scan(range, visit);
        range.limit = static_cast<std::size_t>(-1);
        return source.scan(range, [&](bytes_view key, bytes_view row) {
            if (!is_live<Row>(row, clock)) return true;
            return visit_row(visit, key, row) && --left != 0;
        });
    }

  private:
    Source source_;
    fixed_moment taken_;
};

} // namespace ashlar::inline v0_1
