// SPDX-License-Identifier: BSL-1.0
/// @file Defines how directories with files in them are walked, copied, made durable and removed.
#pragma once

#include <ashlar/environment/store_directory.hpp>

namespace ashlar::inline v0_1::native_parts {

/// Calls act(path, kind) for everything in a directory, files and directories, not for what these
/// hold. `act` may change the directory. Errors: out_of_memory, those of act, and the system's.
template <file_system Environment, class Act>
[[nodiscard]] result<void> for_each_in(const Environment& environment, text_view directory,
                                       Act act) noexcept {
    byte_buffer names; // each behind its length
    bool room = true;
    const auto listed = environment.list(directory, [&](text_view name) noexcept {
        std::byte size[4];
        store_little(size, static_cast<std::uint32_t>(name.size()));
        room = room && append(names, {size, sizeof size}) && append(names, bytes_view{name});
    });
    if (!listed) return listed;
    if (!room) return errc::out_of_memory;
    for (bytes_view left = names.view(); !left.empty();) {
        const std::size_t size = load_little<std::uint32_t>(left.data());
        const text_view name = left.skip(4).first(size).template as<text_view>();
        left = left.skip(4 + size);
        const auto path = joined_path::of(directory, name);
        if (!path) return path.error();
        const auto kind = environment.kind_of(*path);
        if (!kind) return kind.error();
        if (const auto done = act(name, *path, *kind); !done) return done;
    }
    return {};
}

/// Removes a directory and everything in it, or a file; nothing when there is none.
template <file_system Environment>
[[nodiscard]] result<void> remove_tree(const Environment& environment, text_view path) noexcept {
    const auto there = environment.kind_of(path);
    if (!there) return there.error();
    if (*there == file_kind::none) return {};
    if (*there != file_kind::directory) return environment.remove(path);
    const auto gone =
        for_each_in(environment, path, [&](text_view, text_view each, file_kind kind) {
            return kind == file_kind::directory ? remove_tree(environment, each)
                                                : environment.remove(each);
        });
    return gone ? environment.remove(path) : gone;
}

/// Makes the files of a directory, and their names, survive a loss of power.
template <file_system Environment>
[[nodiscard]] result<void> sync_tree(const Environment& environment, text_view path) noexcept {
    const auto done =
        for_each_in(environment, path, [&](text_view, text_view each, file_kind kind) {
            if (kind == file_kind::directory) return sync_tree(environment, each);
            auto file = environment.open_file(each, file_mode::update);
            if (!file) return result<void>{file.error()};
            const auto synced = sync_exactly(*file);
            const auto closed = file->close();
            return synced ? closed : synced;
        });
    return done ? environment.sync_directory(path) : done;
}

template <file_system Environment>
[[nodiscard]] result<void> copy_file(const Environment& environment, text_view from,
                                     text_view to) noexcept {
    auto in = environment.open_file(from, file_mode::read);
    if (!in) return in.error();
    auto out = environment.open_file(to, file_mode::create_new);
    if (!out) return out.error();
    constexpr std::size_t piece = std::size_t{256} << 10;
    byte_buffer buffer;
    std::byte* const bytes = buffer.extend(piece);
    if (bytes == nullptr) return errc::out_of_memory;
    for (std::uint64_t at = 0;;) {
        const auto size = read_exactly(*in, at, bytes, piece);
        if (!size) return size.error();
        if (const auto done = write_exactly(*out, at, {bytes, *size}); !done) return done;
        at += *size;
        if (*size < piece) return out->close();
    }
}

struct leave_out_nothing {
    bool operator()(text_view) const noexcept { return false; }
};

/// Copies what stands in a directory into another one that is there, but for files whose name
/// `leaves_out(name)`.
template <file_system Environment, class LeavesOut>
[[nodiscard]] result<void> copy_tree(const Environment& environment, text_view from, text_view to,
                                     LeavesOut leaves_out) noexcept {
    return for_each_in(environment, from,
                       [&](text_view name, text_view each, file_kind kind) -> result<void> {
                           if (leaves_out(name)) return {};
                           const auto path = joined_path::of(to, name);
                           if (!path) return path.error();
                           if (kind != file_kind::directory)
                               return copy_file(environment, each, *path);
                           if (const auto made = environment.make_directory(*path); !made)
                               return made;
                           return copy_tree(environment, each, *path, leave_out_nothing{});
                       });
}

} // namespace ashlar::inline v0_1::native_parts
