// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a log is read back: every record from a segment on, or where it is damaged.
#pragma once

#include <ashlar/checkpoint/log/file_in_pieces.hpp>
#include <ashlar/checkpoint/log/log.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/concurrency/team.hpp>
#include <ashlar/format/log_decoder.hpp>

#include <algorithm>

namespace ashlar::inline v0_1 {

/// Where and why a log can't be read; for repairing it.
struct log_damage {
    bool found = false;
    log_position position{};
};

/// Reads a log in a directory. Nothing is written. Not thread-safe; memory: the longest segment.
/// With more than one thread (at most `threads`; 0 for as many as there are processors) the next
/// segment is read while one is looked at, which takes memory for both.
template <file_system Environment, concurrency_policy Concurrency = single>
class log_replay {
  public:
    log_replay(const Environment& environment, text_view directory, bytes_view uuid,
               error_detail* detail = nullptr, std::size_t threads = 0) noexcept
        : environment_{environment}, directory_{directory}, uuid_{uuid}, detail_{detail},
          threads_{threads != 0 ? threads : (std::min)(team<Concurrency>::size(), most_threads)} {}

    /// visit(record, position) -> result<void> for each record from segment `first` on, in order,
    /// one at a time and on any of the threads; an error of the visitor ends it. Errors: corrupt
    /// (with a sentence that names file and offset), unsupported_version, foreign, out_of_memory,
    /// and the system's.
    template <class Visit>
    [[nodiscard]] result<log_end> run(std::uint64_t first, Visit visit) noexcept {
        const auto there = log_parts::listing::of(environment_, directory_);
        if (!there) return there.error();
        const auto& numbers = there->segments;
        const std::uint64_t last = numbers.size() != 0 ? numbers[numbers.size() - 1] : 0;
        if (last > most_segments) // there would have to be a number behind it
            return refuse(log_parts::numbered_name{log_parts::segment_prefix, last},
                          {errc::foreign}, 0, "no log comes to this number");
        std::size_t at = 0;
        while (at < numbers.size() && numbers[at] < first) ++at;
        std::uint64_t behind = first; // the last that is there in a row
        std::size_t i = at;
        while (i < numbers.size() && numbers[i] == behind) ++i, ++behind;

        log_end end;
        for (std::uint64_t n = first; n < behind; ++n) {
            result<void> looked;
            const auto look = [&] {
                looked = one_segment(n, n == first, n + 1 == behind, end, visit);
            };
            if (n == first || threads_ == 1) read(n);
            if (threads_ == 1 || n + 1 == behind) look();
            else read(n + 1, look);
            if (!looked) return looked.error();
        }
        if (i == numbers.size() && behind != first) return end;
        // Of what comes before a gap all was shown, so that it can be gone back to.
        if (behind != 1) note({behind, 0, 0});
        return refuse(log_parts::numbered_name{log_parts::segment_prefix, behind}, {errc::corrupt},
                      0, "is missing");
    }

    [[nodiscard]] const log_damage& damage() const noexcept { return damage_; }

  private:
    using pieces = log_parts::file_in_pieces<Environment, Concurrency>;
    static constexpr std::size_t most_threads = 8; ///< the memory is no faster
    static constexpr std::uint64_t most_segments = ~std::uint64_t{} / 2;

    /// Reads a segment; one of the threads, of which a short one has but one, does something else
    /// first.
    template <class F = void (*)()>
    void read(std::uint64_t number, F beside = [] {}) noexcept {
        pieces& to = read_[threads_ == 1 ? 0 : number % 2];
        to.begin(environment_, directory_,
                 log_parts::numbered_name{log_parts::segment_prefix, number},
                 2 * std::uint64_t{max_log_segment});
        typename Concurrency::template atomic<std::uint32_t> arrived{0};
        team<Concurrency>::run((std::min)(threads_, to.pieces()), [&]() noexcept {
            if (arrived.fetch_add(1) == 0) beside();
            to.help();
        });
    }
    template <class Visit>
    [[nodiscard]] result<void> one_segment(std::uint64_t number, bool is_first, bool is_last,
                                           log_end& end, Visit& visit) noexcept {
        const log_parts::numbered_name name{log_parts::segment_prefix, number};
        const auto whole = read_[threads_ == 1 ? 0 : number % 2].bytes();
        if (!whole && whole.error() == errc::corrupt)
            return note({number, 0, 0}),
                   refuse(name, whole.error(), 0, "the file is longer than a segment can be");
        if (!whole) return refuse(name, whole.error(), 0, "can't be read");
        const bytes_view bytes = *whole;
        error_detail detail;
        const auto head = decode_log_segment(bytes, uuid_, number, &detail);
        if (!head) {
            const bool damaged = head.error() == errc::corrupt;
            if (damaged && is_last && !is_first && !has_records(bytes, number)) {
                end.unfinished = true;
                end.closed = false;
                return {};
            }
            note({number, 0, 0});
            return refuse(name, head.error(), detail.position, detail.message.view());
        }
        if (!is_first &&
            !(head->previous_end == end.position.offset && head->previous_sum == end.position.sum))
            return note({number, 0, 0}),
                   refuse(name, {errc::corrupt}, 48, "does not follow the segment before it");
        if (head->sequence > end.sequence) end.sequence = head->sequence;
        end.before = {number - 1, head->previous_end, head->previous_sum};
        end.vouched = sizeof(log_segment_header);

        log_decoder decoder{bytes, *head};
        if (!is_last) {
            const auto seal = seal_of(number);
            if (!seal) return seal.error();
            if (seal->end != 0) decoder.seal(*seal);
        }
        for (;;) {
            log_record_view record;
            const auto position = position_of(number, decoder);
            const auto step = decoder.next(record);
            if (step == log_decoder::step::damaged)
                return note(position),
                       refuse(name, {errc::corrupt}, position.offset, decoder.why());
            end.position = position;
            if (step != log_decoder::step::record) {
                end.torn = decoder.torn();
                end.closed = head->closed && position.offset == sizeof(log_segment_header) &&
                             position.offset == bytes.size();
                return {};
            }
            ++end.records;
            if (record.durable > end.vouched) end.vouched = record.durable;
            if (record.sequence > end.sequence) end.sequence = record.sequence;
            if (const auto done = visit(record, position); !done) {
                note(position);
                if (done.error() == errc::corrupt)
                    return refuse(name, done.error(), position.offset,
                                  "the record's operations make no sense");
                return done;
            }
        }
    }

    [[nodiscard]] static log_position position_of(std::uint64_t number,
                                                  const log_decoder& decoder) noexcept {
        return {number, decoder.offset(), decoder.sum()};
    }
    [[nodiscard]] bool has_records(bytes_view bytes, std::uint64_t number) const noexcept {
        const log_decoder any{bytes, log_segment_seed(uuid_, number), 0};
        return any.has_witness(sizeof(log_segment_header), 0);
    }
    /// What the successor says of a segment; nothing (0) when its own creation was cut off.
    [[nodiscard]] result<log_seal> seal_of(std::uint64_t number) noexcept {
        const log_parts::numbered_name name{log_parts::segment_prefix, number + 1};
        const auto path = joined_path::of(directory_, name);
        if (!path) return path.error();
        auto from = environment_.open_file(*path, file_mode::read);
        if (!from) return refuse(name, from.error(), 0, "can't be opened");
        std::byte header[sizeof(log_segment_header)];
        const auto size = read_exactly(*from, 0, header, sizeof header);
        if (!size) return refuse(name, size.error(), 0, "can't be read");
        const auto head = decode_log_segment({header, *size}, uuid_, number + 1);
        if (!head) return log_seal{0, 0}; // judged when it is its turn
        return log_seal{head->previous_end, head->previous_sum};
    }

    void note(log_position position) noexcept { damage_ = {true, position}; }
    [[nodiscard]] error refuse(text_view name, error e, std::uint64_t position,
                               text_view why) noexcept {
        if (detail_ == nullptr) return e;
        sentence text;
        text << "the log '" << directory_ << "/" << name << "' at byte " << position << ": " << why;
        if (e == errc::corrupt && damage_.found)
            text << "; restore the file, or open with repair to go back to what stands before";
        else if (e == errc::corrupt) text << "; restore the file from a copy";
        if (e == errc::foreign) text << "; put the file back that was here";
        append_remedy(text, e);
        detail_->position = position;
        return fail(detail_, e, text.view());
    }

    [[no_unique_address]] Environment environment_;
    text_view directory_;
    bytes_view uuid_;
    error_detail* detail_;
    std::size_t threads_;
    pieces read_[2]; ///< a segment, and the next one where there are threads
    log_damage damage_{};
};

} // namespace ashlar::inline v0_1
