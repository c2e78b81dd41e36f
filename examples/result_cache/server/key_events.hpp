// SPDX-License-Identifier: BSL-1.0
/// @file Defines key_events: subscribers are told which keys change (notify-keyspace-events).
#pragma once

#include "keyspace/keyspace.hpp"

#include <atomic>
#include <optional>
#include <string>

namespace cache {

class subscriptions;
struct call;
struct command;

/// What is told, and to whom it is. A command's events are found from the heads that it wrote.
/// Thread-safe.
class key_events {
  public:
    key_events(keyspace& space, const subscriptions& listeners);

    /// Nothing is told: the usual case, and all that a command looks at then.
    [[nodiscard]] bool none() const noexcept {
        return classes_.load(std::memory_order_relaxed) == 0;
    }
    /// By Redis's letters; none for a letter that it does not know.
    [[nodiscard]] static std::optional<std::uint32_t> parse(std::string_view letters);
    void set(std::uint32_t classes) noexcept { classes_ = classes; }
    [[nodiscard]] std::string letters() const;

    /// Runs a command; its messages stand in `effects::published` afterwards.
    void run(const command& what, call& c) const;

  private:
    template <class Send>
    void tell(char kind, std::string_view event, int db, std::string_view key, Send send) const;

    const subscriptions& listeners_;
    std::atomic<std::uint32_t> classes_{0};
};

} // namespace cache
