// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/backend/flash/ram_device.hpp>
#include <ashlar/backend/flash/series.hpp>
#include <ashlar/backend/flash_log.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/text.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/store.hpp>
#include <ashlar/testing/flash_device_laws.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

using ashlar::bytes_view;
using ashlar::errc;
using ashlar::testing::flash_model;
using ashlar::literals::operator""_b;

namespace {

using model = flash_model<1024, 4, 4>;
using log_type = ashlar::flash::log<model, 16>;

std::string value_of(const log_type& log, bytes_view key, errc wanted = errc::ok) {
    std::byte out[model::sector_size];
    std::uint32_t size = 0;
    CHECK(log.get(key, out, sizeof out, size) == wanted);
    return wanted == errc::ok ? bytes_view{out, size}.as<std::string>() : std::string{};
}

using plain_store = ashlar::store<std::uint16_t, std::uint64_t, ashlar::flash_log<model>,
                                  ashlar::single, ashlar::bare>;

/// What a record takes beside key and value: mark, header and checksum; then padding, at most.
template <std::uint32_t Granule>
std::pair<std::uint32_t, std::uint32_t> overhead() {
    std::uint32_t least = 1000, most = 0;
    for (std::uint32_t payload = 0; payload < 64; ++payload) {
        const std::uint32_t extra =
            ashlar::flash::log<flash_model<1024, 4, Granule>>::record_size(0, payload) - payload;
        least = (std::min)(least, extra);
        most = (std::max)(most, extra);
    }
    WARN("figure header_" << Granule << " " << least);
    return {least, most - least};
}

} // namespace

TEST_CASE("flash_log: a typed store on flash survives reopening") {
    using store = plain_store;
    model::chip_type chip;
    const store::composition::backend::options device{model{&chip}};
    {
        auto db = store::open({.must_be_new = true}, device);
        REQUIRE(db);
        CHECK(db->put(1, 10));
        CHECK(db->put(2, 20));
        CHECK(db->erase(1).value_or(false));
        CHECK(db->insert(3, 30).value_or(false));
    }
    auto db = store::open({}, device);
    REQUIRE(db);
    CHECK(db->get(1).error() == errc::not_found);
    CHECK(db->get(2).value_or(0) == 20);
    CHECK(db->get(3).value_or(0) == 30);
    CHECK(store::open({.must_be_new = true}, device).error() == errc::already_exists);
    CHECK(store::open({.create = false}, device)->get(2).value_or(0) == 20);
    // Other formats: refused, with a sentence, and nothing is touched.
    using other = ashlar::store<std::uint32_t, std::uint64_t, ashlar::flash_log<model>,
                                ashlar::single, ashlar::bare>;
    const auto before = chip.bytes;
    ashlar::error_detail detail;
    CHECK(other::open({.detail = &detail}, device).error() == errc::foreign);
    CHECK_FALSE(detail.message.empty());
    CHECK(chip.bytes == before);
}

TEST_CASE("flash_log: blank flash is a store only where it may be made") {
    static_assert(ashlar::outlives_process<ashlar::flash_log<model>>);
    model::chip_type chip;
    const plain_store::composition::backend::options device{model{&chip}};
    ashlar::error_detail detail;
    CHECK(plain_store::open({.create = false, .detail = &detail}, device).error() ==
          errc::no_such_store);
    CHECK(detail.message.view() == ashlar::text_view{"the flash is blank; allow create"});
    CHECK(plain_store::open({.read_only = true, .detail = &detail}, device).error() ==
          errc::unsupported);
    CHECK(chip.programs == 0);
    auto db = plain_store::open({.must_be_new = true}, device);
    REQUIRE(db);
    CHECK(db->put(1, 10)); // the first write makes it a store
    CHECK(plain_store::open({.create = false}, device)->get(1).value_or(0) == 10);
    CHECK(plain_store::open({.must_be_new = true}, device).error() == errc::already_exists);
}

TEST_CASE("flash_log: bad input has a clear error, and nothing is lost (D-2)") {
    model::chip_type chip;
    log_type log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    CHECK(chip.programs == 0); // mounting writes nothing
    REQUIRE(log.put("key"_b, "value"_b) == errc::ok);
    const std::string longest(log_type::max_value_size(3), 'v');
    CHECK(log.put("key"_b, longest + "v") == errc::value_too_long);
    CHECK(log.put(std::string(17, 'k'), "v"_b) == errc::key_too_long);
    CHECK(value_of(log, "key"_b) == "value");
    CHECK(log.put("key"_b, longest) == errc::ok);
    std::byte first{};
    std::uint32_t size = 0;
    CHECK(log.get("key"_b, &first, 1, size) == errc::ok);
    CHECK((size == longest.size() && first == std::byte{'v'}));

    SECTION("another geometry") {
        using halves = flash_model<512, 8, 4>;
        using wider = flash_model<1024, 4, 8>;
        halves::chip_type small;
        small.bytes = chip.bytes;
        ashlar::flash::log<halves, 16> other{halves{&small}};
        CHECK(other.mount() == errc::foreign);
        wider::chip_type wide;
        wide.bytes = chip.bytes;
        ashlar::flash::log<wider, 16> another{wider{&wide}};
        CHECK(another.mount() == errc::foreign);
        CHECK((small.bytes == chip.bytes && wide.bytes == chip.bytes));
    }
    SECTION("another fingerprint") { CHECK(log_type{model{&chip}}.mount(1) == errc::foreign); }
    SECTION("a newer format") {
        // The same sector header with version 2, sealed as a later program would.
        std::byte* const header = chip.bytes.data();
        header[20] = std::byte{2};
        ashlar::flash::seal(header + 16, ashlar::flash::sum_of(header, 16, 0));
        const auto before = chip.bytes;
        CHECK(log_type{model{&chip}}.mount() == errc::unsupported_version);
        CHECK(chip.bytes == before);
    }
    SECTION("something else") {
        for (std::size_t i = 0; i < chip.bytes.size(); ++i)
            chip.bytes[i] = static_cast<std::byte>(i * i / 7);
        const auto before = chip.bytes;
        log_type other{model{&chip}};
        CHECK(other.mount() == errc::foreign);
        CHECK(chip.bytes == before);
        CHECK(other.format() == errc::ok);
        CHECK(other.put("key"_b, "again"_b) == errc::ok);
        CHECK(value_of(other, "key"_b) == "again");
    }
    SECTION("a worn sector: an error, and everything is still there") {
        chip.worn = 1U << 1;
        errc done = errc::ok;
        std::string last(100, '0');
        for (int i = 0; i < 40 && done == errc::ok; ++i) {
            std::string next = last;
            ++next[0];
            done = log.put("worn"_b, next);
            if (done == errc::ok) last = next;
        }
        CHECK(done == errc::io);
        CHECK((value_of(log, "key"_b) == longest));
        log_type again{model{&chip}};
        CHECK(again.mount() == errc::ok);
        CHECK(value_of(again, "key"_b) == longest);
    }
}

TEST_CASE("flash_log: a full device says so, keeps everything, and can still erase (D-1)") {
    model::chip_type chip;
    log_type log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    std::map<std::string, std::string> rows;
    errc done = errc::ok;
    for (int i = 0; done == errc::ok; ++i) {
        const std::string key = "key" + std::to_string(i);
        const std::string value(static_cast<std::size_t>(i * 13 % 90),
                                static_cast<char>('a' + i % 26));
        done = log.put(key, value);
        if (done == errc::ok) rows[key] = value;
        REQUIRE(i < 1000);
    }
    CHECK(done == errc::full);
    CHECK(rows.size() > 30);
    for (const auto& [key, value] : rows) CHECK(value_of(log, key) == value);
    // Each key in turn can be erased, and in the end there is room again.
    while (!rows.empty()) {
        bool there = false;
        CHECK(log.erase(rows.begin()->first, there) == errc::ok);
        CHECK(there);
        rows.erase(rows.begin());
        for (const auto& [key, value] : rows)
            if (value_of(log, key) != value) FAIL("lost " << key);
    }
    CHECK(log.put("new"_b, std::string(300, 'n')) == errc::ok);
}

TEST_CASE("flash_log: values longer than RAM are written and read in parts") {
    model::chip_type chip;
    log_type log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    REQUIRE(log.put("blob"_b, "old"_b) == errc::ok);
    log_type::stream stream;
    REQUIRE(log.begin_value(stream, "blob"_b, 700) == errc::ok);
    for (int i = 0; i < 100; ++i) {
        CHECK(log.end_value(stream) == errc::invalid_argument); // some is missing
        const std::byte part[7]{std::byte(i)};
        CHECK(log.add_to(stream, {part, 7}) == errc::ok);
    }
    CHECK(log.add_to(stream, "more"_b) == errc::invalid_argument);
    CHECK(value_of(log, "blob"_b) == "old"); // until it ends
    CHECK(log.end_value(stream) == errc::ok);
    ashlar::flash::search value;
    REQUIRE(log.open_value("blob"_b, value) == errc::ok);
    CHECK(value.value_size == 700);
    std::byte part[7]{};
    for (std::uint32_t i = 0; i < 100; ++i) {
        CHECK(log.read_part(value, 7 * i, part, 7) == errc::ok);
        CHECK((part[0] == std::byte(i) && part[6] == std::byte{0}));
    }
    CHECK(log.read_part(value, 694, part, 7) == errc::range_invalid);
    CHECK(log.begin_value(stream, "blob"_b, 0xFFFF) == errc::value_too_long);
}

TEST_CASE("flash_log: a time series drops the oldest, beside rows that stay") {
    using ring = ashlar::flash::log<model, 16, ashlar::drop_oldest_of<'r'>>;
    model::chip_type chip;
    ring log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    ashlar::flash::series<ring, 'r'> readings{log};
    REQUIRE(log.put("config"_b, "kept"_b) == errc::ok);
    std::uint64_t time = 0;
    std::byte out[16];
    std::uint32_t size = 0;
    CHECK(readings.latest(time, out, sizeof out, size) == errc::not_found);
    for (std::uint64_t i = 1; i <= 2000; ++i)
        REQUIRE(readings.append(1000 * i, ashlar::object_bytes(i)) == errc::ok);
    CHECK(readings.latest(time, out, sizeof out, size) == errc::ok);
    CHECK((time == 2'000'000 && size == 8 && ashlar::load_little<std::uint64_t>(out) == 2000));
    CHECK(log.get("config"_b, out, sizeof out, size) == errc::ok);

    std::uint64_t first = 0, last = 0, count = 0;
    CHECK(readings.range(0, ~0ULL, out, sizeof out, [&](std::uint64_t at, bytes_view reading) {
        if (count++ == 0) first = at;
        CHECK((at > last && ashlar::load_little<std::uint64_t>(reading.data()) * 1000 == at));
        last = at;
    }) == errc::ok);
    CHECK(last == 2'000'000);
    CHECK(first == last - 1000 * (count - 1)); // none is missing between the oldest and the newest
    CHECK(count > 40);
    count = 0;
    CHECK(readings.range(1'990'000, 1'995'000, out, sizeof out,
                         [&](std::uint64_t, bytes_view) { ++count; }) == errc::ok);
    CHECK(count == 5);
}

TEST_CASE("flash_log: costs are bounded and counted (D-4, D-5, D-8)") {
    model::chip_type chip;
    log_type log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    // Bytes programmed beside key and value, by granule: at most 20, and the padding.
    CHECK(overhead<1>() == std::pair{13U, 0U});
    CHECK(overhead<2>() == std::pair{14U, 1U});
    CHECK(overhead<4>() == std::pair{16U, 3U});
    CHECK(overhead<8>() == std::pair{20U, 7U});
    CHECK(overhead<16>() == std::pair{12U, 15U});
    CHECK(overhead<32>() == std::pair{12U, 31U});
    std::uint64_t most_programs = 0, most_erases = 0;
    ashlar::testing::random_source random{3};
    for (int i = 0; i < 5000; ++i) {
        const std::string key = "key" + std::to_string(random.below(20));
        const std::uint64_t programs = chip.programs;
        std::uint64_t erases = 0;
        for (const auto n : chip.erases) erases += n;
        REQUIRE(log.put(key, std::string(random.below(60), 'v')) == errc::ok);
        for (const auto n : chip.erases) erases -= n;
        most_programs = (std::max)(most_programs, chip.programs - programs);
        most_erases = (std::max)(most_erases, 0 - erases);
    }
    CHECK(most_programs <= log_type::worst_programs(5, 60));
    CHECK(most_erases <= log_type::worst_erases);
    CHECK(chip.reprogrammed == 0);
    const auto [least, most] = std::minmax_element(chip.erases.begin(), chip.erases.end());
    CHECK(*most - *least <= 1); // wear

    // Mounting reads all sector headers, and of the newest sector each record, and where it ends.
    const ashlar::flash::place end = log.log_end();
    chip.sector_reads.assign(model::sector_count, 0);
    log_type again{model{&chip}};
    CHECK(again.mount() == errc::ok);
    const std::uint32_t newest = (end.at - 1) / model::sector_size;
    for (std::uint32_t sector = 0; sector < model::sector_count; ++sector)
        if (sector != newest) CHECK(chip.sector_reads[sector] == 1);
    WARN("figure mount_reads " << chip.sector_reads[newest]);
    CHECK(chip.sector_reads[newest] <= 2 + model::sector_size / log_type::record_size(4, 0));
}

TEST_CASE("flash_log: idle time can do the collecting") {
    model::chip_type chip;
    log_type log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    CHECK(log.reclaim_pressure() <= 1);
    bool again = true;
    CHECK(log.reclaim_step(1, again) == errc::ok);
    CHECK_FALSE(again);
    std::uint64_t worst = 0;
    for (int i = 0; i < 2000; ++i) {
        const std::uint64_t steps = chip.steps;
        REQUIRE(log.put("key" + std::to_string(i % 10), std::string(20, 'v')) == errc::ok);
        worst = (std::max)(worst, chip.steps - steps);
        REQUIRE(log.reclaim_step(1, again) == errc::ok);
        CHECK(log.reclaim_pressure() < 100);
    }
    CHECK(worst < 30); // no put ever had to collect: a header and a record
}

TEST_CASE("flash_log: with the cache a read costs two flash reads at most (D-4)") {
    using cached =
        ashlar::flash::log<model, 16, ashlar::retain_all, ashlar::flash::tuning{.cached = 64}>;
    static_assert(sizeof(cached) <= sizeof(log_type) + 64 * 4);
    model::chip_type chip;
    cached log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    std::map<std::string, std::string> rows;
    ashlar::testing::random_source random{5};
    std::uint64_t cheap = 0, gets = 0;
    for (int i = 0; i < 4000; ++i) {
        const std::string key = "k" + std::to_string(random.below(12));
        const std::string value = std::to_string(i);
        if (random.one_in(6)) {
            bool there = false;
            REQUIRE(log.erase(key, there) == errc::ok);
            REQUIRE(there == (rows.erase(key) == 1));
        } else if (random.one_in(8)) {
            const ashlar::flash::change both[] = {{key, value, false}, {"k3"_b, value, false}};
            REQUIRE(log.apply(both, [](const ashlar::flash::change& c) { return c; }) == errc::ok);
            rows[key] = rows["k3"] = value;
        } else {
            REQUIRE(log.put(key, value) == errc::ok);
            rows[key] = value;
        }
        if (random.one_in(100)) {
            log = cached{model{&chip}};
            REQUIRE(log.mount() == errc::ok);
        }
        const std::string wanted = "k" + std::to_string(random.below(12));
        std::byte out[16];
        std::uint32_t size = 0;
        const std::uint64_t reads = chip.reads;
        const errc got = log.get(wanted, out, sizeof out, size);
        const auto row = rows.find(wanted);
        if (got != (row == rows.end() ? errc::not_found : errc::ok)) FAIL("step " << i);
        if (got != errc::ok) continue;
        if (bytes_view{out, size} != bytes_view{row->second}) FAIL("step " << i);
        ++gets;
        cheap += chip.reads - reads <= 2;
    }
    CHECK(4 * cheap > 3 * gets); // the others are first after a mount, or share a slot
    std::uint64_t most = 0;
    for (const auto& [key, value] : rows) {
        std::byte out[16];
        std::uint32_t size = 0;
        CHECK(log.get(key, out, sizeof out, size) == errc::ok);
        const std::uint64_t reads = chip.reads;
        CHECK(log.get(key, out, sizeof out, size) == errc::ok);
        most = (std::max)(most, chip.reads - reads);
    }
    WARN("figure reads_per_get " << most);
    CHECK(most <= 2);
}

namespace {

using in_key_order = ashlar::store<
    std::uint32_t, std::string,
    ashlar::flash_log<model,
                      {.max_row = 200, .cached = 32, .walk_order = ashlar::flash_order::key}>,
    ashlar::big_endian, ashlar::single, ashlar::bare>;

} // namespace

TEST_CASE("flash_log: the typed store reads every row in two flash reads with the cache (D-4)") {
    model::chip_type chip;
    auto db = in_key_order::open({}, in_key_order::composition::backend::options{model{&chip}});
    REQUIRE(db);
    for (std::uint32_t i = 0; i < 8; ++i) REQUIRE(db->put(i, std::string(25 * i, 'r')));
    chip.reads = 0;
    for (std::uint32_t i = 0; i < 8; ++i)
        CHECK(db->get(i).value_or("") == std::string(25 * i, 'r'));
    CHECK(chip.reads == 16);
}

TEST_CASE("flash_log: rows are walked in the order of keys, or of the log (D-9)") {
    model::chip_type chip, other;
    auto db = in_key_order::open({}, in_key_order::composition::backend::options{model{&chip}});
    auto log = plain_store::open({}, plain_store::composition::backend::options{model{&other}});
    REQUIRE((db && log));
    std::map<std::uint32_t, std::string> rows;
    std::vector<std::uint16_t> written; // in the order of last writes
    ashlar::testing::random_source random{11};
    for (std::uint32_t i = 0; i < 90; ++i) {
        const auto key = static_cast<std::uint16_t>(random.below(40));
        std::erase(written, key);
        if (random.one_in(4)) {
            CHECK(db->erase(key).value_or(false) == (rows.erase(key) == 1));
            CHECK(log->erase(key));
        } else {
            CHECK(db->put(key, std::to_string(i)));
            CHECK(log->put(key, i));
            rows[key] = std::to_string(i);
            written.push_back(key);
        }
    }
    std::vector<std::pair<std::uint32_t, std::string>> shown;
    CHECK(db->for_each([&](std::uint32_t key, const std::string& value) {
        shown.emplace_back(key, value);
        // What is written during the walk is shown, or not; it disturbs nothing.
        if (key % 8 == 0) CHECK(db->put(key + 1001, "x"));
    }));
    std::erase_if(shown, [](const auto& row) { return row.first >= 1000; });
    CHECK(shown == std::vector<std::pair<std::uint32_t, std::string>>(rows.begin(), rows.end()));
    std::vector<std::uint16_t> order;
    CHECK(log->for_each([&](std::uint16_t key, std::uint64_t) { order.push_back(key); }));
    CHECK(order == written);
}

TEST_CASE("flash_log: walks report a damaged row, and show the others") {
    model::chip_type chip;
    log_type log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    for (const bytes_view key : {"c"_b, "a"_b, "d"_b, "b"_b})
        REQUIRE(log.put(key, "value"_b) == errc::ok);
    for (std::size_t i = 0; i + 6 < chip.bytes.size(); ++i) // the value of "d"
        if (bytes_view{chip.bytes.data() + i, 6} == "dvalue"_b) chip.bytes[i + 2] ^= std::byte{4};
    std::byte key[16], out[8];
    std::uint32_t key_size = log_type::key_none, size = 0;
    bool there = true;
    std::string shown, in_log;
    for (int i = 0; i < 9; ++i) {
        const errc done = log.next_in_order(key, key_size, out, sizeof out, size, there);
        if (done == errc::ok && !there) break;
        shown += done == errc::ok ? static_cast<char>(key[0]) : done == errc::corrupt ? '!' : '?';
    }
    CHECK(shown == "abc!");
    ashlar::flash::place from{0, 0}, end = log.log_end();
    for (int i = 0; i < 9; ++i) {
        const errc done = log.next_row(from, end, key, key_size, out, sizeof out, size, there);
        if (done == errc::ok && !there) break;
        in_log += done == errc::ok ? static_cast<char>(key[0]) : done == errc::corrupt ? '!' : '?';
    }
    CHECK(in_log == "ca!b");
}

TEST_CASE("flash_log: the last readings stay, however full the flash is, and the oldest go (D-6)") {
    using ring = ashlar::flash::log<model, 16, ashlar::keep_last_of<'r', 60>>;
    model::chip_type chip;
    ring log{model{&chip}};
    REQUIRE(log.mount() == errc::ok);
    ashlar::flash::series<ring, 'r'> readings{log};
    REQUIRE(log.put("config"_b, "kept"_b) == errc::ok);
    std::uint64_t least = 1000;
    std::byte out[16];
    for (std::uint64_t i = 1; i <= 500; ++i) {
        REQUIRE(readings.append(i, ashlar::object_bytes(i)) == errc::ok);
        // Other rows take the room of older readings, and what they collect is copied.
        REQUIRE(log.put("config"_b, std::string(i % 40, 'c')) == errc::ok);
        if (i % 50 != 0) continue;
        std::uint64_t count = 0;
        CHECK(readings.range(i > 60 ? i - 59 : 1, i + 1, out, sizeof out,
                             [&](std::uint64_t, bytes_view) { ++count; }) == errc::ok);
        CHECK(count == (i < 60 ? i : 60));
        CHECK(readings.range(0, i + 1, out, sizeof out,
                             [&](std::uint64_t at, bytes_view) { least = at; }) == errc::ok);
    }
    std::uint64_t all = 0;
    CHECK(readings.range(0, ~0ULL, out, sizeof out, [&](std::uint64_t, bytes_view) { ++all; }) ==
          errc::ok);
    CHECK((all >= 60 && all < 150));

    SECTION("more than the flash holds: full, and nothing is dropped") {
        using greedy = ashlar::flash::log<model, 16, ashlar::keep_last_of<'r', 1000>>;
        model::chip_type small;
        greedy tight{model{&small}};
        REQUIRE(tight.mount() == errc::ok);
        ashlar::flash::series<greedy, 'r'> all_of_them{tight};
        errc done = errc::ok;
        std::uint64_t last = 0, count = 0;
        while (done == errc::ok && last < 1000) {
            done = all_of_them.append(last + 1, ashlar::object_bytes(last));
            if (done == errc::ok) ++last;
        }
        CHECK(done == errc::full);
        CHECK(all_of_them.range(1, last + 1, out, sizeof out,
                                [&](std::uint64_t, bytes_view) { ++count; }) == errc::ok);
        CHECK(count == last);
    }
}

namespace {

using six = flash_model<512, 6, 4>;

/// Writes, erases and reopens while sectors wear out at random; answers how many did.
template <std::uint32_t Spare>
int wear_out(std::uint64_t seed, bool takes_programs, int most) {
    using tough =
        ashlar::flash::log<six, 8, ashlar::retain_all, ashlar::flash::tuning{.spare = Spare}>;
    six::chip_type chip;
    chip.worn_takes_programs = takes_programs;
    tough log{six{&chip}};
    REQUIRE(log.mount() == errc::ok);
    std::map<std::string, std::string> rows;
    ashlar::testing::random_source random{seed};
    int worn = 0;
    const auto all_there = [&](const tough& of) {
        for (const auto& [key, value] : rows) {
            std::byte out[40];
            std::uint32_t size = 0;
            if (of.get(key, out, sizeof out, size) != errc::ok ||
                bytes_view{out, size} != bytes_view{value})
                return false;
        }
        return true;
    };
    for (int i = 0; i < 900; ++i) {
        // Flash wears out when it is erased: a sector that is not in use.
        if (worn < most && random.one_in(90)) {
            const ashlar::flash::place end = log.log_end();
            const std::uint32_t next = (end.at - 1) / 512 + 1 + static_cast<std::uint32_t>(worn);
            chip.worn |= 1ULL << next % 6;
            ++worn;
        }
        const std::string key = "k" + std::to_string(random.below(9));
        const std::string value(random.below(30), static_cast<char>('a' + i % 26));
        const errc done = log.put(key, value);
        if (done == errc::ok) rows[key] = value;
        else if (done != errc::io) FAIL("put: " << ashlar::name_of(done) << " in step " << i);
        if ((i % 8 == 0 || done == errc::io) && !all_there(log))
            FAIL("something is lost in step " << i << ", seed " << seed);
        if (random.one_in(40)) {
            log = tough{six{&chip}};
            REQUIRE(log.mount() == errc::ok);
            if (!all_there(log)) FAIL("lost at mount in step " << i << ", seed " << seed);
        }
        if (done == errc::io) return -1;
    }
    return worn;
}

} // namespace

TEST_CASE("flash_log: worn sectors are passed over as long as spare ones are left (D-2)") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed)
        for (const bool takes_programs : {false, true}) {
            CHECK(wear_out<2>(seed, takes_programs, 1) == 1);
            CHECK(wear_out<3>(seed, takes_programs, 2) == 2);
            // One too many: an error once it is met, and nothing is lost.
            CHECK(wear_out<1>(seed, takes_programs, 1) == -1);
        }
}

TEST_CASE("flash_log: a sector that refuses from the first use on is passed over (D-2)") {
    using tough = ashlar::flash::log<six, 8, ashlar::retain_all, ashlar::flash::tuning{.spare = 2}>;
    for (std::uint32_t sector = 0; sector < 6; ++sector)
        for (const bool takes_programs : {false, true}) {
            six::chip_type chip;
            chip.worn = 1ULL << sector;
            chip.worn_takes_programs = takes_programs;
            for (std::uint32_t i = 0; i < 300; ++i) {
                tough log{six{&chip}}; // opened anew each time: also before anything is whole
                REQUIRE(log.mount() == errc::ok);
                std::byte value[8];
                std::uint32_t size = 0;
                const errc got = log.get("key"_b, value, sizeof value, size);
                REQUIRE(got == (i == 0 ? errc::not_found : errc::ok));
                if (i != 0) REQUIRE(ashlar::load_little<std::uint32_t>(value) == i - 1);
                REQUIRE(log.put("key"_b, ashlar::object_bytes(i)) == errc::ok);
            }
            CHECK((chip.mistakes == 0 && chip.reprogrammed == 0));
        }
    // Without a spare one there is no way around it: an error, not a wait, and no harm done.
    six::chip_type chip;
    chip.worn = 1;
    ashlar::flash::log<six, 8> log{six{&chip}};
    REQUIRE(log.mount() == errc::ok);
    CHECK(log.put("key"_b, "value"_b) == errc::io);
    CHECK(log.mount() == errc::ok);
    chip.worn = 0;
    CHECK(log.put("key"_b, "value"_b) == errc::ok);
}

TEST_CASE("flash_log: in key order the typed store scans ranges and erases them (D-9)") {
    model::chip_type chip;
    auto db = in_key_order::open({}, in_key_order::composition::backend::options{model{&chip}});
    REQUIRE(db);
    std::map<std::uint32_t, std::string> rows;
    ashlar::testing::random_source random{13};
    for (std::uint32_t i = 0; i < 60; ++i) {
        const auto key = static_cast<std::uint32_t>(random.below(300));
        rows[key] = std::to_string(i);
        REQUIRE(db->put(key, rows[key]));
    }
    const auto scanned = [&](std::uint32_t lo, std::uint32_t hi, bool reverse) {
        std::vector<std::uint32_t> keys;
        auto scan = db->scan(lo, hi);
        if (reverse) scan.reverse();
        for (const auto& row : scan)
            if (rows[row.key] == row.value) keys.push_back(row.key);
        CHECK(scan.status());
        return keys;
    };
    const auto expected = [&](std::uint32_t lo, std::uint32_t hi) {
        std::vector<std::uint32_t> keys;
        for (const auto& [key, value] : rows)
            if (key >= lo && key < hi) keys.push_back(key);
        return keys;
    };
    auto wanted = expected(40, 260);
    REQUIRE(wanted.size() > 20);
    CHECK(scanned(40, 260, false) == wanted);
    std::reverse(wanted.begin(), wanted.end());
    CHECK(scanned(40, 260, true) == wanted);

    // A range goes as a whole, with what its batch put into it before, or not at all.
    auto batch = in_key_order::batch();
    batch.put(100, "before").erase_range(60, 250).put(101, "after");
    const auto everything = chip.bytes;
    for (std::uint64_t cut = 1;; ++cut) {
        chip.bytes = everything;
        auto again =
            in_key_order::open({}, in_key_order::composition::backend::options{model{&chip}});
        REQUIRE(again);
        chip.power = cut;
        const bool done = bool(again->apply(batch));
        const bool whole = chip.power != 0;
        chip.power_on();
        auto then =
            in_key_order::open({}, in_key_order::composition::backend::options{model{&chip}});
        REQUIRE(then);
        std::size_t left = 0;
        for (const auto& row : then->scan(60, 250)) left += row.key == 101 ? 1000 : 1;
        REQUIRE((left == 1000 || (!done && left == expected(60, 250).size())));
        if (whole) break;
        REQUIRE(cut < 1000);
    }
}

TEST_CASE("flash_log: memory that outlives a reset is a device, too") {
    using device = ashlar::flash::ram_device<256, 4>;
    std::vector<std::byte> memory(device::size, std::byte{0xA5});
    ashlar::testing::flash_device_laws(device{memory.data()}, [](bool held, const char* law) {
        INFO(law);
        CHECK(held);
    });
    std::fill(memory.begin(), memory.end(), std::byte{0x5A}); // as when power comes on
    {
        ashlar::flash::log<device, 16> log{device{memory.data()}};
        CHECK(log.mount() == errc::foreign);
        REQUIRE(log.format() == errc::ok);
        for (std::uint32_t i = 0; i < 100; ++i)
            REQUIRE(log.put("boots"_b, ashlar::object_bytes(i)) == errc::ok);
    }
    ashlar::flash::log<device, 16> log{device{memory.data()}};
    REQUIRE(log.mount() == errc::ok);
    std::byte value[4];
    std::uint32_t size = 0;
    CHECK(log.get("boots"_b, value, sizeof value, size) == errc::ok);
    CHECK(ashlar::load_little<std::uint32_t>(value) == 99);
}
