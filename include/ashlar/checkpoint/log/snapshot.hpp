// SPDX-License-Identifier: BSL-1.0
/// @file Defines how snapshot files are written.
#pragma once

#include <ashlar/batch.hpp>
#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/checkpoint/log/write_behind.hpp>
#include <ashlar/format/snapshot.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Writes rows into a file, block by block, through 64 KiB of memory (or one row). Not thread-safe.
template <file_system Environment>
class snapshot_writer {
  public:
    /// The file is under a name of its own until it is whole.
    [[nodiscard]] result<void> begin(const Environment& environment, text_view directory,
                                     bytes_view uuid, std::uint64_t redo_from,
                                     std::uint64_t sequence, std::uint64_t time) noexcept {
        const auto path = joined_path::of(directory, new_snapshot_name);
        if (!path) return path.error();
        auto opened = environment.open_file(*path, file_mode::create);
        if (!opened) return opened.error();
        file_ = std::move(*opened);
        if (const auto cut = file_.truncate(0); !cut) return cut;
        std::byte header[sizeof(snapshot_header)];
        sum_ = encode_snapshot_header(header, uuid, redo_from, sequence, time);
        seed_ = log_segment_seed(uuid, redo_from);
        offset_ = sizeof header;
        if (const auto done = write_exactly(file_, 0, {header, sizeof header}); !done) return done;
        return clear_block();
    }
    [[nodiscard]] result<void> add(bytes_view key, bytes_view row) noexcept {
        std::byte* to = block_.extend(sizeof(batch_entry) + key.size() + row.size());
        if (to == nullptr) return errc::out_of_memory;
        store_entry(to, {static_cast<std::uint8_t>(operation_kind::put), 0, 0,
                         static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(row.size()), 0});
        copy_bytes(to + sizeof(batch_entry), key);
        copy_bytes(to + sizeof(batch_entry) + key.size(), row);
        ++rows_;
        return block_.size() < snapshot_block_size ? result<void>{} : flush(snapshot_block::rows);
    }
    /// Ends and syncs the file.
    [[nodiscard]] result<void> finish(log_position redo_to) noexcept {
        if (block_.size() > sizeof(log_record_header))
            if (const auto done = flush(snapshot_block::rows); !done) return done;
        std::byte* to = block_.extend(sizeof(snapshot_end));
        if (to == nullptr) return errc::out_of_memory;
        encode_snapshot_end(to, {rows_, redo_to.segment, redo_to.offset, redo_to.sum});
        if (const auto done = flush(snapshot_block::end); !done) return done;
        if (const auto done = sync_exactly(file_); !done) return done;
        return file_.close();
    }
    [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return offset_; }
    /// Of the last header: those of all blocks are chained in it.
    [[nodiscard]] std::uint32_t sum() const noexcept { return sum_; }

  private:
    [[nodiscard]] result<void> clear_block() noexcept {
        block_.clear();
        if (block_.extend(sizeof(log_record_header)) == nullptr) return errc::out_of_memory;
        return {};
    }
    [[nodiscard]] result<void> flush(snapshot_block kind) noexcept {
        const std::size_t payload = block_.size() - sizeof(log_record_header);
        if (payload > max_log_payload) return errc::value_too_long;
        const std::size_t whole = log_record_size(payload);
        if (block_.extend(whole - block_.size()) == nullptr && whole != block_.size())
            return errc::out_of_memory;
        sum_ = encode_snapshot_block(block_.data(), kind, rows_, payload, seed_, offset_, sum_);
        if (const auto done = write_exactly(file_, offset_, block_.view()); !done) return done;
        offset_ += whole;
        if (const auto done = behind_.grown(file_, offset_); !done) return done;
        return clear_block();
    }

    typename Environment::file file_{};
    write_behind<typename Environment::file> behind_;
    byte_buffer block_;
    std::uint64_t rows_ = 0;
    std::uint64_t offset_ = 0;
    std::uint32_t seed_ = 0;
    std::uint32_t sum_ = 0;
};

} // namespace ashlar::inline v0_1::log_parts
