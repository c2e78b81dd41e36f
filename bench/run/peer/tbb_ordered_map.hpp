// SPDX-License-Identifier: BSL-1.0
/// @file Defines tbb::concurrent_map, a skip list, behind the verbs of this bench.
#pragma once

#include <tbb/concurrent_map.h>

#include <atomic>
#include <cstddef>
#include <type_traits>

namespace bench {

template <class Kind>
class tbb_ordered_map {
  public:
    using key = typename Kind::key;
    using value = typename Kind::value;
    static constexpr bool concurrent = true;
    /// Values may be overwritten by several threads only where they are atomic by themselves.
    static constexpr bool overwrites = std::is_integral_v<value>;

    template <class F>
    bool read(const key& k, F f) const {
        const auto at = map_.find(k);
        if (at == map_.end()) return false;
        f(at->second);
        return true;
    }
    template <class F>
    void read_many(const key* keys, std::size_t n, F f) const {
        for (std::size_t i = 0; i < n; ++i) read(keys[i], f);
    }
    void put(const key& k, const value& v) {
        const auto [at, fresh] = map_.emplace(k, v);
        if (fresh) return;
        if constexpr (overwrites)
            std::atomic_ref<value>{at->second}.store(v, std::memory_order_release);
        else at->second = v;
    }
    [[nodiscard]] std::size_t size() const { return map_.size(); }
    template <class F>
    void scan(const key& from, const key& end, std::size_t n, F f) const {
        for (auto at = map_.lower_bound(from); n > 0 && at != map_.end() && at->first < end;
             ++at, --n)
            f(at->second);
    }

  private:
    tbb::concurrent_map<key, value> map_;
};

} // namespace bench
