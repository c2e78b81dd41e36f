// SPDX-License-Identifier: BSL-1.0
/// @file Defines maps with the interface of std::map or std::unordered_map: for one thread, or with
/// a lock around each of several.
#pragma once

#include "hash_of.hpp"

#include <array>
#include <mutex>
#include <shared_mutex>

namespace bench {

template <class Kind, class Map>
class standard_map {
  public:
    using key = typename Kind::key;
    using value = typename Kind::value;
    static constexpr bool concurrent = false;

    template <class F>
    bool read(const key& k, F f) const {
        const auto at = map_.find(k);
        if (at == map_.end()) return false;
        f(at->second);
        return true;
    }
    /// A loop is what users write; where the map can fetch ahead (abseil), that is used.
    template <class F>
    void read_many(const key* keys, std::size_t n, F f) const {
        if constexpr (requires { map_.prefetch(*keys); })
            for (std::size_t i = 0; i < n; ++i) map_.prefetch(keys[i]);
        for (std::size_t i = 0; i < n; ++i) read(keys[i], f);
    }
    void put(const key& k, const value& v) { map_.insert_or_assign(k, v); }
    void erase(const key& k) { map_.erase(k); }
    [[nodiscard]] std::size_t size() const { return map_.size(); }

    template <class F>
    void scan(const key& from, const key& end, std::size_t n, F f) const {
        for (auto at = map_.lower_bound(from); n > 0 && at != map_.end() && at->first < end;
             ++at, --n)
            f(at->second);
    }

  private:
    Map map_;
};

/// The usual way to share a map between threads: pieces of it, each behind std::shared_mutex.
template <class Kind, class Map, std::size_t Pieces>
class locked_map {
  public:
    using key = typename Kind::key;
    using value = typename Kind::value;
    static constexpr bool concurrent = true;

    template <class F>
    bool read(const key& k, F f) const {
        const piece& p = of(k);
        const std::shared_lock held{p.lock};
        return p.map.read(k, f);
    }
    template <class F>
    void read_many(const key* keys, std::size_t n, F f) const {
        for (std::size_t i = 0; i < n; ++i) read(keys[i], f);
    }
    void put(const key& k, const value& v) {
        piece& p = of(k);
        const std::unique_lock held{p.lock};
        p.map.put(k, v);
    }
    void erase(const key& k) {
        piece& p = of(k);
        const std::unique_lock held{p.lock};
        p.map.erase(k);
    }
    [[nodiscard]] std::size_t size() const {
        std::size_t n = 0;
        for (const piece& p : pieces_) n += p.map.size();
        return n;
    }
    /// Of one piece only: with several, order is lost.
    template <class F>
    void scan(const key& from, const key& end, std::size_t n, F f) const {
        static_assert(Pieces == 1);
        const std::shared_lock held{pieces_[0].lock};
        pieces_[0].map.scan(from, end, n, f);
    }

  private:
    struct alignas(64) piece {
        mutable std::shared_mutex lock;
        standard_map<Kind, Map> map;
    };
    [[nodiscard]] static std::size_t number_of(const key& k) {
        return Pieces == 1 ? 0 : (hash_of{}(k) >> 48) % Pieces; // not the bits that maps use
    }
    [[nodiscard]] piece& of(const key& k) { return pieces_[number_of(k)]; }
    [[nodiscard]] const piece& of(const key& k) const { return pieces_[number_of(k)]; }
    std::array<piece, Pieces> pieces_;
};

} // namespace bench
