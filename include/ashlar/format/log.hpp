// SPDX-License-Identifier: BSL-1.0
/// @file Defines the log's segments and records, and how they are written (docs/formats.md, "Log").
#pragma once

#include <ashlar/format/crc32c.hpp>

#include <cstring>

namespace ashlar::inline v0_1 {

/// What stands at the beginning of each segment; integers are little-endian. It seals the segment
/// before it: that one ends at `previous_end` and everything in front of that is durable.
struct log_segment_header {
    std::byte magic[8];
    std::uint32_t version;
    std::uint32_t reserved;     ///< zero
    std::byte uuid[16];         ///< of the store
    std::uint64_t number;       ///< of the segment, from 1; stands in the file's name, too
    std::uint64_t sequence;     ///< no commit in front of this segment has a greater one
    std::uint32_t previous_end; ///< 0 for the first
    std::uint32_t previous_sum; ///< header_sum of the last record in front of previous_end
    std::uint32_t closed;       ///< 1 when closing the store made it: then it stays empty; else 0
    std::uint32_t header_sum;   ///< CRC-32C of the 60 bytes before
};
static_assert(sizeof(log_segment_header) == 64 && offsetof(log_segment_header, number) == 32);
static_assert(offsetof(log_segment_header, previous_end) == 48);

/// What stands before the payload of each record. The header's sum covers the store, the segment
/// and the offset as well, so a record that a disk brings back from another place is not taken for
/// one. Each header also names the sum of the one before, so that none can be missing between.
struct log_record_header {
    std::uint32_t payload_size;
    std::uint8_t kind;        ///< log_record_kind
    std::uint8_t reserved[3]; ///< zero
    std::uint64_t sequence;
    std::uint32_t durable;      ///< this segment was durable up to here when this was written
    std::uint32_t previous_sum; ///< header_sum of the record before, or of the segment
    std::uint32_t payload_sum;  ///< CRC-32C of the payload
    std::uint32_t header_sum;   ///< CRC-32C of place and the 28 bytes before
};
static_assert(sizeof(log_record_header) == 32 && offsetof(log_record_header, sequence) == 8);
static_assert(offsetof(log_record_header, durable) == 16);

/// The values are part of the format: never change or reuse one.
enum class log_record_kind : std::uint8_t {
    operations = 1, ///< the operations section of a batch, with every `add` resolved to a put
    opaque = 2,     ///< of a layer above; recovery passes it by
    time = 5,       ///< 8 bytes: a wall time by which rows were judged; later runs go on from it
};

inline constexpr std::uint32_t log_version = 1;
inline constexpr std::byte log_magic[8] = {std::byte{0x8A}, std::byte{'a'}, std::byte{'s'},
                                           std::byte{'h'},  std::byte{'W'}, std::byte{'\r'},
                                           std::byte{'\n'}, std::byte{0x1A}};
/// Longer payloads are refused, so that every offset in a segment fits 32 bits.
inline constexpr std::size_t max_log_payload = std::size_t{1} << 30;
/// A segment that has reached its size is followed by another; sizes are at most this.
inline constexpr std::size_t max_log_segment = std::size_t{1} << 31;

/// The bytes that a record takes: header, payload, zeros up to a multiple of 8.
[[nodiscard]] constexpr std::size_t log_record_size(std::size_t payload) noexcept {
    return sizeof(log_record_header) + ((payload + 7) & ~std::size_t{7});
}

/// Which store and segment a record belongs to, as one sum.
[[nodiscard]] inline std::uint32_t log_segment_seed(bytes_view uuid,
                                                    std::uint64_t number) noexcept {
    std::byte place[8];
    store_little(place, number);
    return crc32c({place, 8}, crc32c(uuid));
}

/// The sum of a record's header at an offset. REQUIRES: 28 bytes at `header`.
[[nodiscard]] inline std::uint32_t log_header_sum(const std::byte* header, std::uint32_t seed,
                                                  std::uint64_t offset) noexcept {
    std::byte place[8];
    store_little(place, offset);
    return crc32c({header, 28}, crc32c({place, 8}, seed));
}

/// Writes a segment: first its header, then record after record. Pure: it knows where it is and
/// what came before, the caller moves the bytes. Not thread-safe.
class log_encoder {
  public:
    constexpr log_encoder() noexcept = default;
    /// REQUIRES: 16 bytes in `uuid`, 64 at `to`, which gets the header.
    log_encoder(std::byte* to, bytes_view uuid, std::uint64_t number, std::uint64_t sequence,
                std::uint32_t previous_end, std::uint32_t previous_sum,
                bool closed = false) noexcept
        : seed_{log_segment_seed(uuid, number)}, offset_{sizeof(log_segment_header)},
          number_{number} {
        std::memset(to, 0, sizeof(log_segment_header));
        copy_bytes(to, {log_magic, sizeof log_magic});
        store_little(to + 8, log_version);
        copy_bytes(to + 16, uuid);
        store_little(to + 32, number);
        store_little(to + 40, sequence);
        store_little(to + 48, previous_end);
        store_little(to + 52, previous_sum);
        store_little(to + 56, std::uint32_t{closed});
        sum_ = crc32c({to, 60});
        store_little(to + 60, sum_);
    }
    /// Of the segment behind this one, in which all records go from now on.
    [[nodiscard]] log_encoder successor(std::byte* to, bytes_view uuid, std::uint64_t sequence,
                                        bool closed) const noexcept {
        return {to, uuid, number_ + 1, sequence, offset_, sum_, closed};
    }
    /// Goes on behind what a decoder has read.
    log_encoder(bytes_view uuid, std::uint64_t number, std::uint32_t offset,
                std::uint32_t sum) noexcept
        : seed_{log_segment_seed(uuid, number)}, offset_{offset}, sum_{sum}, number_{number} {}

    /// Makes a record of the payload that the caller has put at to + 32.
    /// REQUIRES: log_record_size(payload) bytes at `to`, payload <= max_log_payload,
    /// durable <= offset().
    void encode(std::byte* to, log_record_kind kind, std::uint64_t sequence, std::size_t payload,
                std::uint32_t durable) noexcept {
        encode(to, kind, sequence, payload, durable,
               crc32c({to + sizeof(log_record_header), payload}));
    }
    /// The same where the payload's CRC-32C is known.
    void encode(std::byte* to, log_record_kind kind, std::uint64_t sequence, std::size_t payload,
                std::uint32_t durable, std::uint32_t payload_sum) noexcept {
        const std::size_t size = log_record_size(payload);
        std::byte* body = to + sizeof(log_record_header);
        std::memset(body + payload, 0, size - sizeof(log_record_header) - payload);
        store_little(to, static_cast<std::uint32_t>(payload));
        store_little(to + 4, std::uint32_t{static_cast<std::uint8_t>(kind)});
        store_little(to + 8, sequence);
        store_little(to + 16, durable);
        store_little(to + 20, sum_);
        store_little(to + 24, payload_sum);
        sum_ = log_header_sum(to, seed_, offset_);
        store_little(to + 28, sum_);
        offset_ += static_cast<std::uint32_t>(size);
    }

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::uint32_t sum() const noexcept { return sum_; }

  private:
    std::uint32_t seed_ = 0;
    std::uint32_t offset_ = 0;
    std::uint32_t sum_ = 0;
    std::uint64_t number_ = 0;
};

} // namespace ashlar::inline v0_1
