// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"

#include <ashlar/environment/posix/failure.hpp>

#include <cerrno>

TEST_CASE("posix: each errno has its error, and travels with it") {
    using ashlar::errc;
    struct {
        int number;
        errc code;
    } const table[] = {
        {ENOSPC, errc::no_space},
        {EDQUOT, errc::no_space},
        {EFBIG, errc::no_space},
        {EACCES, errc::permission_denied},
        {EPERM, errc::permission_denied},
        {EROFS, errc::read_only},
        {ENOMEM, errc::out_of_memory},
        {EEXIST, errc::already_exists},
        {EBADF, errc::closed},
        {EIO, errc::io},
    };
    for (const auto& row : table) {
        const ashlar::error e = ashlar::posix_parts::failure(row.number);
        CHECK((e.code == row.code && e.native == row.number));
    }
    errno = EROFS;
    CHECK(ashlar::posix_parts::failure().code == errc::read_only);
}
