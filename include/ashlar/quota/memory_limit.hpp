// SPDX-License-Identifier: BSL-1.0
/// @file Defines memory_limit: a write that would take too much is refused.
#pragma once

#include <ashlar/quota/concept.hpp>
#include <ashlar/quota/memory_limit/layer.hpp>

namespace ashlar::inline v0_1 {

/// A store whose keys and rows never take more than `Bytes` together. Each row counts with its
/// header and with `PerRow` bytes for what the backend keeps around it. A write that would pass the
/// limit, alone or as part of a batch, is `quota_exhausted` and changes nothing. The count is
/// exact, whatever is overwritten or erased, in ranges too, or swept after it has expired (until
/// then it counts), and however many threads write. Nothing is removed to make room: that is
/// `evicting`. Nothing of it is on disk: what a store holds when it is opened is counted before the
/// first write, in O(rows). Costs a lock for each key written, and a look-up, except where rows of
/// one length are changed in place; docs/policies/memory_limit.md says the rest.
template <std::size_t Bytes, std::size_t PerRow = 64>
struct memory_limit {
    using axis = quota_axis;
    static constexpr row_fields fields{};
    static constexpr void describe(sentence&) noexcept {}

    template <class Next, class KeyCodec, class Environment, class Concurrency>
    using layer_in = limited_layer<Next, Bytes, PerRow, Concurrency>;
};
static_assert(quota_policy<memory_limit<1>>);

namespace quota_parts {

template <class Stack>
[[nodiscard]] auto& limited_in(Stack& stack) noexcept {
    if constexpr (requires { stack.quota(); }) return stack;
    else return limited_in(stack.below());
}

} // namespace quota_parts

/// O(1) but for the first call, which counts the rows there are. REQUIRES: a store with a
/// memory_limit. Errors: those of reading the rows.
template <class Store>
[[nodiscard]] result<memory_quota> quota_of(Store& store) {
    auto& layer = quota_parts::limited_in(store.stack());
    if (const auto known = layer.know_all(); !known) return known.error();
    return layer.quota();
}

/// Another limit from now on; nothing is removed when less than is used: only growth is refused.
template <class Store>
void limit_memory(Store& store, std::size_t bytes) noexcept {
    quota_parts::limited_in(store.stack()).limit(bytes);
}

} // namespace ashlar::inline v0_1
