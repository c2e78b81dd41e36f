// SPDX-License-Identifier: BSL-1.0
/// @file Defines spare_segments: files of zeros that wait to become segments of a log.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/concurrency/concept.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Segments that are on the disk before they are needed. Records that are written over zeros change
/// neither the file's length nor its blocks, so their sync has no journal to wait for and moves
/// long writes nearly twice as fast (docs/decisions/0195-spare-segments.md). They are called
/// `spare-` + 1, 2, ... in hexadecimal.
///
/// Spares are a convenience: that one can't be made or used is no error, and the log goes on in a
/// new file. Thread safety: take may be called by one thread while another one calls the rest.
template <file_system Environment, concurrency_policy Concurrency>
class spare_segments {
    using file = typename Environment::file;

  public:
    spare_segments(const Environment& environment, std::size_t wanted, std::uint64_t size) noexcept
        : environment_{environment}, wanted_{wanted}, size_{size} {}

    /// Finds those in a log's directory, makes what is missing, and removes what is too much.
    void prepare(text_view directory) noexcept {
        const auto there = listing::of(environment_, directory);
        if (!there) return;
        const number_list& found = there->spares;
        for (std::size_t i = 0; i < found.size(); ++i)
            if (found[i] > wanted_)
                static_cast<void>(remove_file(environment_, directory, name_of(found[i])));
        for (std::uint64_t next = 1; found.contains(next) && is_whole(directory, next); ++next)
            count_up();
        top_up(directory);
    }
    /// Makes those that are missing, while the disk has room for more than that.
    void top_up(text_view directory) noexcept {
        const auto has_room = [&] {
            const auto left = environment_.space_left(directory);
            return left && *left / 4 >= size_;
        };
        while (is_wanting() && has_room() && make(directory)) {
        }
    }
    /// Removes all, for somebody who may need their room.
    void give_back(text_view directory) noexcept {
        const guard hold{names_};
        for (; count_ != 0; --count_)
            static_cast<void>(remove_file(environment_, directory, name_of(count_)));
    }
    /// A segment that the log has no need for becomes a spare, or is removed: zeros are written
    /// over it, that no record of it can be taken for one of the segment that it will be.
    [[nodiscard]] result<void> replace(text_view directory, std::uint64_t segment) noexcept {
        const numbered_name old{segment_prefix, segment};
        if (!is_wanting()) return remove_file(environment_, directory, old);
        const auto moved = keep_room(environment_, directory, old, new_spare_name);
        if (moved) static_cast<void>(make(directory));
        return moved;
    }
    /// Gives a spare another name, durably. Answers its file, and its length in `room`, which is 0
    /// when there is none. Errors: the system's.
    [[nodiscard]] result<file> take(text_view directory, text_view name,
                                    std::uint32_t& room) noexcept {
        room = 0;
        file taken;
        {
            const guard hold{names_};
            if (count_ == 0) return taken;
            const auto from = joined_path::of(directory, name_of(count_));
            const auto to = joined_path::of(directory, name);
            if (!from || !to) return errc::out_of_memory;
            auto opened = environment_.open_file(*from, file_mode::update);
            if (!opened && is_out_of_files(opened.error())) return opened.error();
            --count_;
            if (!opened || !environment_.rename(*from, *to)) return taken;
            taken = std::move(*opened);
        }
        if (const auto done = environment_.sync_directory(directory); !done) return done.error();
        room = static_cast<std::uint32_t>(size_);
        return taken;
    }

  private:
    static constexpr std::size_t piece = std::size_t{1} << 20;

    [[nodiscard]] static numbered_name name_of(std::uint64_t number) noexcept {
        return {spare_prefix, number};
    }
    [[nodiscard]] bool is_wanting() const noexcept {
        const guard hold{names_};
        return count_ < wanted_;
    }
    void count_up() noexcept {
        const guard hold{names_};
        ++count_;
    }
    [[nodiscard]] bool is_whole(text_view directory, std::uint64_t number) const noexcept {
        const auto path = joined_path::of(directory, name_of(number));
        if (!path) return false;
        const auto opened = environment_.open_file(*path, file_mode::read);
        if (!opened) return false;
        const auto size = opened->size();
        return size && *size == size_;
    }
    /// Makes one more, of the file under the new one's name if there is one. False: not possible.
    [[nodiscard]] bool make(text_view directory) noexcept {
        const auto path = joined_path::of(directory, new_spare_name);
        if (!path) return false;
        if (fill(*path)) {
            const guard hold{names_};
            const auto name = joined_path::of(directory, name_of(count_ + 1));
            if (name && environment_.rename(*path, *name)) return ++count_, true;
        }
        static_cast<void>(remove_file(environment_, directory, new_spare_name));
        return false;
    }
    [[nodiscard]] result<void> fill(text_view path) noexcept {
        auto made = environment_.open_file(path, file_mode::create);
        if (!made) return made.error();
        byte_buffer zeros;
        std::byte* const block = zeros.extend(piece);
        if (block == nullptr) return errc::out_of_memory;
        std::memset(block, 0, piece);
        result<void> done = made->truncate(size_); // of one that was longer
        for (std::uint64_t at = 0; done && at < size_; at += piece) {
            const std::uint64_t left = size_ - at;
            const auto size = static_cast<std::size_t>(left < piece ? left : piece);
            done = write_exactly(*made, at, {block, size});
            if constexpr (early_writer<file>)
                if (done) done = made->begin_write_back(at, size); // so that others' syncs go on
        }
        return done ? sync_exactly(*made) : done;
    }

    [[no_unique_address]] Environment environment_;
    std::size_t wanted_;
    std::uint64_t size_; ///< of each
    mutable typename Concurrency::mutex names_;
    std::uint64_t count_ = 0; ///< they are numbered from 1; guarded by names_
};

} // namespace ashlar::inline v0_1::log_parts
