// SPDX-License-Identifier: BSL-1.0
/// @file Defines the names of the log's files, and how they are found and read.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/environment/early_writer.hpp>
#include <ashlar/environment/store_directory.hpp>
#include <ashlar/format/log.hpp>

#include <cstring>

namespace ashlar::inline v0_1::log_parts {

inline constexpr text_view segment_prefix{"log-"};
inline constexpr text_view snapshot_prefix{"snapshot-"};
inline constexpr text_view index_prefix{"index-"}; ///< and the number of its snapshot
inline constexpr text_view spare_prefix{"spare-"}; ///< and a number of its own
inline constexpr text_view new_snapshot_name{"snapshot.new"};
inline constexpr text_view new_index_name{"index.new"};
inline constexpr text_view new_spare_name{"spare.new"};
inline constexpr text_view set_aside_suffix{".damaged"}; ///< of segments that a repair has kept

/// `prefix` and the number in 16 hexadecimal digits: in the order of the numbers, sorted as text.
class numbered_name {
  public:
    numbered_name(text_view prefix, std::uint64_t number) noexcept {
        static constexpr char digits[] = "0123456789abcdef";
        for (std::size_t i = 0; i < prefix.size(); ++i) text_[size_++] = prefix.data()[i];
        for (int shift = 60; shift >= 0; shift -= 4)
            text_[size_++] = digits[(number >> shift) & 15];
    }
    operator text_view() const noexcept { return {text_, size_}; } // NOLINT: a name

    /// 0 for what is no such name.
    [[nodiscard]] static std::uint64_t number_in(text_view name, text_view prefix) noexcept {
        if (name.size() != prefix.size() + 16) return 0;
        if (!(text_view{name.data(), prefix.size()} == prefix)) return 0;
        std::uint64_t number = 0;
        for (std::size_t i = prefix.size(); i < name.size(); ++i) {
            const char c = name.data()[i];
            if (c >= '0' && c <= '9') number = number << 4 | static_cast<unsigned>(c - '0');
            else if (c >= 'a' && c <= 'f')
                number = number << 4 | static_cast<unsigned>(c - 'a' + 10);
            else return 0;
        }
        return number;
    }

  private:
    char text_[32]{};
    std::size_t size_ = 0;
};

/// Numbers in ascending order, each once. Owns its memory.
class number_list {
  public:
    /// False when out of memory.
    [[nodiscard]] bool insert(std::uint64_t number) noexcept {
        std::size_t at = size();
        while (at != 0 && (*this)[at - 1] > number) --at;
        if (at != 0 && (*this)[at - 1] == number) return true;
        if (bytes_.extend(8) == nullptr) return false;
        std::byte* here = bytes_.data() + 8 * at;
        std::memmove(here + 8, here, bytes_.size() - 8 * (at + 1));
        store_little(here, number);
        return true;
    }
    [[nodiscard]] bool contains(std::uint64_t number) const noexcept {
        for (std::size_t i = 0; i < size(); ++i)
            if ((*this)[i] == number) return true;
        return false;
    }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() / 8; }
    [[nodiscard]] std::uint64_t operator[](std::size_t i) const noexcept {
        return load_little<std::uint64_t>(bytes_.data() + 8 * i);
    }

  private:
    byte_buffer bytes_;
};

/// What a directory holds of a log.
struct listing {
    number_list segments;
    number_list snapshots;
    number_list indexes;
    number_list spares;

    template <file_system Environment>
    [[nodiscard]] static result<listing> of(const Environment& environment,
                                            text_view directory) noexcept {
        listing found;
        bool room = true;
        const auto listed = environment.list(directory, [&](text_view name) noexcept {
            if (const auto n = numbered_name::number_in(name, segment_prefix); n != 0)
                room = room && found.segments.insert(n);
            if (const auto n = numbered_name::number_in(name, snapshot_prefix); n != 0)
                room = room && found.snapshots.insert(n);
            if (const auto n = numbered_name::number_in(name, index_prefix); n != 0)
                room = room && found.indexes.insert(n);
            if (const auto n = numbered_name::number_in(name, spare_prefix); n != 0)
                room = room && found.spares.insert(n);
        });
        if (!listed) return listed.error();
        if (!room) return errc::out_of_memory;
        return found;
    }
};

/// A whole file of at most `most` bytes in memory; longer ones are corrupt.
template <file_system Environment>
[[nodiscard]] result<void> read_whole(const Environment& environment, text_view directory,
                                      text_view name, std::uint64_t most,
                                      byte_buffer& out) noexcept {
    const auto path = joined_path::of(directory, name);
    if (!path) return path.error();
    auto from = environment.open_file(*path, file_mode::read);
    if (!from) return from.error();
    const auto size = from->size();
    if (!size) return size.error();
    if (*size > most) return errc::corrupt;
    out.clear();
    std::byte* to = out.extend(static_cast<std::size_t>(*size));
    if (to == nullptr && *size != 0) return errc::out_of_memory;
    const auto got = read_exactly(*from, 0, to, static_cast<std::size_t>(*size));
    if (!got) return got.error();
    out.truncate(*got);
    return {};
}

/// Gives a file a name by which it will be known from now on, durably.
template <file_system Environment>
[[nodiscard]] result<void> rename_durably(const Environment& environment, text_view directory,
                                          text_view from, text_view to) noexcept {
    const auto old_path = joined_path::of(directory, from);
    const auto new_path = joined_path::of(directory, to);
    if (!old_path || !new_path) return errc::out_of_memory;
    if (const auto moved = environment.rename(*old_path, *new_path); !moved) return moved;
    return environment.sync_directory(directory);
}

/// Gives the space of a file without a name back, a little at a time. ext4 frees a file in one
/// transaction, for which every sync on that disk waits: 200 ms for 200 MB, beside 10 ms in steps
/// (docs/decisions/0105-snapshots-beside-writers.md).
template <early_writer File>
void shrink_away(File& file) noexcept {
    constexpr std::uint64_t step = std::uint64_t{4} << 20;
    const auto size = file.size();
    if (!size) return;
    for (std::uint64_t left = *size; left > step; left -= step)
        if (!file.truncate(left - step)) return; // closing it frees the rest
}

/// Removes a file, slowly where that is kinder to others.
template <file_system Environment>
[[nodiscard]] result<void> remove_file(const Environment& environment, text_view directory,
                                       text_view name) noexcept {
    const auto path = joined_path::of(directory, name);
    if (!path) return path.error();
    if constexpr (early_writer<typename Environment::file>) {
        auto nameless = environment.open_file(*path, file_mode::update);
        const auto removed = environment.remove(*path);
        if (removed && nameless) shrink_away(*nameless);
        return removed;
    } else {
        return environment.remove(*path);
    }
}

/// Gives a file that is not needed any more the name under which the next of its kind is written,
/// which takes its room: to free it would take as long as to write it anew. A file that somebody
/// keeps under another name is left to him.
template <file_system Environment>
[[nodiscard]] result<void> keep_room(const Environment& environment, text_view directory,
                                     text_view name, text_view next) noexcept {
    if constexpr (linkable_file<typename Environment::file>) {
        const auto path = joined_path::of(directory, name);
        if (!path) return path.error();
        const auto old = environment.open_file(*path, file_mode::read);
        if (!old) return old.error();
        const auto names = old->names();
        if (!names || *names != 1) return remove_file(environment, directory, name);
    }
    return rename_durably(environment, directory, name, next);
}

/// Removes what there is of a file that was not finished, by a process that was killed maybe: it
/// takes room on a disk that may be full for it. REQUIRES: none is being made.
template <file_system Environment>
void remove_unfinished(const Environment& environment, text_view directory) noexcept {
    for (const text_view name : {new_snapshot_name, new_index_name, new_spare_name})
        static_cast<void>(remove_file(environment, directory, name));
}

/// Removes those of `numbers` that are less than `number`.
template <file_system Environment>
[[nodiscard]] result<void> remove_before(const Environment& environment, text_view directory,
                                         text_view prefix, const number_list& numbers,
                                         std::uint64_t number) noexcept {
    for (std::size_t i = 0; i < numbers.size() && numbers[i] < number; ++i) {
        const auto gone = remove_file(environment, directory, numbered_name{prefix, numbers[i]});
        if (!gone) return gone;
    }
    return {};
}

[[nodiscard]] inline result<joined_path> segment_path(text_view directory,
                                                      std::uint64_t number) noexcept {
    return joined_path::of(directory, numbered_name{segment_prefix, number});
}
/// A file without bytes, whose name will be there whatever happens from now on. One that stays so
/// is a segment whose creation was cut off.
template <file_system Environment>
[[nodiscard]] result<typename Environment::file>
create_segment(const Environment& environment, text_view directory, std::uint64_t number) noexcept {
    const auto path = segment_path(directory, number);
    if (!path) return path.error();
    auto fresh = environment.open_file(*path, file_mode::create);
    if (!fresh) return fresh;
    // A creation that was cut off may have left something under that name.
    result<void> done = fresh->truncate(0);
    if (done) done = environment.sync_directory(directory);
    if (!done) return done.error();
    return fresh;
}
template <file_system Environment>
[[nodiscard]] result<void> remove_segment(const Environment& environment, text_view directory,
                                          std::uint64_t number) noexcept {
    return remove_file(environment, directory, numbered_name{segment_prefix, number});
}

/// Removes the segments behind `number`, from the last one on: a crash in between leaves a log
/// without a hole.
template <file_system Environment>
[[nodiscard]] result<void> remove_tail(const Environment& environment, text_view directory,
                                       std::uint64_t number, std::uint64_t last) noexcept {
    for (; last > number; --last) {
        const auto gone = remove_segment(environment, directory, last);
        if (!gone) return gone;
        const auto synced = environment.sync_directory(directory);
        if (!synced) return synced;
    }
    return {};
}

} // namespace ashlar::inline v0_1::log_parts
