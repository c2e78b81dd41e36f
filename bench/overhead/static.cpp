// SPDX-License-Identifier: BSL-1.0
// static_map, the backend without a heap, against two sorted arrays.
#include "harness.hpp"

#include <ashlar/backend/static_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/store.hpp>

#include <algorithm>
#include <cstring>

namespace {

using bench::point;

constexpr std::size_t capacity = 256;
using in_place = ashlar::store<std::uint64_t, point, ashlar::static_map<capacity>,
                               ashlar::big_endian, ashlar::single, ashlar::bare>;

class sorted_arrays {
  public:
    [[nodiscard]] ashlar::result<bool> get(std::uint64_t key, point& out) const noexcept {
        const std::size_t at = place_of(key);
        if (!is_at(at, key)) return false;
        out = values_[at];
        return true;
    }
    bool put(std::uint64_t key, const point& value) noexcept {
        const std::size_t at = place_of(key);
        if (!is_at(at, key)) {
            if (size_ == capacity) return false;
            std::memmove(keys_ + at + 1, keys_ + at, (size_ - at) * sizeof keys_[0]);
            std::memmove(values_ + at + 1, values_ + at, (size_ - at) * sizeof values_[0]);
            keys_[at] = key;
            ++size_;
        }
        values_[at] = value;
        return true;
    }
    ashlar::result<bool> erase(std::uint64_t key) noexcept {
        const std::size_t at = place_of(key);
        if (!is_at(at, key)) return false;
        --size_;
        std::memmove(keys_ + at, keys_ + at + 1, (size_ - at) * sizeof keys_[0]);
        std::memmove(values_ + at, values_ + at + 1, (size_ - at) * sizeof values_[0]);
        return true;
    }
    /// A copy of each row, found again by its key, so that a visitor may change the map.
    template <class Visit>
    void each(Visit visit) const {
        for (std::size_t at = 0; at < size_;) {
            const std::uint64_t key = keys_[at];
            const point value = values_[at];
            visit(key, value);
            at = at < size_ && keys_[at] == key ? at + 1 : behind(key);
        }
    }

  private:
    [[nodiscard]] std::size_t place_of(std::uint64_t key) const noexcept {
        return static_cast<std::size_t>(std::lower_bound(keys_, keys_ + size_, key) - keys_);
    }
    [[nodiscard]] std::size_t behind(std::uint64_t key) const noexcept {
        return static_cast<std::size_t>(std::upper_bound(keys_, keys_ + size_, key) - keys_);
    }
    [[nodiscard]] bool is_at(std::size_t at, std::uint64_t key) const noexcept {
        return at < size_ && keys_[at] == key;
    }
    std::size_t size_ = 0;
    std::uint64_t keys_[capacity]{};
    point values_[capacity]{};
};

} // namespace

int main() {
    const auto keys = bench::make_keys(capacity);
    bench::count_loop(keys);
    static in_place db;
    static sorted_arrays by_hand;
    bench::compare_verbs("static_map", db, by_hand, keys);
}
