// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb
#include "catch.hpp"

#include <ashlar/backend/lmdb/api.hpp>

#include <cerrno>

TEST_CASE("lmdb: each of its codes has its error, and travels with it") {
    using ashlar::errc;
    struct {
        int number;
        errc code;
    } const table[] = {
        {MDB_NOTFOUND, errc::not_found},
        {MDB_MAP_FULL, errc::full},
        {MDB_TXN_FULL, errc::full},
        {MDB_READERS_FULL, errc::full},
        {MDB_BAD_VALSIZE, errc::key_too_long},
        {MDB_VERSION_MISMATCH, errc::unsupported_version},
        {MDB_INVALID, errc::corrupt},
        {MDB_CORRUPTED, errc::corrupt},
        {MDB_PAGE_NOTFOUND, errc::corrupt},
        {MDB_INCOMPATIBLE, errc::corrupt},
        {ENOSPC, errc::no_space},
        {EFBIG, errc::no_space},
        {ENOMEM, errc::out_of_memory},
        {EACCES, errc::permission_denied},
        {EPERM, errc::permission_denied},
        {EROFS, errc::read_only},
        {EIO, errc::io},
    };
    for (const auto& row : table) {
        const ashlar::error e = ashlar::lmdb_parts::failure(row.number);
        CHECK((e.code == row.code && e.native == row.number));
    }
    namespace parts = ashlar::lmdb_parts;
    CHECK((parts::status(MDB_SUCCESS) && parts::status(EIO).error() == errc::io));
    CHECK((parts::presence(MDB_SUCCESS).value_or(false) &&
           !parts::presence(MDB_NOTFOUND).value_or(true)));
    CHECK(parts::presence(EIO).error() == errc::io);
}
