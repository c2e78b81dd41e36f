// SPDX-License-Identifier: BSL-1.0

// Every rule with both signs: what it lets through and what it refuses.

#include "support/toy_backend.hpp"

#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/text.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <array>
#include <string>
#include <utility>

namespace ashlar_test::rules_checked {

namespace rule = ashlar::rule;
using ashlar_test::small_environment;
using ashlar_test::toy_backend;
using ashlar_test::toy_environment;
using grouped = ashlar::shared_version<ashlar::by_prefix>;
using pair = std::pair<std::string, int>;
using bytes_16 = std::array<std::byte, 16>;

/// A composition that was never made into a store: the rules alone decide.
template <class... Policies>
struct pack {
    using all = ashlar::detail::choices<Policies...>;
    template <class Axis, class Default>
    using chosen = ashlar::detail::chosen<Axis, Default, all>;
    using type = ashlar::composition<
        chosen<ashlar::key_codec_axis, ashlar::native_key>,
        chosen<ashlar::value_codec_axis, ashlar::native_value>,
        chosen<ashlar::backend_axis, toy_backend>,
        chosen<ashlar::versioning_axis, ashlar::unversioned>,
        chosen<ashlar::replication_axis, ashlar::unreplicated>,
        chosen<ashlar::checkpoint_axis, ashlar::ephemeral>,
        chosen<ashlar::expiry_axis, ashlar::kept>, chosen<ashlar::index_axis, ashlar::unindexed>,
        chosen<ashlar::quota_axis, ashlar::unlimited>, chosen<ashlar::feed_axis, ashlar::silent>,
        chosen<ashlar::metrics_axis, ashlar::unmetered>,
        chosen<ashlar::concurrency_axis, ashlar::shared>,
        chosen<ashlar::environment_axis, toy_environment>>;
};
template <class... Policies>
using of = typename pack<Policies...>::type;

struct fixed : toy_backend {
    static constexpr bool needs_fixed_extents = true;
};
struct on_disk : toy_backend {
    static constexpr bool persistent = true;
};
struct small : toy_backend {
    static constexpr std::size_t max_key_size = 16;
    static constexpr std::size_t max_row_size = 16;
};
struct of_17 {
    std::byte bytes[17];
};

// all_defined
struct named_only_backend;
struct named_only_expiry;
static_assert(rule::all_defined<of<>>);
static_assert(!rule::defined<named_only_backend> && rule::defined<toy_backend>);
template <class Backend, class Expiry>
using with = ashlar::composition<ashlar::native_key, ashlar::native_value, Backend,
                                 ashlar::unversioned, ashlar::unreplicated, ashlar::ephemeral,
                                 Expiry, ashlar::unindexed, ashlar::unlimited, ashlar::silent,
                                 ashlar::unmetered, ashlar::shared, toy_environment>;
static_assert(rule::all_defined<with<toy_backend, ashlar::kept>>);
static_assert(!rule::all_defined<with<named_only_backend, ashlar::kept>>);
static_assert(!rule::all_defined<with<toy_backend, named_only_expiry>>);

// backend_policy, concurrency_policy, environment_policy, layers_are_policies
struct half_backend {
    using axis = ashlar::backend_axis;
    using options = ashlar::no_options;
};
struct half_concurrency {
    using axis = ashlar::concurrency_axis;
    static constexpr bool threads = true;
};
struct half_environment {
    using axis = ashlar::environment_axis;
    static constexpr bool has_files = false;
    static constexpr bool has_threads = true;
};
/// Says that it has files, and has none.
struct boastful_environment : small_environment {
    static constexpr bool has_files = true;
};
struct half_expiry {
    using axis = ashlar::expiry_axis;
};
static_assert(ashlar::backend_policy<toy_backend> && !ashlar::backend_policy<half_backend>);
static_assert(!ashlar::backend_policy<ashlar::kept> && !ashlar::backend_policy<int>);
static_assert(ashlar::concurrency_policy<ashlar::shared> &&
              ashlar::concurrency_policy<ashlar::single>);
static_assert(!ashlar::concurrency_policy<half_concurrency>);
static_assert(ashlar::environment_policy<toy_environment> &&
              ashlar::environment_policy<small_environment>);
static_assert(!ashlar::environment_policy<half_environment> &&
              !ashlar::environment_policy<boastful_environment>);
static_assert(rule::layers_are_policies<of<>> && rule::layers_are_policies<of<ashlar::stamped>>);
static_assert(!rule::layers_are_policies<of<half_expiry>>);
static_assert(!rule::legal<of<half_backend>, int, int>);
static_assert(!rule::legal<of<half_concurrency>, int, int>);
static_assert(!rule::legal<of<half_environment>, int, int>);
static_assert(!rule::legal<of<boastful_environment, ashlar::single>, int, int>);
static_assert(!rule::legal<of<half_expiry>, int, int>);

// key_is_encodable
static_assert(rule::key_is_encodable<of<>, int> && rule::key_is_encodable<of<>, std::string>);
static_assert(!rule::key_is_encodable<of<>, double> && !rule::key_is_encodable<of<>, int*>);
static_assert(!rule::key_is_encodable<of<>, pair>);
static_assert(rule::key_is_encodable<of<ashlar::big_endian>, double>);
static_assert(!rule::key_is_encodable<of<ashlar::big_endian>, std::string>);
static_assert(rule::key_is_encodable<of<ashlar::composite>, pair>);
static_assert(!rule::key_is_encodable<of<ashlar::text>, int>);

// value_is_encodable
struct with_text {
    std::string text;
};
static_assert(rule::value_is_encodable<of<>, double> &&
              rule::value_is_encodable<of<>, std::string>);
static_assert(!rule::value_is_encodable<of<>, with_text> && !rule::value_is_encodable<of<>, char*>);

// extents_are_fixed_where_needed
static_assert(rule::extents_are_fixed_where_needed<of<fixed>, int, int>);
static_assert(rule::extents_are_fixed_where_needed<of<>, std::string, std::string>);
static_assert(!rule::extents_are_fixed_where_needed<of<fixed>, std::string, int>);
static_assert(!rule::extents_are_fixed_where_needed<of<fixed>, int, std::string>);

// lengths_may_differ_where_needed
static_assert(rule::lengths_may_differ_where_needed<of<fixed, ashlar::stamped>>);
static_assert(rule::lengths_may_differ_where_needed<of<grouped>>);
static_assert(!rule::lengths_may_differ_where_needed<of<fixed, grouped>>);

// key_fits_backend, row_fits_backend
static_assert(rule::key_fits_backend<of<small>, bytes_16>);
static_assert(rule::key_fits_backend<of<small>, std::string>); // checked at run time
static_assert(!rule::key_fits_backend<of<small>, std::array<std::byte, 17>>);
static_assert(rule::row_fits_backend<of<small>, bytes_16>);
static_assert(!rule::row_fits_backend<of<small>, of_17>);
static_assert(
    !rule::row_fits_backend<of<small, ashlar::stamped>, bytes_16>); // the version's 8 bytes

// groups_are_known: by_prefix asks the key codec, another scope need not
struct whole_store {
    template <class>
    static ashlar::result<std::size_t> size(ashlar::bytes_view) {
        return std::size_t{0};
    }
    template <class>
    static ashlar::bytes_view row_suffix() {
        return {};
    }
};
struct groups_unsaid : ashlar::unversioned {
    static constexpr bool needs_groups = true;
};
static_assert(rule::groups_are_known<of<ashlar::shared_version<whole_store>>, std::string>);
static_assert(!rule::groups_are_known<of<ashlar::shared_version<int>>, std::string>);
static_assert(!rule::groups_are_known<of<groups_unsaid, ashlar::composite>, pair>);
static_assert(rule::groups_are_known<of<grouped, ashlar::composite>, pair>);
static_assert(rule::groups_are_known<of<>, std::string>);
static_assert(!rule::groups_are_known<of<grouped>, std::string>);
static_assert(!rule::groups_are_known<of<grouped, ashlar::composite>, std::tuple<int>>);

// files_where_needed, threads_where_needed
static_assert(rule::files_where_needed<of<on_disk>> &&
              rule::files_where_needed<of<small_environment>>);
static_assert(!rule::files_where_needed<of<on_disk, small_environment>>);
struct by_library : on_disk {
    static constexpr bool opens_system_files = true;
};
struct with_system : toy_environment {
    static constexpr bool has_system_files = true;
};
static_assert(rule::files_where_needed<of<by_library, with_system>>);
static_assert(!rule::files_where_needed<of<by_library>>); // files of its own, that no library finds
static_assert(rule::threads_where_needed<of<>>);
static_assert(rule::threads_where_needed<of<small_environment, ashlar::single>>);
static_assert(!rule::threads_where_needed<of<small_environment>>);

// clock_where_needed
static_assert(rule::clock_where_needed<of<>>);
static_assert(rule::clock_where_needed<of<ashlar::lazy_ttl>>);
static_assert(rule::clock_where_needed<of<small_environment, ashlar::single>>);
static_assert(!rule::clock_where_needed<of<small_environment, ashlar::single, ashlar::lazy_ttl>>);

// legal: all of them together
static_assert(rule::legal<of<>, int, int> &&
              rule::legal<of<grouped, ashlar::composite>, pair, int>);
static_assert(!rule::legal<of<>, double, int> && !rule::legal<of<>, int, with_text>);
static_assert(!rule::legal<of<fixed>, std::string, int> &&
              !rule::legal<of<grouped>, std::string, int>);
static_assert(!rule::legal<of<small>, int, of_17> && !rule::legal<of<small_environment>, int, int>);
static_assert(!rule::legal<of<on_disk, small_environment, ashlar::single>, int, int>);

} // namespace ashlar_test::rules_checked
