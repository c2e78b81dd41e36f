// SPDX-License-Identifier: BSL-1.0
/// @file Defines change_log: followers read every commit, at their own pace, over restarts.
#pragma once

#include <ashlar/feed/change/cursor.hpp>
#include <ashlar/feed/change/layer.hpp>
#include <ashlar/feed/concept.hpp>

namespace ashlar::inline v0_1 {

/// Lets followers read a logged store's commits from its log (systems rows C-T3h, C-T3i): each has
/// a name, begins where it likes, and acknowledges durably; what the slowest has not acknowledged
/// stays in the log. At least once, in the order of effect for each key, nothing missing. Writes
/// cost nothing more. The log without followers goes with checkpoints, as ever.
///
///   using ledger = ashlar::store<std::string, std::string, ashlar::sorted_map<>, ashlar::logged<>,
///                                ashlar::change_log>;
///   auto indexer = ashlar::follow(db, "indexer");
///   indexer->poll([](const auto& change) { change.for_each([](const auto& c) { c.key(); }); });
///   indexer->acknowledge();
struct change_log {
    using axis = feed_axis;
    static constexpr row_fields fields{};
    static constexpr bool reads_log = true;
    static constexpr void describe(sentence&) noexcept {}

    template <class Next, class, class Environment, class Concurrency>
    using layer_in = change_layer<Next, Environment, Concurrency>;
};
static_assert(feed_policy<change_log>);

namespace change_parts {

template <class Stack>
concept keeping = requires(Stack& stack) { stack.changes()->read(); };

template <class Stack>
[[nodiscard]] const auto& table_in(Stack& stack) noexcept {
    if constexpr (keeping<Stack>) return stack.changes();
    else return table_in(stack.below());
}

/// Finds where a new cursor begins. Errors: gone when changes behind that place were dropped.
template <file_system Environment, class Log>
[[nodiscard]] result<void> find_start(Log& log, change_start from, entry& out) noexcept {
    out.after = from.what == change_start::kind::after ? from.sequence : 0;
    out.place = log.position();
    if (from.what == change_start::kind::latest) return {};
    const Environment environment;
    const auto there = log_parts::listing::of(environment, log.directory());
    if (!there) return there.error();
    const auto& numbers = there->segments;
    if (numbers.size() == 0) return {};
    std::uint64_t first = numbers[0];
    for (std::size_t i = 0; i < numbers.size() && from.what == change_start::kind::after; ++i) {
        const auto head = header_of(environment, log.directory(), log.uuid(), numbers[i]);
        if (!head && head.error() == errc::not_found) break; // is being made
        if (!head) return head.error();
        if (i == 0 && head->sequence > from.sequence) return errc::gone;
        // Nothing in front of this segment was asked for.
        if (head->sequence <= from.sequence) first = numbers[i];
    }
    out.place = {first, sizeof(log_segment_header), 0};
    return {};
}

} // namespace change_parts

/// The follower of that name, where it has acknowledged to; one that is new begins at `from`.
/// Errors: locked (that follower is in use), gone (the log has dropped what `from` asks for),
/// invalid_argument (a name of 0 or more than 255 bytes), full (4096 followers), read_only,
/// corrupt (the file of cursors), out_of_memory, and the system's.
template <class Store>
[[nodiscard]] auto follow(Store& store, text_view name,
                          change_start from = change_start::oldest()) {
    static_assert(
        requires { Store::composition::feed::reads_log; },
        "ashlar: this store's changes can't be followed; add ashlar::change_log and "
        "ashlar::logged<>");
    if constexpr (requires { Store::composition::feed::reads_log; }) {
        using environment = typename Store::composition::environment;
        const auto& table = change_parts::table_in(store.stack());
        using cursor =
            change_cursor<Store, typename std::remove_cvref_t<decltype(table)>::element_type>;
        if (table == nullptr) return result<cursor>{errc::out_of_memory};
        const auto taken =
            table->take(bytes_view{name}, [&](auto& log, change_parts::entry& fresh) {
                return change_parts::find_start<environment>(log, from, fresh);
            });
        if (!taken) return result<cursor>{taken.error()};
        return result<cursor>{cursor{table, *taken}};
    }
}

/// Ends a follower, so that the log no longer waits for it; false when there is none of that name.
/// Errors: locked while it is in use, and the system's.
template <class Store>
[[nodiscard]] result<bool> unfollow(Store& store, text_view name) {
    const auto& table = change_parts::table_in(store.stack());
    if (table == nullptr) return errc::out_of_memory;
    return table->forget(bytes_view{name});
}

} // namespace ashlar::inline v0_1
