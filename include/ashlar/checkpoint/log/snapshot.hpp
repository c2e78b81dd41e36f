// SPDX-License-Identifier: BSL-1.0
/// @file Defines how snapshot files are written.
#pragma once

#include <ashlar/batch.hpp>
#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/piece_writer.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/checkpoint/log/write_behind.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/concurrency/team.hpp>
#include <ashlar/format/snapshot.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Writes rows into a file, block by block; what is whole goes to the system a mebibyte at a time,
/// for it takes long and aligned writes with less work; past the first 16 MiB it goes to the disk
/// without the system's memory where that can be had (beside). Memory: a mebibyte and one block,
/// and those of piece_writer. Not thread-safe.
template <file_system Environment, concurrency_policy Concurrency = single>
class snapshot_writer {
    using pieces = piece_writer<Environment, Concurrency>;

  public:
    /// The file is under a name of its own until it is whole. What stands under that name is
    /// written over: on a disk that is less work than new blocks. REQUIRES: the directory was
    /// synced since that file got the name (a new segment does it), lest an older one comes back.
    [[nodiscard]] result<void> begin(const Environment& environment, text_view directory,
                                     bytes_view uuid, std::uint64_t redo_from,
                                     std::uint64_t sequence, std::uint64_t time) noexcept {
        const auto path = joined_path::of(directory, new_snapshot_name);
        if (!path) return path.error();
        auto opened = environment.open_file(*path, file_mode::create);
        if (!opened) return opened.error();
        file_ = std::move(*opened);
        const auto room = file_.size();
        if (!room) return room.error();
        room_ = *room;
        std::byte* header = unwritten_.extend(sizeof(snapshot_header));
        if (header == nullptr) return errc::out_of_memory;
        sum_ = encode_snapshot_header(header, uuid, redo_from, sequence, time);
        seed_ = log_segment_seed(uuid, redo_from);
        block_ = sizeof(snapshot_header);
        return begin_block();
    }
    /// Runs fill(), which adds rows, while another thread writes what is long, if there can be one.
    /// Errors: those of fill, and of writing.
    template <class Fill>
    [[nodiscard]] result<void> beside(Fill fill) noexcept {
        result<void> done;
        if constexpr (pieces::may_help) {
            typename Concurrency::template atomic<std::uint32_t> arrived{0};
            is_helped_ = true;
            team<Concurrency>::run(2, [&]() noexcept {
                if (arrived.fetch_add(1) != 0) return pieces_.help();
                done = fill();
                const auto written = pieces_.end();
                if (done) done = written;
            });
            is_helped_ = false;
        } else {
            done = fill();
        }
        return done;
    }
    /// Answers where the block begins in which the row stands.
    [[nodiscard]] result<std::uint64_t> add(bytes_view key, bytes_view row) noexcept {
        const std::size_t size = sizeof(batch_entry) + key.size() + row.size();
        // A long row has a block of its own: the longest that fits a record would fit no other.
        if (size > snapshot_block_size && block_bytes() > sizeof(log_record_header))
            if (const auto next = next_block(); !next) return next.error();
        const std::uint64_t block = this->size();
        std::byte* to = unwritten_.extend(size);
        if (to == nullptr) return errc::out_of_memory;
        store_entry(to, {static_cast<std::uint8_t>(operation_kind::put), 0, 0,
                         static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(row.size()), 0});
        copy_bytes(to + sizeof(batch_entry), key);
        copy_bytes(to + sizeof(batch_entry) + key.size(), row);
        ++rows_;
        if (block_bytes() >= snapshot_block_size)
            if (const auto next = next_block(); !next) return next.error();
        return block;
    }
    /// Ends and syncs the file.
    [[nodiscard]] result<void> finish(log_position redo_to) noexcept {
        if (block_bytes() > sizeof(log_record_header))
            if (const auto next = next_block(); !next) return next;
        std::byte* to = unwritten_.extend(sizeof(snapshot_end));
        if (to == nullptr) return errc::out_of_memory;
        encode_snapshot_end(to, {rows_, redo_to.segment, redo_to.offset, redo_to.sum});
        if (const auto done = end_block(snapshot_block::end); !done) return done;
        auto done = write(unwritten_.size());
        if (done && room_ > written_) done = file_.truncate(written_);
        if (done) done = sync_exactly(file_);
        return done ? file_.close() : done;
    }
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    /// Up to the end of the last whole block.
    [[nodiscard]] std::uint64_t size() const noexcept { return written_ + block_; }
    /// Of the last header: those of all blocks are chained in it.
    [[nodiscard]] std::uint32_t sum() const noexcept { return sum_; }

  private:
    using behind = write_behind<typename Environment::file>;
    static constexpr std::uint64_t long_from = std::uint64_t{16} << 20;

    [[nodiscard]] std::size_t block_bytes() const noexcept { return unwritten_.size() - block_; }
    [[nodiscard]] result<void> begin_block() noexcept {
        const bool room = unwritten_.extend(sizeof(log_record_header)) != nullptr;
        return room ? result<void>{} : errc::out_of_memory;
    }
    [[nodiscard]] result<void> next_block() noexcept {
        const auto done = end_block(snapshot_block::rows);
        return done ? begin_block() : done;
    }
    [[nodiscard]] result<void> end_block(snapshot_block kind) noexcept {
        const std::size_t payload = block_bytes() - sizeof(log_record_header);
        if (payload > max_log_payload) return errc::value_too_long;
        const std::size_t whole = log_record_size(payload);
        if (unwritten_.extend(whole - block_bytes()) == nullptr) return errc::out_of_memory;
        sum_ = encode_snapshot_block(unwritten_.data() + block_, kind, rows_, payload, seed_,
                                     size(), sum_);
        block_ += whole;
        const std::uint64_t end = size() & ~(behind::window - 1);
        return end > written_ ? write(static_cast<std::size_t>(end - written_)) : result<void>{};
    }
    /// The first so many bytes of what is unwritten; the rest moves up.
    [[nodiscard]] result<void> write(std::size_t bytes) noexcept {
        const auto done = put(unwritten_.view().first(bytes));
        if (!done) return done;
        const std::size_t rest = unwritten_.size() - bytes;
        std::memmove(unwritten_.data(), unwritten_.data() + bytes, rest);
        unwritten_.truncate(rest);
        written_ += bytes;
        block_ -= bytes;
        if (pieces_.begun()) return done;
        if (is_helped_ && written_ >= long_from && written_ % direct_unit == 0)
            pieces_.begin(file_, written_);
        return behind_.grown(file_, written_);
    }
    [[nodiscard]] result<void> put(bytes_view bytes) noexcept {
        if constexpr (pieces::may_help)
            if (pieces_.begun()) return pieces_.add(bytes);
        return write_exactly(file_, written_, bytes);
    }

    typename Environment::file file_{};
    behind behind_;
    pieces pieces_;
    byte_buffer unwritten_;
    std::size_t block_ = 0;  ///< where in it the block begins that is being filled
    std::uint64_t room_ = 0; ///< bytes that the file had before
    std::uint64_t written_ = 0;
    std::uint64_t rows_ = 0;
    std::uint32_t seed_ = 0;
    std::uint32_t sum_ = 0;
    bool is_helped_ = false;
};

} // namespace ashlar::inline v0_1::log_parts
