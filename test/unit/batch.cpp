// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/batch.hpp>

#include <set>
#include <string>
#include <vector>

using ashlar::bytes_view;
using ashlar::check_kind;
using ashlar::errc;
using ashlar::operation_kind;
using namespace ashlar::literals;

namespace {

std::string entry(const ashlar::batch_entry& e, const std::string& rest) {
    std::string bytes(16, '\0');
    ashlar::store_entry(reinterpret_cast<std::byte*>(bytes.data()), e);
    return bytes + rest;
}

} // namespace

TEST_CASE("batch: gives back what was put in, in order") {
    ashlar::write_batch b;
    b.absent("a"_b)
        .present("b"_b)
        .equals("c"_b, "p"_b)
        .version_is("d"_b, 9)
        .range_empty("e"_b, "f"_b);
    b.put("k"_b, "row"_b).erase("l"_b).erase_range("m"_b, {}).add("n"_b, "12345678"_b);
    REQUIRE(b.status());
    CHECK(b.check_count() == 5);
    CHECK(b.operation_count() == 4);
    std::vector<check_kind> checks;
    std::string keys;
    for (const ashlar::check c : b.checks()) {
        checks.push_back(c.kind);
        keys += c.key.as<std::string>();
        if (c.kind == check_kind::version_is)
            CHECK(ashlar::load_little<std::uint64_t>(c.operand.data()) == 9);
        if (c.kind == check_kind::range_empty) CHECK(c.operand == "f"_b);
    }
    CHECK(keys == "abcde");
    CHECK(checks == std::vector{check_kind::absent, check_kind::present, check_kind::equals,
                                check_kind::version_is, check_kind::range_empty});
    keys.clear();
    for (const ashlar::operation op : b.operations()) keys += op.key.as<std::string>();
    CHECK(keys == "klmn");
    CHECK((*b.operations().begin()).value == "row"_b);
    CHECK(ashlar::validate_checks(b.checks().bytes()));
    CHECK(ashlar::validate_operations(b.operations().bytes()));
    b.clear();
    CHECK(b.operations().empty());
    CHECK(b.operation_count() == 0);
}

TEST_CASE("batch: the bytes of an entry are the published format") {
    ashlar::write_batch b;
    b.put("key"_b, "va"_b);
    CHECK(b.operations().bytes() ==
          bytes_view{std::string("\x10\0\0\0\x03\0\0\0\x02\0\0\0\0\0\0\0keyva", 21)});
    b.clear();
    b.erase_range("a"_b, "b"_b);
    CHECK(b.operations().bytes() ==
          bytes_view{std::string("\x12\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0ab", 18)});
    b.clear();
    b.version_is("k"_b, 0x0102);
    CHECK(
        b.checks().bytes() ==
        bytes_view{std::string("\x04\0\0\0\x01\0\0\0\x08\0\0\0\0\0\0\0k\x02\x01\0\0\0\0\0\0", 25)});
}

TEST_CASE("batch: goes back to a mark") {
    ashlar::write_batch b;
    b.absent("a"_b).put("a"_b, "1"_b);
    const auto mark = b.mark();
    const std::string before = b.operations().bytes().as<std::string>();
    b.present("b"_b).put("b"_b, "2"_b).erase("c"_b);
    b.rewind(mark);
    CHECK(b.operations().bytes() == bytes_view{before});
    CHECK(b.check_count() == 1);
    CHECK(b.operation_count() == 1);
}

TEST_CASE("batch: a full fixed batch says so once it is asked, and keeps its first failure") {
    ashlar::fixed_write_batch<40> b;
    b.put("key"_b, "row"_b);
    CHECK(b.status());
    b.put("another"_b, "that does not fit"_b).erase("k"_b);
    CHECK(b.status().error() == errc::out_of_memory);
    b.fail(ashlar::error{errc::io});
    CHECK(b.status().error() == errc::out_of_memory);
    b.clear();
    CHECK(b.status());
    CHECK(b.place_operation(operation_kind::put, 30, 0).key == nullptr);
    CHECK(b.place_check(check_kind::present, 4, 2).value != nullptr);
}

TEST_CASE("batch: sizes that a batch can't write down are refused") {
    ashlar::write_batch b;
    const std::size_t most = 0xFFFF'FFFFU;
    CHECK(b.place_operation(operation_kind::put, most + 1, 0).key == nullptr);
    CHECK(b.status().error() == errc::key_too_long);
    b.clear();
    CHECK(b.place_operation(operation_kind::put, 8, most).key == nullptr);
    CHECK(b.status().error() == errc::value_too_long);
    CHECK(b.operation_count() == 0);
}

TEST_CASE("batch: the sequence is filled in where it was asked for") {
    ashlar::write_batch b;
    b.put("a"_b, "0123456789"_b).put("b"_b, "01234567"_b);
    for (const ashlar::operation op : b.operations())
        if (op.key == "a"_b) op.mark_seq_in_value(2);
    CHECK(ashlar::validate_operations(b.operations().bytes()));
    fill_sequence(b.operations(), ashlar::commit_seq{0x0102});
    auto at = b.operations().begin();
    CHECK((*at).value == bytes_view{std::string("01\x02\x01\0\0\0\0\0\0", 10)});
    ++at;
    CHECK((*at).value == "01234567"_b);
    std::string in_key = entry({.kind = 16,
                                .flags = ashlar::seq_in_key,
                                .reserved = 0,
                                .key_size = 9,
                                .value_size = 0,
                                .seq_offset = 1},
                               "k........");
    fill_sequence({reinterpret_cast<std::byte*>(in_key.data()), in_key.size()},
                  ashlar::commit_seq{3});
    CHECK(in_key.substr(16) == std::string("k\x03\0\0\0\0\0\0\0", 9));
}

TEST_CASE("batch: a resolved add is the put of its sum") {
    ashlar::write_batch b;
    b.add("n"_b, "headerxx12345678"_b);
    for (ashlar::operation op : b.operations()) op.resolve_add(-2);
    const ashlar::operation op = *b.operations().begin();
    CHECK(op.kind == operation_kind::put);
    CHECK(op.value.first(8) == "headerxx"_b);
    CHECK(ashlar::load_little<std::uint64_t>(op.value.data() + 8) == 0xFFFF'FFFF'FFFF'FFFE);
}

TEST_CASE("batch: sections from outside are valid whole or refused, cut at any byte") {
    ashlar::write_batch b;
    b.put("key"_b, "value"_b).erase("k"_b).erase_range("a"_b, "b"_b).add("c"_b, "12345678"_b);
    const std::string whole = b.operations().bytes().as<std::string>();
    std::set<std::size_t> ends{0};
    std::size_t end = 0;
    for (const ashlar::operation op : b.operations())
        ends.insert(end += 16 + op.key.size() + op.value.size());
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::uint64_t position = 0;
        const auto valid = ashlar::validate_operations(bytes_view{whole}.first(size), &position);
        CHECK(valid.has_value() == (ends.count(size) == 1));
        CHECK((valid || (valid.error() == errc::corrupt && position < size)));
    }
}

TEST_CASE("batch: each field of an entry from outside is checked") {
    const auto valid = [](ashlar::batch_entry e, const std::string& rest) {
        return ashlar::validate_operations(entry(e, rest)).has_value();
    };
    const ashlar::batch_entry good{
        .kind = 16, .flags = 0, .reserved = 0, .key_size = 2, .value_size = 8, .seq_offset = 0};
    const std::string rest = "kk12345678";
    const auto with = [&](auto change) {
        ashlar::batch_entry e = good;
        change(e);
        return e;
    };
    CHECK(valid(good, rest));
    CHECK_FALSE(valid(with([](auto& e) { e.kind = 15; }), rest));
    CHECK_FALSE(valid(with([](auto& e) { e.kind = 20; }), rest));
    CHECK_FALSE(valid(with([](auto& e) { e.reserved = 1; }), rest));
    CHECK_FALSE(valid(with([](auto& e) { e.key_size = 0xFFFF'FFFF; }), rest));
    CHECK_FALSE(valid(with([](auto& e) { e.value_size = 0xFFFF'FFFF; }), rest));
    CHECK_FALSE(valid(with([](auto& e) { e.flags = 3; }), rest));
    CHECK_FALSE(valid(with([](auto& e) { e.seq_offset = 1; }), rest));
    CHECK(valid(with([](auto& e) { e.flags = ashlar::seq_in_value; }), rest));
    CHECK_FALSE(
        valid(with([](auto& e) { e.flags = ashlar::seq_in_value, e.seq_offset = 1; }), rest));
    CHECK_FALSE(valid(with([](auto& e) { e.flags = ashlar::seq_in_key; }), rest)); // 2 bytes of key
    // Checks and operations are not mistaken for each other.
    CHECK_FALSE(ashlar::validate_checks(entry(good, rest)));
    CHECK(ashlar::validate_checks(entry(with([](auto& e) { e.kind = 5; }), rest)));
    CHECK_FALSE(ashlar::validate_checks(entry(with([](auto& e) { e.kind = 6; }), rest)));
    CHECK_FALSE(ashlar::validate_checks(entry(with([](auto& e) { e.kind = 0; }), rest)));
}
