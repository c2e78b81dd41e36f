// SPDX-License-Identifier: BSL-1.0
/// @file Defines view_as: stored structs read where they lie, without memory of their own.
#pragma once

#include <ashlar/codec/reflected/record.hpp>
#include <ashlar/result.hpp>

#include <iterator>

namespace ashlar::inline v0_1 {

/// The elements of a stored sequence, where they lie: not aligned, so each is read when it is asked
/// for. Owns nothing; valid as long as the bytes. Copies are as cheap as two words.
template <storable_field T>
    requires(record_field<T>::fixed)
class element_view {
  public:
    using value_type = T;
    static constexpr std::size_t stride = record_field<T>::least_size;

    class iterator {
      public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        constexpr iterator() noexcept = default;
        constexpr explicit iterator(const std::byte* at) noexcept : at_{at} {}
        [[nodiscard]] T operator*() const noexcept { return load(at_); }
        iterator& operator++() noexcept {
            at_ += stride;
            return *this;
        }
        iterator operator++(int) noexcept {
            const iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const iterator&, const iterator&) = default;

      private:
        const std::byte* at_ = nullptr;
    };

    constexpr element_view() noexcept = default;
    /// REQUIRES: count elements as record_field<T> stores them.
    constexpr element_view(const std::byte* first, std::size_t count) noexcept
        : first_{first}, count_{count} {}

    [[nodiscard]] constexpr std::size_t size() const noexcept { return count_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return count_ == 0; }
    /// REQUIRES: i < size().
    [[nodiscard]] T operator[](std::size_t i) const noexcept { return load(first_ + i * stride); }
    [[nodiscard]] iterator begin() const noexcept { return iterator{first_}; }
    [[nodiscard]] iterator end() const noexcept { return iterator{first_ + count_ * stride}; }

  private:
    [[nodiscard]] static T load(const std::byte* at) noexcept {
        T value{};
        field_reader in{at, at + stride};
        static_cast<void>(record_field<T>::load(value, in, 0)); // was checked by view_as
        return value;
    }
    const std::byte* first_ = nullptr;
    std::size_t count_ = 0;
};

/// How a member is read that may point into the input; undefined for types that can't be.
template <class V>
struct view_field;

/// Members of fixed length are copied, as `reflected` does.
template <class V>
    requires(!hana_struct<V>) && storable_field<V> && (record_field<V>::fixed)
struct view_field<V> : record_field<V> {};

/// Satisfied by std::string_view, bytes_view and their like.
template <class V>
concept view_of_bytes = std::is_trivially_copyable_v<V> && byte_range<V> &&
                        (std::constructible_from<V, const char*, std::size_t> ||
                         std::constructible_from<V, const std::byte*, std::size_t>);

/// Length u32, bytes.
template <view_of_bytes V>
struct view_field<V> {
    static constexpr bool fixed = false;
    static constexpr std::size_t least_size = 4;
    [[nodiscard]] static errc load(V& to, field_reader& in, unsigned) noexcept {
        if (in.left() < 4) return errc::corrupt;
        const std::size_t n = load_little<std::uint32_t>(in.at);
        in.at += 4;
        if (n > in.left()) return errc::corrupt;
        if constexpr (std::constructible_from<V, const std::byte*, std::size_t>) to = V{in.at, n};
        else to = V{reinterpret_cast<const char*>(in.at), n};
        in.at += n;
        return errc::ok;
    }
};

/// Count u32, elements.
template <class T>
struct view_field<element_view<T>> {
    static constexpr bool fixed = false;
    static constexpr std::size_t least_size = 4;
    [[nodiscard]] static errc load(element_view<T>& to, field_reader& in, unsigned) noexcept {
        constexpr std::size_t stride = element_view<T>::stride;
        if (in.left() < 4) return errc::corrupt;
        const std::size_t n = load_little<std::uint32_t>(in.at);
        in.at += 4;
        if (n > in.left() / stride) return errc::corrupt;
        to = {in.at, n};
        if constexpr (little_endian_image<T>) { // any bytes are a number
            in.at += n * stride;
        } else {
            T element{};
            for (std::size_t i = 0; i < n; ++i)
                if (const errc bad = record_field<T>::load(element, in, 0); bad != errc::ok)
                    return bad;
        }
        return errc::ok;
    }
};

/// A struct of such members.
template <hana_struct V>
struct view_field<V> : loaded_members<view_field, V> {};

template <class View, class Stored>
[[nodiscard]] consteval bool is_view_of() noexcept;

template <class View, class Stored, std::size_t... I>
[[nodiscard]] consteval bool are_views_of(std::index_sequence<I...>) noexcept {
    return (is_view_of<detail::member_t<I, View>, detail::member_t<I, Stored>>() && ...);
}

/// Whether a View reads what record_field<Stored> writes.
template <class View, class Stored>
[[nodiscard]] consteval bool is_view_of() noexcept {
    if constexpr (hana_struct<Stored> && hana_struct<View>) {
        if constexpr (detail::member_count<View> != detail::member_count<Stored>) return false;
        else return are_views_of<View, Stored>(detail::member_indices<View>{});
    } else if constexpr (growing_bytes<Stored>) {
        return view_of_bytes<View>;
    } else if constexpr (growing_sequence<Stored>) {
        return std::same_as<View, element_view<typename Stored::value_type>>;
    } else {
        return std::same_as<View, Stored> && record_field<Stored>::fixed;
    }
}

/// Satisfied by Hana structs whose members stand for those of Record, one by one in its order: a
/// view of bytes for a string or byte vector, element_view<E> for a sequence of E of fixed length,
/// a struct of views for a struct, and the same type for whatever has a fixed length. There is no
/// view of optionals, nor of sequences of strings.
template <class View, class Record>
concept record_view = hana_struct<View> && reflected_record<Record> && is_view_of<View, Record>();

/// The row of a Record as `reflected` wrote it, as a View whose views point into it. Allocates
/// nothing. For visitors, as of `read_bytes`: a view must not outlive the bytes it was made of.
/// Errors: corrupt for bytes that `reflected` would refuse, a remainder among them, and
/// unsupported_version for any but the Record's own: views can't be migrated.
template <class View, class Record>
    requires record_view<View, Record>
[[nodiscard]] result<View> view_as(bytes_view row) noexcept {
    if (row.size() < sizeof(std::uint16_t)) return errc::corrupt;
    if (load_little<std::uint16_t>(row.data()) != record_version<Record>)
        return errc::unsupported_version;
    field_reader in{row.data() + sizeof(std::uint16_t), row.data() + row.size()};
    result<View> value{View{}};
    if (view_field<View>::fixed && in.left() < view_field<View>::least_size) return errc::corrupt;
    const errc bad = view_field<View>::load(*value, in, 0);
    if (bad != errc::ok) return bad;
    if (in.left() != 0) return errc::corrupt;
    return value;
}

} // namespace ashlar::inline v0_1
