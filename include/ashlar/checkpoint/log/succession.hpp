// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a log goes on after recovery: by a segment that owes nothing to a crash.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/checkpoint/log/spare_segments.hpp>
#include <ashlar/format/log_decoder.hpp>

namespace ashlar::inline v0_1::log_parts {

inline constexpr text_view new_segment_name{"log.new"};

/// A segment to go on with.
template <class File>
struct successor_segment {
    File file;
    log_encoder encoder;
    std::uint32_t room = 0; ///< up to here there are zeros behind the records
};

/// Makes the segment in which a recovered log goes on, and with it everything durable that recovery
/// has read. What recovery reads may lie in the system's memory only: of a process that was killed
/// before its sync, or whose sync had failed, after which the system takes the data for written and
/// a further sync does nothing. So records that no later one vouches for are written again, into
/// the new segment, which gets its name when they are durable. Nothing is overwritten but a spare.
/// A last segment without records is replaced. Errors: corrupt when the file has changed since it
/// was replayed, out_of_memory, and the system's.
template <file_system Environment, concurrency_policy Concurrency>
[[nodiscard]] result<successor_segment<typename Environment::file>>
succeed(const Environment& environment, text_view directory, bytes_view uuid, const log_end& end,
        std::uint64_t sequence, spare_segments<Environment, Concurrency>& spares) noexcept {
    const bool replaces = end.position.offset == sizeof(log_segment_header);
    log_position before = end.before;
    byte_buffer old;
    byte_buffer fresh;
    std::byte* to = fresh.extend(sizeof(log_segment_header));
    if (to == nullptr) return errc::out_of_memory;
    successor_segment<typename Environment::file> made;
    if (replaces) {
        made.encoder =
            log_encoder{to, uuid, before.segment + 1, sequence, before.offset, before.sum};
    } else {
        const numbered_name name{segment_prefix, end.position.segment};
        const auto read =
            read_whole(environment, directory, name, 2 * std::uint64_t{max_log_segment}, old);
        if (!read) return read.error();
        const auto head = decode_log_segment(old.view(), uuid, end.position.segment);
        if (!head) return head.error();
        log_decoder from{old.view(), *head};
        log_record_view record;
        while (from.offset() < end.vouched)
            if (from.next(record) != log_decoder::step::record) return errc::corrupt;
        made.encoder =
            log_encoder{to, uuid, end.position.segment + 1, sequence, from.offset(), from.sum()};
        while (from.offset() < end.position.offset) {
            if (from.next(record) != log_decoder::step::record) return errc::corrupt;
            std::byte* again = fresh.extend(log_record_size(record.payload.size()));
            if (again == nullptr) return errc::out_of_memory;
            copy_bytes(again + sizeof(log_record_header), record.payload);
            made.encoder.encode(again, record.kind, record.sequence, record.payload.size(),
                                sizeof(log_segment_header));
        }
    }
    const auto path = joined_path::of(directory, new_segment_name);
    if (!path) return path.error();
    auto out = spares.take(directory, new_segment_name, made.room);
    if (out && made.room == 0) out = environment.open_file(*path, file_mode::create);
    if (!out) return out.error();
    result<void> done = made.room != 0 ? result<void>{} : out->truncate(0);
    if (done) done = write_exactly(*out, 0, fresh.view());
    if (done) done = sync_exactly(*out);
    const numbered_name name{segment_prefix, made.encoder.number()};
    if (done) done = rename_durably(environment, directory, new_segment_name, name);
    if (!done) {
        static_cast<void>(environment.remove(*path)); // a full disk needs what it takes
        return done.error();
    }
    made.file = std::move(*out);
    return made;
}

} // namespace ashlar::inline v0_1::log_parts
