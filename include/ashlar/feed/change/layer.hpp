// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer that keeps cursors beside a log.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/feed/change/cursors.hpp>
#include <ashlar/guarded.hpp>

#include <memory>

namespace ashlar::inline v0_1 {

/// A logged engine whose log is also read by those who follow it. Writes and reads go straight to
/// the engine below: the log is written anyway. Thread-safe as Next is.
template <engine Next, file_system Environment, concurrency_policy Concurrency>
class change_layer {
  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;
    using table_type = change_parts::table<Environment, Concurrency, typename Next::log_type>;

    template <class Inner>
        requires(!std::same_as<std::remove_cvref_t<Inner>, change_layer>)
    explicit change_layer(Inner&& inner) : next_{std::forward<Inner>(inner)} {
        static_cast<void>(guarded(errc::out_of_memory, [&]() -> result<void> {
            table_ = std::make_shared<table_type>(next_.log());
            return {};
        }));
    }
    change_layer(change_layer&&) noexcept = default;
    change_layer& operator=(change_layer&& other) noexcept {
        if (this == &other) return *this;
        end();
        next_ = std::move(other.next_);
        table_ = std::move(other.table_);
        return *this;
    }
    ~change_layer() { end(); }

    /// Null when memory was short at opening.
    [[nodiscard]] const std::shared_ptr<table_type>& changes() const noexcept { return table_; }

    // --- what it forwards ------------------------------------------------------------------------

    template <class Batch, class Hook = no_hook, class OnConflict = ignore_conflict>
    [[gnu::always_inline]] receipt apply(Batch&& batch, Hook&& hook = Hook{},
                                         OnConflict&& on_conflict = OnConflict{}) {
        return next_.apply(batch, hook, on_conflict);
    }
    template <class Hook = no_hook>
    [[gnu::always_inline]] receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        return next_.put(key, bytes, hook);
    }
    template <class Hook = no_hook>
    [[gnu::always_inline]] result<bool> erase(bytes_view key, Hook&& hook = Hook{})
        requires direct_engine<Next>
    {
        return next_.erase(key, hook);
    }
    template <class F, class Hook = no_hook>
    [[gnu::always_inline]] receipt update(bytes_view key, std::size_t capacity, F f,
                                          Hook&& hook = Hook{})
        requires in_place_engine<Next>
    {
        return next_.update(key, capacity, f, hook);
    }
    result<void> apply_at(commit_seq seq, operation_list operations) {
        return next_.apply_at(seq, operations);
    }
    template <class Visit>
    [[gnu::always_inline]] result<bool> read(bytes_view key, Visit&& visit) const {
        return next_.read(key, visit);
    }
    template <class Visit>
    result<void> read_many(const bytes_view* keys, std::size_t count, Visit visit) const {
        return ashlar::read_many(next_, keys, count, visit);
    }
    template <class Visit>
    result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        return next_.walk(at, visit, limit);
    }
    template <class Visit>
    result<bool> scan(const scan_range& range, Visit visit) const
        requires ordered_engine<Next>
    {
        return next_.scan(range, visit);
    }
    auto snapshot() const
        requires snapshot_engine<Next>
    {
        return next_.snapshot();
    }
    result<void> sync(commit_seq seq)
        requires durable_engine<Next>
    {
        return next_.sync(seq);
    }
    result<void> close()
        requires requires(Next& next) { next.close(); }
    {
        return next_.close();
    }
    [[nodiscard]] std::size_t size() const
        requires sized_engine<Next>
    {
        return next_.size();
    }
    [[nodiscard]] std::size_t memory_used() const
        requires metered_engine<Next>
    {
        return next_.memory_used();
    }
    [[nodiscard]] std::uint64_t identity() const noexcept
        requires requires(const Next& next) { next.identity(); }
    {
        return next_.identity();
    }
    /// For the verbs that only one layer has, such as a checkpoint's.
    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    void end() noexcept {
        if (table_ != nullptr) table_->end();
    }

    [[no_unique_address]] Next next_;
    std::shared_ptr<table_type> table_;
};

} // namespace ashlar::inline v0_1
