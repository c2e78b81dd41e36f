// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer that keeps cursors beside a log.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/feed/change/cursors.hpp>
#include <ashlar/forwarding.hpp>
#include <ashlar/guarded.hpp>

#include <memory>

namespace ashlar::inline v0_1 {

/// A logged engine whose log is also read by those who follow it. Writes and reads go straight to
/// the engine below: the log is written anyway. Thread-safe as Next is.
template <engine Next, file_system Environment, concurrency_policy Concurrency>
class change_layer : public forwarding<change_layer<Next, Environment, Concurrency>, Next,
                                       forwards::writes, forwards::replays, forwards::reads,
                                       forwards::walks, forwards::sizes, forwards::upkeep> {
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
