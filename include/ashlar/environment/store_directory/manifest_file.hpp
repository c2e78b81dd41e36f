// SPDX-License-Identifier: BSL-1.0
/// @file Defines how the file ashlar.manifest is published, and how it is read.
#pragma once

#include <ashlar/environment/concept.hpp>
#include <ashlar/environment/store_directory/path.hpp>
#include <ashlar/format/manifest.hpp>

namespace ashlar::inline v0_1 {

namespace manifest_file {

inline constexpr text_view name{"ashlar.manifest"};
inline constexpr text_view new_name{"ashlar.manifest.new"};

/// All bytes of an open manifest, and one more where it is longer than any can be.
template <class File>
[[nodiscard]] result<bytes_view> load(const File& from, byte_buffer& bytes) noexcept {
    constexpr std::size_t most = sizeof(manifest_header) + max_manifest_text + 1;
    bytes.clear();
    std::byte* const to = bytes.extend(most);
    if (to == nullptr) return errc::out_of_memory;
    const auto size = read_exactly(from, 0, to, most);
    if (!size) return size.error();
    return bytes_view{to, *size};
}

[[nodiscard]] inline text_view parent_of(text_view path) noexcept {
    std::size_t end = path.size();
    while (end > 1 && path.data()[end - 1] == '/') --end;
    while (end > 0 && path.data()[end - 1] != '/') --end;
    return end == 0 ? text_view{"."} : text_view{path.data(), end};
}

/// Publishes a manifest by temporary file, sync, rename, sync of the directory: it is whole or
/// absent, and what goes wrong leaves no temporary file. REQUIRES: 16 bytes in `uuid`, at most
/// max_manifest_text of formats. Errors: out_of_memory, and the system's.
template <file_system Environment>
[[nodiscard]] result<void> publish(const Environment& environment, text_view directory,
                                   bytes_view uuid, text_view formats) noexcept {
    byte_buffer bytes;
    std::byte* to = bytes.extend(sizeof(manifest_header) + formats.size());
    if (to == nullptr) return errc::out_of_memory;
    encode_manifest(to, uuid, formats);
    const auto temporary = joined_path::of(directory, new_name);
    const auto final = joined_path::of(directory, name);
    if (!temporary || !final) return errc::out_of_memory;
    const auto published = [&]() -> result<void> {
        auto out = environment.open_file(*temporary, file_mode::create);
        if (!out) return out.error();
        if (const auto cut = out->truncate(0); !cut) return cut;
        if (const auto written = write_exactly(*out, 0, bytes.view()); !written) return written;
        if (const auto synced = sync_exactly(*out); !synced) return synced;
        if (const auto closed = out->close(); !closed) return closed;
        // The directory's own name may be new as well, and has to last before the manifest can. The
        // parent may be unreadable; then nothing can be done for it.
        const auto named = environment.sync_directory(parent_of(directory));
        if (!named && named.error() != errc::permission_denied) return named;
        if (const auto moved = environment.rename(*temporary, *final); !moved) return moved;
        return environment.sync_directory(directory);
    }();
    if (!published) static_cast<void>(environment.remove(*temporary));
    return published;
}

} // namespace manifest_file

/// Reads a store's manifest without opening the store; the answer's views are into `bytes`.
/// Errors: no_such_store, corrupt, unsupported_version, out_of_memory, and the system's; `detail`
/// gets sentence and offset.
template <file_system Environment>
[[nodiscard]] result<manifest_view> read_manifest(const Environment& environment,
                                                  text_view directory, byte_buffer& bytes,
                                                  error_detail* detail = nullptr) noexcept {
    const auto path = joined_path::of(directory, manifest_file::name);
    if (!path) return path.error();
    const auto kind = environment.kind_of(*path);
    const auto refuse = [&](error e) {
        sentence text{};
        text << "the manifest can't be read";
        append_remedy(text, e);
        return fail(detail, e, text.view());
    };
    if (!kind) return refuse(kind.error());
    if (*kind == file_kind::none)
        return fail(detail, {errc::no_such_store},
                    "there is no ashlar.manifest, so this is no store");
    auto from = environment.open_file(*path, file_mode::read);
    if (!from) return refuse(from.error());
    const auto read = manifest_file::load(*from, bytes);
    if (!read) return refuse(read.error());
    return decode_manifest(*read, detail);
}

} // namespace ashlar::inline v0_1
