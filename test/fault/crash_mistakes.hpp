// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/environment/simulated.hpp>

#include <string>
#include <vector>

// Mistakes that a log or its recovery might make, planted between the store and its world: a step
// of the protocol is left out, done to the wrong thing, or its failure is not looked at. One at a
// time, chosen at run time.
namespace ashlar_fault {

using namespace ashlar;

enum class part_of_store : std::uint8_t {
    segment,
    successor,
    snapshot,
    index,
    spare,
    manifest,
    lock,
    other
};

[[nodiscard]] inline part_of_store part_of(text_view path) {
    const std::string name{path.data(), path.size()};
    const auto has = [&](const char* piece) { return name.find(piece) != std::string::npos; };
    if (has("/log-")) return part_of_store::segment;
    if (has("/log.new")) return part_of_store::successor;
    if (has("/spare.new")) return part_of_store::spare;
    if (has("/spare-")) return part_of_store::segment; // what it will be
    if (has("/index")) return part_of_store::index;
    if (has("/snapshot")) return part_of_store::snapshot;
    if (has("/ashlar.manifest")) return part_of_store::manifest;
    if (has("/ashlar.lock")) return part_of_store::lock;
    return part_of_store::other;
}

enum class mistake_kind : std::uint8_t {
    none,
    sync_left_out,
    sync_failure_overlooked,
    interrupted_sync_taken_for_done,
    write_failure_overlooked,
    short_write_taken_for_whole,
    interrupted_write_taken_for_done,
    short_read_taken_for_end,
    write_lost_now_and_then,
    write_one_byte_off,
    write_bit_flipped,
    read_bit_flipped,
    remains_left, ///< neither removed nor cut, so that what is written anew ends with them
    rename_left_out,
    rename_failure_overlooked,
    directory_sync_left_out, ///< after a name of that part was made, moved or removed
    directory_sync_failure_overlooked,
    missing_from_list,
    newest_removed_instead, ///< of the part
};
struct mistake {
    mistake_kind kind = mistake_kind::none;
    part_of_store part = part_of_store::other;
};

/// The one that is planted, and what it needs to remember.
struct planted_mistake {
    mistake what;
    part_of_store named_last = part_of_store::other;
    std::uint64_t turns = 0;
    [[nodiscard]] bool is(mistake_kind kind, part_of_store part) const {
        return what.kind == kind && what.part == part;
    }
};
inline planted_mistake planted;

/// Puts it back as it was, behind what other runs have made of it.
class planted_aside {
  public:
    planted_aside() = default;
    planted_aside(const planted_aside&) = delete;
    planted_aside& operator=(const planted_aside&) = delete;
    ~planted_aside() { planted = was_; }

  private:
    planted_mistake was_ = planted;
};

class mistaken_file {
  public:
    mistaken_file() = default;
    mistaken_file(simulated::file&& file, part_of_store part)
        : file_{std::move(file)}, part_{part} {}

    [[nodiscard]] result<std::size_t> read_at(std::uint64_t at, std::byte* to,
                                              std::size_t size) const {
        auto n = file_.read_at(at, to, size);
        if (n && *n < size && planted.is(mistake_kind::short_read_taken_for_end, part_) && at != 0)
            return std::size_t{0};
        if (n && *n > 8 && planted.is(mistake_kind::read_bit_flipped, part_))
            to[*n - 1 - planted.turns++ % 8] ^= std::byte{2};
        return n;
    }
    result<std::size_t> write_at(std::uint64_t at, bytes_view bytes) {
        std::vector<std::byte> copy{bytes.begin(), bytes.end()};
        if (bytes.size() > 40) { // a write with a record in it
            if (planted.is(mistake_kind::write_lost_now_and_then, part_) &&
                (planted.turns++ % 3 == 2 || part_ == part_of_store::manifest))
                return bytes.size();
            if (planted.is(mistake_kind::write_bit_flipped, part_) &&
                (planted.turns++ % 3 == 2 || part_ == part_of_store::manifest))
                copy[copy.size() / 2] ^= std::byte{1};
            if (planted.is(mistake_kind::write_one_byte_off, part_) &&
                (planted.turns++ % 3 == 2 || part_ == part_of_store::manifest))
                ++at;
        }
        const auto n = file_.write_at(at, {copy.data(), copy.size()});
        if (n && planted.is(mistake_kind::short_write_taken_for_whole, part_)) return bytes.size();
        if (!n && n.error().native == interrupted &&
            planted.is(mistake_kind::interrupted_write_taken_for_done, part_))
            return bytes.size();
        if (!n && n.error().native != interrupted &&
            planted.is(mistake_kind::write_failure_overlooked, part_))
            return bytes.size();
        return n;
    }
    result<std::size_t> append(bytes_view bytes) { return file_.append(bytes); }
    result<void> sync() {
        if (planted.is(mistake_kind::sync_left_out, part_)) return {};
        const auto done = file_.sync();
        if (!done && done.error().native == interrupted &&
            planted.is(mistake_kind::interrupted_sync_taken_for_done, part_))
            return {};
        if (!done && done.error().native != interrupted &&
            planted.is(mistake_kind::sync_failure_overlooked, part_))
            return {};
        return done;
    }
    result<void> truncate(std::uint64_t size) {
        if (planted.is(mistake_kind::remains_left, part_)) return {};
        return file_.truncate(size);
    }
    [[nodiscard]] result<std::uint64_t> size() const { return file_.size(); }
    [[nodiscard]] result<bool> try_lock(file_lock kind) { return file_.try_lock(kind); }
    result<void> close() { return file_.close(); }

  private:
    simulated::file file_;
    part_of_store part_ = part_of_store::other;
};
static_assert(file_handle<mistaken_file>);

/// An environment in which the planted mistake is made.
struct mistaken {
    using axis = environment_axis;
    static constexpr bool has_files = true;
    static constexpr bool has_clock = true;
    static constexpr bool has_random = true;
    static constexpr bool has_threads = true;
    using file = mistaken_file;

    simulated world;

    [[nodiscard]] static planted_aside aside() { return {}; }

    [[nodiscard]] result<file> open_file(text_view path, file_mode mode) const {
        const part_of_store part = part_of(path);
        if (mode != file_mode::read) planted.named_last = part;
        auto opened = world.open_file(path, mode);
        if (!opened) return opened.error();
        return file{std::move(*opened), part};
    }
    [[nodiscard]] result<file_kind> kind_of(text_view path) const { return world.kind_of(path); }
    result<void> make_directory(text_view path) const { return world.make_directory(path); }
    result<void> sync_directory(text_view path) const {
        const part_of_store part =
            path == text_view{"db"} ? planted.named_last : part_of_store::other;
        if (planted.is(mistake_kind::directory_sync_left_out, part)) return {};
        const auto done = world.sync_directory(path);
        if (!done && planted.is(mistake_kind::directory_sync_failure_overlooked, part)) return {};
        return done;
    }
    result<void> rename(text_view from, text_view to) const {
        const part_of_store part = part_of(from);
        planted.named_last = part;
        if (planted.is(mistake_kind::rename_left_out, part)) return {};
        const auto done = world.rename(from, to);
        if (!done && planted.is(mistake_kind::rename_failure_overlooked, part)) return {};
        return done;
    }
    result<void> remove(text_view path) const {
        const part_of_store part = part_of(path);
        planted.named_last = part;
        if (planted.is(mistake_kind::remains_left, part)) return {};
        if (planted.is(mistake_kind::newest_removed_instead, part)) {
            std::string newest;
            for (const std::string& name : world.world().files())
                if (part_of(text_view{name}) == part) newest = name;
            return world.remove(text_view{newest});
        }
        return world.remove(path);
    }
    template <class Visit>
    result<void> list(text_view path, Visit&& visit) const {
        std::vector<std::string> names;
        const auto done =
            world.list(path, [&](text_view name) { names.emplace_back(name.data(), name.size()); });
        std::string hidden;
        for (const std::string& name : names)
            if (planted.is(mistake_kind::missing_from_list, part_of(text_view{"/" + name})))
                hidden = name;
        for (const std::string& name : names)
            if (name != hidden) visit(text_view{name});
        return done;
    }
    [[nodiscard]] result<std::uint64_t> space_left(text_view path) const {
        return world.space_left(path);
    }
    [[nodiscard]] std::uint64_t process_id() const noexcept { return world.process_id(); }
    [[nodiscard]] wall_time wall_now() const noexcept { return world.wall_now(); }
    [[nodiscard]] monotonic_time monotonic_now() const noexcept { return world.monotonic_now(); }
    [[nodiscard]] std::uint64_t random_seed() const noexcept { return world.random_seed(); }
};

} // namespace ashlar_fault
