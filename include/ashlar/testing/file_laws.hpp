// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of environments that have files.
#pragma once

#include <ashlar/environment/concept.hpp>

#include <set>
#include <string>

namespace ashlar::inline v0_1::testing {

namespace detail {

/// What is written is read, at positions and at the end; closing ends it.
template <class Environment, class Check>
void file_content_laws(const Environment& env, const std::string& path, Check& check) {
    const auto bytes_of = [](const char* text) { return bytes_view{text_view{text}}; };
    auto file = env.open_file(path, file_mode::create_new);
    check(bool(file), "open_file: create_new makes a file");
    if (!file) return;
    check(write_exactly(*file, 4, bytes_of("later")) && write_exactly(*file, 0, bytes_of("soon")),
          "write_at: at any position, in any order");
    std::size_t added = 0;
    while (added == 0) {
        const auto n = file->append(bytes_of("!"));
        if (!n && n.error().native != interrupted) break;
        added = n.value_or(0);
    }
    check(added == 1 && file->size().value_or(0) == 10, "append: behind the last byte");
    std::byte bytes[16];
    check(read_exactly(*file, 0, bytes, sizeof bytes).value_or(0) == 10 &&
              bytes_view{bytes, 10} == bytes_of("soonlater!"),
          "read_at: shows what was written");
    check(file->read_at(10, bytes, 4).value_or(9) == 0, "read_at: 0 bytes are the end");
    check(!file->read_at(~std::uint64_t{}, bytes, 1), "read_at: refuses a place that none has");
    check(file->truncate(4) && sync_exactly(*file) && file->size().value_or(0) == 4,
          "truncate: shortens");
    check(file->close() && file->close(), "close: and once more does nothing");
    check(file->sync().error() == errc::closed && file->size().error() == errc::closed,
          "close: nothing works afterwards, and says why");
}

/// Modes say what must be there.
template <class Environment, class Check>
void file_mode_laws(const Environment& env, const std::string& path, Check& check) {
    check(!env.open_file(path, file_mode::read) && !env.open_file(path, file_mode::update),
          "open_file: read and update need a file");
    check(!env.open_file(path + "/f", file_mode::create), "open_file: makes no directory");
    check(bool(env.open_file(path, file_mode::create)), "open_file: create makes it");
    check(bool(env.open_file(path, file_mode::create)), "open_file: create takes what is there");
    check(env.open_file(path, file_mode::create_new).error() == errc::already_exists,
          "open_file: create_new does not");
    auto reader = env.open_file(path, file_mode::read);
    const std::byte one{1};
    check(reader && !reader->write_at(0, {&one, 1}), "open_file: read does not write");
}

/// A lock belongs to the open file, shared or exclusive.
template <class Environment, class Check>
void file_lock_laws(const Environment& env, const std::string& path, Check& check) {
    auto first = env.open_file(path, file_mode::create);
    auto second = env.open_file(path, file_mode::read);
    auto third = env.open_file(path, file_mode::read);
    check(first && second && third, "open_file: several times");
    if (!first || !second || !third) return;
    check(first->try_lock(file_lock::exclusive).value_or(false), "try_lock: a free file");
    check(!second->try_lock(file_lock::shared).value_or(true), "try_lock: exclusive is alone");
    check(bool(first->close()), "close: of a locked file");
    check(second->try_lock(file_lock::shared).value_or(false), "close: gives the lock back");
    check(third->try_lock(file_lock::shared).value_or(false), "try_lock: shared is shared");
    check(!third->try_lock(file_lock::exclusive).value_or(true), "try_lock: not while others are");
}

/// Directories are made, listed, synced; names are moved and removed.
template <class Environment, class Check>
void directory_laws(const Environment& env, const std::string& inner, Check& check) {
    const auto is = [&](const std::string& path, file_kind kind) {
        const auto found = env.kind_of(path);
        return found && *found == kind;
    };
    const auto names = [&] {
        std::set<std::string> all;
        const auto done =
            env.list(inner, [&](text_view name) { all.emplace(name.data(), name.size()); });
        return done ? all : std::set<std::string>{"?"};
    };
    check(is(inner, file_kind::none), "kind_of: none");
    check(!env.list(inner, [](text_view) {}) && !env.sync_directory(inner) && !env.remove(inner),
          "list, sync_directory, remove: of nothing");
    check(bool(env.make_directory(inner)) && is(inner, file_kind::directory),
          "make_directory: makes it");
    check(env.make_directory(inner).error() == errc::already_exists, "make_directory: once");
    check(!env.make_directory(inner + "/no/where"), "make_directory: one at a time");
    check(names().empty(), "list: of an empty directory");
    for (const char* name : {"/a", "/b", "/.hidden"})
        check(bool(env.open_file(inner + name, file_mode::create)) &&
                  is(inner + name, file_kind::file),
              "open_file: in a directory");
    check(bool(env.rename(inner + "/a", inner + "/b")), "rename: takes its target's place");
    check(!env.rename(inner + "/a", inner + "/c"), "rename: of nothing");
    check(bool(env.sync_directory(inner)), "sync_directory: of a directory");
    check(names() == std::set<std::string>{"b", ".hidden"}, "list: every name, and no other");
    check(bool(env.remove(inner + "/b")) && is(inner + "/b", file_kind::none), "remove: a file");
    check(!env.remove(inner + "/b"), "remove: once");
    check(env.space_left(inner).value_or(0) > 0, "space_left: there is some");
}

} // namespace detail

/// Holds an environment to what file_system and file_handle promise as long as nothing fails; what
/// power loss takes is for simulated's own tests. `place` is an empty directory, and is left with
/// files in it. `check(bool held, const char* law)` is called for every law.
template <file_system Environment, class Check>
void file_laws(const Environment& env, const std::string& place, Check check) {
    detail::file_content_laws(env, place + "/content", check);
    detail::file_mode_laws(env, place + "/modes", check);
    detail::file_lock_laws(env, place + "/lock", check);
    detail::directory_laws(env, place + "/inner", check);
}

} // namespace ashlar::inline v0_1::testing
