// SPDX-License-Identifier: BSL-1.0
/// @file Defines joined_path, and how a sentence about a path ends.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/environment/concept.hpp>

namespace ashlar::inline v0_1 {

/// A path that a C library can take. Owns its text.
class joined_path {
  public:
    /// `directory/name`. Errors: out_of_memory.
    [[nodiscard]] static result<joined_path> of(text_view directory, text_view name) noexcept {
        joined_path path;
        static constexpr char end[2] = {'/', '\0'};
        const bool done = append(path.text_, bytes_view{directory}) &&
                          append(path.text_, bytes_view{text_view{end, 1}}) &&
                          append(path.text_, bytes_view{name}) &&
                          append(path.text_, bytes_view{text_view{end + 1, 1}});
        if (!done) return errc::out_of_memory;
        return path;
    }
    [[nodiscard]] const char* c_str() const noexcept {
        return reinterpret_cast<const char*>(text_.data());
    }
    operator text_view() const noexcept { return {c_str(), text_.size() - 1}; } // NOLINT: a path

  private:
    small_buffer<128> text_;
};

/// Ends a sentence about a path with what to do about an error of the system's: "; make room on its
/// disk (errno 28)".
inline void append_remedy(sentence& to, error e) noexcept {
    if (e == errc::no_space) to << "; make room on its disk";
    if (e == errc::permission_denied) to << "; see to its owner and permissions";
    if (e == errc::read_only) to << "; mount its disk for writing, or open it read-only";
    if (is_out_of_files(e)) to << "; let there be more open files (ulimit -n)";
    else if (e == errc::io && e.native != 0) to << "; see to what its path names, and to its disk";
    if (e.native != 0) to << " (errno " << static_cast<std::uint64_t>(e.native) << ")";
}

} // namespace ashlar::inline v0_1
