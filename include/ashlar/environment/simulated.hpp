// SPDX-License-Identifier: BSL-1.0
/// @file Defines simulated: files, clocks and random numbers of a world that obeys a seed.
#pragma once

#include <ashlar/environment/simulated/file.hpp>

#include <cassert>

namespace ashlar::inline v0_1 {

/// The same store over `simulated` runs in a simulated_world, where power fails, disks fill and
/// clocks jump as the world's plan says. A small handle; one that is default-constructed lives in
/// the world that is present in its thread. Thread-safe as the world is.
/// Differences from a POSIX system: paths are compared as text and names are moved within their
/// directory only. There are no secrets: it has no secret_random.
class simulated {
    using world_type = simulated_world;
    using call = world_type::call;
    using disk = simulated_parts::disk;

  public:
    using axis = environment_axis;
    static constexpr bool has_files = true;
    static constexpr bool has_clock = true;
    static constexpr bool has_random = true;
    static constexpr bool has_threads = true;

    using file = simulated_parts::file;

    /// REQUIRES: a world is present.
    simulated() noexcept : world_{world_type::current()} {
        assert(world_ != nullptr && "ashlar: no simulated world is present in this thread; "
                                    "make a simulated_world::presence");
    }
    explicit simulated(world_type& world) noexcept : world_{&world} {}

    [[nodiscard]] world_type& world() const noexcept { return *world_; }

    // --- files -----------------------------------------------------------------------------------

    [[nodiscard]] result<file> open_file(text_view path, file_mode mode) const {
        const std::string name = text(path);
        const bool makes = mode == file_mode::create || mode == file_mode::create_new;
        const auto node = perform<std::size_t>(
            makes ? call::open : call::look, path, static_cast<std::uint64_t>(mode),
            [&](disk& d) -> result<std::size_t> {
                const file_kind kind = d.kind_of(name);
                if (kind == file_kind::directory) return error{errc::io, EISDIR};
                if (kind == file_kind::file && mode == file_mode::create_new)
                    return error{errc::already_exists, EEXIST};
                if (kind == file_kind::file) return d.node_of(name);
                if (!makes || d.kind_of(d.parent_of(name)) != file_kind::directory)
                    return error{errc::io, ENOENT};
                return d.make(name, file_kind::file);
            });
        if (!node) return node.error();
        return file{*world_, *node, mode != file_mode::read};
    }
    /// file_kind::none when nothing is there.
    [[nodiscard]] result<file_kind> kind_of(text_view path) const {
        return perform<file_kind>(call::look, path, 0, [&](disk& d) -> result<file_kind> {
            return d.kind_of(text(path));
        });
    }
    result<void> make_directory(text_view path) const {
        const std::string name = text(path);
        return perform<void>(call::make_directory, path, 0, [&](disk& d) -> result<void> {
            if (d.kind_of(name) != file_kind::none) return error{errc::already_exists, EEXIST};
            if (d.kind_of(d.parent_of(name)) != file_kind::directory)
                return error{errc::io, ENOENT};
            static_cast<void>(d.make(name, file_kind::directory));
            return {};
        });
    }
    result<void> sync_directory(text_view path) const {
        return perform<void>(call::sync_directory, path, 0, [&](disk& d) -> result<void> {
            if (d.kind_of(text(path)) != file_kind::directory) return error{errc::io, ENOENT};
            d.sync_directory(text(path));
            return {};
        });
    }
    result<void> rename(text_view from, text_view to) const {
        const std::string old_name = text(from);
        const std::string new_name = text(to);
        return perform<void>(call::rename, from, hash(to), [&](disk& d) -> result<void> {
            if (d.kind_of(old_name) != file_kind::file) return error{errc::io, ENOENT};
            if (d.parent_of(old_name) != d.parent_of(new_name)) return error{errc::io, EXDEV};
            if (d.kind_of(new_name) == file_kind::directory) return error{errc::io, EISDIR};
            d.rename(old_name, new_name);
            return {};
        });
    }
    result<void> remove(text_view path) const {
        const std::string name = text(path);
        return perform<void>(call::remove, path, 0, [&](disk& d) -> result<void> {
            if (d.kind_of(name) == file_kind::none) return error{errc::io, ENOENT};
            if (d.kind_of(name) == file_kind::directory) return error{errc::io, EISDIR};
            d.erase(name);
            return {};
        });
    }
    template <class Visit>
    result<void> list(text_view path, Visit&& visit) const {
        const std::string name = text(path);
        std::vector<std::string> found;
        const auto done = perform<void>(call::list, path, 0, [&](disk& d) -> result<void> {
            if (d.kind_of(name) != file_kind::directory) return error{errc::io, ENOENT};
            for (const auto& [each, entry] : d.names())
                if (d.parent_of(each) == name) found.push_back(each.substr(each.rfind('/') + 1));
            return {};
        });
        for (const std::string& each : found) visit(text_view{each});
        return done;
    }
    [[nodiscard]] result<std::uint64_t> space_left(text_view path) const {
        return perform<std::uint64_t>(call::space, path, 0, [&](disk& d) -> result<std::uint64_t> {
            const std::uint64_t used = d.used();
            const std::uint64_t capacity = world_->plan.capacity;
            return capacity > used ? capacity - used : 0;
        });
    }
    /// Another one after each loss of power.
    [[nodiscard]] std::uint64_t process_id() const noexcept { return 1000 + world_->run(); }

    /// One call, which fails if the plan says so.
    result<void> reach(fault_point at) const {
        return world_->perform<void>(call::point, world_->run(), static_cast<std::uint64_t>(at), 0,
                                     0, [](disk&) { return result<void>{}; });
    }

    // --- time and random numbers -----------------------------------------------------------------

    [[nodiscard]] wall_time wall_now() const noexcept { return wall_time{world_->wall()}; }
    [[nodiscard]] monotonic_time monotonic_now() const noexcept {
        return monotonic_time{world_->monotonic()};
    }
    [[nodiscard]] std::uint64_t random_seed() const noexcept { return world_->draw(); }

  private:
    [[nodiscard]] static std::string text(text_view path) {
        std::string name{path.data(), path.size()};
        while (name.size() > 1 && name.back() == '/') name.pop_back();
        return name;
    }
    /// FNV-1a: paths as they stand in the trace.
    [[nodiscard]] static std::uint64_t hash(text_view path) noexcept {
        std::uint64_t state = 0xCBF2'9CE4'8422'2325U;
        for (std::size_t i = 0; i < path.size(); ++i)
            state = (state ^ static_cast<unsigned char>(path.data()[i])) * 0x0000'0100'0000'01B3U;
        return state;
    }
    template <class Answer, class Act>
    result<Answer> perform(call what, text_view path, std::uint64_t more, Act act) const {
        return world_->perform<Answer>(what, world_->run(), hash(path), more, 0, act);
    }

    world_type* world_;
};
static_assert(environment_policy<simulated> && fault_source<simulated>);
static_assert(!secret_random_source<simulated>);

} // namespace ashlar::inline v0_1
