// SPDX-License-Identifier: BSL-1.0
/// @file Defines direct_reader: files that can be read past the system's memory.
#pragma once

#include <ashlar/environment/concept.hpp>

namespace ashlar::inline v0_1 {

/// What offset, size and memory of a direct read are multiples of; the file's end may cut it short.
inline constexpr std::size_t direct_unit = 4096;

/// Satisfied by files whose reads need not leave a copy in the system's memory. read_directly(true)
/// answers whether they are direct from now on: not where that can't be had, nor where most of the
/// file is in that memory already. After read_directly(false) they are as ever. A file may promise
/// direct reads and refuse each of them. Thread-safe, as reading is.
template <class F>
concept direct_reader = file_handle<F> && requires(F& file, bool wanted) {
    { file.read_directly(wanted) } noexcept -> std::same_as<bool>;
};

/// Makes reads direct or not, where files know of that; answers whether they are now.
template <file_handle File>
bool read_directly(File& file, bool wanted) noexcept {
    if constexpr (direct_reader<File>) return file.read_directly(wanted);
    else return static_cast<void>(file), static_cast<void>(wanted), false;
}

/// Reads as read_exactly does; when direct reads are refused, as ever from then on.
/// REQUIRES: `at` and `to` are multiples of direct_unit; at `to` is room for `size` made one.
template <file_handle File>
[[nodiscard]] result<std::size_t> read_units(File& file, std::uint64_t at, std::byte* to,
                                             std::size_t size) noexcept {
    bool direct = direct_reader<File>;
    const std::size_t room = direct ? (size + direct_unit - 1) / direct_unit * direct_unit : size;
    std::size_t done = 0;
    while (done < size) {
        const auto n = file.read_at(at + done, to + done, room - done);
        if (!n && n.error().native == interrupted) continue;
        if (!n && !std::exchange(direct, false)) return n.error();
        if (!n) read_directly(file, false);
        else if (*n == 0) break;
        else done += *n;
    }
    return done < size ? done : size;
}

} // namespace ashlar::inline v0_1
