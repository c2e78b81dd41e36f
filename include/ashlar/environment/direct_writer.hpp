// SPDX-License-Identifier: BSL-1.0
/// @file Defines direct_writer: files that can be written past the system's memory.
#pragma once

#include <ashlar/environment/concept.hpp>

#include <utility>

namespace ashlar::inline v0_1 {

/// Satisfied by files whose writes need not pass through the system's memory. write_directly(true)
/// answers whether they are direct from now on; after write_directly(false) they are as ever. A
/// file may promise direct writes and refuse each of them. What they have written is durable when
/// it was synced, as with any write. Thread-safe, as writing is.
template <class F>
concept direct_writer = file_handle<F> && requires(F& file, bool wanted) {
    { file.write_directly(wanted) } noexcept -> std::same_as<bool>;
};

/// Writes as write_exactly does; when direct writes are refused or cut short, as ever from then on.
/// REQUIRES: `at`, the size and the memory are multiples of direct_unit (direct_reader.hpp).
template <direct_writer File>
[[nodiscard]] result<void> write_units(File& file, std::uint64_t at, bytes_view bytes) noexcept {
    for (bool direct = true;;) {
        const auto n = file.write_at(at, bytes);
        if (n && *n == bytes.size()) return {};
        if (!n && n.error().native == interrupted) continue;
        if (!n && !std::exchange(direct, false)) return n.error();
        file.write_directly(false);
        if (!n) continue;
        at += *n;
        bytes = bytes.skip(*n);
    }
}

} // namespace ashlar::inline v0_1
