// SPDX-License-Identifier: BSL-1.0
/// @file Defines how snapshot files are written and loaded.
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

/// What a snapshot says of itself.
struct loaded_snapshot {
    std::uint64_t sequence = 0;
    std::uint64_t time = 0;
    std::uint64_t rows = 0;
    log_position redo_to{};
};

/// Reads a snapshot file; visit(operation_list) -> result<void> gets its rows as puts, block by
/// block, each checked before. `detail`, if given, says at which byte the file is not as it was.
/// Errors: corrupt, unsupported_version, foreign, out_of_memory, those of the visitor, and the
/// system's.
template <file_system Environment, class Visit>
[[nodiscard]] result<loaded_snapshot>
load_snapshot(const Environment& environment, text_view directory, bytes_view uuid,
              std::uint64_t number, Visit visit, error_detail* detail = nullptr) noexcept {
    const auto refuse = [&](std::uint64_t position, errc code, text_view why) {
        if (detail != nullptr) detail->position = position;
        return fail(detail, {code}, why);
    };
    const auto path = joined_path::of(directory, numbered_name{snapshot_prefix, number});
    if (!path) return path.error();
    auto from = environment.open_file(*path, file_mode::read);
    if (!from) return from.error();
    std::byte header[sizeof(snapshot_header)];
    const auto size = read_exactly(*from, 0, header, sizeof header);
    if (!size) return size.error();
    if (*size < sizeof header)
        return refuse(*size, errc::corrupt, "the snapshot ends within its header");
    const auto sequence = decode_snapshot_header(header, uuid, number, detail);
    if (!sequence) return sequence.error();

    loaded_snapshot loaded;
    loaded.sequence = *sequence;
    loaded.time = load_little<std::uint64_t>(header + 48);
    const std::uint32_t seed = log_segment_seed(uuid, number);
    auto sum = load_little<std::uint32_t>(header + 60);
    const auto length = from->size();
    if (!length) return length.error();
    byte_buffer block;
    for (std::uint64_t offset = sizeof header;;) {
        std::byte head[sizeof(log_record_header)];
        const auto got = read_exactly(*from, offset, head, sizeof head);
        if (!got) return got.error();
        if (*got < sizeof head) return refuse(offset, errc::corrupt, "a block is cut off");
        const auto view = decode_snapshot_block(head, seed, offset, sum);
        if (!view) return refuse(offset, view.error().code, "a block's header was altered");
        const std::size_t whole = log_record_size(view->payload_size) - sizeof head;
        // Looked at before memory is asked for: a size from a file is anybody's.
        if (whole > *length - offset - sizeof head)
            return refuse(offset, errc::corrupt, "a block is cut off");
        block.clear();
        std::byte* to = block.extend(whole);
        if (to == nullptr && whole != 0) return errc::out_of_memory;
        const auto body = read_exactly(*from, offset + sizeof head, to, whole);
        if (!body) return body.error();
        const bytes_view payload{to, view->payload_size};
        if (*body < whole || crc32c(payload) != view->payload_sum)
            return refuse(offset + sizeof head, errc::corrupt, "a block's rows were altered");
        for (std::size_t i = view->payload_size; i < whole; ++i)
            if (to[i] != std::byte{})
                return refuse(offset + sizeof head + i, errc::corrupt,
                              "the zeros behind a block were altered");
        const std::uint64_t begin = std::exchange(offset, offset + sizeof head + whole);
        sum = view->sum;
        if (view->kind == snapshot_block::end) {
            if (payload.size() != sizeof(snapshot_end) || offset != *length)
                return refuse(offset, errc::corrupt, "something stands behind the snapshot's end");
            const snapshot_end end = decode_snapshot_end(to);
            if (end.rows != loaded.rows || end.rows != view->rows)
                return refuse(begin, errc::corrupt, "the snapshot has another number of rows");
            loaded.redo_to = {end.redo_segment, end.redo_offset, end.redo_sum};
            return loaded;
        }
        if (!validate_section(payload, 16, 16))
            return refuse(begin, errc::corrupt, "a block's rows make no sense");
        const operation_list rows{to, payload.size()};
        for (const operation op : rows) static_cast<void>(op), ++loaded.rows;
        if (loaded.rows != view->rows)
            return refuse(begin, errc::corrupt, "a block has another number of rows");
        if (const auto done = visit(rows); !done) return done.error();
    }
}

} // namespace ashlar::inline v0_1::log_parts
