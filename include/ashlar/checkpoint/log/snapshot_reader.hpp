// SPDX-License-Identifier: BSL-1.0
/// @file Defines snapshot_reader: the blocks of a snapshot file, and whether they are sound.
#pragma once

#include <ashlar/batch.hpp>
#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/format/snapshot.hpp>

namespace ashlar::inline v0_1::log_parts {

/// What a snapshot says of itself.
struct loaded_snapshot {
    std::uint64_t sequence = 0;
    std::uint64_t time = 0;
    std::uint64_t rows = 0;
    log_position redo_to{};
};

/// Finds the blocks of a snapshot one behind another, by their headers; their rows are read and
/// checked apart from that. Thread safety: open and next need the reader for themselves; rows_at
/// may be called meanwhile and side by side when no `detail` was given.
/// Errors: corrupt, unsupported_version, foreign, out_of_memory, and the system's; `detail`, if
/// given, says at which byte the file is not as it was.
template <file_system Environment>
class snapshot_reader {
  public:
    /// Where a block's rows stand, and what its header says of them. None: the snapshot has ended.
    struct place {
        std::uint64_t offset = 0;
        std::uint64_t rows = 0;
        std::uint32_t size = 0;
        std::uint32_t sum = 0;
    };

    explicit snapshot_reader(error_detail* detail = nullptr) noexcept : detail_{detail} {}

    [[nodiscard]] result<void> open(const Environment& environment, text_view directory,
                                    bytes_view uuid, std::uint64_t number) noexcept {
        const auto path = joined_path::of(directory, numbered_name{snapshot_prefix, number});
        if (!path) return path.error();
        auto opened = environment.open_file(*path, file_mode::read);
        if (!opened) return opened.error();
        from_ = std::move(*opened);
        std::byte header[sizeof(snapshot_header)];
        const auto size = read_exactly(from_, 0, header, sizeof header);
        if (!size) return size.error();
        if (*size < sizeof header) return refuse(*size, "the snapshot ends within its header");
        const auto sequence = decode_snapshot_header(header, uuid, number, detail_);
        if (!sequence) return sequence.error();
        const auto length = from_.size();
        if (!length) return length.error();
        length_ = *length;
        offset_ = sizeof header;
        seed_ = log_segment_seed(uuid, number);
        sum_ = load_little<std::uint32_t>(header + 60);
        says_.sequence = *sequence;
        says_.time = load_little<std::uint64_t>(header + 48);
        return {};
    }
    [[nodiscard]] std::uint64_t size() const noexcept { return length_; }
    /// How many rows the last block speaks of, ahead of reading what comes before it; 0 when it
    /// can't be read. Of a file with damage elsewhere it may be wrong, never more than fit into it.
    [[nodiscard]] std::size_t promised_rows() const noexcept {
        const auto last = last_block();
        if (!last) return 0;
        const std::uint64_t most = length_ / sizeof(batch_entry);
        return static_cast<std::size_t>(last->rows < most ? last->rows : most);
    }
    /// What the snapshot says of itself in its first and last block, ahead of reading what stands
    /// between them, and the sum in which all blocks are chained.
    [[nodiscard]] result<loaded_snapshot> promised(std::uint32_t& sum) const noexcept {
        const auto last = last_block();
        if (!last) return last.error();
        byte_buffer block;
        const place at{length_ - sizeof(snapshot_end), 0, last->payload_size, last->payload_sum};
        const auto payload = payload_at(at, block);
        if (!payload) return payload.error();
        const snapshot_end end = decode_snapshot_end(payload->data());
        if (end.rows != last->rows) return errc::corrupt;
        sum = last->sum;
        return loaded_snapshot{says_.sequence,
                               says_.time,
                               end.rows,
                               {end.redo_segment, end.redo_offset, end.redo_sum}};
    }
    /// The rows of the block at an offset that somebody else has noted, in memory that `block`
    /// owns. All is checked but its place among the others. Thread-safe as rows_at is.
    [[nodiscard]] result<operation_list> rows_of(std::uint64_t offset,
                                                 byte_buffer& block) const noexcept {
        const auto view = lone_block(offset);
        if (!view) return view.error();
        const std::uint64_t body = offset + sizeof(log_record_header);
        if (view->kind != snapshot_block::rows ||
            log_record_size(view->payload_size) > length_ - offset)
            return refuse(offset, "a block's header was altered");
        const auto payload = payload_at({body, 0, view->payload_size, view->payload_sum}, block);
        if (!payload) return payload.error();
        if (!validate_section(*payload, 16, 16))
            return refuse(offset, "a block's rows make no sense");
        return operation_list{block.data(), payload->size()};
    }

    /// The next block; its header and its place in the chain are checked.
    [[nodiscard]] result<place> next() noexcept {
        std::byte head[sizeof(log_record_header)];
        const auto got = read_exactly(from_, offset_, head, sizeof head);
        if (!got) return got.error();
        if (*got < sizeof head) return refuse(offset_, "a block is cut off");
        const auto view = decode_snapshot_block(head, seed_, offset_, sum_);
        if (!view) return refuse(offset_, "a block's header was altered");
        // Looked at before memory is asked for: a size from a file is anybody's.
        const std::uint64_t body = offset_ + sizeof head;
        const std::size_t whole = log_record_size(view->payload_size) - sizeof head;
        if (whole > length_ - body) return refuse(offset_, "a block is cut off");
        const bool ends = view->kind == snapshot_block::end;
        if (view->rows < says_.rows || (ends && view->rows != says_.rows))
            return refuse(offset_, "a block has another number of rows");
        const place here{body, view->rows - says_.rows, view->payload_size, view->payload_sum};
        says_.rows = view->rows;
        sum_ = view->sum;
        offset_ = body + whole;
        if (!ends) return here;
        if (const auto sound = read_end(here); !sound) return sound.error();
        return place{};
    }
    /// The rows of a block, as puts, in memory that `block` owns.
    [[nodiscard]] result<operation_list> rows_at(const place& at,
                                                 byte_buffer& block) const noexcept {
        const auto payload = payload_at(at, block);
        if (!payload) return payload.error();
        const std::uint64_t begin = at.offset - sizeof(log_record_header);
        if (!validate_section(*payload, 16, 16))
            return refuse(begin, "a block's rows make no sense");
        const operation_list rows{block.data(), payload->size()};
        std::uint64_t count = 0;
        for (const operation op : rows) static_cast<void>(op), ++count;
        if (count != at.rows) return refuse(begin, "a block has another number of rows");
        return rows;
    }
    /// Whole once next() has answered that the snapshot has ended.
    [[nodiscard]] const loaded_snapshot& says() const noexcept { return says_; }

  private:
    /// A block's header, believed in what it says of the block before it.
    [[nodiscard]] result<snapshot_block_view> lone_block(std::uint64_t offset) const noexcept {
        std::byte head[sizeof(log_record_header)];
        const auto got = read_exactly(from_, offset, head, sizeof head);
        if (!got) return got.error();
        if (*got < sizeof head) return errc::corrupt;
        return decode_snapshot_block(head, seed_, offset, load_little<std::uint32_t>(head + 20));
    }
    [[nodiscard]] result<snapshot_block_view> last_block() const noexcept {
        constexpr std::size_t size = sizeof(log_record_header) + sizeof(snapshot_end);
        if (length_ < sizeof(snapshot_header) + size) return errc::corrupt;
        const auto end = lone_block(length_ - size);
        if (end && (end->kind != snapshot_block::end || end->payload_size != sizeof(snapshot_end)))
            return errc::corrupt;
        return end;
    }
    [[nodiscard]] result<bytes_view> payload_at(const place& at,
                                                byte_buffer& block) const noexcept {
        const std::size_t whole = log_record_size(at.size) - sizeof(log_record_header);
        block.clear();
        std::byte* to = block.extend(whole);
        if (to == nullptr && whole != 0) return errc::out_of_memory;
        const auto got = read_exactly(from_, at.offset, to, whole);
        if (!got) return got.error();
        const bytes_view payload{to, at.size};
        if (*got < whole || crc32c(payload) != at.sum)
            return refuse(at.offset, "a block's rows were altered");
        for (std::size_t i = at.size; i < whole; ++i)
            if (to[i] != std::byte{})
                return refuse(at.offset + i, "the zeros behind a block were altered");
        return payload;
    }
    [[nodiscard]] result<void> read_end(const place& at) noexcept {
        byte_buffer block;
        const auto payload = payload_at(at, block);
        if (!payload) return payload.error();
        if (payload->size() != sizeof(snapshot_end) || offset_ != length_)
            return refuse(offset_, "something stands behind the snapshot's end");
        const snapshot_end end = decode_snapshot_end(payload->data());
        if (end.rows != says_.rows)
            return refuse(at.offset, "the snapshot has another number of rows");
        says_.redo_to = {end.redo_segment, end.redo_offset, end.redo_sum};
        return {};
    }
    [[nodiscard]] error refuse(std::uint64_t position, text_view why) const noexcept {
        if (detail_ != nullptr) detail_->position = position;
        return fail(detail_, {errc::corrupt}, why);
    }

    typename Environment::file from_{};
    error_detail* detail_;
    std::uint64_t length_ = 0;
    std::uint64_t offset_ = 0;
    std::uint32_t seed_ = 0;
    std::uint32_t sum_ = 0;
    loaded_snapshot says_{};
};

/// Reads a snapshot file from its beginning to its end; visit(operation_list) -> result<void> gets
/// its rows as puts, block by block, each checked before. Errors: the reader's and the visitor's.
template <file_system Environment, class Visit>
[[nodiscard]] result<loaded_snapshot>
load_snapshot(const Environment& environment, text_view directory, bytes_view uuid,
              std::uint64_t number, Visit visit, error_detail* detail = nullptr) noexcept {
    snapshot_reader<Environment> from{detail};
    if (const auto opened = from.open(environment, directory, uuid, number); !opened)
        return opened.error();
    byte_buffer block;
    for (;;) {
        const auto next = from.next();
        if (!next) return next.error();
        if (next->offset == 0) return from.says();
        const auto rows = from.rows_at(*next, block);
        if (!rows) return rows.error();
        if (const auto done = visit(*rows); !done) return done.error();
    }
}

} // namespace ashlar::inline v0_1::log_parts
