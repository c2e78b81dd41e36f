// SPDX-License-Identifier: BSL-1.0
/// @file Defines ashlar's stores behind the verbs of this bench.
#pragma once

#include "../measure/keys.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

#include <chrono>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace bench {

/// Verbs answer results; the bench asks whether they succeeded, as a user would.
template <class Kind, class... Policies>
class ashlar_store {
  public:
    using key = typename Kind::key;
    using value = typename Kind::value;
    using store = ashlar::store<key, value, Policies...>;
    static constexpr bool concurrent = store::composition::concurrency::threads;

    ashlar_store() = default;
    explicit ashlar_store(store&& opened) : store_{std::move(opened)} {}

    template <class F>
    bool read(const key& k, F f) const {
        if constexpr (std::is_trivially_copyable_v<value>) {
            value v{};
            const auto there = store_.get(k, v);
            if (!there || !*there) return false;
            f(v);
            return true;
        } else {
            const auto there = store_.read_bytes(
                k, [&](ashlar::bytes_view v) noexcept { f(v.as<std::string_view>()); });
            return there && *there;
        }
    }
    template <class F>
    void read_many(const key* keys, std::size_t n, F f) const {
        check(store_.read_many(keys, n, [&](std::size_t, const value& v) noexcept { f(v); }));
    }
    /// Where rows can expire, each has a time to do so: that is what is to be measured.
    void put(const key& k, const value& v) {
        using namespace std::chrono_literals;
        if constexpr (requires { store_.put(k, v, 1h); }) check(store_.put(k, v, 1h));
        else check(store_.put(k, v));
    }
    void erase(const key& k) { check(store_.erase(k)); }
    [[nodiscard]] std::size_t size() const {
        if constexpr (requires { store_.size(); }) {
            return store_.size();
        } else { // with expiry a count must look at each row
            std::size_t n = 0;
            check(store_.for_each([&](const key&, const value&) noexcept { ++n; }));
            return n;
        }
    }

    /// Values of up to n keys from `from` up to `end`, in order.
    template <class F>
    void scan(const key& from, const key& end, std::size_t n, F f) const {
        check(store_.scan(from, end).limit(n).for_each(
            [&](const key&, const value& v) noexcept { f(v); }));
    }
    [[nodiscard]] store& itself() noexcept { return store_; }

  private:
    static void check(const auto& done) {
        if (!done) throw std::runtime_error{"bench: ashlar could not do what it was asked to"};
    }
    store store_;
};

} // namespace bench
