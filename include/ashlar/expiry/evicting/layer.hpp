// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer that knows how much its rows take and which of them should go.
#pragma once

#include <ashlar/environment/concept.hpp>
#include <ashlar/expiry/evicting/directory.hpp>
#include <ashlar/forwarding.hpp>

#include <memory>

namespace ashlar::inline v0_1 {

namespace eviction {

/// Stands at the commit point between an engine and the hook it was given, and notes what becomes
/// of each row while the row is still locked.
template <class Row, class Directory, class Hook>
class watching_hook {
  public:
    watching_hook(Directory& directory, Hook& inner) noexcept
        : directory_{directory}, inner_{inner} {}

    result<void> reserve(std::size_t bytes) { return inner_.reserve(bytes); }
    void commit(commit_seq seq, operation_list operations) noexcept {
        inner_.commit(seq, operations);
        note(operations);
    }
    void commit_put(commit_seq seq, bytes_view key, bytes_view row) noexcept {
        inner_.commit_put(seq, key, row);
        put(key, row);
    }
    void commit_erase(commit_seq seq, bytes_view key) noexcept {
        inner_.commit_erase(seq, key);
        directory_.erase(key);
    }
    result<void> wait(commit_seq seq) { return inner_.wait(seq); }
    [[nodiscard]] Hook& inner() noexcept { return inner_; }

    void note(operation_list operations) noexcept {
        for (const operation op : operations) {
            switch (op.kind) {
            case operation_kind::put: put(op.key, op.value); break;
            case operation_kind::add: break; // is a put by now
            case operation_kind::erase: directory_.erase(op.key); break;
            case operation_kind::erase_range:
                directory_.erase_range({.lo = op.key, .hi = op.value});
                break;
            }
        }
    }
    void put(bytes_view key, bytes_view row) noexcept {
        std::uint64_t expiry = 0;
        if constexpr (Row::fields.expiry)
            if (Row::fits(row)) expiry = Row::expiry(row);
        directory_.put(key, row.size(), expiry);
    }

  private:
    Directory& directory_;
    Hook& inner_;
};

} // namespace eviction

/// An engine that notes every row at the commit point and every use by `read`. It evicts nothing
/// itself: the face submits `collect_victims` at the top of the stack while `is_over()`, so that
/// versions, indexes, logs and feeds see an ordinary erasure. Thread-safe as Next is.
template <engine Next, class Order, std::size_t Bytes, class Environment, class Concurrency>
class evicting_layer
    : public forwarding<evicting_layer<Next, Order, Bytes, Environment, Concurrency>, Next,
                        forwards::walks, forwards::sizes, forwards::upkeep, forwards::expiries> {
  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;

    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, evicting_layer>)
    explicit evicting_layer(Inner&& inner)
        : next_{std::forward<Inner>(inner)}, state_{std::make_unique<state>(seed())} {}

    // --- what it knows ---------------------------------------------------------------------------

    [[nodiscard]] evicting_layer& evicting() noexcept { return *this; }
    [[nodiscard]] const evicting_layer& evicting() const noexcept { return *this; }
    /// Bytes that rows and their entries take; exact but for rows being written.
    [[nodiscard]] std::size_t used() const noexcept { return state_->rows.used(); }
    [[nodiscard]] static constexpr std::size_t limit() noexcept { return Bytes; }
    /// Rows evicted since the store was opened.
    [[nodiscard]] std::size_t evicted() const noexcept { return state_->rows.evicted(); }
    [[nodiscard]] bool is_over() const noexcept { return used() > Bytes; }
    void count_evicted(std::size_t rows) noexcept { state_->rows.count_evicted(rows); }

    /// Appends erasures of the rows that should go: enough of them, but at most 64.
    template <byte_sink Sink>
    void collect_victims(basic_batch<Sink>& batch) {
        const std::size_t now = used();
        if (now > Bytes)
            state_->rows.victims(now - Bytes, 64, [&](bytes_view key) { batch.erase(key); });
    }

    // --- what it watches -------------------------------------------------------------------------

    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(Batch&& batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (const auto ready = know_all(); !ready) return ready.error();
        return next_.apply(batch, watch(hook), on_conflict);
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        if (const auto ready = know_all(); !ready) return ready.error();
        return next_.put(key, bytes, watch(hook));
    }
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        if (const auto ready = know_all(); !ready) return ready.error();
        return next_.erase(key, watch(hook));
    }
    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        if (const auto ready = know_all(); !ready) return ready.error();
        return next_.update(key, capacity, f, watch(hook));
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        if (const auto ready = know_all(); !ready) return ready;
        const auto done = next_.apply_at(seq, operations);
        no_hook none;
        if (done) watch(none).note(operations);
        return done;
    }
    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        const auto there = next_.read(key, visit);
        if (there && *there) state_->rows.use(key);
        return there;
    }
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        return ashlar::read_many(next_, keys, count, [&](std::size_t i, bytes_view bytes) noexcept {
            state_->rows.use(keys[i]);
            visit(i, bytes);
        });
    }

    /// For the verbs that only one layer has, such as a checkpoint's.
    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    using directory = eviction::directory<Order, Concurrency>;
    struct state {
        explicit state(std::uint64_t seed) : rows{seed} {}
        directory rows;
        typename Concurrency::mutex mutex;
        typename Concurrency::template atomic<bool> knows_all{false};
    };

    [[nodiscard]] static std::uint64_t seed() noexcept {
        if constexpr (Environment::has_random) return Environment{}.random_seed();
        else return 1;
    }
    template <class Hook>
    [[nodiscard]] auto watch(Hook& hook) noexcept {
        return eviction::watching_hook<row, directory, Hook>{state_->rows, hook};
    }
    /// Before the first write: rows that were there when the store was opened.
    result<void> know_all() {
        if (state_->knows_all.load_acquire()) return {};
        const guard hold{state_->mutex};
        if (state_->knows_all.load()) return {};
        position at{};
        no_hook none;
        const auto met = next_.walk(
            at, [&](bytes_view key, bytes_view bytes) { watch(none).put(key, bytes); },
            static_cast<std::size_t>(-1));
        if (!met) return met.error();
        state_->knows_all.store(true);
        return {};
    }

    [[no_unique_address]] Next next_;
    std::unique_ptr<state> state_;
};

} // namespace ashlar::inline v0_1
