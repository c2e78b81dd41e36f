// SPDX-License-Identifier: BSL-1.0
/// @file Defines what an environment policy is: the one source of files, time and random numbers.
#pragma once

#include <ashlar/axis.hpp>
#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted. May jump in either direction;
/// the only time that is persisted. Not convertible to monotonic_time.
enum class wall_time : std::uint64_t {};

/// Nanoseconds since a moment of the environment's choice; never goes back. Means nothing to
/// another process and must not be persisted.
enum class monotonic_time : std::uint64_t {};

/// REQUIRES: earlier <= later, as for any two readings in order.
[[nodiscard]] constexpr std::uint64_t nanoseconds_between(monotonic_time earlier,
                                                          monotonic_time later) noexcept {
    return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

/// error::native of a call that a signal interrupted before it did anything: try again.
/// The value is EINTR's on every POSIX system; environments without signals may simulate it.
inline constexpr std::int32_t interrupted = 4;
/// Whether a call did nothing because the process, or the system, has as many files open as it may.
/// The values are ENFILE's and EMFILE's on every POSIX system.
[[nodiscard]] constexpr bool is_out_of_files(error e) noexcept {
    return e.code == errc::io && (e.native == 23 || e.native == 24);
}

/// How a file is opened. `update` keeps what is there.
enum class file_mode : std::uint8_t {
    read,       ///< must exist
    update,     ///< must exist; read and write
    create,     ///< read and write; made when it does not exist
    create_new, ///< read and write; already_exists when there is one
};

enum class file_lock : std::uint8_t { shared, exclusive };

enum class file_kind : std::uint8_t { none, file, directory, other };

/// Satisfied by an open file: movable, closed by its destructor. Counts may be short: read_at
/// answers 0 only at the end of the file, write_at and append at least 1 for a non-empty buffer,
/// and any call may answer `interrupted`; read_exactly, write_exactly and sync_exactly below deal
/// with both.
/// What is written survives power loss only after sync() succeeded; after sync() failed, what was
/// written since the last one is lost or not, and no later success says otherwise.
/// try_lock answers false when another open file holds the lock, in this process or elsewhere; the
/// lock ends with the file, also when the process is killed.
template <class F>
concept file_handle = std::movable<F> && requires(F& file, const F& view, std::byte* to,
                                                  bytes_view from, std::uint64_t at) {
    { view.read_at(at, to, std::size_t{}) } -> std::same_as<result<std::size_t>>;
    { file.write_at(at, from) } -> std::same_as<result<std::size_t>>;
    { file.append(from) } -> std::same_as<result<std::size_t>>;
    { file.sync() } -> std::same_as<result<void>>;
    { file.truncate(at) } -> std::same_as<result<void>>;
    { view.size() } -> std::same_as<result<std::uint64_t>>;
    { file.try_lock(file_lock::exclusive) } -> std::same_as<result<bool>>;
    { file.close() } -> std::same_as<result<void>>;
};

namespace archetype {
struct name_visitor {
    void operator()(text_view) const noexcept {}
};
} // namespace archetype

/// Satisfied by environments that have files. Each call is one operation that can fail alone; a new
/// name survives power loss only after sync_directory of the directory it stands in. `rename`
/// replaces its target at once. `list` shows the names in a directory, in no order, without "."
/// and ".."; its visitor must not change the directory.
template <class E>
concept file_system = file_handle<typename E::file> &&
                      requires(const E& e, text_view path, archetype::name_visitor visit) {
                          {
                              e.open_file(path, file_mode::read)
                          } -> std::same_as<result<typename E::file>>;
                          { e.kind_of(path) } -> std::same_as<result<file_kind>>;
                          { e.make_directory(path) } -> std::same_as<result<void>>;
                          { e.sync_directory(path) } -> std::same_as<result<void>>;
                          { e.rename(path, path) } -> std::same_as<result<void>>;
                          { e.remove(path) } -> std::same_as<result<void>>;
                          { e.list(path, visit) } -> std::same_as<result<void>>;
                          {
                              e.space_left(path)
                          } -> std::same_as<result<std::uint64_t>>; // bytes, in its file system
                          { e.process_id() } -> std::same_as<std::uint64_t>;
                      };

/// Satisfied by environments that know the time.
template <class E>
concept clock_source = requires(const E& e) {
    { e.wall_now() } -> std::same_as<wall_time>;
    { e.monotonic_now() } -> std::same_as<monotonic_time>;
};

/// Satisfied by environments that can be told where large pages of memory would serve.
template <class E>
concept page_adviser = requires(void* at, std::size_t size) {
    { E::prefer_large_pages(at, size) } noexcept;
};

/// Satisfied by environments that have numbers nobody chose: to seed hashes and name things, not to
/// keep secrets.
template <class E>
concept random_source = requires(const E& e) {
    { e.random_seed() } -> std::same_as<std::uint64_t>;
};

/// Satisfied by environments that can make secrets. A seeded environment must not: who knows the
/// seed would know the secrets.
template <class E>
concept secret_random_source = requires(const E& e, std::byte* to) {
    { e.secret_random(to, std::size_t{}) } -> std::same_as<result<void>>;
};

/// Satisfied by environments that say which parts of the world they have (`has_files`, `has_clock`,
/// `has_random`, `has_threads`) and have those. Engines hold the environment by value: it is an
/// empty type or a small handle.
template <class P>
concept environment_policy =
    on_axis<P, environment_axis> && std::copyable<P> &&
    requires {
        { P::has_files } -> std::convertible_to<bool>;
        { P::has_clock } -> std::convertible_to<bool>;
        { P::has_random } -> std::convertible_to<bool>;
        { P::has_threads } -> std::convertible_to<bool>;
    } && (!P::has_files || file_system<P>) && (!P::has_clock || clock_source<P>) &&
    (!P::has_random || random_source<P>);

/// Reads until `size` bytes are there or the file ends; answers how many there are.
template <file_handle File>
[[nodiscard]] result<std::size_t> read_exactly(const File& file, std::uint64_t at, std::byte* to,
                                               std::size_t size) noexcept {
    std::size_t done = 0;
    while (done < size) {
        const auto n = file.read_at(at + done, to + done, size - done);
        if (!n && n.error().native == interrupted) continue;
        if (!n) return n.error();
        if (*n == 0) break;
        done += *n;
    }
    return done;
}

/// Syncs, again after an interruption: that one has done nothing yet.
template <file_handle File>
[[nodiscard]] result<void> sync_exactly(File& file) noexcept {
    result<void> done = file.sync();
    while (!done && done.error().native == interrupted) done = file.sync();
    return done;
}

/// Writes all of it at `at`. After an error any prefix may have been written.
template <file_handle File>
[[nodiscard]] result<void> write_exactly(File& file, std::uint64_t at, bytes_view bytes) noexcept {
    while (!bytes.empty()) {
        const auto n = file.write_at(at, bytes);
        if (!n && n.error().native == interrupted) continue;
        if (!n) return n.error();
        at += *n;
        bytes = bytes.skip(*n);
    }
    return {};
}

} // namespace ashlar::inline v0_1
