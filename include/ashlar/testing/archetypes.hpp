// SPDX-License-Identifier: BSL-1.0
/// @file Defines archetypes: the least type of each engine concept, for instantiating what is built
/// on engines with nothing to spare.
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::testing {

/// What every engine is and nothing more: default-constructible it is not, copyable neither. Its
/// verbs hold nothing, so that what is built on it can also run.
template <class Row>
class least_engine {
  public:
    using row = Row;
    struct position {};

    least_engine(least_engine&&) noexcept = default;
    least_engine& operator=(least_engine&&) noexcept = default;
    template <class Environment>
    [[nodiscard]] static result<least_engine> open(const opening<Environment>&,
                                                   const no_options&) noexcept {
        return least_engine{nullptr};
    }

    template <class Visit>
    result<bool> read(bytes_view, Visit&&) const noexcept {
        return false;
    }
    template <class Visit>
    result<bool> walk(position&, Visit&&, std::size_t) const noexcept {
        return false;
    }
    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    typename Row::receipt apply(batch_span, Hook&& = Hook{}, OnConflict&& = OnConflict{}) noexcept {
        return Row::receipt_for(commit_seq{1});
    }
    result<void> apply_at(commit_seq, operation_list) noexcept { return {}; }

  protected:
    explicit least_engine(decltype(nullptr)) noexcept {}
};

template <class Row>
struct least_ordered_engine : least_engine<Row> {
    least_ordered_engine() noexcept : least_engine<Row>{nullptr} {}
    template <class Visit>
    result<bool> scan(const scan_range&, Visit&&) const noexcept {
        return false;
    }
};

template <class Row>
struct least_snapshot_engine : least_engine<Row> {
    least_snapshot_engine() noexcept : least_engine<Row>{nullptr} {}
    struct view {
        template <class Visit>
        result<bool> read(bytes_view, Visit&&) const noexcept {
            return false;
        }
        template <class Visit>
        result<bool> walk(typename least_engine<Row>::position&, Visit&&,
                          std::size_t) const noexcept {
            return false;
        }
    };
    result<view> snapshot() const noexcept { return view{}; }
};

template <class Row>
struct least_in_place_engine : least_engine<Row> {
    least_in_place_engine() noexcept : least_engine<Row>{nullptr} {}
    template <class F, class Hook = no_hook>
    typename Row::receipt update(bytes_view, std::size_t, F&&, Hook&& = Hook{}) noexcept {
        return Row::receipt_for(commit_seq{1});
    }
};

template <class Row>
struct least_direct_engine : least_engine<Row> {
    least_direct_engine() noexcept : least_engine<Row>{nullptr} {}
    template <class Hook = no_hook>
    typename Row::receipt put(bytes_view, bytes_view, Hook&& = Hook{}) noexcept {
        return Row::receipt_for(commit_seq{1});
    }
    template <class Hook = no_hook>
    result<bool> erase(bytes_view, Hook&& = Hook{}) noexcept {
        return false;
    }
};

template <class Row>
struct least_durable_engine : least_engine<Row> {
    least_durable_engine() noexcept : least_engine<Row>{nullptr} {}
    result<void> sync(commit_seq) noexcept { return {}; }
    result<void> close() noexcept { return {}; }
};

template <class Row>
struct least_sized_engine : least_engine<Row> {
    least_sized_engine() noexcept : least_engine<Row>{nullptr} {}
    [[nodiscard]] std::size_t size() const noexcept { return 0; }
};

/// The policy of the least engine: a store on it offers what every store has, no more.
struct least_backend {
    using axis = backend_axis;
    using options = no_options;
    static constexpr bool ordered = false;
    static constexpr bool persistent = false;
    static constexpr std::size_t max_key_size = dynamic_extent;
    static constexpr std::size_t max_row_size = dynamic_extent;
    static constexpr bool needs_fixed_extents = false;
    static constexpr void describe(sentence& text) noexcept { text << "least/1"; }
    template <class Row, class, class>
    using engine = least_engine<Row>;
};
static_assert(backend_policy<least_backend>);

namespace detail {
using least_row = row_layout<dynamic_extent, dynamic_extent, row_fields{}>;
using numbered_row = row_layout<8, 8, row_fields{.version = true, .sequenced = true}>;

/// Which refinements a type has, as bits: each archetype must have its own and no other.
template <class E>
inline constexpr unsigned refinements =
    (ordered_engine<E> ? 1U : 0U) | (snapshot_engine<E> ? 2U : 0U) |
    (in_place_engine<E> ? 4U : 0U) | (direct_engine<E> ? 8U : 0U) | (durable_engine<E> ? 16U : 0U) |
    (sized_engine<E> ? 32U : 0U) | (batched_engine<E> ? 64U : 0U) | (metered_engine<E> ? 128U : 0U);
} // namespace detail

static_assert(engine<least_engine<detail::least_row>> &&
              engine<least_engine<detail::numbered_row>>);
static_assert(detail::refinements<least_engine<detail::least_row>> == 0);
static_assert(detail::refinements<least_ordered_engine<detail::least_row>> == 1);
static_assert(detail::refinements<least_snapshot_engine<detail::least_row>> == 2);
static_assert(detail::refinements<least_in_place_engine<detail::numbered_row>> == 4);
static_assert(detail::refinements<least_direct_engine<detail::numbered_row>> == 8);
static_assert(detail::refinements<least_durable_engine<detail::least_row>> == 16);
static_assert(detail::refinements<least_sized_engine<detail::least_row>> == 32);

} // namespace ashlar::inline v0_1::testing
