// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana cereal lmdb rocksdb sqlite threads
//
// The tour: one input, the packages that dpkg knows on this machine, in nine store types. Each
// stage composes a type, fills it, and proves what that type promises.
//
//   01_tour [STATUS_FILE]      default: this machine's, or the extract in data/ where there is none
//
// Exits 0 when everything was proved, 1 when not, 2 when there is nothing to read.
#include "catalogue.hpp"
#include "report.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/lmdb.hpp>
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/backend/static_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/cereal.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/reflected.hpp>
#include <ashlar/codec/text.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <cstdlib>
#include <filesystem>

namespace {

using namespace tour;
using packages = std::vector<package>;
namespace fs = std::filesystem;

std::uint64_t total_kib(const packages& all) {
    std::uint64_t sum = 0;
    for (const package& p : all) sum += p.installed_kib;
    return sum;
}

std::size_t bytes_below(const fs::path& folder) {
    std::size_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator{folder})
        if (file.is_regular_file()) bytes += file.file_size();
    return bytes;
}

// A map, typed: nothing to choose, nothing to open.
void typed_in_memory(const packages& all, stage& s) {
    using sizes = ashlar::store<std::string, std::uint32_t>;
    auto db = sizes::open();
    if (!s.require(db, "open")) return;
    s.timed(all.size(),
            [&](std::size_t i) { s.require(db->put(all[i].name, all[i].installed_kib), "put"); });
    std::uint64_t sum = 0;
    s.timed(all.size(), [&](std::size_t i) { sum += db->get(all[i].name).value_or(0U); });
    s.require(sum == total_kib(all), "the sum of all sizes read back");
    s.require(db->get("no-such-package").error() == ashlar::errc::not_found, "a miss is not_found");
    s.count(db->size(), db->memory_used());
    s.proved("every value read back; " + std::to_string(sum / 1024) + " MiB installed");
}

// Order: the same call sites, another backend, and scans appear.
void ordered_by_name(const packages& all, stage& s) {
    using versions = ashlar::store<std::string, std::string, ashlar::sorted_map<>>;
    auto db = versions::open();
    if (!s.require(db, "open")) return;
    s.timed(all.size(),
            [&](std::size_t i) { s.require(db->put(all[i].name, all[i].version), "put"); });
    std::size_t expected = 0, seen = 0;
    for (const package& p : all) expected += p.name.starts_with("lib");
    std::string before;
    auto rows = db->scan_prefix("lib");
    for (const auto& [name, version] : rows) {
        s.require(before < name && name.starts_with("lib"), "order within the prefix");
        before = name;
        ++seen;
    }
    s.require(rows.status(), "scan");
    s.require(seen == expected, "as many names with the prefix as the input has");
    s.count(db->size(), db->memory_used());
    s.proved("scan of prefix \"lib\": " + std::to_string(seen) + " names, in order");
}

// On disk: filled, closed, opened again, compared row by row.
template <class Store>
void closed_and_reopened(const packages& all, const fs::path& folder, stage& s) {
    const std::string directory = folder.string();
    {
        auto db = Store::open({.directory = directory, .must_be_new = true});
        if (!s.require(db, "open a new store")) return;
        std::vector<std::pair<std::string, package>> pairs;
        for (const package& p : all) pairs.emplace_back(p.name, p);
        const auto loaded = db->bulk_load(pairs); // batches of 256, each durable at once
        s.require(loaded && *loaded == all.size(), "bulk_load of all packages");
        s.require(db->close(), "close");
    }
    auto db = Store::open({.directory = directory, .create = false});
    if (!s.require(db, "reopen")) return;
    std::size_t equal = 0;
    s.timed(all.size(), [&](std::size_t i) {
        const auto p = db->get(all[i].name);
        equal += p && *p == all[i];
    });
    s.require(equal == all.size(), "every package equal after reopening");
    const auto second = Store::open({.directory = directory});
    s.require(!second && second.error() == ashlar::errc::locked, "a second opener is refused");
    s.require(db->close(), "close again");
    s.count(all.size(), bytes_below(folder));
    s.proved("closed, reopened, " + std::to_string(equal) +
             " packages equal; second opener refused");
}

// A struct as key through Hana, a struct as value through cereal.
void shelved_by_section(const packages& all, stage& s) {
    using shelves = ashlar::store<shelf, package, ashlar::composite, ashlar::cereal_value<>,
                                  ashlar::sorted_map<>>;
    auto db = shelves::open();
    if (!s.require(db, "open")) return;
    s.timed(all.size(), [&](std::size_t i) {
        s.require(db->put(shelf{all[i].section, all[i].name}, all[i]), "put");
    });
    std::size_t sections = 0, rows = 0;
    std::string section;
    s.timed(all.size(), [&](std::size_t i) {
        const auto p = db->get(shelf{all[i].section, all[i].name});
        s.require(p && *p == all[i], "a package equal to the input");
    });
    for (const auto& [key, value] : db->scan()) {
        if (rows++ == 0 || key.section != section) ++sections;
        s.require(key.section == value.section && key.name == value.name, "key and value agree");
        section = key.section;
    }
    s.require(rows == all.size(), "all rows scanned");
    s.count(db->size(), db->memory_used());
    s.proved(std::to_string(sections) + " sections, each one run of rows");
}

// One version per section: of two editors that read the same state, one loses.
void a_lost_race(const packages& all, stage& s) {
    using edited = ashlar::store<shelf, std::string, ashlar::composite, ashlar::sorted_map<>,
                                 ashlar::shared_version<ashlar::by_prefix>>;
    auto db = edited::open();
    if (!s.require(db, "open")) return;
    s.timed(all.size(), [&](std::size_t i) {
        s.require(db->put(shelf{all[i].section, all[i].name}, all[i].version), "put");
    });
    const shelf first{all.front().section, all.front().name};
    const auto seen = db->version_of(first); // both editors look
    if (!s.require(seen, "version_of")) return;
    auto mine = db->batch(), yours = db->batch();
    mine.expect_version(first, *seen).put(first, "mine");
    yours.expect_version(first, *seen).put(first, "yours").erase(shelf{first.section, "x"});
    s.require(db->apply(mine), "the first editor wins");
    edited::conflict lost;
    s.require(db->apply(yours, &lost).error() == ashlar::errc::conflict, "the second one loses");
    s.require(lost.expected == *seen && lost.actual == *seen + 1, "and is told both versions");
    s.require(db->get(first).value_or("") == "mine", "nothing of the second batch happened");
    s.count(all.size(), db->memory_used());
    s.proved("lost race: expected version " + std::to_string(lost.expected) + ", found " +
             std::to_string(lost.actual));
}

// Stamps: a row that was erased and came back is not the row it was (no ABA).
void never_the_same_row(const packages& all, stage& s) {
    using stamps = ashlar::store<std::string, std::uint32_t, ashlar::stamped>;
    auto db = stamps::open();
    if (!s.require(db, "open")) return;
    s.timed(all.size(),
            [&](std::size_t i) { s.require(db->put(all[i].name, all[i].installed_kib), "put"); });
    const std::string& name = all.front().name;
    const auto before = db->version_of(name);
    s.require(db->erase(name), "erase");
    s.require(db->put(name, all.front().installed_kib), "put it back, equal to before");
    auto stale = db->batch();
    stale.expect_version(name, before.value_or(0U)).erase(name);
    s.require(db->apply(stale).error() == ashlar::errc::conflict, "a stale version is refused");
    s.require(db->version_of(name).value_or(0U) > before.value_or(0U), "the stamp has grown");
    s.count(db->size(), db->memory_used());
    s.proved("erased and put back: the stale version is refused");
}

// No heap: 64 slots that are part of the object; the 65th entry is an error, not an allocation.
void without_a_heap(const packages& all, stage& s) {
    constexpr std::size_t slots = 64;
    using board = ashlar::store<std::uint16_t, brief, ashlar::big_endian, ashlar::reflected,
                                ashlar::static_map<slots>, ashlar::single, ashlar::bare>;
    static constinit board db;
    const std::size_t kept = std::min(all.size(), slots);
    s.timed(kept, [&](std::size_t i) {
        s.require(db.put(static_cast<std::uint16_t>(i), brief_of(all[i])), "put");
    });
    if (all.size() >= slots)
        s.require(db.put(std::uint16_t{slots}, brief_of(all.back())).error() == ashlar::errc::full,
                  "one too many is errc::full");
    s.timed(kept, [&](std::size_t i) {
        const auto b = db.get(static_cast<std::uint16_t>(i));
        s.require(b && *b == brief_of(all[i]), "a slot equal to the input");
    });
    s.count(kept, sizeof db);
    s.proved("constinit, no allocation; entry " + std::to_string(slots + 1) + " refused");
}

class scratch_folder {
  public:
    scratch_folder() {
        std::string name = (fs::temp_directory_path() / "ashlar-tour-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~scratch_folder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

std::string default_source() {
    const std::string machine = "/var/lib/dpkg/status";
    return fs::exists(machine) ? machine : ASHLAR_TOUR_DATA;
}

} // namespace

int main(int argc, char** argv) try {
    const std::string source = argc > 1 ? argv[1] : default_source();
    const packages all = read_catalogue(source);
    if (all.empty()) {
        std::fprintf(stderr, "01_tour: no installed packages in %s\n", source.c_str());
        return 2;
    }
    const scratch_folder folder;
    if (folder.path().empty()) {
        std::perror("01_tour: no temporary folder");
        return 2;
    }
    using on_lmdb = ashlar::store<std::string, package, ashlar::cereal_value<>, ashlar::lmdb<>>;
    using on_rocksdb =
        ashlar::store<std::string, package, ashlar::cereal_value<>, ashlar::rocksdb<>>;
    using on_sqlite = ashlar::store<std::string, package, ashlar::cereal_value<>, ashlar::sqlite<>>;

    struct planned {
        const char* type;
        void (*run)(const packages&, const fs::path&, stage&);
    };
    const planned plan[] = {
        {"text -> number", [](auto& a, auto&, stage& s) { typed_in_memory(a, s); }},
        {"text -> text, sorted_map", [](auto& a, auto&, stage& s) { ordered_by_name(a, s); }},
        {"text -> struct by cereal, lmdb",
         [](auto& a, auto& f, stage& s) { closed_and_reopened<on_lmdb>(a, f / "lmdb", s); }},
        {"text -> struct by cereal, rocksdb",
         [](auto& a, auto& f, stage& s) { closed_and_reopened<on_rocksdb>(a, f / "rocksdb", s); }},
        {"text -> struct by cereal, sqlite",
         [](auto& a, auto& f, stage& s) { closed_and_reopened<on_sqlite>(a, f / "sqlite", s); }},
        {"Hana struct -> struct by cereal, sorted_map",
         [](auto& a, auto&, stage& s) { shelved_by_section(a, s); }},
        {"Hana struct -> text, shared_version",
         [](auto& a, auto&, stage& s) { a_lost_race(a, s); }},
        {"text -> number, stamped", [](auto& a, auto&, stage& s) { never_the_same_row(a, s); }},
        {"number -> Hana struct, static_map<64>, single",
         [](auto& a, auto&, stage& s) { without_a_heap(a, s); }},
    };
    std::vector<stage> stages;
    {
        const progress line{std::size(plan)};
        for (const planned& p : plan) {
            line.at(stages.size() + 1, p.type);
            stages.emplace_back(p.type);
            p.run(all, folder.path(), stages.back());
        }
    }
    std::printf("%zu packages from %s\n\n", all.size(), source.c_str());
    std::printf("%-48s %7s %7s %7s  %s\n", "store", "entries", "B/entry", "ops/s", "proved");
    bool passed = true;
    for (const stage& s : stages) {
        s.print();
        passed = passed && s.passed();
    }
    std::printf("\n%s\n", passed ? "Everything was proved." : "Something FAILED, see above.");
    return passed ? 0 : 1;
} catch (const std::exception& e) {
    std::fprintf(stderr, "01_tour: %s\n", e.what());
    return 1;
}
