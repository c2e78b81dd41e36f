// SPDX-License-Identifier: BSL-1.0
/// @file Defines the verbs of a store that don't wait for the disk.
#pragma once

#include <ashlar/face/batch.hpp>
#include <ashlar/face/parts.hpp>

namespace ashlar::inline v0_1::face {

/// The part of basic_store that commits without waiting for durability; a base of it. Each verb
/// answers result<ticket>: the commit has happened, and `ticket.wait()` returns when it is durable,
/// which its answer says by its type. A ticket must not outlive the store, nor the store's moving.
/// Thread safety, complexity: those of put and apply. Errors: theirs, but for those of the disk,
/// which waiting answers.
template <class Store, class Key, class Value, class Parts>
class submitting {
  public:
    /// All checks, then all operations or none, as apply.
    template <byte_sink Sink>
    auto submit(typed_batch<Store, Sink>& batch, conflict* report = nullptr)
        requires Parts::keeps_log
    {
        const auto look = [&](const conflict_view& c) noexcept {
            if (report != nullptr) *report = Parts::report(c);
        };
        return with_ticket(
            [&](auto& self, auto& hook) { return self.apply_raw(batch.raw(), look, hook); });
    }
    /// As put.
    template <class K = Key>
    auto submit(const K& key, const Value& value)
        requires Parts::keeps_log
    {
        return with_ticket([&](auto& self, auto& hook) {
            return self.put_until(key, value, Store::no_expiry, hook);
        });
    }

  private:
    friend Store;
    constexpr submitting() noexcept = default;

    /// commit(store, hook) with a hook that takes a ticket instead of waiting.
    template <class Commit>
    [[gnu::always_inline]] auto with_ticket(Commit commit) {
        typename Parts::checkpointed::pending_type ticket;
        typename Parts::checkpointed::ticket_type hook{ticket};
        const auto done = commit(static_cast<Store&>(*this), hook);
        return done ? result<decltype(ticket)>{ticket} : result<decltype(ticket)>{done.error()};
    }
};

} // namespace ashlar::inline v0_1::face
