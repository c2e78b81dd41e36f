// SPDX-License-Identifier: BSL-1.0
/// @file Defines libcuckoo's map behind the verbs of this bench.
#pragma once

#include "hash_of.hpp"

#include <libcuckoo/cuckoohash_map.hh>

namespace bench {

template <class Kind>
class cuckoo_map {
  public:
    using key = typename Kind::key;
    using value = typename Kind::value;
    static constexpr bool concurrent = true;

    template <class F>
    bool read(const key& k, F f) const {
        return map_.find_fn(k, [&](const value& v) { f(v); });
    }
    /// There is no batched read.
    template <class F>
    void read_many(const key* keys, std::size_t n, F f) const {
        for (std::size_t i = 0; i < n; ++i) read(keys[i], f);
    }
    void put(const key& k, const value& v) { map_.insert_or_assign(k, v); }
    void erase(const key& k) { map_.erase(k); }
    [[nodiscard]] std::size_t size() const { return map_.size(); }

  private:
    libcuckoo::cuckoohash_map<key, value, hash_of> map_;
};

} // namespace bench
