// SPDX-License-Identifier: BSL-1.0
// admit and carry_out on tables made for it; whole engines are held to the laws in test/laws.
#include <catch.hpp>

#include <ashlar/apply.hpp>

#include <map>
#include <string>

using ashlar::bytes_view;
using ashlar::dynamic_extent;
using ashlar::errc;
using ashlar::row_fields;
using namespace ashlar::literals;

namespace {

using rows_map = std::map<std::string, std::string>;

/// Keyed by text; `broken` fails to find, as a disk may.
struct table {
    rows_map rows;
    ashlar::result<bool> find(bytes_view key, bytes_view& row) {
        if (key == "broken"_b) return errc::io;
        const auto at = rows.find(key.as<std::string>());
        if (at == rows.end()) return false;
        row = at->second;
        return true;
    }
    void assign(bytes_view key, bytes_view row) {
        rows[key.as<std::string>()] = row.as<std::string>();
    }
    ashlar::result<void> remove(bytes_view key) {
        if (key == "stuck"_b) return errc::io;
        rows.erase(key.as<std::string>());
        return {};
    }
};
static_assert(ashlar::readable_table<table> && !ashlar::ordered_table<table>);

struct sorted_table : table {
    ashlar::result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& row) {
        for (const auto& [key, bytes] : rows)
            if (ashlar::scan_range{.lo = lo, .hi = hi}.contains(key)) {
                row = bytes;
                return true;
            }
        return false;
    }
    void remove_range(bytes_view lo, bytes_view hi) {
        std::erase_if(rows, [&](const auto& entry) {
            return ashlar::scan_range{.lo = lo, .hi = hi}.contains(entry.first);
        });
    }
};
static_assert(ashlar::ordered_table<sorted_table>);

using loose = ashlar::row_layout<dynamic_extent, dynamic_extent, row_fields{}>;
using versioned = ashlar::row_layout<dynamic_extent, dynamic_extent, row_fields{.version = true}>;
using counters = ashlar::row_layout<2, 8, row_fields{}>;

template <class Row, class Table>
errc admitted(ashlar::write_batch& b, Table& t) {
    return ashlar::admit<Row>(b, t, ashlar::ignore_conflict{}).error().code;
}
std::string number(std::uint64_t n) {
    std::string text(8, '\0');
    ashlar::store_little(reinterpret_cast<std::byte*>(text.data()), n);
    return text;
}

} // namespace

TEST_CASE("apply: admit reports the first failed check with its row, and stops there") {
    table t{{{"k", "row"}, {"l", "other"}}};
    ashlar::write_batch b;
    b.present("k"_b).equals("l"_b, "wrong"_b).absent("k"_b).present("broken"_b);
    std::size_t calls = 0;
    const auto done = ashlar::admit<loose>(b, t, [&](const ashlar::conflict_view& c) {
        ++calls;
        CHECK(c.index == 1);
        CHECK(c.found);
        CHECK(c.row == "other"_b);
        CHECK(c.check.operand == "wrong"_b);
    });
    CHECK(done.error() == errc::conflict);
    CHECK(calls == 1);
}

TEST_CASE("apply: what the table can't answer is answered with its error") {
    table t;
    ashlar::write_batch b;
    CHECK(admitted<loose>(b.absent("broken"_b), t) == errc::io);
    b.clear();
    CHECK(admitted<loose>(b.add("broken"_b, number(1)), t) == errc::io);
}

TEST_CASE("apply: rows that break their layout are corrupt, not misread") {
    table t{{{"k", "short"}}};
    ashlar::write_batch b;
    CHECK(admitted<versioned>(b.version_is("k"_b, 1), t) == errc::corrupt);
    b.clear();
    CHECK(admitted<versioned>(b.equals("k"_b, {}), t) == errc::corrupt);
    b.clear();
    CHECK(admitted<versioned>(b.add("k"_b, number(0) + number(1)), t) == errc::corrupt);
    b.clear();
    CHECK(admitted<versioned>(b.present("k"_b), t) == errc::corrupt);
}

TEST_CASE("apply: checks that an engine can't answer are unsupported, and malformed ones refused") {
    table t{{{"k", "12345678payload"}}};
    ashlar::write_batch b;
    CHECK(admitted<loose>(b.version_is("k"_b, 1), t) == errc::unsupported);
    b.clear();
    CHECK(admitted<loose>(b.range_empty("a"_b, "b"_b), t) == errc::unsupported);
    b.clear();
    CHECK(admitted<loose>(b.erase_range("a"_b, "b"_b), t) == errc::unsupported);
    b.clear();
    const auto place = b.place_check(ashlar::check_kind::version_is, 1, 3);
    *place.key = std::byte{'k'};
    ashlar::copy_bytes(place.value, "abc"_b);
    CHECK(admitted<versioned>(b, t) == errc::invalid_argument);
}

TEST_CASE("apply: ranges are answered by ordered tables") {
    sorted_table t{{{{"b", "row"}}}};
    ashlar::write_batch b;
    CHECK(admitted<loose>(b.range_empty("a"_b, "b"_b), t) == errc::ok);
    CHECK(admitted<loose>(b.range_empty("a"_b, "c"_b), t) == errc::conflict);
    b.clear();
    CHECK(admitted<loose>(b.range_empty("a"_b, {}), t) == errc::conflict);
}

TEST_CASE("apply: lengths that the layout fixes are demanded of every operation") {
    table t;
    ashlar::write_batch b;
    CHECK(admitted<counters>(b.put("kk"_b, number(1)), t) == errc::ok);
    CHECK(admitted<counters>(b.put("k"_b, number(1)), t) == errc::invalid_argument);
    b.clear();
    CHECK(admitted<counters>(b.put("kk"_b, "short"_b), t) == errc::invalid_argument);
    b.clear();
    CHECK(admitted<counters>(b.erase("kkk"_b), t) == errc::invalid_argument);
    b.clear();
    CHECK(admitted<counters>(b.add("kk"_b, "1234567"_b), t) == errc::type_mismatch);
}

TEST_CASE("apply: an add is resolved against what its own batch did before") {
    sorted_table t{{{{"n", number(10)}, {"z", number(5)}}}};
    ashlar::write_batch b;
    b.add("n"_b, number(1)).add("n"_b, number(2)).put("m"_b, number(7)).add("m"_b, number(1));
    b.erase("n"_b).add("n"_b, number(3)).erase_range("a"_b, {}).add("m"_b, number(4));
    b.add("z"_b, number(6));
    REQUIRE(admitted<loose>(b, t) == errc::ok);
    CHECK(t.rows.size() == 2); // nothing but the batch has changed
    std::string sums;
    for (const ashlar::operation op : b.operations()) {
        CHECK(op.kind != ashlar::operation_kind::add);
        if (op.kind == ashlar::operation_kind::put)
            sums += std::to_string(ashlar::load_little<std::uint64_t>(op.value.data())) + " ";
    }
    CHECK(sums == "11 13 7 8 3 4 6 ");
    REQUIRE(ashlar::carry_out(b.operations(), t));
    CHECK(t.rows == rows_map{{"m", number(4)}, {"z", number(6)}});
}

TEST_CASE("apply: a sum that leaves the range is an overflow, either way") {
    table t{{{"big", number(0x7FFF'FFFF'FFFF'FFFF)}, {"low", number(0x8000'0000'0000'0000)}}};
    ashlar::write_batch b;
    CHECK(admitted<loose>(b.add("big"_b, number(1)), t) == errc::overflow);
    b.clear();
    CHECK(admitted<loose>(b.add("low"_b, number(~std::uint64_t{0})), t) == errc::overflow);
    b.clear();
    CHECK(admitted<loose>(b.add("big"_b, number(~std::uint64_t{0})), t) == errc::ok);
}

TEST_CASE("apply: carry_out stops at the table's first error") {
    table t{{{"a", "1"}, {"stuck", "2"}, {"c", "3"}}};
    ashlar::write_batch b;
    b.erase("a"_b).erase("stuck"_b).erase("c"_b);
    CHECK(ashlar::carry_out(b.operations(), t).error() == errc::io);
    CHECK(t.rows.size() == 2);
    b.clear();
    CHECK(ashlar::carry_out(b.add("n"_b, number(1)).operations(), t).error() == errc::corrupt);
    b.clear();
    CHECK(ashlar::carry_out(b.erase_range("a"_b, {}).operations(), t).error() == errc::unsupported);
}
