// SPDX-License-Identifier: BSL-1.0
// What single policies cost over hash_map: the twins do by hand what the policy promises, over the
// same table.
#include "hash_twin.hpp"

#include <ashlar/codec/checksummed.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/feed/bounded_events.hpp>
#include <ashlar/metrics/counted.hpp>
#include <ashlar/quota/memory_limit.hpp>
#include <ashlar/store.hpp>

#include <chrono>
#include <deque>

namespace {

using ashlar::result;
using bench::point;

template <class Environment, class... Policies>
using over_hash_map = ashlar::store<std::uint64_t, point, ashlar::hash_map<>, ashlar::single,
                                    Environment, Policies...>;

// --- metrics ------------------------------------------------------------------------------------

using counting = over_hash_map<ashlar::bare, ashlar::counted<>>;

/// Calls by verb and by whether there was a row, and bytes; bare has no clock to time them with.
class counting_twin : bench::hand_map<point> {
  public:
    result<bool> get(std::uint64_t key, point& out) noexcept {
        const auto there = hand_map::get(key, out);
        ++gets_[there.value_or(false)];
        bytes_read_ += there.value_or(false) ? sizeof(point) : 0;
        return there;
    }
    bool put(std::uint64_t key, const point& value) noexcept {
        const bool done = hand_map::put(key, value);
        ++puts_[done];
        bytes_written_ += done ? sizeof key + sizeof value : 0;
        return done;
    }
    result<bool> erase(std::uint64_t key) noexcept {
        const auto gone = hand_map::erase(key);
        ++erasures_[gone.value_or(false)];
        return gone;
    }
    template <class Visit>
    void each(Visit visit) {
        hand_map::each(visit);
        ++walks_;
    }
    [[nodiscard]] std::uint64_t sum() const noexcept {
        return gets_[0] + gets_[1] + puts_[0] + puts_[1] + erasures_[0] + erasures_[1] + walks_;
    }

  private:
    std::uint64_t gets_[2]{}, puts_[2]{}, erasures_[2]{}, walks_ = 0;
    std::uint64_t bytes_read_ = 0, bytes_written_ = 0;
};

// --- quota --------------------------------------------------------------------------------------

constexpr std::size_t limit = std::size_t{1} << 30;
using limited = over_hash_map<ashlar::bare, ashlar::memory_limit<limit>>;

/// All rows are charged alike, so that a row that is overwritten changes nothing.
class limited_twin : bench::hand_map<point> {
    static constexpr std::size_t charge = sizeof(std::uint64_t) + sizeof(point) + 64;

  public:
    using hand_map::each;
    using hand_map::get;
    bool put(std::uint64_t key, const point& value) noexcept {
        return put_if(key, value, [this] {
            if (limit - used_ < charge) return false;
            used_ += charge;
            return true;
        });
    }
    result<bool> erase(std::uint64_t key) noexcept {
        return erase_if(key, [this](const point*) {
            used_ -= charge;
            return true;
        });
    }

  private:
    std::size_t used_ = 0;
};

// --- expiry -------------------------------------------------------------------------------------

using mortal = over_hash_map<ashlar::posix, ashlar::lazy_ttl>;

/// Every row is put to live an hour.
class expiring : public mortal {
  public:
    explicit expiring(mortal&& opened) : mortal{std::move(opened)} {}
    result<void> put(std::uint64_t key, const point& value) {
        return mortal::put(key, value, std::chrono::hours{1});
    }
};

struct mortal_point {
    std::uint64_t expiry;
    point value;
};

/// Asks the quick clock first, as the store does, and remembers what it has called past: a clock
/// that is set back brings nothing back.
class expiring_twin : bench::hand_map<mortal_point> {
    static constexpr std::uint64_t hour = 3'600'000'000'000;

  public:
    result<bool> get(std::uint64_t key, point& out) noexcept {
        bool live = false;
        const auto there = read(key, [&](const mortal_point* at) noexcept {
            live = is_live(*at);
            if (live) out = at->value;
        });
        return there.value_or(false) && live;
    }
    bool put(std::uint64_t key, const point& value) noexcept {
        return hand_map::put(key, {now() + hour, value});
    }
    result<bool> erase(std::uint64_t key) noexcept {
        return erase_if(key, [this](const mortal_point* at) noexcept { return is_live(*at); });
    }
    template <class Visit>
    void each(Visit visit) {
        const std::uint64_t moment = now();
        hand_map::each([&](std::uint64_t key, const mortal_point& row) {
            if (row.expiry > moment) visit(key, row.value);
            else if (row.expiry > past_) past_ = row.expiry;
        });
    }

  private:
    [[nodiscard]] std::uint64_t now() const noexcept {
        const auto wall = static_cast<std::uint64_t>(ashlar::posix::wall_now());
        return wall < past_ ? past_ : wall;
    }
    [[nodiscard]] bool is_live(const mortal_point& row) noexcept {
        const auto quick = static_cast<std::uint64_t>(ashlar::posix::wall_at_least());
        if (quick + ashlar::posix::wall_lag < row.expiry) return row.expiry > past_;
        if (now() < row.expiry) return true;
        past_ = row.expiry;
        return false;
    }
    std::uint64_t past_ = 0;
};

// --- feed ---------------------------------------------------------------------------------------

using telling = over_hash_map<ashlar::bare, ashlar::bounded_events<>>;

/// Tells whoever listens; nobody does while it is counted.
class telling_twin : bench::hand_map<point> {
  public:
    using hand_map::each;
    using hand_map::get;
    bool put(std::uint64_t key, const point& value) {
        const bool done = hand_map::put(key, value);
        if (done && !listeners_.empty()) tell(key, true);
        return done;
    }
    result<bool> erase(std::uint64_t key) {
        const auto gone = hand_map::erase(key);
        if (gone.value_or(false) && !listeners_.empty()) tell(key, false);
        return gone;
    }

  private:
    struct event {
        std::uint64_t key;
        bool is_put;
    };
    [[gnu::noinline]] void tell(std::uint64_t key, bool is_put) {
        for (auto* listener : listeners_) listener->push_back({key, is_put});
    }
    std::vector<std::deque<event>*> listeners_;
};

// --- checksums ----------------------------------------------------------------------------------

using summed = over_hash_map<ashlar::bare, ashlar::checksummed<ashlar::native_value>>;

struct summed_point {
    std::uint32_t sum;
    std::uint32_t unused;
    point value;
};

class summed_twin : bench::hand_map<summed_point> {
  public:
    result<bool> get(std::uint64_t key, point& out) const noexcept {
        bool sound = false;
        const auto there = read(key, [&](const summed_point* at) noexcept {
            sound = at->sum == sum_of(at->value);
            out = at->value;
        });
        if (there.value_or(false) && !sound) return ashlar::errc::checksum_mismatch;
        return there;
    }
    bool put(std::uint64_t key, const point& value) noexcept {
        return hand_map::put(key, {sum_of(value), 0, value});
    }
    using hand_map::erase;
    template <class Visit>
    void each(Visit visit) const {
        hand_map::each([&](std::uint64_t key, const summed_point& row) {
            if (row.sum == sum_of(row.value)) visit(key, row.value);
        });
    }

  private:
    [[nodiscard]] static std::uint32_t sum_of(const point& value) noexcept {
        return ashlar::crc32c(ashlar::object_bytes(value));
    }
};

} // namespace

int main() {
    const auto keys = bench::make_keys(10'000);
    bench::count_loop(keys);
    bench::compare_verbs<counting, counting_twin>("counted", keys);
    bench::compare_verbs<limited, limited_twin>("memory_limit", keys);
    bench::compare_verbs<mortal, expiring_twin, expiring>("lazy_ttl", keys);
    bench::compare_verbs<telling, telling_twin>("bounded_events", keys);
    bench::compare_verbs<summed, summed_twin>("checksummed", keys);
}
