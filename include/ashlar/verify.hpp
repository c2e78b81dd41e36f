// SPDX-License-Identifier: BSL-1.0
/// @file Defines verify_log: reads every byte of a logged store's files, knows no schema.
#pragma once

#include <ashlar/checkpoint/log/index_reader.hpp>
#include <ashlar/checkpoint/log/replay.hpp>
#include <ashlar/checkpoint/log/snapshot_reader.hpp>
#include <ashlar/format/feed_cursors.hpp>

namespace ashlar::inline v0_1 {

/// What is wrong with a file of a store. Views: they live for the call that shows them.
struct flaw {
    text_view file;             ///< its name in the store's directory
    std::uint64_t position = 0; ///< byte of the file
    text_view reason;
    errc code =
        errc::corrupt; ///< or foreign, or unsupported_version: sound, but of a newer version
};

/// What there is in a logged store's directory.
struct log_census {
    std::uint64_t segments = 0;
    std::uint64_t snapshots = 0;
    std::uint64_t records = 0;  ///< commits in the log; a part of them may stand in snapshots, too
    std::uint64_t rows = 0;     ///< in the newest sound snapshot
    std::uint64_t sequence = 0; ///< of the latest commit
    std::uint64_t torn = 0;     ///< bytes that a crash has left behind the end; no flaw
    bool closed = false;        ///< the store was closed when it was last written to
    std::uint64_t flaws = 0;
};

namespace verify_parts {

template <file_system Environment, class Report>
class examination {
  public:
    examination(const Environment& environment, text_view directory, bytes_view uuid,
                Report& report, error_detail* detail) noexcept
        : environment_{environment}, directory_{directory}, uuid_{uuid}, report_{report},
          detail_{detail} {}

    [[nodiscard]] result<log_census> run() noexcept {
        const auto there = log_parts::listing::of(environment_, directory_);
        if (!there) return cant_read("", there.error());
        found_.segments = there->segments.size();
        found_.snapshots = there->snapshots.size();
        for (std::size_t i = 0; i < there->snapshots.size(); ++i)
            if (const auto done = snapshot(there->snapshots[i]); !done) return done.error();
        for (std::size_t i = 0; i < there->indexes.size(); ++i)
            if (const auto done = index(there->indexes[i]); !done) return done.error();
        if (const auto done = log(there->segments); !done) return done.error();
        if (const auto done = cursors(); !done) return done.error();
        return found_;
    }

  private:
    /// Errors that say nothing of the file: the disk's, or memory.
    [[nodiscard]] static bool is_flaw(error e) noexcept {
        return e == errc::corrupt || e == errc::foreign || e == errc::unsupported_version;
    }
    void show(text_view file, std::uint64_t position, text_view reason,
              error e = {errc::corrupt}) noexcept {
        ++found_.flaws;
        report_(flaw{file, position, reason, e.code});
    }
    [[nodiscard]] error cant_read(text_view file, error e) const noexcept {
        sentence text;
        text << "'" << directory_ << "/" << file << "' can't be read";
        append_remedy(text, e);
        return fail(detail_, e, text.view());
    }

    [[nodiscard]] result<void> snapshot(std::uint64_t number) noexcept {
        const log_parts::numbered_name name{log_parts::snapshot_prefix, number};
        error_detail detail;
        const auto loaded = log_parts::load_snapshot(
            environment_, directory_, uuid_, number, [](operation_list) { return result<void>{}; },
            &detail);
        if (!loaded) {
            if (!is_flaw(loaded.error())) return cant_read(name, loaded.error());
            show(name, detail.position, detail.message.view(), loaded.error());
            return {};
        }
        newest_ = loaded->redo_to;
        newest_number_ = number;
        found_.rows = loaded->rows;
        if (loaded->sequence > found_.sequence) found_.sequence = loaded->sequence;
        if (oldest_number_ == 0) oldest_number_ = number;
        return {};
    }

    /// One without a sound snapshot is not looked at: a crash may leave it, and nothing reads it.
    [[nodiscard]] result<void> index(std::uint64_t number) noexcept {
        log_parts::snapshot_reader<Environment> of;
        snapshot_index_end end{};
        if (!of.open(environment_, directory_, uuid_, number)) return {};
        const auto promised = of.promised(end.snapshot_sum);
        if (!promised) return {};
        end.snapshot_size = of.size();
        log_parts::index_reader<Environment> from;
        const auto rows = from.open(environment_, directory_, uuid_, number, end);
        const auto read = rows ? from.check_rows() : rows.error();
        const log_parts::numbered_name name{log_parts::index_prefix, number};
        if (!read && !is_flaw(read.error())) return cant_read(name, read.error());
        if (!read && read.error() == errc::unsupported_version)
            show(name, 8,
                 "the index is of a version that this build does not know; it may be removed",
                 read.error());
        else if (!read || *rows != promised->rows)
            show(name, 0, "the index is not as it was written; it may be removed");
        return {};
    }

    /// Behind a gap, and behind damage, it goes on with the next segment.
    [[nodiscard]] result<void> log(const log_parts::number_list& numbers) noexcept {
        std::uint64_t next = oldest_number_ == 0 ? 1 : oldest_number_;
        if (numbers.size() != 0 && numbers[0] < next) next = numbers[0];
        if (numbers.size() == 0) show(segment_name(next), 0, "is missing");
        log_end end;
        for (std::size_t i = 0; i < numbers.size();) {
            if (numbers[i] != next && !was_set_aside(numbers[i] - 1))
                show(segment_name(next), 0, "is missing");
            std::uint64_t first = numbers[i];
            for (next = first; i < numbers.size() && numbers[i] == next; ++i) ++next;
            while (first < next) {
                const auto damaged = chain(first, next, end);
                if (!damaged) return damaged.error();
                if (*damaged == 0) break;
                first = *damaged + 1;
            }
        }
        if (newest_number_ != 0 && found_.flaws == 0 && end.position < newest_)
            show(segment_name(end.position.segment), end.position.offset,
                 "the log ends before the newest snapshot is of one moment");
        end_ = end.position;
        found_.torn = end.torn;
        found_.closed = end.closed;
        if (end.sequence > found_.sequence) found_.sequence = end.sequence;
        return {};
    }
    /// Where those who follow the store's changes stand.
    [[nodiscard]] result<void> cursors() noexcept {
        const auto path = joined_path::of(directory_, feed_cursors_name);
        if (!path) return path.error();
        const auto kind = environment_.kind_of(*path);
        if (kind && *kind == file_kind::none) return {};
        byte_buffer bytes;
        const auto read = log_parts::read_whole(environment_, directory_, feed_cursors_name,
                                                max_feed_cursors_size, bytes);
        if (!read && !is_flaw(read.error())) return cant_read(feed_cursors_name, read.error());
        if (!read) {
            show(feed_cursors_name, max_feed_cursors_size, "the file is too long");
            return {};
        }
        error_detail detail;
        bool is_beyond = false;
        const auto place = [&](const feed_cursor_entry& one, bytes_view) -> result<void> {
            is_beyond = is_beyond || end_ < log_position{one.segment, one.offset, 0};
            return {};
        };
        if (const auto done = decode_feed_cursors(bytes.view(), uuid_, place, &detail); !done)
            show(feed_cursors_name, detail.position, detail.message.view(), done.error());
        else if (is_beyond && found_.flaws == 0)
            show(feed_cursors_name, 0, "the log ends before a place that was acknowledged");
        return {};
    }
    /// Looks at the segments from `first` up to `gap`, which is not there. Answers the one that is
    /// damaged, or 0.
    [[nodiscard]] result<std::uint64_t> chain(std::uint64_t first, std::uint64_t gap,
                                              log_end& end) noexcept {
        error_detail detail;
        log_replay<Environment> from{environment_, directory_, uuid_, &detail};
        const auto read = from.run(first, [&](const log_record_view& r, log_position) {
            ++found_.records;
            return r.kind == log_record_kind::operations ? validate_operations(r.payload)
                                                         : result<void>{};
        });
        if (read) return end = *read, std::uint64_t{0};
        if (!is_flaw(read.error()) || !from.damage().found)
            return fail(detail_, read.error(), detail.message.view());
        const std::uint64_t number = from.damage().position.segment;
        if (number == gap) return std::uint64_t{0};
        show(segment_name(number), detail.position, detail.message.view(), read.error());
        return number;
    }
    /// By a repair, which goes on behind the last segment that it has set aside.
    [[nodiscard]] bool was_set_aside(std::uint64_t number) const noexcept {
        sentence aside;
        aside << segment_name(number) << log_parts::set_aside_suffix;
        const auto path = joined_path::of(directory_, aside.view());
        if (!path) return false;
        const auto kind = environment_.kind_of(*path);
        return kind && *kind == file_kind::file;
    }
    [[nodiscard]] static log_parts::numbered_name segment_name(std::uint64_t number) noexcept {
        return {log_parts::segment_prefix, number};
    }

    const Environment& environment_;
    text_view directory_;
    bytes_view uuid_;
    Report& report_;
    error_detail* detail_;
    log_census found_{};
    log_position newest_{};
    log_position end_{};
    std::uint64_t newest_number_ = 0;
    std::uint64_t oldest_number_ = 0;
};

} // namespace verify_parts

/// Reads every snapshot, every segment and the cursors of a logged store, also those that opening
/// would pass by, and shows each flaw: report(const flaw&). Changes nothing. The caller sees to it
/// that nobody writes meanwhile (store_directory, read-only). What a crash leaves at the log's end
/// is no flaw. Errors: out_of_memory, and the system's, with a sentence that names the file.
/// Memory: the longest segment.
template <file_system Environment, class Report>
[[nodiscard]] result<log_census> verify_log(const Environment& environment, text_view directory,
                                            bytes_view uuid, Report report,
                                            error_detail* detail = nullptr) noexcept {
    return verify_parts::examination<Environment, Report>{environment, directory, uuid, report,
                                                          detail}
        .run();
}

} // namespace ashlar::inline v0_1
