// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a log's segment is read: what is whole, what was torn off, what is damaged.
#pragma once

#include <ashlar/error.hpp>
#include <ashlar/format/log.hpp>
#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// A decoded segment header; the uuid is a view into what was decoded.
struct log_segment_view {
    bytes_view uuid;
    std::uint64_t number;
    std::uint64_t sequence;
    std::uint32_t previous_end;
    std::uint32_t previous_sum;
    std::uint32_t sum;
    bool closed;
};

/// Errors: corrupt, unsupported_version (sound, but newer), foreign (of another store, or under
/// another segment's name). `detail` gets the offset.
[[nodiscard]] inline result<log_segment_view>
decode_log_segment(bytes_view bytes, bytes_view uuid, std::uint64_t number,
                   error_detail* detail = nullptr) noexcept {
    const auto fail_at = [&](std::uint64_t position, errc code, text_view message) {
        if (detail != nullptr) detail->position = position;
        return fail(detail, {code}, message);
    };
    if (bytes.size() < sizeof(log_segment_header))
        return fail_at(bytes.size(), errc::corrupt, "the segment ends within its header");
    const std::byte* at = bytes.data();
    if (!bytes.starts_with({log_magic, sizeof log_magic}))
        return fail_at(0, errc::corrupt, "the segment does not begin as one does");
    const auto sum = load_little<std::uint32_t>(at + 60);
    if (crc32c({at, 60}) != sum)
        return fail_at(60, errc::corrupt, "the segment's header was altered");
    if (load_little<std::uint32_t>(at + 8) != log_version)
        return fail_at(8, errc::unsupported_version,
                       "the segment is of a version that this build does not know; open the store "
                       "with a newer one");
    if (load_little<std::uint32_t>(at + 12) != 0 || load_little<std::uint32_t>(at + 56) > 1)
        return fail_at(12, errc::corrupt, "reserved bytes of the segment's header are not zero");
    if (!(bytes_view{at + 16, 16} == uuid))
        return fail_at(16, errc::foreign, "the segment belongs to another store");
    if (load_little<std::uint64_t>(at + 32) != number)
        return fail_at(32, errc::foreign, "the segment has another number than its name");
    return log_segment_view{{at + 16, 16},
                            number,
                            load_little<std::uint64_t>(at + 40),
                            load_little<std::uint32_t>(at + 48),
                            load_little<std::uint32_t>(at + 52),
                            sum,
                            at[56] != std::byte{}};
}

/// Where the segment that follows says that this one ends.
struct log_seal {
    std::uint32_t end;
    std::uint32_t sum;
};

/// A record; the payload is a view into the segment.
struct log_record_view {
    log_record_kind kind{};
    std::uint64_t sequence = 0;
    std::uint32_t offset = 0;  ///< of the record's header
    std::uint32_t durable = 0; ///< the segment was durable up to here when it was written
    bytes_view payload{};
};

/// Reads the records of one whole segment. Pure: the bytes lie in memory.
///
/// What breaks off is either the end of what a crash has left, or damage. It is damage when the
/// segment is sealed, or when a later record bears witness that the place was durable once; such a
/// record is looked for at every offset behind. Otherwise nothing behind it was ever promised to
/// anybody, and the log ends there. Not thread-safe.
class log_decoder {
  public:
    enum class step : std::uint8_t {
        record,  ///< there is one
        end,     ///< the log ends here, in good order
        torn,    ///< a crash has left torn() bytes behind `offset()` that were never durable
        damaged, ///< what was durable is not there any more; `why()` says how it shows
    };

    /// REQUIRES: `segment` begins with the header that `decode_log_segment` has made `head` of.
    log_decoder(bytes_view segment, const log_segment_view& head) noexcept
        : log_decoder{segment, log_segment_seed(head.uuid, head.number), head.sum} {}
    /// Without the header: for the question whether there is any record behind a damaged one.
    log_decoder(bytes_view segment, std::uint32_t seed, std::uint32_t sum) noexcept
        : segment_{segment}, seed_{seed}, sum_{sum} {}

    void seal(log_seal seal) noexcept {
        seal_ = seal;
        sealed_ = true;
    }

    [[nodiscard]] step next(log_record_view& out) noexcept {
        if (sealed_ && offset_ >= seal_.end) {
            if (offset_ == seal_.end && sum_ == seal_.sum) return step::end;
            return damaged("the segment that follows was chained to another record than the last");
        }
        const bytes_view left = segment_.skip(offset_);
        if (left.empty() && !sealed_) return step::end;
        text_view problem;
        if (!is_whole(left, problem)) return broken(problem);
        const std::byte* at = left.data();
        out.kind = static_cast<log_record_kind>(at[4]);
        out.sequence = load_little<std::uint64_t>(at + 8);
        out.offset = offset_;
        out.durable = load_little<std::uint32_t>(at + 16);
        out.payload = {at + sizeof(log_record_header), load_little<std::uint32_t>(at)};
        sum_ = load_little<std::uint32_t>(at + 28);
        offset_ += static_cast<std::uint32_t>(log_record_size(out.payload.size()));
        return step::record;
    }

    /// Where the next record begins, or the log ends.
    [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }
    /// header_sum of the last record, or of the segment.
    [[nodiscard]] std::uint32_t sum() const noexcept { return sum_; }
    [[nodiscard]] text_view why() const noexcept { return why_; }
    /// Without the zeros that stand behind: room for records that never came.
    [[nodiscard]] std::size_t torn() const noexcept { return torn_; }

    /// Whether a sound record stands anywhere from `from` on that says that the segment was durable
    /// up to `end` or further. Complexity: linear in the segment.
    [[nodiscard]] bool has_witness(std::uint64_t from, std::uint64_t end) const noexcept {
        for (std::uint64_t at = (from + 7) & ~std::uint64_t{7};
             at < segment_.size() && segment_.size() - at >= sizeof(log_record_header); at += 8) {
            const std::byte* header = segment_.data() + at;
            if (load_little<std::uint32_t>(header + 16) >= end && is_header(header, at))
                return true;
        }
        return false;
    }

  private:
    [[nodiscard]] bool is_header(const std::byte* at, std::uint64_t offset) const noexcept {
        return log_header_sum(at, seed_, offset) == load_little<std::uint32_t>(at + 28);
    }
    [[nodiscard]] bool is_whole(bytes_view left, text_view& problem) const noexcept {
        const auto no = [&](text_view why) { return problem = why, false; };
        if (left.size() < sizeof(log_record_header)) return no("the record's header is cut off");
        const std::byte* at = left.data();
        if (!is_header(at, offset_)) return no("the record's header was altered");
        if (load_little<std::uint32_t>(at + 20) != sum_)
            return no("the record does not follow the one before it");
        const std::size_t size = load_little<std::uint32_t>(at);
        if (size > max_log_payload || at[5] != std::byte{} || at[6] != std::byte{} ||
            at[7] != std::byte{} || load_little<std::uint32_t>(at + 16) > offset_)
            return no("the record's header makes no sense");
        if (log_record_size(size) > left.size()) return no("the record's payload is cut off");
        const bytes_view body = left.skip(sizeof(log_record_header));
        if (crc32c(body.first(size)) != load_little<std::uint32_t>(at + 24))
            return no("the record's payload was altered");
        for (std::size_t i = size; i < log_record_size(size) - sizeof(log_record_header); ++i)
            if (body[i] != std::byte{}) return no("the zeros behind the payload were altered");
        return true;
    }
    [[nodiscard]] step broken(text_view problem) noexcept {
        if (sealed_ || has_witness(std::uint64_t{offset_} + 8, std::uint64_t{offset_} + 1))
            return damaged(problem);
        why_ = problem;
        torn_ = segment_.size() - offset_;
        while (torn_ != 0 && segment_[offset_ + torn_ - 1] == std::byte{}) --torn_; // room
        return torn_ != 0 ? step::torn : step::end;
    }
    [[nodiscard]] step damaged(text_view why) noexcept {
        why_ = why;
        return step::damaged;
    }

    bytes_view segment_;
    std::uint32_t seed_;
    std::uint32_t sum_;
    std::uint32_t offset_ = sizeof(log_segment_header);
    log_seal seal_{};
    bool sealed_ = false;
    std::size_t torn_ = 0;
    text_view why_;
};

} // namespace ashlar::inline v0_1
