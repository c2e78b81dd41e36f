// SPDX-License-Identifier: BSL-1.0

// What a store type is: as large as its stack, as movable, with the verbs its stack can honour, and
// not one ashlar type with a vtable.

#include "support/toy_backend.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <mutex>
#include <string>
#include <utility>

namespace {

using ashlar::store;
using env = ashlar_test::toy_environment;
using ashlar_test::toy_backend;
using grouped = ashlar::shared_version<ashlar::by_prefix>;
using pair = std::pair<std::string, std::string>;

// An engine without a state that could get in the way: what remains is the library's part.
template <class Row>
struct tiny_engine {
    using row = Row;
    struct position {};
    int state = 0;
    static ashlar::result<tiny_engine> open(const auto&, const auto&) { return tiny_engine{}; }
    template <class Visit>
    ashlar::result<bool> read(ashlar::bytes_view, Visit&&) const {
        return false;
    }
    template <class Visit>
    ashlar::result<bool> walk(position&, Visit, std::size_t) const {
        return false;
    }
    template <class Hook = ashlar::no_hook, class OnConflict = ashlar::ignore_conflict>
    typename Row::receipt apply(ashlar::batch_span, Hook&& = {}, OnConflict&& = {}) {
        return Row::receipt_for({});
    }
    ashlar::result<void> apply_at(ashlar::commit_seq, ashlar::operation_list) { return {}; }
};
struct tiny_backend : toy_backend {
    template <class Row, class, class>
    using engine = tiny_engine<Row>;
};

using plain = store<int, int, toy_backend, env>;
using tiny = store<int, int, tiny_backend, env>;
using stamps = store<int, int, tiny_backend, env, ashlar::stamped>;
using groups = store<pair, int, tiny_backend, env, ashlar::composite, grouped>;
using hashed = store<std::uint64_t, double, ashlar::hash_map<>, env>;
using sorted = store<std::string, std::string, ashlar::sorted_map<>, env>;
using sorted_single = store<int, int, ashlar::sorted_map<>, env, ashlar::single>;
using counters = store<std::string, std::int64_t, ashlar::sorted_map<>, env, ashlar::stamped>;

// Null layers vanish: the stack is the backend's engine itself.
static_assert(std::same_as<tiny::stack_type, tiny_engine<tiny::row>>);
static_assert(std::same_as<stamps::stack_type,
                           ashlar::stamped::layer<tiny_engine<stamps::row>, stamps::key_codec>>);

// The face adds no byte to the stack, and a layer none to the engine. Where there are scans and the
// engine does not know which store it is, what marks the cursors is part of the store: 8 bytes.
template <class Store, std::size_t Bytes>
inline constexpr bool adds = sizeof(Store) == sizeof(typename Store::stack_type) + Bytes;
static_assert(adds<tiny, 0> && adds<stamps, 0> && adds<groups, 0> && adds<hashed, 0>);
static_assert(adds<plain, 8> && adds<sorted, 8> && adds<sorted_single, 8> && adds<counters, 8>);
static_assert(sizeof(stamps) == sizeof(int) && sizeof(groups) == sizeof(int));

// Movable as the engine is, never copyable.
template <class Store>
inline constexpr bool only_moves =
    std::is_nothrow_move_constructible_v<Store> && std::is_nothrow_move_assignable_v<Store> &&
    !std::is_copy_constructible_v<Store> && !std::is_copy_assignable_v<Store>;
static_assert(only_moves<plain> && only_moves<tiny> && only_moves<stamps> && only_moves<groups> &&
              only_moves<hashed> && only_moves<sorted> && only_moves<counters>);
static_assert(std::is_trivially_move_constructible_v<tiny> &&
              std::is_trivially_move_constructible_v<stamps> &&
              std::is_trivially_destructible_v<tiny>);
static_assert(!std::is_trivially_destructible_v<plain>);

// Rows: header fields are summed, extents known where they can be.
static_assert(plain::row::header_size == 0 && plain::row::row_extent == sizeof(int));
static_assert(stamps::row::header_size == 8 && stamps::row::row_extent == 8 + sizeof(int));
static_assert(groups::row::row_extent == ashlar::dynamic_extent); // group rows have another length
static_assert(sorted::row::row_extent == ashlar::dynamic_extent);
static_assert(std::same_as<plain::receipt, ashlar::result<void>>);
static_assert(std::same_as<stamps::receipt, ashlar::result<ashlar::commit_seq>>);
static_assert(std::same_as<groups::receipt, ashlar::result<void>>);
static_assert(ashlar::row_layout<8, 8, ashlar::row_fields{true, true, false}>::header_size == 16);

// A verb is there exactly when the stack can honour it.
template <class S>
concept can_scan = requires(const S& s) { s.scan(); };
template <class S>
concept can_scan_range = requires(const S& s, const typename S::key_type& k) { s.scan(k, k); };
template <class S>
concept can_snapshot = requires(const S& s) { s.snapshot(); };
template <class S>
concept can_sync = requires(S& s) { s.sync(); };
template <class S>
concept can_size = requires(const S& s) { s.size(); };
template <class S>
concept can_update = requires(S& s, const typename S::key_type& k) {
    s.update(k, [](auto&, bool) { return ashlar::update_action::kind::keep; });
};
template <class S>
concept can_add = requires(S& s, const typename S::key_type& k) { s.add(k, 1); };
template <class S>
concept has_versions = requires(S& s, const typename S::key_type& k) {
    s.version_of(k);
    s.get_versioned(k);
    s.batch().expect_version(k, 1);
};
template <class S>
concept has_groups = requires(S& s, const typename S::key_type& k) { s.erase_group(k); };
template <class S>
concept can_erase_range =
    requires(S& s, const typename S::key_type& k) { s.batch().erase_range(k, k); };

static_assert(can_scan<plain> && !can_scan_range<plain>); // native numbers have no byte order
static_assert(can_scan<sorted> && can_scan_range<sorted> && can_erase_range<sorted>);
static_assert(!can_scan<hashed> && !can_scan_range<hashed> && !can_erase_range<hashed>);
static_assert(can_scan_range<store<int, int, toy_backend, env, ashlar::big_endian>>);
static_assert(can_snapshot<sorted> && !can_snapshot<hashed> && !can_snapshot<plain>);
static_assert(!can_sync<plain> && !can_sync<hashed> && !can_sync<sorted>);
static_assert(can_size<sorted> && can_size<hashed> && !can_size<plain>);
static_assert(can_update<hashed> && can_update<sorted_single> && !can_update<sorted> &&
              !can_update<plain>);
static_assert(can_add<counters> && !can_add<hashed> && !can_add<plain>);
static_assert(has_versions<counters> && has_versions<stamps> && has_versions<groups>);
static_assert(!has_versions<plain> && !has_versions<hashed>);
static_assert(has_groups<store<pair, int, toy_backend, env, ashlar::composite, grouped>>);
static_assert(!has_groups<groups> && !has_groups<stamps>); // erasing a group needs a scan

// Values of small types travel in registers, and errors are eight bytes.
static_assert(sizeof(ashlar::error) == 8 && std::is_trivially_copyable_v<ashlar::result<double>>);

// No ashlar type is polymorphic.
template <class... T>
inline constexpr bool none_polymorphic = !(std::is_polymorphic_v<T> || ...);
static_assert(none_polymorphic<
              ashlar::bytes_view, ashlar::text_view, ashlar::error, ashlar::sentence,
              ashlar::error_detail, ashlar::result<void>, ashlar::result<int>,
              ashlar::result<std::string>, ashlar::byte_buffer, ashlar::key_buffer,
              ashlar::fixed_buffer<8>, ashlar::batch_entry, ashlar::check, ashlar::operation,
              ashlar::check_list, ashlar::operation_list, ashlar::batch_span, ashlar::write_batch,
              ashlar::fixed_write_batch<64>, ashlar::row_fields, plain::row, ashlar::scan_range,
              ashlar::conflict_view, ashlar::update_action, ashlar::no_hook, ashlar::open_options,
              ashlar::opening<env>, ashlar::no_options>);
static_assert(none_polymorphic<
              plain, hashed, sorted, sorted_single, counters, groups, hashed::stack_type,
              sorted::stack_type, counters::stack_type, groups::stack_type, plain::batch_type,
              plain::cursor, plain::conflict, plain::versioned_value, ashlar::face::exchanged<int>,
              ashlar::face::transaction<plain>, decltype(std::declval<const sorted&>().scan()),
              decltype(std::declval<const sorted&>().snapshot()), sorted::row_bytes>);
static_assert(none_polymorphic<
              ashlar::native_key, ashlar::native_value, ashlar::big_endian, ashlar::composite,
              ashlar::hash_map<>, ashlar::sorted_map<>, ashlar::unversioned, ashlar::stamped,
              grouped, ashlar::unreplicated, ashlar::ephemeral, ashlar::kept, ashlar::unindexed,
              ashlar::unlimited, ashlar::silent, ashlar::unmetered, ashlar::shared, ashlar::single,
              ashlar::shared::atomic<int>, ashlar::single::atomic<int>, ashlar::guard<std::mutex>,
              ashlar::visit_scope<ashlar::shared>>);

} // namespace
