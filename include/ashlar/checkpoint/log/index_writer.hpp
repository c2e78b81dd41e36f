// SPDX-License-Identifier: BSL-1.0
/// @file Defines index_writer: writes the index of a snapshot while that is written.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/write_behind.hpp>
#include <ashlar/format/snapshot_index.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Collects tags of rows, and writes a part when there are enough: sorted by counting, so each row
/// is moved twice and compared with none. Memory: 16 MiB at most. Not thread-safe.
template <file_system Environment>
class index_writer {
  public:
    /// Rows of a part: a lookup reads one bucket of each, some hundred parts for 10 GiB of rows.
    static constexpr std::uint32_t part_rows = std::uint32_t{1} << 20;
    /// Rows of a bucket, in the mean: a page of the file.
    static constexpr std::uint32_t bucket_rows = 512;

    /// Errors of this and the next two: out_of_memory, and the system's.
    [[nodiscard]] result<void> begin(const Environment& environment, text_view directory,
                                     bytes_view uuid, std::uint64_t snapshot) noexcept {
        const auto path = joined_path::of(directory, new_index_name);
        if (!path) return path.error();
        auto opened = environment.open_file(*path, file_mode::create);
        if (!opened) return opened.error();
        file_ = std::move(*opened);
        if (const auto cut = file_.truncate(0); !cut) return cut;
        std::byte header[sizeof(snapshot_index_header)];
        part_.header_sum = encode_snapshot_index_header(header, uuid, snapshot);
        return write({header, sizeof header});
    }
    /// A row, and the offset of the block in which it stands. REQUIRES: offsets never fall.
    [[nodiscard]] result<void> add(bytes_view key, std::uint64_t block) noexcept {
        if (blocks_.empty() || block != last_block_) {
            std::byte* to = blocks_.extend(8);
            if (to == nullptr) return errc::out_of_memory;
            store_little(to, last_block_ = block);
        }
        std::byte* to = rows_.extend(8);
        if (to == nullptr) return errc::out_of_memory;
        store_little(to, index_tag(key));
        store_little(to + 4, static_cast<std::uint32_t>(blocks_.size() / 8 - 1));
        return rows_.size() / 8 < part_rows ? result<void>{} : flush();
    }
    /// Ends and syncs the file.
    [[nodiscard]] result<void> finish(const snapshot_index_end& end) noexcept {
        if (const auto done = rows_.empty() ? result<void>{} : flush(); !done) return done;
        std::byte last[sizeof(snapshot_index_part) + sizeof(snapshot_index_end)];
        std::byte* tables = last + sizeof(snapshot_index_part);
        encode_index_end(tables, end);
        head(last, 0, 0, {tables, sizeof(snapshot_index_end)});
        if (const auto done = write({last, sizeof last}); !done) return done;
        if (const auto done = sync_exactly(file_); !done) return done;
        return file_.close();
    }
    /// Gives the file its name, which lasts when the snapshot's does, in the same directory.
    [[nodiscard]] static result<void> publish(const Environment& environment, text_view directory,
                                              std::uint64_t snapshot) noexcept {
        const auto from = joined_path::of(directory, new_index_name);
        const auto to = joined_path::of(directory, numbered_name{index_prefix, snapshot});
        if (!from || !to) return errc::out_of_memory;
        return environment.rename(*from, *to);
    }

  private:
    [[nodiscard]] result<void> write(bytes_view bytes) noexcept {
        if (const auto done = write_exactly(file_, offset_, bytes); !done) return done;
        offset_ += bytes.size();
        return behind_.grown(file_, offset_);
    }
    void head(std::byte* to, std::uint32_t rows, unsigned bits, bytes_view tables) noexcept {
        const auto blocks = static_cast<std::uint32_t>(blocks_.size() / 8);
        part_ = {rows, blocks, bits, crc32c(tables), part_.rows_so_far + rows, part_.header_sum, 0};
        part_.header_sum = encode_index_part(to, part_);
    }
    [[nodiscard]] result<void> flush() noexcept {
        const auto rows = static_cast<std::uint32_t>(rows_.size() / 8);
        unsigned bits = 0;
        while (rows >> bits > bucket_rows) ++bits;
        const std::size_t buckets = std::size_t{8} << bits;
        tables_.clear();
        sorted_.clear();
        std::byte* to = tables_.extend(sizeof(snapshot_index_part) + buckets + blocks_.size());
        std::byte* sorted = sorted_.extend(rows_.size());
        if (to == nullptr || sorted == nullptr) return errc::out_of_memory;
        std::byte* const tables = to + sizeof(snapshot_index_part);
        sort(tables, buckets, bits, sorted);
        copy_bytes(tables + buckets, blocks_.view());
        head(to, rows, bits, tables_.view().skip(sizeof(snapshot_index_part)));
        blocks_.clear();
        rows_.clear();
        const auto done = write(tables_.view());
        return done ? write(sorted_.view()) : done;
    }
    /// Moves the rows into their buckets, and writes the buckets' ends and sums.
    void sort(std::byte* tables, std::size_t size, unsigned bits, std::byte* to) const noexcept {
        const auto bucket = [&](std::size_t row) {
            const auto tag = load_little<std::uint32_t>(rows_.data() + row);
            return tables + std::size_t{8} * index_bucket(tag, bits);
        };
        const auto take = [](std::byte* counter, std::uint32_t more) {
            const auto now = load_little<std::uint32_t>(counter);
            return store_little(counter, now + more), now;
        };
        std::memset(tables, 0, size);
        for (std::size_t row = 0; row < rows_.size(); row += 8) take(bucket(row), 1);
        std::uint32_t begin = 0;
        for (std::size_t at = 0; at < size; at += 8) {
            const auto count = load_little<std::uint32_t>(tables + at);
            store_little(tables + at, begin);
            begin += count;
        }
        for (std::size_t row = 0; row < rows_.size(); row += 8)
            copy_bytes(to + std::size_t{8} * take(bucket(row), 1), {rows_.data() + row, 8});
        begin = 0;
        for (std::size_t at = 0; at < size; at += 8) {
            const auto end = load_little<std::uint32_t>(tables + at);
            const bytes_view rows{to + std::size_t{8} * begin, std::size_t{8} * (end - begin)};
            store_little(tables + at + 4, crc32c(rows));
            begin = end;
        }
    }

    typename Environment::file file_{};
    write_behind<typename Environment::file> behind_;
    byte_buffer rows_, blocks_, tables_, sorted_;
    snapshot_index_part part_{}; ///< the last one
    std::uint64_t last_block_ = 0;
    std::uint64_t offset_ = 0;
};

/// Writes nothing.
struct no_index_writer {
    template <class... What>
    result<void> begin(const What&...) noexcept {
        return {};
    }
    result<void> add(bytes_view, std::uint64_t) noexcept { return {}; }
    result<void> finish(const snapshot_index_end&) noexcept { return {}; }
    template <class... What>
    result<void> publish(const What&...) noexcept {
        return {};
    }
};
template <bool Writes, class Environment>
using index_writer_if = std::conditional_t<Writes, index_writer<Environment>, no_index_writer>;

} // namespace ashlar::inline v0_1::log_parts
