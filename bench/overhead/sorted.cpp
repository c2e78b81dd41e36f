// SPDX-License-Identifier: BSL-1.0
// sorted_map for one thread against the tree it rests on, used by hand.
#include "harness.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/store.hpp>

#include <cstring>

namespace {

using ashlar::bytes_view;
using bench::point;

using ordered = ashlar::store<std::uint64_t, point, ashlar::sorted_map<>, ashlar::big_endian,
                              ashlar::single, ashlar::bare>;

/// What one would write over the tree for this one key and value type.
class hand_tree {
    using kind = ashlar::sorted_tree::kind<true, false, ashlar::single>;

  public:
    template <class Visit>
    ashlar::result<bool> read(std::uint64_t key, Visit visit) const noexcept {
        const big at{key};
        const auto* found = reinterpret_cast<const point*>(tree_.find(at.view()));
        if (found == nullptr) return false;
        visit(*found);
        return true;
    }
    ashlar::result<void> put(std::uint64_t key, const point& value) noexcept {
        const big at{key};
        ashlar::sorted_tree::table<kind> rows{tree_, ashlar::sorted_tree::undo_log::none};
        return rows.assign(at.view(), ashlar::object_bytes(value));
    }
    ashlar::result<bool> erase(std::uint64_t key) noexcept {
        const big at{key};
        ashlar::sorted_tree::table<kind> rows{tree_, ashlar::sorted_tree::undo_log::none};
        return rows.erase(at.view());
    }
    /// Visits copies of 256 rows, as the store does, so that a visitor may change the map.
    template <class Visit>
    void scan(std::uint64_t lo, std::uint64_t hi, Visit visit) const {
        struct copy {
            std::uint64_t key;
            point value;
        } copies[256];
        const big from{lo};
        const big to{hi};
        ashlar::scan_range range{.lo = from.view(), .hi = to.view()};
        big last{0};
        for (bool more = true; more;) {
            ashlar::sorted_tree::range_reader<kind> reader{tree_, range};
            std::size_t n = 0;
            bytes_view key;
            bytes_view row;
            while (n < 256 && (more = reader.next(key, row))) {
                copies[n].key = ashlar::load_big<std::uint64_t>(key.data());
                std::memcpy(&copies[n++].value, row.data(), sizeof(point));
            }
            for (std::size_t i = 0; i < n; ++i) visit(copies[i].key, copies[i].value);
            if (n == 0) return;
            last = big{copies[n - 1].key};
            range.resume = true;
            range.after = last.view();
        }
    }

  private:
    struct big {
        std::byte bytes[8];
        explicit big(std::uint64_t key) noexcept { ashlar::store_big(bytes, key); }
        [[nodiscard]] bytes_view view() const noexcept { return {bytes, 8}; }
    };
    ashlar::sorted_tree::tree<kind> tree_{8, sizeof(point)};
};

void cases(const std::vector<std::uint64_t>& keys) {
    const std::size_t n = keys.size();
    const std::uint64_t* k = keys.data();
    ordered db;
    hand_tree by_hand;
    for (const std::uint64_t key : keys)
        bench::require(db.put(key, bench::point_of(key)).has_value() &&
                           by_hand.put(key, bench::point_of(key)).has_value(),
                       "could not fill the sorted maps");
    bench::compare_each(
        "sorted_map get, visitor", n,
        [&db, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there =
                db.read(k[i], [&](const point& p) noexcept { seen = bench::digest(p); });
            return there.value_or(false) ? seen : 0;
        },
        [&by_hand, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there =
                by_hand.read(k[i], [&](const point& p) noexcept { seen = bench::digest(p); });
            return there.value_or(false) ? seen : 0;
        });
    bench::compare_each(
        "sorted_map get, out-parameter", n,
        [&db, k](std::size_t i) {
            point p{};
            const auto there = db.get(k[i], p);
            return there.value_or(false) ? bench::digest(p) : 0;
        },
        [&by_hand, k](std::size_t i) {
            point p{};
            const auto there = by_hand.read(k[i], [&](const point& at) noexcept { p = at; });
            return there.value_or(false) ? bench::digest(p) : 0;
        });
    bench::compare_each(
        "sorted_map put, overwriting", n,
        [&db, k](std::size_t i) {
            return std::uint64_t{db.put(k[i], bench::point_of(k[i])).has_value()};
        },
        [&by_hand, k](std::size_t i) {
            return std::uint64_t{by_hand.put(k[i], bench::point_of(k[i])).has_value()};
        });
    bench::compare(
        "sorted_map scan of all", 1, n,
        bench::side{
            bench::nothing,
            [&db](std::size_t) {
                std::uint64_t sum = 0;
                const auto done =
                    db.scan(0, ~std::uint64_t{0}).for_each([&](std::uint64_t key, const point& p) {
                        sum += key ^ bench::digest(p);
                    });
                return done ? sum : 0;
            }},
        bench::side{bench::nothing, [&by_hand](std::size_t) {
                        std::uint64_t sum = 0;
                        by_hand.scan(0, ~std::uint64_t{0}, [&](std::uint64_t key, const point& p) {
                            sum += key ^ bench::digest(p);
                        });
                        return sum;
                    }});
    bench::compare("sorted_map erase", n, n,
                   bench::side{bench::nothing,
                               [&db, k](std::size_t i) {
                                   const auto gone = db.erase(k[i]);
                                   return std::uint64_t{gone.value_or(false)};
                               }},
                   bench::side{bench::nothing, [&by_hand, k](std::size_t i) {
                                   return std::uint64_t{by_hand.erase(k[i]).value_or(false)};
                               }});
    bench::compare(
        "sorted_map put, new key", n, n,
        bench::side{bench::nothing,
                    [&db, k](std::size_t i) {
                        return std::uint64_t{db.put(k[i], bench::point_of(k[i])).has_value()};
                    }},
        bench::side{bench::nothing, [&by_hand, k](std::size_t i) {
                        return std::uint64_t{by_hand.put(k[i], bench::point_of(k[i])).has_value()};
                    }});
}

} // namespace

int main() {
    const auto keys = bench::make_keys(10'000);
    bench::count_loop(keys);
    cases(keys);
}
