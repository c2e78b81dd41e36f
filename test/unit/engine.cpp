// SPDX-License-Identifier: BSL-1.0
// What is and what is not an engine stands in test/static/engine.cpp; here the helpers beside it.
#include <catch.hpp>

#include <ashlar/engine.hpp>
#include <ashlar/testing/archetypes.hpp>

#include <string>
#include <vector>

using ashlar::bytes_view;
using ashlar::scan_range;
using namespace ashlar::literals;

namespace {

using row =
    ashlar::row_layout<ashlar::dynamic_extent, ashlar::dynamic_extent, ashlar::row_fields{}>;

/// Just enough to be read; `batched` adds a read_many that says it was called.
struct one_row : ashlar::testing::least_ordered_engine<row> {
    template <class Visit>
    ashlar::result<bool> read(bytes_view key, Visit&& visit) const {
        if (key == "bad"_b) return ashlar::errc::corrupt;
        if (!(key == "there"_b)) return false;
        visit("row"_b);
        return true;
    }
};
struct batched : one_row {
    mutable std::size_t calls = 0;
    template <class Visit>
    ashlar::result<void> read_many(const bytes_view*, std::size_t, Visit) const {
        ++calls;
        return {};
    }
};
static_assert(!ashlar::batched_engine<one_row> && ashlar::batched_engine<batched>);

} // namespace

TEST_CASE("engine: a range holds its lower bound and not its upper one") {
    const scan_range range{.lo = "b"_b, .hi = "d"_b};
    CHECK_FALSE(range.contains("a"_b));
    CHECK(range.contains("b"_b));
    CHECK(range.contains("cz"_b));
    CHECK_FALSE(range.contains("d"_b));
    CHECK(scan_range{}.contains(""_b));
    CHECK(scan_range{.lo = "b"_b}.contains("\xFF\xFF"_b));
}

TEST_CASE("engine: what update can be told") {
    using ashlar::update_action;
    STATIC_REQUIRE(update_action::keep().what == update_action::kind::keep);
    STATIC_REQUIRE(update_action::erase().what == update_action::kind::erase);
    STATIC_REQUIRE(update_action::write(7).what == update_action::kind::write);
    STATIC_REQUIRE(update_action::write(7).size == 7);
}

TEST_CASE("engine: read_many reads one by one where an engine has nothing better") {
    const bytes_view keys[] = {"there"_b, "gone"_b, "there"_b, "bad"_b, "there"_b};
    std::vector<std::size_t> seen;
    const auto note = [&](std::size_t i, bytes_view bytes) {
        if (bytes == "row"_b) seen.push_back(i);
    };
    CHECK(ashlar::read_many(one_row{}, keys, 3, note));
    CHECK(seen == std::vector<std::size_t>{0, 2});
    seen.clear();
    CHECK(ashlar::read_many(one_row{}, keys, 5, note).error() == ashlar::errc::corrupt);
    CHECK(seen == std::vector<std::size_t>{0, 2}); // the error ends it
    const batched engine;
    CHECK(ashlar::read_many(engine, keys, 5, note));
    CHECK(engine.calls == 1);
}

TEST_CASE("engine: a visitor that answers nothing wants every row") {
    std::size_t calls = 0;
    const auto all = [&](bytes_view, bytes_view) { ++calls; };
    const auto enough = [&](bytes_view, bytes_view) { return ++calls < 3; };
    CHECK(ashlar::visit_row(all, "k"_b, "r"_b));
    CHECK(ashlar::visit_row(enough, "k"_b, "r"_b));
    CHECK_FALSE(ashlar::visit_row(enough, "k"_b, "r"_b));
    CHECK(calls == 3);
}
