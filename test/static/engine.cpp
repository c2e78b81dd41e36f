// SPDX-License-Identifier: BSL-1.0
// Negative space: what is not an engine, one type for each verb that is missing or answers wrongly,
// and what does not have each refinement. Archetypes show the positive side.
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/testing/archetypes.hpp>

#include <utility>

namespace {

using ashlar::result;
using row_type = ashlar::row_layout<8, 8, ashlar::row_fields{.sequenced = true}>;

/// A right engine whose every verb can be taken away: the base of all that follow.
struct right {
    using row = row_type;
    struct position {};
    result<bool> read(ashlar::bytes_view, auto&&) const { return false; }
    result<bool> walk(position&, auto&&, std::size_t) const { return false; }
    row::receipt apply(ashlar::batch_span) { return ashlar::commit_seq{}; }
    result<void> apply_at(ashlar::commit_seq, ashlar::operation_list) { return {}; }
};
static_assert(ashlar::engine<right>);

struct no_row {
    struct position {};
    result<bool> read(ashlar::bytes_view, auto&&) const { return false; }
    result<bool> walk(position&, auto&&, std::size_t) const { return false; }
    result<void> apply(ashlar::batch_span) { return {}; }
    result<void> apply_at(ashlar::commit_seq, ashlar::operation_list) { return {}; }
};
static_assert(!ashlar::engine<no_row>);

struct no_position : right {
    using position = void;
};
static_assert(!ashlar::engine<no_position>);

struct no_read : right {
    void read() = delete;
};
static_assert(!ashlar::engine<no_read>);
struct read_needs_mutable : right {
    result<bool> read(ashlar::bytes_view, auto&&) { return false; }
};
static_assert(!ashlar::engine<read_needs_mutable>);
struct read_answers_bool : right {
    bool read(ashlar::bytes_view, auto&&) const { return false; }
};
static_assert(!ashlar::engine<read_answers_bool>);

struct no_walk : right {
    void walk() = delete;
};
static_assert(!ashlar::engine<no_walk>);
struct walk_without_limit : right {
    result<bool> walk(position&, auto&&) const { return false; }
};
static_assert(!ashlar::engine<walk_without_limit>);

struct no_apply : right {
    void apply() = delete;
};
static_assert(!ashlar::engine<no_apply>);
struct apply_forgets_sequence : right {
    result<void> apply(ashlar::batch_span) { return {}; }
};
static_assert(!ashlar::engine<apply_forgets_sequence>); // its rows are sequenced

struct no_apply_at : right {
    void apply_at() = delete;
};
static_assert(!ashlar::engine<no_apply_at>);
struct apply_at_without_sequence : right {
    result<void> apply_at(ashlar::operation_list) { return {}; }
};
static_assert(!ashlar::engine<apply_at_without_sequence>);

static_assert(!ashlar::engine<int> && !ashlar::engine<void*>);

// A layer takes the batch itself, to append to it: an engine as well.
struct layer_like : right {
    row::receipt apply(ashlar::write_batch&) { return ashlar::commit_seq{}; }
};
static_assert(ashlar::engine<layer_like>);

// Refinements, each by the least thing that is wrong.
static_assert(!ashlar::ordered_engine<right> && !ashlar::snapshot_engine<right>);
static_assert(!ashlar::in_place_engine<right> && !ashlar::direct_engine<right>);
static_assert(!ashlar::durable_engine<right> && !ashlar::sized_engine<right>);
static_assert(!ashlar::batched_engine<right> && !ashlar::metered_engine<right>);

struct scan_answers_nothing : right {
    void scan(const ashlar::scan_range&, auto&&) const {}
};
static_assert(!ashlar::ordered_engine<scan_answers_nothing>);
struct put_without_erase : right {
    row::receipt put(ashlar::bytes_view, ashlar::bytes_view) { return ashlar::commit_seq{}; }
};
static_assert(!ashlar::direct_engine<put_without_erase>);
struct erase_answers_nothing : put_without_erase {
    result<void> erase(ashlar::bytes_view) { return {}; }
};
static_assert(!ashlar::direct_engine<erase_answers_nothing>);
struct sync_without_close : right {
    result<void> sync(ashlar::commit_seq) { return {}; }
};
static_assert(!ashlar::durable_engine<sync_without_close>);
struct update_without_capacity : right {
    row::receipt update(ashlar::bytes_view, auto&&) { return ashlar::commit_seq{}; }
};
static_assert(!ashlar::in_place_engine<update_without_capacity>);
struct size_by_reference : right {
    void size(std::size_t&) const {}
};
static_assert(!ashlar::sized_engine<size_by_reference>);
struct snapshot_may_not_fail : right {
    right snapshot() const { return {}; }
};
static_assert(!ashlar::snapshot_engine<snapshot_may_not_fail>); // taking one can fail: a result

// Hooks: the commits can't fail and say so.
struct throwing_hook : ashlar::no_hook {
    void commit(ashlar::commit_seq, ashlar::operation_list) {}
};
static_assert(!ashlar::commit_hook<throwing_hook>);
struct hook_without_reserve {
    void commit(ashlar::commit_seq, ashlar::operation_list) noexcept {}
    void commit_put(ashlar::commit_seq, ashlar::bytes_view, ashlar::bytes_view) noexcept {}
    void commit_erase(ashlar::commit_seq, ashlar::bytes_view) noexcept {}
    result<void> wait(ashlar::commit_seq) { return {}; }
};
static_assert(!ashlar::commit_hook<hook_without_reserve>);

// Backends: a policy that leaves something open is none.
struct backend_without_format : ashlar::testing::least_backend {
    static void describe() = delete;
};
static_assert(!ashlar::backend_policy<backend_without_format>);
struct on_another_axis : ashlar::testing::least_backend {
    using axis = ashlar::concurrency_axis;
};
static_assert(!ashlar::backend_policy<on_another_axis>);
static_assert(!ashlar::backend_policy<ashlar::single> && !ashlar::backend_policy<int>);

// Concurrency: every lock and every order that engines use.
struct without_mutex {
    using axis = ashlar::concurrency_axis;
    static constexpr bool threads = false;
    template <class T>
    using atomic = ashlar::single::atomic<T>;
};
static_assert(!ashlar::concurrency_policy<without_mutex>);
struct with_bare_atomics : without_mutex {
    using mutex = ashlar::single::mutex;
    template <class T>
    using atomic = std::atomic<T>; // has no named weaker orders
};
static_assert(!ashlar::concurrency_policy<with_bare_atomics>);
static_assert(!ashlar::concurrency_policy<int>);

} // namespace
