// SPDX-License-Identifier: BSL-1.0
/// @file Defines the verbs of a store whose rows expire.
#pragma once

#include <ashlar/expiry/time_to_live.hpp>
#include <ashlar/face/compound.hpp>
#include <ashlar/face/sweeping.hpp>

namespace ashlar::inline v0_1::face {

/// Satisfied by stacks under whose layers is one that knows when rows go.
template <class Stack>
concept expiring_stack = requires(const Stack& stack) {
    { stack.expiring().now() } -> std::same_as<wall_time>;
};

/// The policy itself, or the one that it stands upon.
template <class Policy>
struct upon {
    using type = Policy;
};
template <class Policy>
    requires requires { typename Policy::base; }
struct upon<Policy> {
    using type = typename Policy::base;
};
template <class Policy>
using sweeping_policy = typename upon<Policy>::type;

/// What ttl_of answers.
struct time_left {
    bool expires = false;          ///< false: the row stays until it is erased
    wall_time at{};                ///< when it goes
    std::uint64_t nanoseconds = 0; ///< how long that is from now
};

/// The verbs of a store that have to do with time: a base of basic_store, whose verbs are too many
/// for one header. A plain `put`, `insert` or `exchange` makes a row that stays; `add`, `update`
/// and `compare_exchange` keep the expiry that the row has. A time to live of 0 is over at once.
template <class Store, class Key, class Value, class Composition, class Stack>
class expiring {
    static constexpr bool expires = expiring_stack<Stack>;
    static constexpr bool evicts = requires(Stack& stack) { stack.evicting().is_over(); };
    static constexpr bool sweeps =
        requires { sweeping_policy<typename Composition::expiry>::rows_per_sweep; };

  public:
    // --- writing ---------------------------------------------------------------------------------

    /// As put, but the row is gone when the time is over, which begins with the call.
    template <class K = Key>
    auto put(const K& key, const Value& value, time_to_live ttl)
        requires expires
    {
        return put(key, value, after(ttl));
    }
    /// As put, but the row is gone at that moment. `wall_time{0}` is a moment, too, long past: to
    /// put a row that stays, name none. In the row's header the least and the greatest number are
    /// no time, so these two moments count as the ones next to them.
    template <class K = Key>
    auto put(const K& key, const Value& value, wall_time at)
        requires expires
    {
        return self().put_until(key, value, expiry_field(at));
    }
    /// Puts only what is not there, or no longer; answers whether it did.
    template <class K = Key>
    result<bool> insert(const K& key, const Value& value, time_to_live ttl)
        requires expires
    {
        typename Store::one_batch one;
        return unless_conflict(self().apply(one.expect_absent(key).put(key, value, after(ttl))));
    }
    /// Puts only over a value equal to `expected`, with a new time to live.
    template <class K = Key>
    result<bool> compare_exchange(const K& key, const Value& expected, const Value& desired,
                                  time_to_live ttl)
        requires expires
    {
        typename Store::one_batch one;
        one.expect_equals(key, expected).put(key, desired, after(ttl));
        return unless_conflict(self().apply(one));
    }
    /// Changes when a row goes; persist() makes it stay. Answers whether there is a row. A write
    /// like any other: versions move. Errors: contended, when other writers change the value 64
    /// times meanwhile.
    template <class K = Key>
    result<bool> expire_at(const K& key, wall_time at)
        requires expires
    {
        return change_expiry(key, expiry_field(at));
    }
    template <class K = Key>
    result<bool> expire_after(const K& key, time_to_live ttl)
        requires expires
    {
        return change_expiry(key, expiry_field(after(ttl)));
    }
    /// Makes a row stay until it is erased; answers whether there is one.
    template <class K = Key>
    result<bool> persist(const K& key)
        requires expires
    {
        return change_expiry(key, expires_never);
    }

    // --- asking ----------------------------------------------------------------------------------

    /// How long the row will stay, or not_found.
    template <class K = Key>
    [[nodiscard]] result<time_left> ttl_of(const K& key) const
        requires expires
    {
        using row = typename Store::row;
        result<time_left> left = errc::not_found;
        const auto there = self().read_row(key, [&](bytes_view r) noexcept {
            if (!row::fits(r)) left = errc::corrupt;
            else left = time_left{row::expiry(r) != expires_never, wall_time{row::expiry(r)}, 0};
        });
        if (!there) return there.error();
        if (!left || !left->expires) return left;
        const auto now = static_cast<std::uint64_t>(this->now());
        const auto end = static_cast<std::uint64_t>(left->at);
        left->nanoseconds = now < end ? end - now : 0;
        return left;
    }
    /// The time by which rows expire: the wall clock's, but never before a time that has come.
    [[nodiscard]] wall_time now() const noexcept
        requires expires
    {
        return self().stack().expiring().now();
    }
    /// For batches: `batch.put(key, value, db.after(30s))`.
    [[nodiscard]] wall_time after(time_to_live ttl) const noexcept
        requires expires
    {
        return ttl.from(now());
    }

    // --- giving memory back ----------------------------------------------------------------------

    /// Erases every row that has expired; answers how many. O(rows), by batches of at most 256.
    result<std::size_t> sweep()
        requires expires
    {
        typename Stack::position at{};
        std::size_t erased = 0;
        for (bool more = true; more;) {
            const auto some = sweep_from(at, 256, more);
            if (!some) return some;
            erased += *some;
        }
        return erased;
    }
    /// Looks at the next `rows` rows (or empty places where rows hash to), going round the store
    /// from call to call, and erases what has expired; answers how many. Returns at once when
    /// another thread is at it.
    result<std::size_t> maintain(std::size_t rows)
        requires expires
    {
        return state_.unless_busy(
            [&](typename Stack::position& at) {
                bool more = false;
                const auto erased = sweep_from(at, rows, more);
                if (!more) at = {};
                return erased;
            },
            result<std::size_t>{std::size_t{0}});
    }

    // clang-format off: the compiler prints these lines
    void put(const auto&, const auto&, auto&&) requires(!expires) = delete; // ashlar: rows of this store don't expire; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void insert(const auto&, const auto&, auto&&) requires(!expires) = delete; // ashlar: rows of this store don't expire; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void compare_exchange(const auto&, const auto&, const auto&, auto&&) requires(!expires) = delete; // ashlar: rows of this store don't expire; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void expire_at(auto&&...) requires(!expires) = delete; // ashlar: rows of this store don't expire; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void expire_after(auto&&...) requires(!expires) = delete; // ashlar: rows of this store don't expire; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void persist(auto&&...) requires(!expires) = delete; // ashlar: rows of this store don't expire, so all of them stay; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void ttl_of(auto&&...) const requires(!expires) = delete; // ashlar: rows of this store don't expire; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void now() const requires(!expires) = delete; // ashlar: rows of this store don't expire, so it reads no clock; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void after(auto&&...) const requires(!expires) = delete; // ashlar: rows of this store don't expire, so it reads no clock; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void sweep() requires(!expires) = delete; // ashlar: rows of this store don't expire, so there is nothing to sweep; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void maintain(auto&&...) requires(!expires) = delete; // ashlar: this store has no housekeeping to do; ashlar::lazy_ttl and ashlar::active_ttl<> have
    // clang-format on

  private:
    friend Store;
    constexpr expiring() noexcept = default;

    [[nodiscard]] Store& self() noexcept { return static_cast<Store&>(*this); }
    [[nodiscard]] const Store& self() const noexcept { return static_cast<const Store&>(*this); }

    template <class K>
    result<bool> change_expiry(const K& key, std::uint64_t at) {
        using row = typename Store::row;
        const auto k = Store::encode(key);
        if (!k.status()) return k.status().error();
        for (int attempt = 0; attempt < 64; ++attempt) {
            write_batch one;
            const auto there = self().read_row(key, [&](bytes_view r) noexcept {
                if (!row::fits(r)) one.fail(error{errc::corrupt});
                else one.equals(k.view(), row::payload(r)).put(k.view(), r);
            });
            if (!there || !*there) return there;
            if (!one.status()) return one.status().error();
            for (const operation op : one.operations()) row::set_expiry(op.value_bytes(), at);
            const auto changed = unless_conflict(self().apply_raw(one, ignore_conflict{}));
            if (!changed || *changed) return changed;
        }
        return errc::contended;
    }

    /// One step of a sweep: in place where nobody follows erasures, else submitted at the top,
    /// where every layer and feed hears of it.
    template <class Position>
    result<std::size_t> sweep_from(Position& at, std::size_t rows, bool& more) {
        if constexpr (requires { self().stack().sweep_in_place(at, rows, more); })
            return self().stack().sweep_in_place(at, rows, more);
        write_batch expired;
        const auto left = self().stack().expiring().collect_expired(at, expired, rows);
        if (!left) return more = false, left.error();
        more = *left;
        return submit_sweep(self().stack(), expired);
    }

    /// For basic_store, after each write.
    [[gnu::always_inline]] void after_write() {
        if constexpr (evicts) evict();
        if constexpr (sweeps) {
            using policy = sweeping_policy<typename Composition::expiry>;
            const std::uint64_t begin = monotonic();
            if (!state_.is_due(begin, policy::sweep_interval)) return;
            // A sweep that fails is tried again; the write it came behind has succeeded.
            const auto erased = maintain(policy::rows_per_sweep);
            // Where much has expired, up to half of the time goes here, else up to a sixteenth: a
            // backend may have to pass much that is empty before it has met so many rows.
            const std::uint64_t end = monotonic();
            const std::uint64_t took = end - begin;
            if (erased && *erased * 4 >= policy::rows_per_sweep) state_.due_at(end + took);
            else if (took * 16 > policy::sweep_interval) state_.due_at(end + took * 16);
        }
    }

    [[nodiscard]] std::uint64_t monotonic() const noexcept {
        return static_cast<std::uint64_t>(self().stack().expiring().monotonic_now());
    }
    /// Until it is enough; at most 4 batches of 64, for others may be writing all the time.
    void evict() {
        auto& rows = self().stack().evicting();
        for (int i = 0; i < 4 && rows.is_over(); ++i) {
            write_batch victims;
            rows.collect_victims(victims);
            if (victims.operation_count() == 0 || !victims.status()) return;
            if (self().stack().apply(victims)) rows.count_evicted(victims.operation_count());
        }
    }

    template <bool, class S>
    struct state_of {
        using type = no_sweep_state;
    };
    template <class S>
    struct state_of<true, S> {
        using type = sweep_state<typename S::position, typename Composition::concurrency>;
    };
    [[no_unique_address]] typename state_of<expires, Stack>::type state_;
};

} // namespace ashlar::inline v0_1::face
