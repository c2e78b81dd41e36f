// SPDX-License-Identifier: BSL-1.0
/// @file Defines how errno becomes an error, and a path that ends in a NUL.
#pragma once

#include <ashlar/environment/concept.hpp>

#include <cerrno>
#include <climits>

namespace ashlar::inline v0_1::posix_parts {

static_assert(EINTR == interrupted);
static_assert(is_out_of_files({errc::io, EMFILE}) && is_out_of_files({errc::io, ENFILE}));

/// The error of the call that has just failed.
[[nodiscard]] inline error failure(int number) noexcept {
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return {errc::no_space, number};
    case EACCES:
    case EPERM: return {errc::permission_denied, number};
    case EROFS: return {errc::read_only, number};
    case ENOMEM: return {errc::out_of_memory, number};
    case EEXIST: return {errc::already_exists, number};
    case EBADF: return {errc::closed, number};
    default: return {errc::io, number};
    }
}
[[nodiscard]] inline error failure() noexcept { return failure(errno); }

/// The system calls want a NUL behind a path; views have none.
class path_buffer {
  public:
    explicit path_buffer(text_view path) noexcept : fits_{path.size() < sizeof text_} {
        if (fits_) copy_bytes(reinterpret_cast<std::byte*>(text_), bytes_view{path});
        text_[fits_ ? path.size() : 0] = '\0';
        // A NUL inside would cut the path short and name another file.
        fits_ = fits_ && __builtin_strlen(text_) == path.size();
    }
    [[nodiscard]] explicit operator bool() const noexcept { return fits_; }
    [[nodiscard]] const char* c_str() const noexcept { return text_; }
    /// What to answer when it does not fit.
    [[nodiscard]] static error too_long() noexcept { return {errc::io, ENAMETOOLONG}; }

  private:
    bool fits_;
    char text_[PATH_MAX];
};

} // namespace ashlar::inline v0_1::posix_parts
