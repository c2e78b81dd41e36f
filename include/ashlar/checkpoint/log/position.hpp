// SPDX-License-Identifier: BSL-1.0
/// @file Defines where a log's records stand, and what a log can be told.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ashlar::inline v0_1 {

/// Run-time options of a log.
struct log_options {
    std::size_t segment_size = std::size_t{64} << 20; ///< a segment this long gets a successor
    std::size_t queue_size = std::size_t{1} << 20;    ///< bytes of records that wait to be written
    bool refuse_when_full = false;  ///< backpressure instead of waiting for room in the queue
    std::size_t spare_segments = 0; ///< made of zeros before they are needed; see spare_segments
};

/// Where a log ends, or a record in it stands.
struct log_position {
    std::uint64_t segment = 0;
    std::uint32_t offset = 0;
    std::uint32_t sum = 0; ///< header_sum of what stands before

    [[nodiscard]] friend bool operator==(const log_position& a, const log_position& b) noexcept {
        return a.segment == b.segment && a.offset == b.offset;
    }
    [[nodiscard]] friend bool operator<(const log_position& a, const log_position& b) noexcept {
        return a.segment != b.segment ? a.segment < b.segment : a.offset < b.offset;
    }
};

/// What replaying a log has found.
struct log_end {
    log_position position;      ///< where it ends
    log_position before;        ///< where the last segment says that the one before it ends
    std::uint32_t vouched = 0;  ///< up to here the last segment is durable by its own records
    std::uint64_t sequence = 0; ///< the greatest of its commits, or what the headers say
    std::uint64_t records = 0;
    std::uint64_t torn = 0;  ///< bytes that a crash has left behind the end
    bool closed = false;     ///< by the store, and nothing was written since
    bool unfinished = false; ///< there is a segment behind whose creation was cut off
};

} // namespace ashlar::inline v0_1
