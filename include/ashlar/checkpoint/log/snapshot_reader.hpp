// SPDX-License-Identifier: BSL-1.0
/// @file Defines snapshot_reader: the blocks of a snapshot file, and whether they are sound.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/checkpoint/log/snapshot_chain.hpp>
#include <ashlar/checkpoint/log/transfer_buffer.hpp>

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
/// A long snapshot can be read past the system's memory, piece by piece instead of block by block.
/// Errors: corrupt, unsupported_version, foreign, out_of_memory, and the system's; `detail`, if
/// given, says at which byte the file is not as it was.
template <file_system Environment>
class snapshot_reader {
  public:
    using place = snapshot_place;
    /// A stretch of the file that was read at once, and the blocks that stand in it whole.
    /// Memory: 2 MiB, or the longest block.
    struct piece {
        static constexpr std::size_t usual = std::size_t{2} << 20;
        static constexpr std::size_t most = 64; ///< twice the blocks that a usual one has

        transfer_buffer<Environment> memory;
        byte_buffer again; ///< for a block that did not arrive as it should have
        std::uint64_t begin = 0;
        std::size_t size = 0;
        std::size_t count = 0;
        place blocks[most];

        /// What there is of the file from `offset` on. REQUIRES: it is not before the piece.
        [[nodiscard]] bytes_view from(std::uint64_t offset) const noexcept {
            if (offset - begin >= size) return {};
            return bytes_view{memory.data(), size}.skip(static_cast<std::size_t>(offset - begin));
        }
    };

    explicit snapshot_reader(error_detail* detail = nullptr) noexcept : judge_{detail} {}

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
        if (*size < sizeof header)
            return judge_.refuse(*size, "the snapshot ends within its header");
        const auto sequence = decode_snapshot_header(header, uuid, number, judge_.detail);
        if (!sequence) return sequence.error();
        const auto length = from_.size();
        if (!length) return length.error();
        chain_.length = *length;
        chain_.offset = sizeof header;
        chain_.seed = log_segment_seed(uuid, number);
        chain_.sum = load_little<std::uint32_t>(header + 60);
        says_.sequence = *sequence;
        says_.time = load_little<std::uint64_t>(header + 48);
        return {};
    }
    [[nodiscard]] std::uint64_t size() const noexcept { return chain_.length; }
    /// How many rows the last block speaks of, ahead of reading what comes before it; 0 when it
    /// can't be read. Of a file with damage elsewhere it may be wrong, never more than fit into it.
    [[nodiscard]] std::size_t promised_rows() const noexcept {
        const auto last = last_block();
        if (!last) return 0;
        const std::uint64_t most = chain_.length / sizeof(batch_entry);
        return static_cast<std::size_t>(last->rows < most ? last->rows : most);
    }
    /// What the snapshot says of itself in its first and last block, ahead of reading what stands
    /// between them, and the sum in which all blocks are chained.
    [[nodiscard]] result<loaded_snapshot> promised(std::uint32_t& sum) const noexcept {
        const auto last = last_block();
        if (!last) return last.error();
        byte_buffer block;
        const place at{chain_.length - sizeof(snapshot_end), 0, last->payload_size,
                       last->payload_sum};
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
            log_record_size(view->payload_size) > chain_.length - offset)
            return judge_.refuse(offset, "a block's header was altered");
        const auto payload = payload_at({body, 0, view->payload_size, view->payload_sum}, block);
        if (!payload) return payload.error();
        if (!validate_section(*payload, 16, 16))
            return judge_.refuse(offset, "a block's rows make no sense");
        return operation_list{block.data(), payload->size()};
    }

    /// The next block; its header and its place in the chain are checked.
    [[nodiscard]] result<place> next() noexcept {
        std::byte head[sizeof(log_record_header)];
        const auto got = read_exactly(from_, chain_.offset, head, sizeof head);
        if (!got) return got.error();
        const auto view = chain_.block({head, *got}, judge_);
        if (!view) return view.error();
        const place here = chain_.pass(*view);
        if (view->kind != snapshot_block::end) return here;
        if (const auto sound = read_end(here); !sound) return sound.error();
        return place{};
    }
    /// The rows of a block, as puts, in memory that `block` owns.
    [[nodiscard]] result<operation_list> rows_at(const place& at,
                                                 byte_buffer& block) const noexcept {
        const auto payload = payload_at(at, block);
        if (!payload) return payload.error();
        return judge_.rows(at, *payload);
    }

    /// Whether the snapshot is worth reading past the system's memory: when it is long and not
    /// there. Only the next two functions read it from then on.
    [[nodiscard]] bool read_in_pieces() noexcept {
        return chain_.length >= 8 * piece::usual && read_directly(from_, true);
    }
    /// The next blocks, each checked as next() does; false when the snapshot has ended.
    [[nodiscard]] result<bool> next(piece& to) noexcept {
        auto longer = read_blocks(to, piece::usual);
        if (!longer && read_as_ever(longer.error())) longer = read_blocks(to, piece::usual);
        if (longer && *longer != 0) longer = read_blocks(to, *longer + direct_unit);
        if (!longer) return longer.error();
        if (to.count != 0) return true;
        read_directly(from_, false); // the last block is read as ever
        const auto last = next();
        if (!last) return last.error();
        if (last->offset != 0) return judge_.refuse(chain_.offset, "a block is cut off");
        return false;
    }
    /// The rows of one of a piece's blocks. May be called side by side for different pieces.
    [[nodiscard]] result<operation_list> rows_at(const place& at, piece& in) noexcept {
        const bytes_view whole = in.from(at.offset).first(at.padded());
        const auto payload = judge_.payload(at, whole);
        const auto rows = payload ? judge_.rows(at, *payload) : payload.error();
        if (rows || !read_as_ever(rows.error())) return rows;
        return rows_at(at, in.again);
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
        return decode_snapshot_block(head, chain_.seed, offset,
                                     load_little<std::uint32_t>(head + 20));
    }
    [[nodiscard]] result<snapshot_block_view> last_block() const noexcept {
        constexpr std::size_t size = sizeof(log_record_header) + sizeof(snapshot_end);
        if (chain_.length < sizeof(snapshot_header) + size) return errc::corrupt;
        const auto end = lone_block(chain_.length - size);
        if (end && (end->kind != snapshot_block::end || end->payload_size != sizeof(snapshot_end)))
            return errc::corrupt;
        return end;
    }
    /// Reads a piece of `size` bytes, which begins in the unit that the next block begins in, and
    /// takes the blocks with rows that are in it. Answers how long the next block is if not even
    /// that is, and 0 otherwise.
    [[nodiscard]] result<std::size_t> read_blocks(piece& to, std::size_t size) noexcept {
        to.count = 0;
        to.begin = chain_.offset / direct_unit * direct_unit;
        if (size > chain_.length - to.begin)
            size = static_cast<std::size_t>(chain_.length - to.begin);
        if (!to.memory.make_room(size)) return errc::out_of_memory;
        const auto got = read_units(from_, to.begin, to.memory.data(), size);
        if (!got) return got.error();
        to.size = *got;
        while (to.count < piece::most) {
            const bytes_view there = to.from(chain_.offset);
            const auto view = chain_.block(there, judge_);
            // It may be the piece that ends there. What stands before a flaw is sound.
            if (!view && to.count != 0) break;
            if (!view) return view.error();
            if (view->kind == snapshot_block::end) break;
            const std::size_t whole = log_record_size(view->payload_size);
            if (whole > there.size()) return to.count == 0 ? whole : 0;
            to.blocks[to.count++] = chain_.pass(*view);
        }
        return 0;
    }
    /// Whether it is worth reading once more: a file system may have brought what is not in the
    /// file, such as to memory that a process was copying meanwhile (fork).
    [[nodiscard]] bool read_as_ever(error e) noexcept {
        if (e != errc::corrupt) return false;
        read_directly(from_, false);
        return true;
    }
    [[nodiscard]] result<bytes_view> payload_at(const place& at,
                                                byte_buffer& block) const noexcept {
        const std::size_t whole = at.padded();
        block.clear();
        std::byte* to = block.extend(whole);
        if (to == nullptr && whole != 0) return errc::out_of_memory;
        const auto got = read_exactly(from_, at.offset, to, whole);
        if (!got) return got.error();
        return judge_.payload(at, {to, *got});
    }
    [[nodiscard]] result<void> read_end(const place& at) noexcept {
        byte_buffer block;
        const auto payload = payload_at(at, block);
        if (!payload) return payload.error();
        if (payload->size() != sizeof(snapshot_end) || chain_.offset != chain_.length)
            return judge_.refuse(chain_.offset, "something stands behind the snapshot's end");
        const snapshot_end end = decode_snapshot_end(payload->data());
        if (end.rows != chain_.rows)
            return judge_.refuse(at.offset, "the snapshot has another number of rows");
        says_.rows = end.rows;
        says_.redo_to = {end.redo_segment, end.redo_offset, end.redo_sum};
        return {};
    }

    typename Environment::file from_{};
    snapshot_judge judge_;
    snapshot_chain chain_;
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
