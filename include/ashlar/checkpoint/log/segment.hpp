// SPDX-License-Identifier: BSL-1.0
/// @file Defines log_segment: the file that a log writes to.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/checkpoint/log/sync_models.hpp>

namespace ashlar::inline v0_1::log_parts {

/// The last segment of a log, open. For the one who leads; others may sync() it meanwhile.
template <file_system Environment, sync::model Sync>
class log_segment {
    using file_type = typename Environment::file;

  public:
    [[nodiscard]] file_type& file() noexcept { return file_; }
    /// Where the next record will be written.
    [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }

    /// One that is there in all eventualities before anything is written to it, instead of this.
    [[nodiscard]] result<void> create(const Environment& environment, text_view directory,
                                      std::uint64_t number, const std::byte* header) noexcept {
        auto fresh = create_segment(environment, directory, number, header);
        if (!fresh) return fresh.error();
        adopt(std::move(*fresh), sizeof(log_segment_header));
        return {};
    }
    void adopt(file_type&& file, std::uint32_t offset) noexcept {
        static_cast<void>(file_.close());
        file_ = std::move(file);
        offset_ = offset;
    }
    /// Whole records; each is synced before the next one is written where no two may share a fate.
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
    /// Ends it at a position, durably; it may be of another segment than this one.
    [[nodiscard]] result<void> cut(const Environment& environment, text_view directory,
                                   log_position to, bool is_other) noexcept {
        if (is_other) {
            const auto path = segment_path(directory, to.segment);
            if (!path) return path.error();
            auto last = environment.open_file(*path, file_mode::update);
            if (!last) return last.error();
            adopt(std::move(*last), to.offset);
        }
        offset_ = to.offset;
        const auto done = file_.truncate(to.offset);
        return done ? sync_exactly(file_) : done;
    }
    result<void> close() noexcept { return file_.close(); }

  private:
    [[nodiscard]] result<void> put(bytes_view bytes) noexcept {
        const auto done = write_exactly(file_, offset_, bytes);
        if (done) offset_ += static_cast<std::uint32_t>(bytes.size());
        return done;
    }

    file_type file_{};
    std::uint32_t offset_ = 0;
};

} // namespace ashlar::inline v0_1::log_parts
