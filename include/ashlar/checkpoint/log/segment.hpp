// SPDX-License-Identifier: BSL-1.0
/// @file Defines log_segment: the file that a log writes to, and where it lies.
#pragma once

#include <ashlar/checkpoint/log/succession.hpp>
#include <ashlar/checkpoint/log/sync_models.hpp>

namespace ashlar::inline v0_1::log_parts {

/// The last segment of a log, open, in the directory of a store. For the one who leads; others may
/// sync its file meanwhile.
template <file_system Environment, concurrency_policy Concurrency, sync::model Sync>
class log_segment {
    using file_type = typename Environment::file;

  public:
    using spares_type = spare_segments<Environment, Concurrency>;

    log_segment(const Environment& environment, spares_type& spares) noexcept
        : environment_{environment}, spares_{spares}, owner_{environment.process_id()} {}

    /// A process that forks shares its files with the child, whose records would stand where its
    /// own will. Errors: locked in any process but that which has opened the log.
    [[nodiscard]] result<void> is_own() const noexcept {
        if (environment_.process_id() != owner_) return errc::locked;
        return {};
    }

    /// REQUIRES: 16 bytes in `uuid`. Errors: out_of_memory.
    [[nodiscard]] result<void> keep(text_view directory, bytes_view uuid) noexcept {
        copy_bytes(uuid_, uuid);
        return directory_.assign(bytes_view{directory}) ? result<void>{} : errc::out_of_memory;
    }
    [[nodiscard]] text_view directory() const noexcept {
        return {reinterpret_cast<const char*>(directory_.data()), directory_.size()};
    }
    [[nodiscard]] bytes_view uuid() const noexcept { return {uuid_, sizeof uuid_}; }
    [[nodiscard]] file_type& file() noexcept { return file_; }
    /// Where the next record will be written.
    [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }

    /// Begins behind what recovery has found. Answers the encoder of the next record.
    [[nodiscard]] result<log_encoder> go_on(const log_end& end, std::uint64_t sequence) noexcept {
        if (const auto own = is_own(); !own) return own.error();
        auto made = log_parts::succeed(environment_, directory(), uuid(), end, sequence, spares_);
        if (!made) return made.error();
        adopt(std::move(made->file), made->encoder.offset(), made->room);
        return made->encoder;
    }
    /// The first of a log, or behind segments that are past help.
    [[nodiscard]] result<log_encoder> begin(std::uint64_t number, std::uint64_t sequence) noexcept {
        std::byte header[sizeof(log_segment_header)];
        const log_encoder first{header, uuid(), number, sequence, 0, 0};
        auto done = open_next(number, true);
        if (done) done = begin_next(header);
        if (!done) return done.error();
        return first;
    }
    /// Whether this ends in front of `next`: when it must, or when it is as long as it should be.
    /// Makes the file of the next one, before anything depends on that: while a process has as many
    /// files open as it may, this one gets up to twice as long. One that will be written to may be
    /// a spare.
    [[nodiscard]] result<bool> may_end(const log_encoder& next, bool must, bool will_be_written,
                                       std::size_t limit) noexcept {
        if (!must && next.offset() < limit) return false;
        const auto opened = open_next(next.number() + 1, will_be_written);
        if (opened) return true;
        must = must || next.offset() >= limit << 1;
        if (must || !is_out_of_files(opened.error())) return opened.error();
        return false;
    }
    /// Makes this durable, which ends with its last record, and begins the next one.
    /// REQUIRES: there is one, and the next one's file.
    [[nodiscard]] result<void> succeed(const std::byte* header) noexcept {
        if (!Sync::alone)
            if (const auto done = sync_exactly(file_); !done) return done;
        if (room_ > offset_) static_cast<void>(file_.truncate(offset_)); // or the reader ignores it
        return begin_next(header);
    }
    void adopt(file_type&& file, std::uint32_t offset, std::uint32_t room = 0) noexcept {
        static_cast<void>(file_.close());
        file_ = std::move(file);
        offset_ = offset;
        room_ = room;
    }
    /// Whole records; each is synced before the next one is written where no two may share a fate.
    /// REQUIRES: a page of zeros, or of what will be written next, behind them.
    [[nodiscard]] result<void> write(bytes_view records) noexcept {
        if constexpr (Sync::alone) {
            while (!records.empty()) {
                const std::size_t size =
                    log_record_size(load_little<std::uint32_t>(records.data()));
                if (const auto done = put(records.first(size)); !done) return done;
                if (const auto done = sync_exactly(file_); !done) return done;
                records = records.skip(size);
            }
            return {};
        } else {
            return records.empty() ? result<void>{} : put(records);
        }
    }
    /// After a write of what the queue held: when it has come to the end of the file, writes zeros
    /// behind it, for sixteen more like it, so that their syncs find the file's length and blocks
    /// as they are. A sync that changes them writes the file system's journal, too, and takes twice
    /// as long (docs/decisions/0183-room-behind-records.md). Zeros are no record, and that they
    /// can't be written is no error.
    template <class Queue>
    void make_room(Queue& queue, std::uint64_t limit) noexcept {
        std::uint64_t size = 16 * std::uint64_t{queue.writing().size()};
        if (size == 0 || size > most_room || offset_ <= room_) return;
        size += least_room;
        if (size > offset_) size = offset_; // a store of few rows keeps a small file
        std::uint64_t end = (offset_ + size + page - 1) / page * page;
        if (end > limit) end = limit;
        bytes_view zeros = queue.blank();
        for (room_ = offset_; room_ < end; room_ += static_cast<std::uint32_t>(zeros.size())) {
            const std::uint64_t left = end - room_;
            if (left < zeros.size()) zeros = zeros.first(static_cast<std::size_t>(left));
            if (!write_exactly(file_, room_, zeros)) return;
        }
    }
    /// Ends the log at a position, durably; it may be in a segment before this one, whose number is
    /// `last`.
    [[nodiscard]] result<void> cut(log_position to, std::uint64_t last) noexcept {
        const auto gone = remove_tail(environment_, directory(), to.segment, last);
        if (!gone) return gone;
        if (to.segment != last) {
            const auto path = segment_path(directory(), to.segment);
            if (!path) return path.error();
            auto before = environment_.open_file(*path, file_mode::update);
            if (!before) return before.error();
            adopt(std::move(*before), to.offset);
        }
        offset_ = to.offset;
        room_ = 0;
        const auto done = file_.truncate(to.offset);
        return done ? sync_exactly(file_) : done;
    }
    result<void> close() noexcept { return file_.close(); }

  private:
    static constexpr std::uint32_t page = 4096, least_room = 64U << 10, most_room = 1U << 20;

    [[nodiscard]] result<void> open_next(std::uint64_t number, bool may_be_spare) noexcept {
        if (const auto own = is_own(); !own) return own;
        next_room_ = 0;
        if (may_be_spare) {
            const numbered_name name{segment_prefix, number};
            auto spare = spares_.take(directory(), name, next_room_);
            if (!spare) return spare.error();
            next_ = std::move(*spare);
            if (next_room_ != 0) return {};
        }
        auto fresh = create_segment(environment_, directory(), number);
        if (!fresh) return fresh.error();
        next_ = std::move(*fresh);
        return {};
    }
    /// One that is there in all eventualities before anything is written to it.
    [[nodiscard]] result<void> begin_next(const std::byte* header) noexcept {
        std::byte first[page]{};
        copy_bytes(first, {header, sizeof(log_segment_header)});
        const std::size_t size = next_room_ < page ? sizeof(log_segment_header) : page;
        auto done = write_exactly(next_, 0, {first, size});
        if (done) done = sync_exactly(next_);
        if (done) adopt(std::move(next_), sizeof(log_segment_header), next_room_);
        return done;
    }
    /// How many bytes more a write of so many takes along, so that it ends with a page: of a page
    /// that it wrote in part the system would have to read the rest.
    [[nodiscard]] std::size_t padding(std::size_t size) const noexcept {
        const std::uint64_t end = std::uint64_t{offset_} + size;
        const std::uint64_t whole = (end + page - 1) / page * page;
        return Sync::alone || whole > room_ ? 0 : static_cast<std::size_t>(whole - end);
    }
    [[nodiscard]] result<void> put(bytes_view bytes) noexcept {
        if (const auto own = is_own(); !own) return own;
        const bytes_view padded{bytes.data(), bytes.size() + padding(bytes.size())};
        const auto done = write_exactly(file_, offset_, padded);
        if (done) offset_ += static_cast<std::uint32_t>(bytes.size());
        return done;
    }

    [[no_unique_address]] Environment environment_;
    spares_type& spares_;
    std::uint64_t owner_; ///< the process
    byte_buffer directory_;
    std::byte uuid_[16]{};
    file_type file_{};
    file_type next_{}; ///< while there are two
    std::uint32_t offset_ = 0;
    std::uint32_t room_ = 0; ///< up to here there are zeros behind the records
    std::uint32_t next_room_ = 0;
};

} // namespace ashlar::inline v0_1::log_parts
