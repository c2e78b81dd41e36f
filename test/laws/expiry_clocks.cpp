// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
#include "catch.hpp"
#include "support/effort.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/static_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/store.hpp>
#include <ashlar/testing/random.hpp>

#include <map>
#include <optional>
#include <set>

namespace {

using namespace ashlar;

/// A store of numbers under numbers whose clocks are turned in every way, against a map that knows
/// the rule: a row is gone when its time is not after the wall clock's, nor after a time that was
/// declared and has gone on since at the pace of the monotonic clock. (Goal G16, row K-11.)
template <class Store>
class clock_run {
  public:
    explicit clock_run(std::uint64_t seed) : random_{seed}, store_{*Store::open()} {}

    void run(int steps) {
        for (int i = 0; i < steps && failed_ == 0; ++i) {
            step();
            if (i % 4096 == 4095) walk();
        }
        CHECK(failed_ == 0);
        CHECK(gone_seen_ > steps / 100); // otherwise this run has shown little
        CHECK(live_seen_ > steps / 100);
    }

  private:
    struct entry {
        std::uint64_t value;
        std::uint64_t expiry; ///< 0 for never
    };
    static constexpr std::uint64_t second = 1'000'000'000;
    static constexpr std::uint64_t year = 31'536'000 * second;

    void expect(bool held) { failed_ += held ? 0 : 1; }

    [[nodiscard]] std::uint64_t now() const {
        const std::uint64_t floor = lead_ ? world_.monotonic() + *lead_ : 0;
        return (std::max)(world_.wall(), floor);
    }
    /// What looking at a key finds; what is found gone has been declared gone.
    [[nodiscard]] const entry* look(std::uint64_t key) {
        const auto at = rows_.find(key);
        if (at == rows_.end()) return nullptr;
        const std::uint64_t expiry = at->second.expiry;
        if (expiry == 0 || now() < expiry) return &at->second;
        if (world_.wall() >= expiry) {
            const std::uint64_t lead = expiry - world_.monotonic();
            if (!lead_ || *lead_ < lead) lead_ = lead;
        }
        ++gone_seen_;
        gone_.insert(key);
        return nullptr;
    }
    void wrote(std::uint64_t key, std::uint64_t value, std::uint64_t expiry) {
        rows_[key] = {value, expiry};
        gone_.erase(key);
    }

    void turn_clocks() {
        switch (random_.below(7)) {
        case 6: { // to the very moment at which a row goes, or one before
            const auto at = rows_.find(random_.below(64));
            if (at == rows_.end() || at->second.expiry <= world_.wall()) break;
            if (at->second.expiry - world_.wall() > 20 * second) break; // 64 bits end in 2554
            world_.pass(at->second.expiry - world_.wall() - random_.below(2));
            break;
        }
        case 0: world_.pass(random_.below(second)); break;
        case 1: world_.pass(random_.below(20 * second)); break;
        case 2: world_.set_wall(world_.wall() - random_.below(5 * second)); break;
        case 3: world_.set_wall(world_.wall() + random_.below(5 * second)); break;
        case 4:
            if (random_.one_in(64)) world_.set_wall(world_.wall() + year);
            break;
        default:
            if (random_.one_in(64) && world_.wall() > 2 * year)
                world_.set_wall(world_.wall() - year);
            break;
        }
    }
    void step() {
        const std::uint64_t key = random_.below(64);
        const std::uint64_t value = random_.below(4);
        const std::uint64_t ttl = random_.below(10 * second);
        switch (random_.below(12)) {
        case 0: turn_clocks(); break;
        case 1:
            expect(bool(store_.put(key, value, time_to_live::of_nanoseconds(ttl))));
            wrote(key, value, now() + ttl);
            break;
        case 2:
            if (!random_.one_in(8)) break;
            expect(bool(store_.put(key, value)));
            wrote(key, value, 0);
            break;
        case 3: {
            const bool there = look(key) != nullptr;
            const std::uint64_t end = now() + ttl;
            expect(store_.insert(key, value, time_to_live::of_nanoseconds(ttl)).value_or(there) !=
                   there);
            if (!there) wrote(key, value, end);
            break;
        }
        case 4: {
            const entry* old = look(key);
            const bool same = old != nullptr && old->value == value;
            expect(store_.compare_exchange(key, value, value + 1).value_or(!same) == same);
            if (same) wrote(key, value + 1, old->expiry);
            break;
        }
        case 5: {
            const bool there = look(key) != nullptr;
            expect(store_.erase(key).value_or(!there) == there);
            rows_.erase(key);
            gone_.erase(key);
            break;
        }
        case 6: {
            const entry* old = look(key);
            const std::uint64_t end = now() + ttl;
            expect(store_.expire_after(key, time_to_live::of_nanoseconds(ttl))
                       .value_or(old == nullptr) == (old != nullptr));
            if (old != nullptr) wrote(key, old->value, end);
            break;
        }
        case 7: {
            const entry* old = look(key);
            const auto left = store_.ttl_of(key);
            expect(left.has_value() == (old != nullptr));
            if (left && old != nullptr)
                expect(left->expires == (old->expiry != 0) &&
                       (old->expiry == 0 || left->nanoseconds == old->expiry - now()));
            break;
        }
        case 8:
            expect(store_.maintain(8).has_value());
            // It has looked at rows that the model does not know of: the model looks at all, which
            // declares no less, and the store is made to do the same.
            walk();
            break;
        default: read(key); break;
        }
    }
    void read(std::uint64_t key) {
        const bool was_gone = gone_.count(key) != 0;
        const entry* old = look(key);
        const auto value = store_.get(key);
        expect(value.has_value() == (old != nullptr));
        if (value && old != nullptr) expect(*value == old->value);
        expect(!(was_gone && value)); // nothing that was gone has come back
        live_seen_ += old != nullptr ? 1 : 0;
    }
    void walk() {
        std::map<std::uint64_t, std::uint64_t> seen, wanted;
        for (const auto& row : rows_)
            if (const entry* there = look(row.first)) wanted[row.first] = there->value;
        expect(bool(store_.for_each([&](std::uint64_t k, std::uint64_t v) { seen[k] = v; })));
        expect(seen == wanted);
    }

    ashlar::testing::random_source random_;
    simulated_world world_{1};
    simulated_world::presence here_{world_};
    Store store_;
    std::map<std::uint64_t, entry> rows_;
    std::set<std::uint64_t> gone_;
    std::optional<std::uint64_t> lead_;
    int failed_ = 0;
    int gone_seen_ = 0;
    int live_seen_ = 0;
};

template <class... Policies>
using numbers = store<std::uint64_t, std::uint64_t, big_endian, simulated, Policies...>;

} // namespace

TEMPLATE_TEST_CASE(
    "G16 expiry: under clocks that jump nothing expired is read and nothing live lost", "",
    (numbers<lazy_ttl, hash_map<>, single>), (numbers<lazy_ttl, sorted_map<>>),
    (numbers<lazy_ttl, static_map<128>, single>)) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        clock_run<TestType> run{seed};
        run.run(ashlar_test::effort(100'000));
    }
}
