// SPDX-License-Identifier: BSL-1.0
/// @file Defines how an ordered engine walks: by scanning on from the key it visited last.
#pragma once

#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1 {

/// `walk` of an engine, or a view, that can scan. The position is the raw key visited last behind a
/// marker byte, so that the empty key is not taken for the beginning. Errors: the scan's;
/// out_of_memory.
template <class Source, class Visit>
[[nodiscard]] result<bool> walk_by_scan(const Source& source, key_buffer& position, Visit& visit,
                                        std::size_t limit) {
    key_buffer last;
    if (!position.empty() && !last.assign(position.view().skip(1))) return errc::out_of_memory;
    scan_range range;
    range.resume = !position.empty();
    range.after = last.view();
    range.limit = limit;
    bool kept = true;
    auto each = [&](bytes_view key, bytes_view row) {
        if (position.size() != key.size() + 1) { // keys of one length are common
            position.clear();
            kept = position.extend(key.size() + 1) != nullptr;
            if (!kept) return false;
            *position.data() = std::byte{1};
        }
        copy_bytes(position.data() + 1, key);
        return visit_row(visit, key, row);
    };
    const auto more = source.scan(range, each);
    if (!kept) return errc::out_of_memory;
    return more;
}

} // namespace ashlar::inline v0_1
