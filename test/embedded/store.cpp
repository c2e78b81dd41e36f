// SPDX-License-Identifier: BSL-1.0
// The typed store, constant-initialised, on a board without heap, files, clock or threads.
#include "board.hpp"

#include <ashlar/backend/static_map.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/store.hpp>

namespace {

struct reading {
    std::int32_t millidegrees;
    std::uint32_t taken_at;
};

using readings =
    ashlar::store<std::uint16_t, reading, ashlar::static_map<32>, ashlar::single, ashlar::bare>;

constinit readings store;

} // namespace

int main() {
    using board::expect;
    for (std::uint16_t sensor = 0; sensor < 32; ++sensor)
        expect(bool(store.put(sensor, {.millidegrees = 20'000 + sensor, .taken_at = 1})), "put");
    expect(store.put(32, {}).error() == ashlar::errc::full, "the 33rd row is full");

    const auto got = store.get(7);
    expect(got && got->millidegrees == 20'007 && got->taken_at == 1, "get");
    expect(store.get(77).error() == ashlar::errc::not_found, "get of what is not there");
    expect(bool(store.update(7,
                             [](reading& value, bool existed) noexcept {
                                 value.taken_at += existed ? 1U : 0U;
                                 return ashlar::update_action::kind::write;
                             })),
           "update");
    reading seen{};
    expect(store.get(7, seen).value_or(false) && seen.taken_at == 2, "get into a value");

    ashlar::face::typed_batch<readings, ashlar::fixed_buffer<128>> batch;
    batch.expect_equals(7, seen).put(8, seen).erase(9);
    expect(bool(store.apply(batch)), "a batch whose check holds");
    expect(!store.contains(9).value_or(true) && store.get(8)->taken_at == 2, "happens");
    batch.clear();
    batch.expect_present(9).erase(8);
    expect(store.apply(batch).error() == ashlar::errc::conflict, "a batch whose check fails");
    expect(store.contains(8).value_or(false), "does not");

    std::size_t visits = 0;
    std::int64_t sum = 0;
    expect(bool(store.for_each([&](std::uint16_t, const reading& value) {
               sum += value.millidegrees - 20'000;
               ++visits;
           })),
           "for_each");
    expect(visits == 31 && sum == 31 * 32 / 2 - 9 - 8 + 7, "for_each shows every row");
    expect(store.erase(7).value_or(false) && !store.erase(7).value_or(true), "erase");
    expect(store.size() == 30, "size");

    std::uint16_t expected = 0;
    auto first = store.scan().limit(20);
    for (const auto& row : first) {
        if (expected == 7 || expected == 9) ++expected; // erased above
        expect(row.key == expected++, "a scan shows the keys in order");
    }
    expect(bool(first.status()) && expected == 22, "as many as asked for");
    const auto where = first.where();
    const auto saved = readings::cursor::from(where->view());
    std::size_t rest = 0;
    for (const auto& row : store.scan().resume(*saved)) rest += row.key >= 22 ? 1U : 0U;
    expect(rest == 10, "a scan goes on behind a cursor");
    constinit static readings other;
    auto foreign = other.scan().resume(*saved);
    expect(foreign.begin() == foreign.end(), "another store's cursor shows nothing");
    expect(foreign.status().error() == ashlar::errc::foreign_cursor, "and is refused");

    const reading fresh{.millidegrees = 1, .taken_at = 3};
    expect(store.insert(7, fresh).value_or(false), "insert of what is not there");
    expect(!store.insert(7, seen).value_or(true), "insert of what is");
    expect(store.compare_exchange(7, fresh, seen).value_or(false), "compare_exchange");
    expect(!store.compare_exchange(7, fresh, seen).value_or(true), "compare_exchange, stale");
    return board::failures;
}
