// SPDX-License-Identifier: BSL-1.0
/// @file Defines the manifest: what a store directory says of itself (docs/formats.md, "Manifest").
#pragma once

#include <ashlar/error.hpp>
#include <ashlar/format/crc32c.hpp>
#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// What stands at the beginning of `ashlar.manifest`; integers are little-endian. All versions of
/// the format begin with these 40 bytes, so that a newer one can be told from a damaged one.
struct manifest_header {
    std::byte magic[8];
    std::uint32_t version;
    std::uint32_t text_size;  ///< bytes of the formats text, which follows and ends the file
    std::byte uuid[16];       ///< names the store; made when it is created
    std::uint32_t text_sum;   ///< CRC-32C of the text
    std::uint32_t header_sum; ///< CRC-32C of the 36 bytes before
};
static_assert(sizeof(manifest_header) == 40);
static_assert(offsetof(manifest_header, version) == 8 && offsetof(manifest_header, uuid) == 16);
static_assert(offsetof(manifest_header, text_sum) == 32);

inline constexpr std::uint32_t manifest_version = 1;
/// A byte above 7 bits, a line break of each kind and an end of file: text-mode copies show.
inline constexpr std::byte manifest_magic[8] = {std::byte{0x8A}, std::byte{'a'}, std::byte{'s'},
                                                std::byte{'h'},  std::byte{'l'}, std::byte{'\r'},
                                                std::byte{'\n'}, std::byte{0x1A}};
/// Longer texts are taken for damage.
inline constexpr std::size_t max_manifest_text = 4096;

/// A decoded manifest; the text is a view into what was decoded.
struct manifest_view {
    bytes_view uuid;
    text_view formats;
};

/// REQUIRES: sizeof(manifest_header) + formats.size() bytes at `to`, 16 in `uuid`.
inline void encode_manifest(std::byte* to, bytes_view uuid, text_view formats) noexcept {
    const bytes_view text{formats};
    copy_bytes(to, {manifest_magic, sizeof manifest_magic});
    store_little(to + 8, manifest_version);
    store_little(to + 12, static_cast<std::uint32_t>(text.size()));
    copy_bytes(to + 16, uuid);
    store_little(to + 32, crc32c(text));
    store_little(to + 36, crc32c({to, 36}));
    copy_bytes(to + sizeof(manifest_header), text);
}

/// Errors, each with the offset of the bytes it speaks of in `detail`: corrupt (also when a sum
/// differs; detail has both sums), unsupported_version (sound, but newer).
[[nodiscard]] inline result<manifest_view>
decode_manifest(bytes_view bytes, error_detail* detail = nullptr) noexcept {
    const auto fail_at = [&](std::uint64_t position, errc code, std::uint64_t expected,
                             std::uint64_t actual, text_view message) {
        if (detail != nullptr)
            detail->position = position, detail->expected = expected, detail->actual = actual;
        return fail(detail, {code}, message);
    };
    constexpr std::size_t head = sizeof(manifest_header);
    if (bytes.size() < head)
        return fail_at(bytes.size(), errc::corrupt, head, bytes.size(),
                       "the manifest ends within its header");
    if (!bytes.starts_with({manifest_magic, sizeof manifest_magic}))
        return fail_at(0, errc::corrupt, 0, 0, "the manifest does not begin as one does");
    const auto header_sum = load_little<std::uint32_t>(bytes.data() + 36);
    if (const std::uint32_t sum = crc32c(bytes.first(36)); sum != header_sum)
        return fail_at(36, errc::corrupt, header_sum, sum, "the manifest's header was altered");
    const auto version = load_little<std::uint32_t>(bytes.data() + 8);
    if (version != manifest_version)
        return fail_at(8, errc::unsupported_version, manifest_version, version,
                       "the manifest is of a version that this build does not know; open the "
                       "store with a newer one");
    const auto text_size = load_little<std::uint32_t>(bytes.data() + 12);
    if (text_size > max_manifest_text || text_size != bytes.size() - head)
        return fail_at(12, errc::corrupt, text_size, bytes.size() - head,
                       "the manifest's text is not as long as its header says");
    const bytes_view text = bytes.skip(head);
    const auto text_sum = load_little<std::uint32_t>(bytes.data() + 32);
    if (const std::uint32_t sum = crc32c(text); sum != text_sum)
        return fail_at(head, errc::corrupt, text_sum, sum, "the manifest's text was altered");
    return manifest_view{{bytes.data() + 16, 16}, text.as<text_view>()};
}

} // namespace ashlar::inline v0_1
