// SPDX-License-Identifier: BSL-1.0
/// @file Defines the index beside a snapshot: from a key to the blocks that may hold its row
/// (docs/formats.md, "Index of a snapshot").
#pragma once

#include <ashlar/error.hpp>
#include <ashlar/format/crc32c.hpp>
#include <ashlar/result.hpp>

#include <cstring>

namespace ashlar::inline v0_1 {

/// What stands at the beginning; integers are little-endian.
struct snapshot_index_header {
    std::byte magic[8];
    std::uint32_t version;
    std::uint32_t reserved;     ///< zero
    std::byte uuid[16];         ///< of the store
    std::uint64_t snapshot;     ///< its number
    std::byte reserved_too[20]; ///< zero
    std::uint32_t header_sum;   ///< CRC-32C of the 60 bytes before
};
static_assert(sizeof(snapshot_index_header) == 64);
static_assert(offsetof(snapshot_index_header, header_sum) == 60);

/// What stands before each part: some rows of the snapshot, sorted into 2^bits buckets by their
/// tags. The end is a part without rows, behind which a snapshot_index_end stands for the tables.
struct snapshot_index_part {
    std::uint32_t rows;
    std::uint32_t blocks;     ///< of the snapshot, in which these rows stand
    std::uint32_t bits;       ///< at most 24
    std::uint32_t tables_sum; ///< CRC-32C of the tables
    std::uint64_t rows_so_far;
    std::uint32_t previous_sum; ///< header_sum of the part before, or of the file
    std::uint32_t header_sum;   ///< CRC-32C of the 28 bytes before
};
static_assert(sizeof(snapshot_index_part) == 32);

/// Which snapshot the index is of, beside its number: its size and the sum of its last header, in
/// which those of all its blocks are chained.
struct snapshot_index_end {
    std::uint64_t snapshot_size = 0;
    std::uint32_t snapshot_sum = 0;
    std::uint32_t reserved = 0; ///< zero
};
static_assert(sizeof(snapshot_index_end) == 16);

inline constexpr std::uint32_t snapshot_index_version = 1;
inline constexpr std::byte snapshot_index_magic[8] = {
    std::byte{0x8A}, std::byte{'a'},  std::byte{'s'},  std::byte{'h'},
    std::byte{'I'},  std::byte{'\r'}, std::byte{'\n'}, std::byte{0x1A}};
inline constexpr unsigned max_index_bits = 24;

/// The sizes of a part, in bytes: a bucket is {end among the rows (4), CRC-32C of its rows (4)}, a
/// block its offset in the snapshot (8), a row {tag (4), which of the blocks (4)}.
[[nodiscard]] constexpr std::uint64_t index_tables_size(const snapshot_index_part& part) noexcept {
    return part.rows == 0 ? sizeof(snapshot_index_end)
                          : (std::uint64_t{8} << part.bits) + std::uint64_t{8} * part.blocks;
}

/// What a row is looked for by. Keys with equal tags are told apart in the snapshot.
[[nodiscard]] inline std::uint32_t index_tag(bytes_view key) noexcept { return crc32c(key); }
[[nodiscard]] constexpr std::uint32_t index_bucket(std::uint32_t tag, unsigned bits) noexcept {
    return bits == 0 ? 0 : tag >> (32 - bits);
}

/// REQUIRES: 64 bytes at `to`, 16 in `uuid`. Answers the sum that the first part is chained to.
inline std::uint32_t encode_snapshot_index_header(std::byte* to, bytes_view uuid,
                                                  std::uint64_t snapshot) noexcept {
    std::memset(to, 0, sizeof(snapshot_index_header));
    copy_bytes(to, {snapshot_index_magic, sizeof snapshot_index_magic});
    store_little(to + 8, snapshot_index_version);
    copy_bytes(to + 16, uuid);
    store_little(to + 32, snapshot);
    const std::uint32_t sum = crc32c({to, 60});
    store_little(to + 60, sum);
    return sum;
}
/// Answers the header's sum. Errors: corrupt, unsupported_version (sound, but newer), foreign.
/// REQUIRES: 64 bytes at `at`.
[[nodiscard]] inline result<std::uint32_t>
decode_snapshot_index_header(const std::byte* at, bytes_view uuid,
                             std::uint64_t snapshot) noexcept {
    const auto sum = load_little<std::uint32_t>(at + 60);
    if (!bytes_view{at, 64}.starts_with({snapshot_index_magic, sizeof snapshot_index_magic}) ||
        sum != crc32c({at, 60}))
        return errc::corrupt;
    if (load_little<std::uint32_t>(at + 8) != snapshot_index_version)
        return errc::unsupported_version;
    if (!(bytes_view{at + 16, 16} == uuid) || load_little<std::uint64_t>(at + 32) != snapshot)
        return errc::foreign;
    return sum;
}

/// Answers the part's sum. REQUIRES: 32 bytes at `to`.
inline std::uint32_t encode_index_part(std::byte* to, const snapshot_index_part& part) noexcept {
    store_little(to, part.rows);
    store_little(to + 4, part.blocks);
    store_little(to + 8, part.bits);
    store_little(to + 12, part.tables_sum);
    store_little(to + 16, part.rows_so_far);
    store_little(to + 24, part.previous_sum);
    const std::uint32_t sum = crc32c({to, 28});
    store_little(to + 28, sum);
    return sum;
}
/// Errors: corrupt; also of a part that does not follow the one before it. REQUIRES: 32 bytes.
[[nodiscard]] inline result<snapshot_index_part>
decode_index_part(const std::byte* at, const snapshot_index_part& before) noexcept {
    const snapshot_index_part part{
        load_little<std::uint32_t>(at),      load_little<std::uint32_t>(at + 4),
        load_little<std::uint32_t>(at + 8),  load_little<std::uint32_t>(at + 12),
        load_little<std::uint64_t>(at + 16), load_little<std::uint32_t>(at + 24),
        load_little<std::uint32_t>(at + 28)};
    if (part.header_sum != crc32c({at, 28}) || part.previous_sum != before.header_sum ||
        part.rows_so_far != before.rows_so_far + part.rows || part.bits > max_index_bits)
        return errc::corrupt;
    return part;
}

inline void encode_index_end(std::byte* to, const snapshot_index_end& end) noexcept {
    store_little(to, end.snapshot_size);
    store_little(to + 8, end.snapshot_sum);
    store_little(to + 12, end.reserved);
}
[[nodiscard]] inline snapshot_index_end decode_index_end(const std::byte* at) noexcept {
    return {load_little<std::uint64_t>(at), load_little<std::uint32_t>(at + 8),
            load_little<std::uint32_t>(at + 12)};
}

} // namespace ashlar::inline v0_1
