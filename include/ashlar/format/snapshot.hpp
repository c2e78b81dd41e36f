// SPDX-License-Identifier: BSL-1.0
/// @file Defines the snapshot file: all rows, and which part of the log makes them one moment
/// (docs/formats.md, "Snapshot").
#pragma once

#include <ashlar/error.hpp>
#include <ashlar/format/log.hpp>
#include <ashlar/result.hpp>

#include <cstring>

namespace ashlar::inline v0_1 {

/// What stands at the beginning; integers are little-endian.
struct snapshot_header {
    std::byte magic[8];
    std::uint32_t version;
    std::uint32_t reserved;  ///< zero
    std::byte uuid[16];      ///< of the store
    std::uint64_t redo_from; ///< the log is to be replayed from this segment on; stands in the name
    std::uint64_t sequence;  ///< the greatest of the commits before that segment
    std::uint64_t time;      ///< the latest that the log has noted; 0 for none
    std::uint32_t reserved_too; ///< zero
    std::uint32_t header_sum;   ///< CRC-32C of the 60 bytes before
};
static_assert(sizeof(snapshot_header) == 64 && offsetof(snapshot_header, redo_from) == 32);
static_assert(offsetof(snapshot_header, time) == 48);

/// Blocks have the header of log records, bound to uuid, redo_from and offset, and chained.
enum class snapshot_block : std::uint8_t {
    rows = 3, ///< puts, as batch entries; the record's sequence counts the rows so far
    end = 4,  ///< snapshot_end, nothing behind it
};

/// What the last block says.
struct snapshot_end {
    std::uint64_t rows;         ///< in all blocks
    std::uint64_t redo_segment; ///< the rows are of one moment once the log was replayed to here
    std::uint32_t redo_offset;
    std::uint32_t redo_sum; ///< header_sum of the record before that
};
static_assert(sizeof(snapshot_end) == 24 && offsetof(snapshot_end, redo_offset) == 16);

inline constexpr std::uint32_t snapshot_version = 1;
inline constexpr std::byte snapshot_magic[8] = {std::byte{0x8A}, std::byte{'a'}, std::byte{'s'},
                                                std::byte{'h'},  std::byte{'S'}, std::byte{'\r'},
                                                std::byte{'\n'}, std::byte{0x1A}};
/// A block is closed when it has reached this; one long row makes a longer one.
inline constexpr std::size_t snapshot_block_size = std::size_t{64} << 10;

/// REQUIRES: 64 bytes at `to`, 16 in `uuid`. Answers the sum that the first block is chained to.
inline std::uint32_t encode_snapshot_header(std::byte* to, bytes_view uuid, std::uint64_t redo_from,
                                            std::uint64_t sequence,
                                            std::uint64_t time = 0) noexcept {
    std::memset(to, 0, sizeof(snapshot_header));
    copy_bytes(to, {snapshot_magic, sizeof snapshot_magic});
    store_little(to + 8, snapshot_version);
    copy_bytes(to + 16, uuid);
    store_little(to + 32, redo_from);
    store_little(to + 40, sequence);
    store_little(to + 48, time);
    const std::uint32_t sum = crc32c({to, 60});
    store_little(to + 60, sum);
    return sum;
}

/// Answers the header's `sequence`. Errors: corrupt, unsupported_version (sound, but newer),
/// foreign (of another store, or under another snapshot's name). `detail` gets the offset.
/// REQUIRES: 64 bytes at `at`.
[[nodiscard]] inline result<std::uint64_t>
decode_snapshot_header(const std::byte* at, bytes_view uuid, std::uint64_t redo_from,
                       error_detail* detail = nullptr) noexcept {
    const auto refuse = [&](std::uint64_t position, errc code, text_view why) {
        if (detail != nullptr) detail->position = position;
        return fail(detail, {code}, why);
    };
    if (!bytes_view{at, 64}.starts_with({snapshot_magic, sizeof snapshot_magic}))
        return refuse(0, errc::corrupt, "the snapshot does not begin as one does");
    if (load_little<std::uint32_t>(at + 60) != crc32c({at, 60}))
        return refuse(60, errc::corrupt, "the snapshot's header was altered");
    if (load_little<std::uint32_t>(at + 8) != snapshot_version)
        return refuse(8, errc::unsupported_version,
                      "the snapshot is of a version that this build does not know; open the "
                      "store with a newer one");
    if (!(bytes_view{at + 16, 16} == uuid))
        return refuse(16, errc::foreign, "the snapshot belongs to another store");
    if (load_little<std::uint64_t>(at + 32) != redo_from)
        return refuse(32, errc::foreign, "the snapshot has another number than its name");
    return load_little<std::uint64_t>(at + 40);
}

/// Makes a block of the payload at to + 32; answers its header sum. `offset` is the block's.
/// REQUIRES: log_record_size(payload) bytes at `to`.
inline std::uint32_t encode_snapshot_block(std::byte* to, snapshot_block kind, std::uint64_t rows,
                                           std::size_t payload, std::uint32_t seed,
                                           std::uint64_t offset, std::uint32_t previous) noexcept {
    std::byte* body = to + sizeof(log_record_header);
    std::memset(body + payload, 0, log_record_size(payload) - sizeof(log_record_header) - payload);
    store_little(to, static_cast<std::uint32_t>(payload));
    store_little(to + 4, std::uint32_t{static_cast<std::uint8_t>(kind)});
    store_little(to + 8, rows);
    store_little(to + 16, std::uint32_t{0});
    store_little(to + 20, previous);
    store_little(to + 24, crc32c({body, payload}));
    const std::uint32_t sum = log_header_sum(to, seed, offset);
    store_little(to + 28, sum);
    return sum;
}

/// A decoded header of a block, checked against its place and the block before.
struct snapshot_block_view {
    snapshot_block kind;
    std::uint64_t rows;
    std::uint32_t payload_size;
    std::uint32_t payload_sum;
    std::uint32_t sum;
};

/// Errors: corrupt. REQUIRES: 32 bytes at `at`.
[[nodiscard]] inline result<snapshot_block_view>
decode_snapshot_block(const std::byte* at, std::uint32_t seed, std::uint64_t offset,
                      std::uint32_t previous) noexcept {
    const auto sum = load_little<std::uint32_t>(at + 28);
    const auto kind = load_little<std::uint32_t>(at + 4);
    const auto size = load_little<std::uint32_t>(at);
    if (log_header_sum(at, seed, offset) != sum ||
        load_little<std::uint32_t>(at + 20) != previous || size > max_log_payload)
        return errc::corrupt;
    if (kind != static_cast<std::uint32_t>(snapshot_block::rows) &&
        kind != static_cast<std::uint32_t>(snapshot_block::end))
        return errc::corrupt;
    return snapshot_block_view{static_cast<snapshot_block>(kind),
                               load_little<std::uint64_t>(at + 8), size,
                               load_little<std::uint32_t>(at + 24), sum};
}

inline void encode_snapshot_end(std::byte* to, const snapshot_end& end) noexcept {
    store_little(to, end.rows);
    store_little(to + 8, end.redo_segment);
    store_little(to + 16, end.redo_offset);
    store_little(to + 20, end.redo_sum);
}
[[nodiscard]] inline snapshot_end decode_snapshot_end(const std::byte* at) noexcept {
    return {load_little<std::uint64_t>(at), load_little<std::uint64_t>(at + 8),
            load_little<std::uint32_t>(at + 16), load_little<std::uint32_t>(at + 20)};
}

} // namespace ashlar::inline v0_1
