// SPDX-License-Identifier: BSL-1.0
// The waist without a face: a sensor's last readings in a static_map, batches in fixed buffers.
#include "board.hpp"

#include <ashlar/backend/static_map.hpp>
#include <ashlar/concurrency/single.hpp>

namespace {

using row = ashlar::row_layout<2, 8, ashlar::row_fields{.version = true, .sequenced = true}>;
using engine = ashlar::static_map<32>::engine<row, void, ashlar::single>;

constinit engine readings;
constinit ashlar::fixed_write_batch<256> batch; // of the size that the largest batch needs

struct bytes {
    std::byte at[16];
    [[nodiscard]] ashlar::bytes_view key() const { return {at, 2}; }
    [[nodiscard]] ashlar::bytes_view row() const { return {at, 16}; }
};
bytes key_of(std::uint16_t n) {
    bytes b{};
    ashlar::store_big(b.at, n);
    return b;
}
bytes row_of(std::uint64_t version, std::uint64_t value) {
    bytes b{};
    ashlar::store_little(b.at, version);
    ashlar::store_little(b.at + 8, value);
    return b;
}
std::uint64_t value_at(std::uint16_t n) {
    std::uint64_t value = 0;
    const auto found = readings.read(key_of(n).key(), [&](ashlar::bytes_view r) {
        value = ashlar::load_little<std::uint64_t>(row::payload(r).data());
    });
    return found && *found ? value : 0;
}

} // namespace

int main() {
    using board::expect;
    for (std::uint16_t i = 0; i < 32; ++i) {
        const auto n = static_cast<std::uint16_t>(i * 7 % 32);
        const auto receipt = readings.put(key_of(n).key(), row_of(1, 100U + n).row());
        expect(receipt && *receipt == ashlar::commit_seq{i + 1U}, "a put takes the next sequence");
    }
    expect(readings.put(key_of(99).key(), row_of(1, 1).row()).error() == ashlar::errc::full,
           "the 33rd row is full");
    expect(value_at(31) == 131 && value_at(99) == 0, "rows are found, others are not");

    batch.version_is(key_of(3).key(), 1).put(key_of(3).key(), row_of(2, 7).row());
    batch.add(key_of(4).key(), row_of(1, 1000).row()).erase(key_of(5).key());
    expect(bool(readings.apply(batch)), "a batch whose checks hold happens");
    expect(value_at(3) == 7 && value_at(4) == 1104 && value_at(5) == 0, "all of it");
    batch.clear();
    batch.version_is(key_of(3).key(), 1).erase(key_of(4).key());
    std::size_t failed = 9;
    const auto conflict = readings.apply(batch, ashlar::no_hook{},
                                         [&](const ashlar::conflict_view& c) { failed = c.index; });
    expect(conflict.error() == ashlar::errc::conflict && failed == 0, "a stale version conflicts");
    expect(value_at(4) == 1104, "and nothing happens");

    std::size_t visits = 0;
    bool ordered = true;
    std::uint16_t last = 32;
    const bytes lo = key_of(2), hi = key_of(8);
    const auto more = readings.scan({.lo = lo.key(), .hi = hi.key(), .reverse = true},
                                    [&](ashlar::bytes_view k, ashlar::bytes_view) {
                                        const auto n = ashlar::load_big<std::uint16_t>(k.data());
                                        ordered = ordered && n < last;
                                        last = n;
                                        ++visits;
                                    });
    expect(more && !*more && visits == 5 && ordered && last == 2, "a scan backward, in order");
    batch.clear();
    batch.erase_range({}, {});
    expect(readings.apply(batch) && readings.size() == 0, "a range takes all");
    return board::failures;
}
