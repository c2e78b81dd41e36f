// SPDX-License-Identifier: BSL-1.0
/// @file Defines the law suite that every engine must pass: ours, yours, layers and whole stacks.
#pragma once

#include <ashlar/testing/engine_model.hpp>
#include <ashlar/testing/laws/durable.hpp>
#include <ashlar/testing/laws/order.hpp>
#include <ashlar/testing/laws/refinements.hpp>
#include <ashlar/testing/laws/sequence.hpp>
#include <ashlar/testing/laws/waist.hpp>
#include <ashlar/testing/laws/walk.hpp>

namespace ashlar::inline v0_1::testing {

/// Holds an engine to the contracts of ashlar/engine.hpp, refinement by refinement as it has them.
///
///   make()    -> result<Engine>: opens an engine that is empty and independent of all others; it
///                is called many times, and two engines may be alive at once
///   check(bool held, const char* law): called for every law; any test framework can stand behind
///                it, e.g. [](bool held, const char* law) { INFO(law); CHECK(held); }
///
/// The row layout is Engine::row: instantiate the suite with fixed and dynamic extents, with and
/// without version and sequence. Single-threaded; concurrency_laws.hpp is the rest.
/// Complexity: some 10^5 verbs; options.steps bounds the random part.
template <class Factory, class Check>
void engine_laws(const Factory& make, Check check, const law_options& options = {}) {
    const law_bench bench{make, check, options};
    using bench_type = std::remove_const_t<decltype(bench)>;
    using engine_type = typename bench_type::engine_type;
    static_assert(engine<engine_type>);

    bench.law(bench.keys.size() >= 8, "options: the suite needs 8 distinct keys at least");
    if (bench.keys.size() < 8) return;
    read_laws(bench);
    batch_order_laws(bench);
    check_laws(bench);
    add_laws(bench);
    limit_laws(bench);
    sequence_laws(bench);
    replay_laws(bench);
    hook_laws(bench);
    walk_laws(bench);
    walk_change_laws(bench);
    read_many_laws(bench);
    if constexpr (ordered_engine<engine_type>) {
        scan_laws(bench);
        resume_laws(bench);
        scan_change_laws(bench);
        range_check_laws(bench);
        range_operation_laws(bench);
    }
    if constexpr (in_place_engine<engine_type>) in_place_laws(bench);
    if constexpr (direct_engine<engine_type>) direct_laws(bench);
    if constexpr (sized_engine<engine_type>) size_laws(bench);
    if constexpr (snapshot_engine<engine_type>) snapshot_laws(bench);
    if constexpr (requires(engine_type& e) { e.close(); }) close_laws(bench);
    model_laws(bench);
}

/// The same for engines that outlive the process. `reopen() -> result<Engine>` opens what the last
/// make() made, after it was closed or destroyed.
template <class Factory, class Reopen, class Check>
    requires durable_engine<typename decltype(std::declval<const Factory&>()())::value_type>
void engine_laws(const Factory& make, const Reopen& reopen, Check check,
                 const law_options& options = {}) {
    engine_laws(make, check, options);
    const law_bench bench{make, check, options};
    reopen_laws(bench, reopen);
    model_laws(bench, reopen);
}

} // namespace ashlar::inline v0_1::testing
