// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/environment/posix.hpp>
#include <ashlar/environment/store_directory.hpp>

#include <sys/resource.h>
#include <sys/wait.h>

namespace {

using namespace ashlar;
using ashlar::testing::contents_of;
using ashlar::testing::picture_of;
using ashlar::testing::scratch;
using ashlar::testing::write_file;
using directory = store_directory<posix>;

std::string said(const error_detail& detail) { return detail.message.c_str(); }
bool says(const error_detail& detail, const std::string& words) {
    return said(detail).find(words) != std::string::npos;
}

/// Opens "store" in the scratch directory; `change` sets options.
struct attempt {
    std::string path;
    error_detail detail{};
    bool created = false;
    bool cut_off = false; ///< leave before the manifest is published
    result<directory> with(open_options options, const char* formats = "formats/1") {
        options.directory = path;
        options.detail = &detail;
        detail = {};
        const opening<posix> how{options, formats, {}};
        auto opened = directory::open(how);
        if (!opened) return opened;
        created = opened->created();
        if (cut_off) return opened;
        if (const auto done = opened->finish(how); !done) return done.error();
        return opened;
    }
};

} // namespace

TEST_CASE("store directory: made once, opened again under the same name") {
    const scratch place;
    attempt open{place / "store"};
    CHECK(open.with({.create = false}).error() == errc::no_such_store);
    CHECK(open.with({.read_only = true}).error() == errc::no_such_store);
    CHECK(posix::kind_of(open.path).value_or(file_kind::file) == file_kind::none);
    std::string uuid;
    {
        auto made = open.with({.must_be_new = true});
        REQUIRE(made);
        uuid = made->uuid().as<std::string>();
        CHECK(uuid != std::string(16, '\0'));
    }
    CHECK(open.with({.must_be_new = true}).error() == errc::already_exists);
    auto again = open.with({.create = false});
    REQUIRE(again);
    CHECK(again->uuid() == bytes_view{uuid});
    CHECK(again->identity() == load_little<std::uint64_t>(again->uuid().data()));
    CHECK(again->close());
    CHECK(again->close());
    attempt other{place / "other"};
    auto second = other.with({});
    REQUIRE(second);
    CHECK_FALSE(second->uuid() == bytes_view{uuid});
}

TEST_CASE("store directory: an empty one, and one whose creation was cut off, become stores") {
    const scratch place;
    attempt open{place / "store"};
    REQUIRE(posix::make_directory(open.path));
    CHECK(open.with({.create = false}).error() == errc::no_such_store);
    write_file(open.path + "/ashlar.lock", "");
    write_file(open.path + "/ashlar.manifest.new", "half a manif");
    CHECK(open.with({.must_be_new = true}));
    CHECK(posix::kind_of(open.path + "/ashlar.manifest.new").value_or(file_kind::file) ==
          file_kind::none);
    CHECK(open.created);
    CHECK(open.with({.create = false}));
    CHECK_FALSE(open.created);
}

TEST_CASE("store directory: an engine cut off while it made its files is taken up again") {
    const scratch place;
    attempt open{place / "store"};
    open.cut_off = true;
    CHECK(open.with({}));
    write_file(open.path + "/data", "begun");
    CHECK(open.with({.create = false}).error() == errc::no_such_store);
    CHECK(open.with({.read_only = true}).error() == errc::no_such_store);
    open.cut_off = false;
    CHECK(open.with({.must_be_new = true}));
    CHECK(open.created);
    CHECK(open.with({.create = false}));
    CHECK_FALSE(open.created);
    CHECK(contents_of(open.path + "/data") == "begun");
}

TEST_CASE("store directory: a second open is refused, in this process and in another (X3-O)") {
    const scratch place;
    attempt open{place / "store"};
    auto first = open.with({});
    REQUIRE(first);
    CHECK(open.with({}).error() == errc::locked);
    CHECK(says(open.detail, "already open in this process"));
    CHECK(open.with({.read_only = true}).error() == errc::locked);
    const pid_t child = ::fork();
    if (child == 0) {
        attempt there{open.path};
        const bool refused = there.with({}).error() == errc::locked &&
                             says(there.detail, "in use by process " + std::to_string(::getppid()));
        ::_exit(refused ? 0 : 1);
    }
    int status = 1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(first->close());
    CHECK(open.with({}));
}

TEST_CASE("store directory: a killed owner leaves no lock behind") {
    const scratch place;
    attempt open{place / "store"};
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto held = open.with({});
        const char sign = held ? '1' : '0';
        if (::write(ready[1], &sign, 1) != 1) ::_exit(1);
        for (;;) ::pause();
    }
    char sign = 0;
    REQUIRE(::read(ready[0], &sign, 1) == 1);
    CHECK(sign == '1');
    CHECK(open.with({}).error() == errc::locked);
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    CHECK(open.with({}));
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("store directory: many readers or one writer; a reader writes nothing") {
    const scratch place;
    attempt open{place / "store"};
    CHECK(open.with({}));
    const auto before = picture_of(open.path);
    {
        const auto one = open.with({.read_only = true});
        const auto two = open.with({.read_only = true});
        REQUIRE(one);
        REQUIRE(two);
        CHECK(one->read_only());
        CHECK(open.with({}).error() == errc::locked);
        CHECK(says(open.detail, "other readers"));
    }
    CHECK(picture_of(open.path) == before);
    REQUIRE(posix::remove(open.path + "/ashlar.lock"));
    CHECK(open.with({.read_only = true}));
    CHECK(posix::kind_of(open.path + "/ashlar.lock").value_or(file_kind::file) == file_kind::none);
}

TEST_CASE("store directory: what is not a store is refused and left as it is (X3-N, X5-14)") {
    const scratch place;
    attempt open{place / "store"};
    SECTION("no directory named") {
        open.path.clear();
        CHECK(open.with({}).error() == errc::invalid_argument);
        CHECK(says(open.detail, "name a directory"));
    }
    SECTION("files of someone else") {
        REQUIRE(posix::make_directory(open.path));
        write_file(open.path + "/thesis.txt", "all my work");
        const auto before = picture_of(open.path);
        CHECK(open.with({}).error() == errc::foreign);
        CHECK(says(open.detail, "no ashlar.manifest"));
        CHECK(open.with({.must_be_new = true}).error() == errc::foreign);
        CHECK(picture_of(open.path) == before);
    }
    SECTION("a file in its place") {
        write_file(open.path, "no directory");
        CHECK(open.with({}).error() == errc::foreign);
        CHECK(says(open.detail, "is no directory"));
        CHECK(contents_of(open.path) == "no directory");
    }
    SECTION("a parent that is a file") {
        write_file(place / "file", "x");
        open.path = place / "file/store";
        CHECK(open.with({}).error() == error{errc::io, ENOTDIR});
    }
    SECTION("no parent") {
        open.path = place / "no/such/parent";
        CHECK(open.with({}).error() == error{errc::io, ENOENT});
        CHECK(says(open.detail, "in its parent"));
        CHECK(says(open.detail, open.path));
    }
    SECTION("a store of other formats") {
        CHECK(open.with({}, "key=big_endian/1 backend=lmdb/1"));
        const auto before = picture_of(open.path);
        CHECK(open.with({}, "key=text/1 backend=sqlite/1").error() == errc::foreign);
        CHECK(says(open.detail, "key=big_endian/1 backend=lmdb/1"));
        CHECK(says(open.detail, "key=text/1 backend=sqlite/1"));
        CHECK(picture_of(open.path) == before);
    }
}

TEST_CASE("store directory: a damaged manifest is refused with its position, a newer one by name") {
    const scratch place;
    attempt open{place / "store"};
    CHECK(open.with({}));
    const std::string path = open.path + "/ashlar.manifest";
    const std::string sound = contents_of(path);
    const auto refuses = [&](const std::string& bytes, errc code) {
        write_file(path, bytes);
        const auto before = picture_of(open.path);
        CHECK(open.with({}).error() == code);
        CHECK(open.with({.read_only = true}).error() == code);
        CHECK(says(open.detail, open.path));
        CHECK(picture_of(open.path) == before);
    };
    for (std::size_t size = 0; size < sound.size(); ++size)
        refuses(sound.substr(0, size), errc::corrupt);
    CHECK(open.detail.position == 12); // the last one has lost a byte of its text
    refuses(sound + "x", errc::corrupt);
    refuses(std::string(100'000, 'x'), errc::corrupt);
    for (std::size_t i = 0; i < sound.size(); ++i) {
        std::string altered = sound;
        altered[i] = static_cast<char>(altered[i] ^ 0x20);
        refuses(altered, errc::corrupt);
        CHECK(open.detail.position == (i < 8 ? 0U : i < 40 ? 36U : 40U));
    }
    std::string newer = sound;
    newer[8] = 2;
    store_little(reinterpret_cast<std::byte*>(newer.data()) + 36,
                 crc32c(bytes_view{newer}.first(36)));
    refuses(newer, errc::unsupported_version);
    CHECK(open.detail.expected == 1);
    CHECK(open.detail.actual == 2);
    write_file(path, sound);
    CHECK(open.with({.create = false}));
}

TEST_CASE("store directory: a process that may open no more files is told so") {
    const scratch place;
    attempt open{place / "store"};
    REQUIRE(open.with({}));
    struct ::rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    struct ::rlimit none = before;
    none.rlim_cur = 0;
    const bool limited = ::setrlimit(RLIMIT_NOFILE, &none) == 0;
    const auto refused = open.with({}); // sanitizers open pipes to look at what checks are made of
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    REQUIRE(limited);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == error{errc::io, EMFILE});
    CHECK(says(open.detail, "more open files"));
    CHECK(open.with({}));
}
