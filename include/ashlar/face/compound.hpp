// SPDX-License-Identifier: BSL-1.0
/// @file Defines the verbs that are made of others: transact, exchange, bulk_load.
#pragma once

#include <ashlar/face/parts.hpp>
#include <ashlar/face/transaction.hpp>

namespace ashlar::inline v0_1::face {

/// Runs f(transaction&) and commits, again while other writers changed what it read.
template <class Store, class F>
typename Store::receipt transact(Store& store, F& f, std::size_t attempts) {
    for (std::size_t i = 0; i < attempts; ++i) {
        transaction<Store> tx{store};
        if (const result<void> done = f(tx); !done) return done.error();
        const typename Store::receipt committed = store.apply(tx.writes());
        if (committed || committed.error() != errc::conflict) return committed;
    }
    return errc::contended;
}

/// True for a commit, false for one that a check prevented.
template <class Receipt>
result<bool> unless_conflict(const Receipt& done) noexcept {
    if (done) return true;
    if (done.error() == errc::conflict) return false;
    return done.error();
}

template <class Store, class K>
result<exchanged<typename Store::mapped_type>> exchange(Store& store, const K& key,
                                                        const typename Store::mapped_type& value) {
    exchanged<typename Store::mapped_type> old;
    const auto done = store.transact([&](transaction<Store>& tx) -> result<void> {
        auto before = tx.get(key);
        if (!before && before.error() != errc::not_found) return before.error();
        old.existed = before.has_value();
        if (before) old.value = std::move(*before);
        tx.put(key, value);
        return {};
    });
    if (!done) return done.error();
    return old;
}

/// The engine below, where it can make room ahead; null where there is none. Null also where a
/// limit of memory stands above it, because the limit may leave room for less.
template <class Engine>
[[nodiscard]] constexpr auto growing_in(Engine& engine) noexcept {
    constexpr bool limited = requires { engine.quota(); } || requires { engine.evicting(); };
    if constexpr (requires { engine.expect_rows(std::size_t{}); }) return &engine;
    else if constexpr (!limited && requires { engine.below(); }) return growing_in(engine.below());
    else return nullptr;
}

/// Batches of 256, each atomic: large enough that a durable backend's commit is shared by many. An
/// empty engine that can grows at once for all that a sized range has.
template <class Store, class Range>
result<std::size_t> bulk_load(Store& store, Range& pairs) {
    if constexpr (requires { std::size_t{pairs.size()}; })
        if constexpr (!std::is_null_pointer_v<decltype(growing_in(store.stack()))>)
            if (auto* const in = growing_in(store.stack()); in->size() == 0)
                in->expect_rows(pairs.size());
    std::size_t loaded = 0;
    auto some = store.batch();
    const auto flush = [&]() -> result<void> {
        const typename Store::receipt done = store.apply(some);
        if (!done) return done.error();
        loaded += some.operation_count();
        some.clear();
        return {};
    };
    for (auto&& [key, value] : pairs) {
        some.put(key, value);
        if (some.operation_count() < 256 && some.status()) continue;
        if (auto done = flush(); !done) return done.error();
    }
    if (auto done = flush(); !done) return done.error();
    return loaded;
}

} // namespace ashlar::inline v0_1::face
