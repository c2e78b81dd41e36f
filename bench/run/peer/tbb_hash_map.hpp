// SPDX-License-Identifier: BSL-1.0
/// @file Defines tbb::concurrent_hash_map behind the verbs of this bench.
#pragma once

#include "hash_of.hpp"

#include <tbb/concurrent_hash_map.h>

namespace bench {

template <class Kind>
class tbb_hash_map {
  public:
    using key = typename Kind::key;
    using value = typename Kind::value;
    static constexpr bool concurrent = true;

    template <class F>
    bool read(const key& k, F f) const {
        typename map::const_accessor at;
        if (!map_.find(at, k)) return false;
        f(at->second);
        return true;
    }
    /// There is no batched read.
    template <class F>
    void read_many(const key* keys, std::size_t n, F f) const {
        for (std::size_t i = 0; i < n; ++i) read(keys[i], f);
    }
    void put(const key& k, const value& v) {
        typename map::accessor at;
        map_.insert(at, k);
        at->second = v;
    }
    void erase(const key& k) { map_.erase(k); }
    [[nodiscard]] std::size_t size() const { return map_.size(); }

  private:
    struct compare {
        [[nodiscard]] static std::size_t hash(const key& k) { return hash_of{}(k); }
        [[nodiscard]] static bool equal(const key& a, const key& b) { return a == b; }
    };
    using map = tbb::concurrent_hash_map<key, value, compare>;
    map map_;
};

} // namespace bench
