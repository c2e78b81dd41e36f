// SPDX-License-Identifier: BSL-1.0
/// @file Defines how LMDB's C types and codes become ours; the one header that includes LMDB.
#pragma once

#include <ashlar/result.hpp>

#include <cerrno>

#include <lmdb.h>

namespace ashlar::inline v0_1::lmdb_parts {

[[nodiscard]] inline error failure(int code) noexcept {
    switch (code) {
    case MDB_NOTFOUND: return {errc::not_found, code};
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_READERS_FULL: return {errc::full, code};
    case MDB_BAD_VALSIZE: return {errc::key_too_long, code};
    case MDB_VERSION_MISMATCH: return {errc::unsupported_version, code};
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INCOMPATIBLE: return {errc::corrupt, code};
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return {errc::no_space, code};
    case ENOMEM: return {errc::out_of_memory, code};
    case EACCES:
    case EPERM: return {errc::permission_denied, code};
    case EROFS: return {errc::read_only, code};
    default: return {errc::io, code};
    }
}
[[nodiscard]] inline result<void> status(int code) noexcept {
    if (code != MDB_SUCCESS) return failure(code);
    return {};
}
[[nodiscard]] inline result<bool> presence(int code) noexcept {
    if (code == MDB_NOTFOUND) return false;
    if (code != MDB_SUCCESS) return failure(code);
    return true;
}
/// LMDB takes pointers to mutable bytes and does not change them.
[[nodiscard]] inline MDB_val value_of(bytes_view bytes) noexcept {
    return {bytes.size(), const_cast<std::byte*>(bytes.data())}; // NOLINT: see above
}
[[nodiscard]] inline bytes_view view_of(const MDB_val& value) noexcept {
    return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

} // namespace ashlar::inline v0_1::lmdb_parts
