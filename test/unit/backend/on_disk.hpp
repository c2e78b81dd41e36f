// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/engine.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/options.hpp>

#include <cstring>
#include <iostream>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

namespace ashlar::testing {

using text_row = row_layout<dynamic_extent, dynamic_extent, row_fields{}>;
using numbered_row = row_layout<dynamic_extent, dynamic_extent, row_fields{.sequenced = true}>;

inline std::string key_of(std::size_t i) { return "key" + std::to_string(1'000'000 + i); }

/// Runs f in a child process; answers whether it came back true.
template <class F>
bool in_child(F f) {
    std::cout.flush();
    const pid_t child = ::fork();
    if (child == 0) ::_exit(f() ? 0 : 1);
    int status = 1;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// What is special of engines on disk, the same for each of them. `Facts` says
///   backend, options quick() (waits for no disk), safe() (the default), data (the main file).
template <class Facts>
struct on_disk {
    using backend = typename Facts::backend;
    template <class Row = text_row, class Concurrency = shared>
    using engine = typename backend::template engine<Row, posix, Concurrency>;

    struct attempt {
        std::string path;
        error_detail detail{};
        bool says(const std::string& words) const {
            return std::string(detail.message.c_str()).find(words) != std::string::npos;
        }
        template <class Row = text_row>
        result<engine<Row>> with(open_options how = {},
                                 const typename backend::options& options = Facts::quick(),
                                 const char* formats = "test/1") {
            how.directory = path;
            how.detail = &detail;
            detail = {};
            return engine<Row>::open({how, formats, {}}, options);
        }
    };

    template <class E>
    static std::string value(const E& e, const std::string& key) {
        std::string found = "(none)";
        const auto there = e.read(key, [&](bytes_view row) { found = row.as<std::string>(); });
        return there ? found : name_of(there.error().code);
    }
    template <class E>
    static std::size_t count(const E& e) {
        std::size_t n = 0;
        const auto done = e.scan({}, [&](bytes_view, bytes_view) { ++n; });
        return done ? n : dynamic_extent;
    }
    template <class E>
    static auto put(E& e, const std::string& key, const std::string& row) {
        write_batch b;
        b.put(key, row);
        return e.apply(b);
    }
    /// Everything but lock files and engines' logs, which hold no rows.
    static auto rows_picture(const std::string& directory) {
        auto all = picture_of(directory);
        std::erase_if(all, [](const auto& entry) { return Facts::is_scrap(entry.first); });
        return all;
    }

    static void reopening() {
        const scratch place;
        attempt open{place / "store"};
        std::uint64_t identity = 0;
        {
            auto e = open.with({.must_be_new = true});
            REQUIRE(e);
            for (std::size_t i = 0; i < 500; ++i) CHECK(put(*e, key_of(i), std::to_string(i)));
            identity = e->identity();
            CHECK(e->close());
            CHECK(e->close().error() == errc::closed);
            CHECK(value(*e, key_of(1)) == "closed");
        }
        auto e = open.with({.create = false});
        REQUIRE(e);
        CHECK(e->identity() == identity);
        CHECK(count(*e) == 500);
        for (std::size_t i = 0; i < 500; ++i) CHECK(value(*e, key_of(i)) == std::to_string(i));
    }

    static void killing() {
        const scratch place;
        attempt open{place / "store"};
        for (std::size_t turn = 0; turn < 3; ++turn) {
            int acknowledged[2];
            REQUIRE(::pipe(acknowledged) == 0);
            const pid_t child = ::fork();
            if (child == 0) {
                auto e = open.with({}, Facts::safe());
                for (std::size_t i = 0; e; ++i) {
                    write_batch b;
                    b.put(key_of(i), std::to_string(turn));
                    b.put("twin" + key_of(i), std::to_string(turn));
                    if (!e->apply(b)) ::_exit(2);
                    if (::write(acknowledged[1], &i, sizeof i) != sizeof i) ::_exit(3);
                }
                ::_exit(4);
            }
            ::close(acknowledged[1]);
            std::size_t last = 0;
            for (std::size_t n = 0; n < 40 + 17 * turn; ++n)
                REQUIRE(::read(acknowledged[0], &last, sizeof last) == sizeof last);
            ::kill(child, SIGKILL);
            int status = 0;
            REQUIRE(::waitpid(child, &status, 0) == child);
            CHECK(WIFSIGNALED(status));
            std::size_t more = 0;
            while (::read(acknowledged[0], &more, sizeof more) == sizeof more) last = more;
            ::close(acknowledged[0]);
            auto e = open.with({.create = false});
            REQUIRE(e);
            for (std::size_t i = 0; i <= last; ++i)
                CHECK(value(*e, key_of(i)) == std::to_string(turn));
            for (std::size_t i = last; i < last + 3; ++i) // batches are whole or absent
                CHECK(value(*e, key_of(i)) == value(*e, "twin" + key_of(i)));
        }
    }

    static void rows_of_another_length() {
        using fixed = row_layout<dynamic_extent, 8, row_fields{}>;
        const scratch place;
        attempt open{place / "store"};
        {
            auto e = open.with();
            REQUIRE(e);
            CHECK(put(*e, "k", "not eight bytes"));
        }
        auto e = open.template with<fixed>();
        REQUIRE(e);
        CHECK(value(*e, "k") == "corrupt");
        CHECK(count(*e) == dynamic_extent);
        if constexpr (snapshot_engine<engine<fixed>>) {
            const auto view = e->snapshot();
            REQUIRE(view);
            CHECK(value(*view, "k") == "corrupt");
        }
        write_batch b;
        b.present(std::string{"k"});
        CHECK(e->apply(b).error() == errc::corrupt);
    }

    static void second_opening() {
        const scratch place;
        attempt open{place / "store"};
        auto first = open.with();
        REQUIRE(first);
        CHECK(put(*first, "k", "v"));
        CHECK(open.with().error() == errc::locked);
        CHECK(open.says("already open in this process"));
        CHECK(in_child([&] {
            attempt there{open.path};
            return there.with().error() == errc::locked &&
                   there.says("in use by process " + std::to_string(::getppid()));
        }));
        CHECK(value(*first, "k") == "v");
    }

    static void refusals() {
        const scratch place;
        attempt open{place / "store"};
        std::string big(3000, 'b');
        {
            auto e = open.with();
            REQUIRE(e);
            for (std::size_t i = 0; i < 200; ++i) CHECK(put(*e, key_of(i), big));
            CHECK(e->close());
        }
        const auto refuses = [&](errc code, const std::string& words) {
            const auto before = rows_picture(open.path);
            INFO(words);
            const auto e = open.with({.create = true});
            INFO(open.detail.message.c_str());
            CHECK(e.error() == code);
            CHECK(open.says(words));
            CHECK(rows_picture(open.path) == before);
        };
        CHECK(open.with({.must_be_new = true}).error() == errc::already_exists);
        const auto before = rows_picture(open.path);
        CHECK(open.with({}, Facts::quick(), "other/2").error() == errc::foreign);
        CHECK(open.says("other/2"));
        CHECK(open.says("test/1"));
        CHECK(rows_picture(open.path) == before);

        const std::string data = open.path + "/" + Facts::data;
        const std::string part{Facts::data, std::strcspn(Facts::data, "/")};
        const std::string sound = contents_of(data);
        write_file(data, "this is a letter to a friend, and no database at all. " +
                             std::string(20'000, '.'));
        refuses(errc::corrupt, part);
        write_file(data, sound.substr(0, Facts::cut(sound.size())));
        refuses(errc::corrupt, part);
        write_file(data, "");
        refuses(errc::corrupt, part);
        REQUIRE(posix::remove(data));
        refuses(errc::corrupt, part);
        write_file(data, sound);
        {
            auto e = open.with({.create = false});
            REQUIRE(e);
            CHECK(count(*e) == 200);
        }
        REQUIRE(posix::remove(open.path + "/ashlar.manifest"));
        refuses(errc::foreign, "no ashlar.manifest");
    }

    static void reading_only() {
        const scratch place;
        attempt open{place / "store"};
        CHECK(open.with({.read_only = true}).error() == errc::no_such_store);
        {
            auto e = open.with();
            REQUIRE(e);
            CHECK(put(*e, "k", "v"));
        }
        const auto before = picture_of(open.path);
        {
            auto e = open.with({.read_only = true});
            INFO(open.detail.message.c_str());
            REQUIRE(e);
            auto other = open.with({.read_only = true});
            REQUIRE(other);
            CHECK(value(*e, "k") == "v");
            CHECK(count(*other) == 1);
            CHECK(put(*e, "k", "w").error() == errc::read_only);
            CHECK(e->put(bytes_view{open.path}, bytes_view{open.path}).error() == errc::read_only);
            CHECK(e->erase(bytes_view{open.path}).error() == errc::read_only);
            write_batch b;
            b.put(open.path, open.path);
            CHECK(e->apply_at(commit_seq{9}, b.operations()).error() == errc::read_only);
            CHECK(open.with().error() == errc::locked);
            CHECK(e->sync());
            CHECK(e->close());
        }
        CHECK(picture_of(open.path) == before);
    }

    static void limits() {
        const scratch place;
        attempt open{place / "store"};
        auto e = open.with();
        REQUIRE(e);
        const std::string longest(backend::max_key_size, 'k');
        CHECK(put(*e, longest, "v"));
        CHECK(value(*e, longest) == "v");
        CHECK(put(*e, longest + "k", "v").error() == errc::key_too_long);
        CHECK(value(*e, longest + "k") == "key_too_long");
        CHECK(e->erase(bytes_view{longest + "k"}).error() == errc::key_too_long);
        CHECK(count(*e) == 1);
        // Many rows longer than a chunk of a scan.
        const std::string big(70'000, 'b');
        for (std::size_t i = 0; i < 5; ++i) CHECK(put(*e, "z" + key_of(i), big));
        std::size_t whole = 0;
        const auto more = e->scan(
            {}, [&](bytes_view, bytes_view row) { whole += row == bytes_view{big} ? 1U : 0U; });
        CHECK_FALSE(more.value_or(true));
        CHECK(whole == 5);
    }

    /// Needs to mount; where the kernel refuses, it says so.
    static void full_disk() {
        const scratch place;
        const std::string mount = place / "small";
        REQUIRE(posix::make_directory(mount));
        enum : int { held, failed, refused };
        std::cout.flush();
        const pid_t child = ::fork();
        if (child == 0) {
            if (::unshare(CLONE_NEWNS) != 0 ||
                ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
                ::mount("none", mount.c_str(), "tmpfs", 0, "size=8m") != 0)
                ::_exit(refused);
            ::_exit(fills(mount) ? held : failed);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        if (WEXITSTATUS(status) == refused)
            std::cout << "SKIPPED: full disk: this kernel lets us mount no tmpfs (needs root)\n";
        else CHECK(WEXITSTATUS(status) == held);
    }

    static void counting() {
        const scratch place;
        attempt open{place / "store"};
        auto opened = open.with();
        REQUIRE(opened);
        auto& e = *opened;
        constexpr std::size_t threads = 4;
        constexpr std::size_t rounds = 100;
        std::vector<std::thread> running;
        std::vector<std::string> problems(threads);
        CHECK(put(e, "n", "0"));
        for (std::size_t t = 0; t < threads; ++t)
            running.emplace_back([&, t] {
                for (std::size_t done = 0; done < rounds;) {
                    const std::string now = value(e, "n");
                    write_batch b;
                    b.equals(bytes_view{std::string{"n"}}, now);
                    b.put(bytes_view{std::string{"n"}}, std::to_string(std::stoul(now) + 1));
                    const auto swapped = e.apply(b);
                    if (swapped) ++done;
                    else if (swapped.error() != errc::conflict)
                        return void(problems[t] = name_of(swapped.error().code));
                }
            });
        for (auto& thread : running) thread.join();
        CHECK(problems == std::vector<std::string>(threads));
        CHECK(value(e, "n") == std::to_string(threads * rounds));
    }

    /// Writers, readers, scans and snapshots at once: two rows that always change together are
    /// never seen apart within one read view.
    static void crowding() {
        const scratch place;
        attempt open{place / "store"};
        auto opened = open.template with<numbered_row>();
        REQUIRE(opened);
        auto& e = *opened;
        const auto write = [&](std::size_t n) {
            write_batch b;
            b.put(bytes_view{std::string{"a"}}, std::to_string(n));
            b.put(bytes_view{std::string{"z"}}, std::to_string(n));
            return e.apply(b);
        };
        CHECK(write(0));
        std::vector<std::thread> running;
        std::vector<int> apart(5, 0);
        const auto watch = [&apart](std::size_t t, const auto& view) {
            std::vector<std::string> rows;
            const auto seen = view.scan({}, [&](bytes_view, bytes_view row) {
                rows.push_back(row.template as<std::string>());
            });
            if (!seen || rows.size() != 2 || rows[0] != rows[1]) ++apart[t];
        };
        for (std::size_t t = 0; t < 5; ++t)
            running.emplace_back([&, t] {
                for (std::size_t i = 0; i < 60; ++i) {
                    if (t < 2) apart[t] += write(t * 1000 + i) ? 0 : 1;
                    else if (t == 2) watch(t, e);
                    else if (t == 3) apart[t] += value(e, "a") == "(none)" ? 1 : 0;
                    else if (const auto view = e.snapshot()) watch(t, *view);
                    else ++apart[t];
                }
            });
        for (auto& thread : running) thread.join();
        CHECK(apart == std::vector<int>(5, 0));
    }

    static void leaving_snapshots() {
        const scratch place;
        attempt open{place / "store"};
        auto e = open.with();
        REQUIRE(e);
        CHECK(put(*e, "k", "old"));
        auto view = e->snapshot();
        REQUIRE(view);
        CHECK(put(*e, "k", "new"));
        CHECK(value(*view, "k") == "old");
        CHECK(e->close());
        CHECK(value(*view, "k") == "closed");
        CHECK(count(*view) == dynamic_extent);
        CHECK(e->snapshot().error() == errc::closed);
        {
            auto dropped = std::move(*e);
        }
        CHECK(value(*view, "k") == "closed");
        {
            auto dropped = std::move(*view);
        }
        auto again = open.with({.create = false});
        REQUIRE(again);
        CHECK(value(*again, "k") == "new");
    }

    /// G20: a store that version 1 has written, kept for ever as golden/v1/`name`, opens with all
    /// that it held. ASHLAR_WRITE_GOLDEN=1 writes it again, which is right only before a release.
    static void golden(const std::string& name) {
        const auto kept =
            std::filesystem::path(__FILE__).parent_path() / ".." / ".." / "golden" / "v1" / name;
        const auto row_of = [](std::size_t i) { return std::string(i % 50, 'r'); };
        const std::string formats = "key=raw value=raw backend=" + name + "/1";
        const scratch place;
        attempt open{place / "store"};
        if (std::getenv("ASHLAR_WRITE_GOLDEN") != nullptr) {
            {
                auto e = open.with({.must_be_new = true}, Facts::safe(), formats.c_str());
                REQUIRE(e);
                for (std::size_t i = 0; i < 60; ++i) CHECK(put(*e, key_of(i), row_of(i)));
                write_batch erases;
                for (std::size_t i = 0; i < 10; ++i) erases.erase(key_of(i));
                CHECK(e->apply(erases));
                CHECK(e->close());
            }
            std::filesystem::create_directories(kept);
            for (const auto& [path, bytes] : rows_picture(open.path)) {
                // Not the directory within, nor what an engine says of its day's work.
                if (bytes == "(no file)" || path.ends_with("LOG")) continue;
                const auto to = kept / std::filesystem::relative(path, open.path);
                std::filesystem::create_directories(to.parent_path());
                write_file(to.string(), bytes);
            }
            std::filesystem::remove_all(open.path);
        }
        std::filesystem::copy(kept, open.path, std::filesystem::copy_options::recursive);
        {
            auto e = open.with({.create = false}, Facts::safe(), formats.c_str());
            REQUIRE(e);
            CHECK(count(*e) == 50);
            for (std::size_t i = 0; i < 60; ++i)
                CHECK(value(*e, key_of(i)) == (i < 10 ? "(none)" : row_of(i)));
            CHECK(put(*e, "more", "goes on"));
            CHECK(e->close());
        }
        CHECK(open.with({.create = false}, Facts::safe(), "another/1").error() == errc::foreign);
        auto e = open.with({.create = false}, Facts::safe(), formats.c_str());
        REQUIRE(e);
        CHECK(value(*e, "more") == "goes on");
    }

  private:
    /// Writes until the disk is full; then nothing that was acknowledged may be lost, and with room
    /// again the store goes on.
    static bool fills(const std::string& mount) {
        attempt open{mount + "/store"};
        const std::string ballast = mount + "/ballast";
        std::size_t acknowledged = 0;
        {
            auto e = open.with({}, Facts::safe());
            if (!e) return false;
            write_file(ballast, std::string(1 << 20, 'x'));
            const std::string row(2000, 'r');
            errc stopped = errc::ok;
            for (; stopped == errc::ok && acknowledged < 100'000; acknowledged += 10) {
                write_batch b;
                for (std::size_t i = 0; i < 10; ++i) b.put(key_of(acknowledged + i), row);
                if (const auto done = e->apply(b); !done) {
                    stopped = done.error().code;
                    break;
                }
            }
            if (stopped != errc::no_space) return false;
            if (count(*e) != acknowledged) return false; // a batch is whole or absent
            if (!posix::remove(ballast)) return false;
            if (Facts::goes_on_after_full_disk && !put(*e, "after", "v")) return false;
        }
        auto e = open.with({.create = false}, Facts::safe());
        return e && put(*e, "after", "v") && count(*e) == acknowledged + 1;
    }
};

} // namespace ashlar::testing
