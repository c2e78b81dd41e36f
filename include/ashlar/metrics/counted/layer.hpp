// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer that counts what is done with the engine beneath it.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/environment/concept.hpp>
#include <ashlar/forwarding.hpp>
#include <ashlar/metrics/counted/counts.hpp>

#include <memory>

namespace ashlar::inline v0_1 {

/// An engine that counts calls by verb and result, and times one in `Every`. Thread-safe as Next
/// is. It changes nothing: results, errors and rows pass as they are.
template <engine Next, std::size_t Every, class Environment, class Concurrency>
class counting_layer
    : public forwarding<counting_layer<Next, Every, Environment, Concurrency>, Next,
                        forwards::walks, forwards::sizes, forwards::upkeep, forwards::expiries,
                        forwards::evictions, forwards::sweeps> {
    using tally = metrics_parts::tally<Concurrency>;
    static constexpr bool timed = Every != 0 && Environment::has_clock;

  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;

    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, counting_layer>)
    explicit counting_layer(Inner&& inner)
        : next_{std::forward<Inner>(inner)}, tally_{std::make_unique<tally>()} {}

    /// O(cells), some thousand additions; exact when nobody is at work.
    [[nodiscard]] operation_counts counts() const noexcept { return tally_->sum(); }

    // --- what it counts --------------------------------------------------------------------------

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        std::size_t bytes = 0;
        return watched(store_verb::read, [&] {
            const auto there = next_.read(key, [&](bytes_view bytes_of_row) {
                bytes = bytes_of_row.size();
                visit(bytes_of_row);
            });
            tally_->mine().read(bytes);
            return there;
        });
    }
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        std::size_t found = 0;
        std::size_t bytes = 0;
        const auto done =
            ashlar::read_many(next_, keys, count, [&](std::size_t i, bytes_view bytes_of_row) {
                ++found;
                bytes += bytes_of_row.size();
                visit(i, bytes_of_row);
            });
        auto& mine = tally_->mine();
        mine.read(bytes);
        mine.call(store_verb::read, verb_result::ok, found);
        if (done) mine.call(store_verb::read, verb_result::missing, count - found);
        else mine.call(store_verb::read, metrics_parts::result_of(done.error().code));
        return done;
    }
    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(Batch&& batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        std::size_t bytes = 0;
        const batch_span span = batch;
        for (const operation op : span.operations) bytes += op.key.size() + op.value.size();
        return writing(store_verb::apply, bytes,
                       [&] { return next_.apply(batch, hook, on_conflict); });
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        return watched(store_verb::apply, [&] { return next_.apply_at(seq, operations); });
    }
    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires requires(Next& next) { next.put(key, bytes, hook); }
    {
        return writing(store_verb::put, key.size() + bytes.size(),
                       [&] { return next_.put(key, bytes, hook); });
    }
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires requires(Next& next) { next.erase(key, hook); }
    {
        return watched(store_verb::erase, [&] { return next_.erase(key, hook); });
    }
    template <class Hook = no_hook>
    result<bool> erase_group(bytes_view key, Hook&& hook = Hook{})
        requires requires(Next& next) { next.erase_group(key, hook); }
    {
        return watched(store_verb::erase, [&] { return next_.erase_group(key, hook); });
    }
    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        return watched(store_verb::update, [&] { return next_.update(key, capacity, f, hook); });
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return watched(store_verb::walk, [&] { return next_.walk(at, visit, limit); }, true);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Next>
    {
        return watched(store_verb::scan, [&] { return next_.scan(range, visit); }, true);
    }
    result<void> sync(commit_seq seq)
        requires durable_engine<Next>
    {
        return watched(store_verb::sync, [&] { return next_.sync(seq); });
    }

    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    /// How a call ended; of `result<bool>`, false is a key that was not there, but not where it
    /// says that a scan has met its end.
    template <class Result>
    [[nodiscard]] static verb_result ending(const Result& done, bool any_value_is_fine) noexcept {
        if (!done) return metrics_parts::result_of(done.error().code);
        if constexpr (std::same_as<Result, result<bool>>)
            if (!any_value_is_fine && !*done) return verb_result::missing;
        return verb_result::ok;
    }
    template <class F>
    [[gnu::always_inline]] auto watched(store_verb verb, F f,
                                        bool any_value_is_fine = false) const {
        auto& mine = tally_->mine();
        if constexpr (timed) {
            if (mine.is_turn(Every)) {
                const Environment environment{};
                const monotonic_time begin = environment.monotonic_now();
                auto done = f();
                mine.took(verb, nanoseconds_between(begin, environment.monotonic_now()));
                mine.call(verb, ending(done, any_value_is_fine));
                return done;
            }
        }
        auto done = f();
        mine.call(verb, ending(done, any_value_is_fine));
        return done;
    }
    template <class F>
    [[gnu::always_inline]] auto writing(store_verb verb, std::size_t bytes, F f) {
        auto done = watched(verb, f);
        if (done) tally_->mine().written(bytes);
        return done;
    }

    [[no_unique_address]] Next next_;
    std::unique_ptr<tally> tally_;
};

} // namespace ashlar::inline v0_1
