// SPDX-License-Identifier: BSL-1.0
/// @file Defines the file of an LMDB store: its name, its length, and what is said of a bad one.
#pragma once

#include <ashlar/backend/lmdb/api.hpp>
#include <ashlar/environment/store_directory.hpp>

namespace ashlar::inline v0_1::lmdb_parts {

inline constexpr text_view data_name{"data.mdb"};

/// Errors: corrupt when the file is missing or shorter than `least` bytes. LMDB itself would make
/// a new file, or end the process when it reads behind the end.
template <class Environment>
[[nodiscard]] result<void> check_file(const opening<Environment>& how, text_view path,
                                      std::uint64_t least) noexcept {
    std::uint64_t size = 0;
    const auto file = how.environment.open_file(path, file_mode::read);
    if (file) size = file->size().value_or(std::uint64_t{0});
    if (size >= least) return {};
    sentence text;
    text << "'" << path << "' has " << size << " bytes where " << least
         << " are needed: it was cut or removed; restore it from a backup";
    if (how.options.detail != nullptr)
        how.options.detail->position = size, how.options.detail->expected = least;
    return how.fail({errc::corrupt}, text.view());
}

/// The bytes that the pages of an open file take.
[[nodiscard]] inline std::uint64_t used_bytes(MDB_env* env) noexcept {
    ::MDB_envinfo info{};
    ::MDB_stat facts{};
    static_cast<void>(::mdb_env_info(env, &info));
    static_cast<void>(::mdb_env_stat(env, &facts));
    return (std::uint64_t{info.me_last_pgno} + 1) * facts.ms_psize;
}

/// Says why LMDB could not open the file, and answers the error.
template <class Environment>
[[nodiscard]] error cant_open(const opening<Environment>& how, error e) noexcept {
    sentence text;
    text << "LMDB can't open '" << how.options.directory << "/" << data_name
         << "': " << ::mdb_strerror(e.native);
    return how.fail(e, text.view());
}

} // namespace ashlar::inline v0_1::lmdb_parts
