// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a change log is read: record by record from a place in a log that grows.
#pragma once

#include <ashlar/batch.hpp>
#include <ashlar/buffer.hpp>
#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/format/log_decoder.hpp>

namespace ashlar::inline v0_1::change_parts {

/// One commit as the log has it. The payload lives until the next one is read.
struct record {
    std::uint64_t sequence = 0;
    log_record_kind kind{};
    bytes_view payload{};
};

/// What a segment says of the one before it.
struct segment_header {
    std::uint64_t sequence;
    std::uint32_t previous_end;
};

/// Errors: not_found (there is no such segment, or not yet), corrupt, foreign, and the system's.
template <file_system Environment>
[[nodiscard]] result<segment_header> header_of(const Environment& environment, text_view directory,
                                               bytes_view uuid, std::uint64_t number) noexcept {
    const auto path = log_parts::segment_path(directory, number);
    if (!path) return path.error();
    const auto kind = environment.kind_of(*path);
    if (!kind) return kind.error();
    if (*kind != file_kind::file) return errc::not_found;
    auto from = environment.open_file(*path, file_mode::read);
    if (!from) return from.error();
    std::byte header[sizeof(log_segment_header)];
    const auto size = read_exactly(*from, 0, header, sizeof header);
    if (!size) return size.error();
    if (*size < sizeof header) return errc::not_found;
    const auto head = decode_log_segment({header, *size}, uuid, number);
    if (!head) return head.error();
    return segment_header{head->sequence, head->previous_end};
}

/// Stands at a place in a log and goes on from there. Records are read by 64 KiB or by one, and
/// checked: each is of this store, this segment and this place, and whole. Not thread-safe.
template <file_system Environment>
class reader {
  public:
    reader(text_view directory, bytes_view uuid) noexcept : directory_{directory}, uuid_{uuid} {}

    void go_to(log_position at) noexcept {
        at_ = at;
        buffered_ = {};
    }
    [[nodiscard]] log_position at() const noexcept { return at_; }

    /// Reads the record that stands in front of `end`; false when there is none. REQUIRES:
    /// everything in front of `end` is in the files. Errors: gone (the log was dropped or cut
    /// there), corrupt, foreign, out_of_memory, and the system's.
    [[nodiscard]] result<bool> next(log_position end, record& out) noexcept {
        for (;;) {
            if (!(at_ < end)) return false;
            std::uint32_t limit = end.offset;
            if (at_.segment != end.segment) {
                const auto after = header_of(environment_, directory_, uuid_, at_.segment + 1);
                // The segment is being made; its file comes before anything is in it.
                if (!after && after.error() == errc::not_found)
                    return at_.segment + 1 == end.segment ? result<bool>{false}
                                                          : result<bool>{errc::gone};
                if (!after) return after.error();
                limit = after->previous_end;
                if (at_.offset >= limit) {
                    // Recovery has written what stood behind the end into the next segment.
                    const std::uint32_t behind = at_.offset - limit;
                    go_to({at_.segment + 1, first_record + behind, 0});
                    continue;
                }
            }
            if (const auto done = read(limit, out); !done) return done.error();
            return true;
        }
    }

  private:
    static constexpr std::uint32_t first_record = sizeof(log_segment_header);
    static constexpr std::uint32_t head_size = sizeof(log_record_header);
    static constexpr std::uint32_t piece = std::uint32_t{64} << 10;

    [[nodiscard]] result<void> read(std::uint32_t limit, record& out) noexcept {
        if (limit - at_.offset < head_size) return errc::corrupt;
        if (const auto done = fill(head_size, limit); !done) return done;
        const std::uint32_t size = load_little<std::uint32_t>(buffered_.data());
        const std::uint32_t seed = log_segment_seed(uuid_, at_.segment);
        const std::uint32_t sum = load_little<std::uint32_t>(buffered_.data() + 28);
        if (log_header_sum(buffered_.data(), seed, at_.offset) != sum) return errc::corrupt;
        if (size > max_log_payload || log_record_size(size) > limit - at_.offset)
            return errc::corrupt;
        const auto whole = static_cast<std::uint32_t>(log_record_size(size));
        if (const auto done = fill(whole, limit); !done) return done;
        out.payload = buffered_.skip(head_size).first(size);
        if (crc32c(out.payload) != load_little<std::uint32_t>(buffered_.data() + 24))
            return errc::corrupt;
        out.kind = static_cast<log_record_kind>(buffered_.data()[4]);
        out.sequence = load_little<std::uint64_t>(buffered_.data() + 8);
        if (out.kind == log_record_kind::operations)
            if (const auto valid = validate_operations(out.payload); !valid) return valid;
        at_ = {at_.segment, at_.offset + whole, sum};
        buffered_ = buffered_.skip(whole);
        return {};
    }
    /// Sees to it that `wanted` bytes from the place on are buffered, and reads on a bit.
    [[nodiscard]] result<void> fill(std::uint32_t wanted, std::uint32_t limit) noexcept {
        if (buffered_.size() >= wanted) return {};
        std::uint32_t size = wanted > piece ? wanted : piece;
        if (size > limit - at_.offset) size = limit - at_.offset;
        const auto path = log_parts::segment_path(directory_, at_.segment);
        if (!path) return path.error();
        const auto kind = environment_.kind_of(*path);
        if (!kind) return kind.error();
        if (*kind != file_kind::file) return errc::gone;
        auto from = environment_.open_file(*path, file_mode::read);
        if (!from) return from.error();
        buffered_ = {};
        buffer_.clear();
        std::byte* to = buffer_.extend(size);
        if (to == nullptr) return errc::out_of_memory;
        const auto got = read_exactly(*from, at_.offset, to, size);
        if (!got) return got.error();
        if (*got < wanted) return errc::corrupt;
        buffered_ = {to, *got};
        return {};
    }

    [[no_unique_address]] Environment environment_{};
    text_view directory_;
    bytes_view uuid_;
    log_position at_{};
    byte_buffer buffer_;
    bytes_view buffered_{}; ///< of buffer_: what stands at at_ and behind
};

} // namespace ashlar::inline v0_1::change_parts
