// SPDX-License-Identifier: BSL-1.0
// hash_map, plain and stamped, against the table core it rests on, used by hand.
#include "hash_twin.hpp"

#include <ashlar/environment/bare.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

namespace {

using ashlar::bytes_view;
using bench::point;

// `bare`, so that the hash is seeded alike in every run.
using plain = ashlar::store<std::uint64_t, point, ashlar::hash_map<>, ashlar::single, ashlar::bare>;
using stamped = ashlar::store<std::uint64_t, point, ashlar::hash_map<>, ashlar::stamped,
                              ashlar::single, ashlar::bare>;
using texts = ashlar::store<std::string, point, ashlar::hash_map<>, ashlar::single, ashlar::bare>;

/// What is loaded without need in the planted case.
[[maybe_unused]] const volatile std::uint64_t redundant = 0;

/// A point behind the commit that wrote it.
struct stamped_point {
    std::uint64_t stamp;
    point value;
};

/// Numbers its commits, as the store does.
class stamped_twin : public bench::hand_map<stamped_point> {
  public:
    ashlar::result<bool> get(std::uint64_t key, point& out) const noexcept {
        return read(key, [&out](const stamped_point* at) noexcept { out = at->value; });
    }
    ashlar::result<std::uint64_t> put(std::uint64_t key, const point& value) noexcept {
        if (!hand_map::put(key, {commits_ + 1, value})) return ashlar::errc::out_of_memory;
        return ++commits_;
    }
    template <class Visit>
    void each(Visit visit) const {
        hand_map::each([&](std::uint64_t key, const stamped_point& row) { visit(key, row.value); });
    }

  private:
    std::uint64_t commits_ = 0;
};

/// The other ways to read: not all of them are the same instructions.
void plain_reads(const std::vector<std::uint64_t>& keys) {
    const std::size_t n = keys.size();
    const std::uint64_t* k = keys.data();
    plain db;
    bench::hand_map<point> by_hand;
    bench::hand_map<point, bool> yes_or_no;
    for (const std::uint64_t key : keys)
        bench::require(db.put(key, bench::point_of(key)).has_value() &&
                           by_hand.put(key, bench::point_of(key)) &&
                           yes_or_no.put(key, bench::point_of(key)),
                       "could not fill the hash maps");
    const auto visit_twin = [&by_hand, k](std::size_t i) {
        std::uint64_t seen = 0;
        const auto there =
            by_hand.read(k[i], [&](const point* p) noexcept { seen = bench::digest(*p); });
        return there.value_or(false) ? seen : 0;
    };

    bench::compare_each(
        "hash_map get, visitor", n,
        [&db, k](std::size_t i) {
            std::uint64_t seen = 0;
            if constexpr (bench::planted) seen += redundant;
            const auto there =
                db.read(k[i], [&](const point& p) noexcept { seen += bench::digest(p); });
            return there.value_or(false) ? seen : 0;
        },
        visit_twin);
    if constexpr (bench::planted) return;
    bench::compare_each(
        "hash_map get, visitor of bytes", n,
        [&db, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there = db.read_bytes(k[i], [&](bytes_view row) noexcept {
                point p{};
                std::memcpy(&p, row.data(), sizeof p);
                seen = bench::digest(p);
            });
            return there.value_or(false) ? seen : 0;
        },
        visit_twin);
    bench::compare_each(
        "hash_map get, against a twin that answers bool", n,
        [&db, k](std::size_t i) {
            point p{};
            return db.get(k[i], p).value_or(false) ? bench::digest(p) : 0;
        },
        [&yes_or_no, k](std::size_t i) {
            point p{};
            return yes_or_no.get(k[i], p) ? bench::digest(p) : 0;
        });
    bench::compare_each(
        "hash_map get, by value", n,
        [&db, k](std::size_t i) {
            const auto p = db.get(k[i]);
            return p ? bench::digest(*p) : 0;
        },
        [&by_hand, k](std::size_t i) {
            const auto p = [&]() -> ashlar::result<point> {
                ashlar::result<point> found = ashlar::errc::not_found;
                static_cast<void>(
                    by_hand.read(k[i], [&](const point* at) noexcept { found = *at; }));
                return found;
            }();
            return p ? bench::digest(*p) : 0;
        });
    bench::compare_each(
        "hash_map get, absent key", n,
        [&db, k](std::size_t i) {
            point p{};
            const auto there = db.get(k[i] + 1, p);
            return there.value_or(false) ? bench::digest(p) : 1;
        },
        [&by_hand, k](std::size_t i) {
            point p{};
            const auto there = by_hand.get(k[i] + 1, p);
            return there.value_or(false) ? bench::digest(p) : 1;
        });
}

void stamped_reads(const std::vector<std::uint64_t>& keys) {
    const std::uint64_t* k = keys.data();
    stamped db;
    stamped_twin by_hand;
    for (const std::uint64_t key : keys)
        bench::require(db.put(key, bench::point_of(key)).has_value() &&
                           by_hand.put(key, bench::point_of(key)).has_value(),
                       "could not fill the stamped maps");
    bench::compare_each(
        "stamped get with version", keys.size(),
        [&db, k](std::size_t i) {
            const auto p = db.get_versioned(k[i]);
            return p ? bench::digest(p->value) + p->version : 0;
        },
        [&by_hand, k](std::size_t i) {
            using both = stamped::versioned_value;
            const auto p = [&]() -> ashlar::result<both> {
                ashlar::result<both> found = ashlar::errc::not_found;
                static_cast<void>(by_hand.read(k[i], [&](const stamped_point* at) noexcept {
                    found = both{at->value, at->stamp};
                }));
                return found;
            }();
            return p ? bench::digest(p->value) + p->version : 0;
        });
}

} // namespace

int main() {
    const auto keys = bench::make_keys(10'000);
    bench::count_loop(keys);
    plain_reads(keys);
    if constexpr (bench::planted) return 0;
    bench::compare_verbs<plain, bench::hand_map<point>>("hash_map", keys);
    bench::compare_verbs<texts, bench::hand_text_map>("text keys", bench::make_texts(10'000));
    bench::compare_verbs<stamped, stamped_twin>("stamped", keys);
    stamped_reads(keys);
}
