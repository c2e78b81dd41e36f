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
        return ticket_of([&](auto& hook) {
            const auto look = [&](const conflict_view& c) noexcept {
                if (report != nullptr) *report = Parts::report(c);
            };
            return self().apply_raw(batch.raw(), look, hook);
        });
    }
    /// As put: a batch of one that needs no batch.
    template <class K = Key>
    auto submit(const K& key, const Value& value)
        requires Parts::keeps_log
    {
        return ticket_of([&](auto& hook) -> typename Store::receipt {
            Store::scope::check(&self());
            const auto k = Store::encode(key);
            const typename Store::row_bytes r{value};
            if (!k.status()) return k.status().error();
            if (!r.status()) return r.status().error();
            auto& stack = self().stack();
            if constexpr (requires { stack.put(k.view(), r.view(), hook); }) {
                return self().written(stack.put(k.view(), r.view(), hook));
            } else {
                basic_batch<typename Parts::one_sink> one;
                one.put(k.view(), r.view());
                return self().apply_raw(one, ignore_conflict{}, hook);
            }
        });
    }

  private:
    friend Store;
    constexpr submitting() noexcept = default;

    [[nodiscard]] Store& self() noexcept { return static_cast<Store&>(*this); }
    template <class Commit>
    [[nodiscard]] static auto ticket_of(Commit commit) {
        typename Parts::checkpointed::pending_type ticket;
        typename Parts::checkpointed::ticket_type hook{ticket};
        const auto done = commit(hook);
        return done ? result<decltype(ticket)>{ticket} : result<decltype(ticket)>{done.error()};
    }
};

} // namespace ashlar::inline v0_1::face
