// SPDX-License-Identifier: BSL-1.0
/// @file Defines the file of a change log's cursors (docs/formats.md, "Feed cursors").
#pragma once

#include <ashlar/error.hpp>
#include <ashlar/format/crc32c.hpp>
#include <ashlar/result.hpp>

#include <cstring>

namespace ashlar::inline v0_1 {

/// What stands at the beginning; integers are little-endian. Entries follow, then the CRC-32C of
/// all bytes before it, which ends the file.
struct feed_cursors_header {
    std::byte magic[8];
    std::uint32_t version;
    std::uint32_t count; ///< of entries
    std::byte uuid[16];  ///< of the store
};
static_assert(sizeof(feed_cursors_header) == 32 && offsetof(feed_cursors_header, uuid) == 16);

/// What stands before the name of each entry: up to where in the log its owner has acknowledged.
struct feed_cursor_entry {
    std::uint64_t after;     ///< changes up to this sequence were never asked for
    std::uint64_t segment;   ///< of the log: the next change stands there or behind
    std::uint32_t offset;    ///< in that segment
    std::uint32_t name_size; ///< 1 to max_feed_cursor_name
};
static_assert(sizeof(feed_cursor_entry) == 24 && offsetof(feed_cursor_entry, offset) == 16);

inline constexpr text_view feed_cursors_name{"feed-cursors"};
inline constexpr std::uint32_t feed_cursors_version = 1;
inline constexpr std::byte feed_cursors_magic[8] = {
    std::byte{0x8A}, std::byte{'a'},  std::byte{'s'},  std::byte{'h'},
    std::byte{'C'},  std::byte{'\r'}, std::byte{'\n'}, std::byte{0x1A}};
inline constexpr std::size_t max_feed_cursor_name = 255;
/// More cursors are refused, so the file stays below this many bytes times 280.
inline constexpr std::size_t max_feed_cursors = 4096;
inline constexpr std::size_t max_feed_cursors_size =
    64 + max_feed_cursors * (sizeof(feed_cursor_entry) + max_feed_cursor_name);

/// REQUIRES: 32 bytes at `to`, 16 in `uuid`.
inline void encode_feed_cursors_header(std::byte* to, bytes_view uuid, std::size_t count) noexcept {
    copy_bytes(to, {feed_cursors_magic, sizeof feed_cursors_magic});
    store_little(to + 8, feed_cursors_version);
    store_little(to + 12, static_cast<std::uint32_t>(count));
    copy_bytes(to + 16, uuid);
}
/// REQUIRES: 24 + name.size() bytes at `to`, 1 <= name.size() <= max_feed_cursor_name.
inline void encode_feed_cursor(std::byte* to, const feed_cursor_entry& entry,
                               bytes_view name) noexcept {
    store_little(to, entry.after);
    store_little(to + 8, entry.segment);
    store_little(to + 16, entry.offset);
    store_little(to + 20, static_cast<std::uint32_t>(name.size()));
    copy_bytes(to + sizeof(feed_cursor_entry), name);
}

/// visit(const feed_cursor_entry&, bytes_view name) -> result<void> for each entry, after the whole
/// was checked. Errors: corrupt, unsupported_version (sound, but newer), foreign (of another
/// store), and those of visit. `detail` gets offset and sentence.
template <class Visit>
[[nodiscard]] result<void> decode_feed_cursors(bytes_view bytes, bytes_view uuid, Visit visit,
                                               error_detail* detail = nullptr) noexcept {
    const auto refuse = [&](std::size_t position, errc code, text_view why) {
        if (detail != nullptr) detail->position = position;
        return result<void>{fail(detail, {code}, why)};
    };
    constexpr std::size_t head = sizeof(feed_cursors_header);
    if (bytes.size() < head + 4)
        return refuse(bytes.size(), errc::corrupt, "the file of feed cursors is cut off");
    if (!bytes.starts_with({feed_cursors_magic, sizeof feed_cursors_magic}))
        return refuse(0, errc::corrupt, "the file of feed cursors does not begin as one does");
    const std::size_t end = bytes.size() - 4;
    if (load_little<std::uint32_t>(bytes.data() + end) != crc32c(bytes.first(end)))
        return refuse(end, errc::corrupt, "the file of feed cursors was altered");
    if (load_little<std::uint32_t>(bytes.data() + 8) != feed_cursors_version)
        return refuse(8, errc::unsupported_version,
                      "the file of feed cursors is of a version that this build does not know");
    if (!(bytes.skip(16).first(16) == uuid))
        return refuse(16, errc::foreign, "the file of feed cursors belongs to another store");
    std::uint32_t left = load_little<std::uint32_t>(bytes.data() + 12);
    for (const bool shows : {false, true}) {
        std::size_t at = head;
        for (std::uint32_t i = 0; i < left; ++i) {
            if (end - at < sizeof(feed_cursor_entry))
                return refuse(at, errc::corrupt, "an entry of the feed cursors is cut off");
            const std::byte* from = bytes.data() + at;
            const feed_cursor_entry entry{
                load_little<std::uint64_t>(from), load_little<std::uint64_t>(from + 8),
                load_little<std::uint32_t>(from + 16), load_little<std::uint32_t>(from + 20)};
            at += sizeof(feed_cursor_entry);
            if (entry.name_size == 0 || entry.name_size > max_feed_cursor_name ||
                entry.name_size > end - at)
                return refuse(at - 4, errc::corrupt, "a feed cursor's name can't be so long");
            const bytes_view name = bytes.skip(at).first(entry.name_size);
            at += entry.name_size;
            if (shows)
                if (const auto done = visit(entry, name); !done) return done;
        }
        if (at != end)
            return refuse(at, errc::corrupt, "something stands behind the last feed cursor");
    }
    return {};
}

} // namespace ashlar::inline v0_1
