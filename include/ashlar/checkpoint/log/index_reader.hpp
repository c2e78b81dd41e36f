// SPDX-License-Identifier: BSL-1.0
/// @file Defines index_reader: which blocks of a snapshot may hold a key's row.
#pragma once

#include <ashlar/checkpoint/log/index_writer.hpp>

namespace ashlar::inline v0_1::log_parts {

/// The index of a snapshot; its buckets stay in the file. Memory: 8 bytes a bucket and a block.
/// Thread safety: candidates() may be called side by side. Errors: corrupt for whatever is not as
/// it was written, foreign, unsupported_version, out_of_memory, and the system's.
template <file_system Environment>
class index_reader {
  public:
    /// Answers how many rows the index is of.
    [[nodiscard]] result<std::uint64_t> open(const Environment& environment, text_view directory,
                                             bytes_view uuid, std::uint64_t snapshot,
                                             const snapshot_index_end& of) noexcept {
        const auto path = joined_path::of(directory, numbered_name{index_prefix, snapshot});
        if (!path) return path.error();
        auto opened = environment.open_file(*path, file_mode::read);
        if (!opened) return opened.error();
        file_ = std::move(*opened);
        const auto size = file_.size();
        if (!size) return size.error();
        std::byte header[sizeof(snapshot_index_header)];
        if (const auto got = get(0, header, sizeof header); !got) return got.error();
        const auto sum = decode_snapshot_index_header(header, uuid, snapshot);
        if (!sum) return sum.error();
        snapshot_index_part part{};
        part.header_sum = *sum;
        std::uint64_t at = sizeof header;
        do {
            const auto next = one_part(part, at, *size);
            if (!next) return next.error();
            at = *next;
        } while (part.rows != 0);
        const auto end = decode_index_end(tables_.data() + last_ + sizeof(part) + 8);
        if (at != *size || part.blocks != 0 || part.bits != 0 || end.reserved != 0 ||
            end.snapshot_size != of.snapshot_size || end.snapshot_sum != of.snapshot_sum)
            return errc::corrupt;
        tables_.truncate(last_);
        return part.rows_so_far;
    }
    /// visit(offset of a block) -> result<bool>, whether to go on, for each block that may hold the
    /// key's row, until one has been enough. Complexity: one read a part.
    template <class Visit>
    [[nodiscard]] result<void> candidates(bytes_view key, Visit visit) const noexcept {
        const std::uint32_t tag = index_tag(key);
        byte_buffer bucket;
        for (held part = held_at(0); part.next != 0; part = held_at(part.next)) {
            const auto more = in_part(part, tag, bucket, visit);
            if (!more) return more.error();
            if (!*more) return {};
        }
        return {};
    }
    /// Reads all buckets; for who wants to know whether the file is sound.
    [[nodiscard]] result<void> check_rows() const noexcept {
        byte_buffer bucket;
        for (held part = held_at(0); part.next != 0; part = held_at(part.next))
            for (std::uint32_t b = 0; b < std::uint32_t{1} << part.bits; ++b)
                if (const auto read = read_bucket(part, b, bucket); !read) return read;
        return {};
    }

  private:
    /// A part as it is held in memory: its header, where its rows stand in the file, its tables.
    struct held {
        std::uint32_t blocks;
        unsigned bits;
        std::uint64_t rows_at;
        const std::byte* buckets;
        const std::byte* offsets; ///< of the blocks
        std::size_t next;         ///< where the next part is held; 0: there is none here
    };
    [[nodiscard]] held held_at(std::size_t at) const noexcept {
        if (at == tables_.size()) return {};
        const std::byte* part = tables_.data() + at;
        const auto blocks = load_little<std::uint32_t>(part + 4);
        const auto bits = load_little<std::uint32_t>(part + 8);
        const auto rows_at = load_little<std::uint64_t>(part + sizeof(snapshot_index_part));
        const std::byte* buckets = part + sizeof(snapshot_index_part) + 8;
        const std::byte* offsets = buckets + (std::size_t{8} << bits);
        const std::byte* end = offsets + std::size_t{8} * blocks;
        return {blocks,  bits,    rows_at,
                buckets, offsets, static_cast<std::size_t>(end - tables_.data())};
    }
    [[nodiscard]] result<void> get(std::uint64_t at, std::byte* to,
                                   std::size_t size) const noexcept {
        const auto got = read_exactly(file_, at, to, size);
        if (!got) return got.error();
        return *got == size ? result<void>{} : errc::corrupt;
    }
    /// Reads a part's header and tables, and answers where the next one begins. In memory stand the
    /// header, the offset of the rows, and the tables.
    [[nodiscard]] result<std::uint64_t> one_part(snapshot_index_part& part, std::uint64_t at,
                                                 std::uint64_t size) noexcept {
        last_ = tables_.size();
        std::byte* to = tables_.extend(sizeof part + 8);
        if (to == nullptr) return errc::out_of_memory;
        if (const auto got = get(at, to, sizeof part); !got) return got.error();
        const auto read = decode_index_part(to, part);
        if (!read) return read.error();
        part = *read;
        // Looked at before memory is asked for: a size from a file is anybody's.
        const std::uint64_t tables = index_tables_size(part);
        const std::uint64_t rows_at = at + sizeof part + tables;
        const std::uint64_t rows = std::uint64_t{8} * part.rows;
        if (rows_at > size || rows > size - rows_at) return errc::corrupt;
        store_little(to + sizeof part, rows_at);
        to = tables_.extend(static_cast<std::size_t>(tables));
        if (to == nullptr) return errc::out_of_memory;
        const auto got = get(at + sizeof part, to, static_cast<std::size_t>(tables));
        if (!got) return got.error();
        if (crc32c({to, static_cast<std::size_t>(tables)}) != part.tables_sum) return errc::corrupt;
        std::uint32_t begin = 0;
        for (std::uint32_t b = 0; part.rows != 0 && b < std::uint32_t{1} << part.bits; ++b) {
            const auto end = load_little<std::uint32_t>(to + std::size_t{8} * b);
            if (end < begin || end > part.rows) return errc::corrupt;
            begin = end;
        }
        return begin == part.rows ? result<std::uint64_t>{rows_at + rows} : errc::corrupt;
    }
    [[nodiscard]] result<void> read_bucket(const held& part, std::uint32_t which,
                                           byte_buffer& out) const noexcept {
        const std::byte* here = part.buckets + std::size_t{8} * which;
        const std::uint32_t begin = which == 0 ? 0 : load_little<std::uint32_t>(here - 8);
        const std::size_t size = std::size_t{8} * (load_little<std::uint32_t>(here) - begin);
        out.clear();
        std::byte* to = out.extend(size);
        if (to == nullptr && size != 0) return errc::out_of_memory;
        const auto got = get(part.rows_at + std::uint64_t{8} * begin, to, size);
        if (!got) return got;
        const bool sound = crc32c(out.view()) == load_little<std::uint32_t>(here + 4);
        return sound ? result<void>{} : errc::corrupt;
    }
    template <class Visit>
    [[nodiscard]] result<bool> in_part(const held& part, std::uint32_t tag, byte_buffer& bucket,
                                       Visit& visit) const noexcept {
        const auto read = read_bucket(part, index_bucket(tag, part.bits), bucket);
        if (!read) return read.error();
        std::uint32_t last = part.blocks; // none: keys with equal tags may stand in one block
        for (std::size_t at = 0; at < bucket.size(); at += 8) {
            const auto block = load_little<std::uint32_t>(bucket.data() + at + 4);
            if (load_little<std::uint32_t>(bucket.data() + at) != tag || block == last) continue;
            if (block >= part.blocks) return errc::corrupt;
            last = block;
            const auto offset = load_little<std::uint64_t>(part.offsets + std::size_t{8} * block);
            const auto more = visit(offset);
            if (!more || !*more) return more;
        }
        return true;
    }

    typename Environment::file file_{};
    byte_buffer tables_;
    std::size_t last_ = 0; ///< where the last part stands in tables_
};

} // namespace ashlar::inline v0_1::log_parts
