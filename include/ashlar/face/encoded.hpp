// SPDX-License-Identifier: BSL-1.0
/// @file Defines encoded keys and rows: where the bytes of one typed argument live during a call.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/row.hpp>

namespace ashlar::inline v0_1::face {

/// The bytes of a byte range, or of a literal without its NUL.
template <class T>
[[nodiscard]] bytes_view bytes_of(const T& range) noexcept {
    if constexpr (byte_range<T>) return range;
    else return text_view{range};
}

/// Satisfied by codecs whose encoding is the value's own bytes: nothing is copied for them.
template <class Codec, class T>
concept viewing_codec = requires(const T& value) {
    { Codec::view(value) } -> std::same_as<bytes_view>;
};

/// Satisfied by codecs that say of themselves that they can encode every value.
template <class Codec>
concept refusing_nothing = requires { requires Codec::refuses_nothing; };

/// `Header` zero bytes and the encoding of a value behind them, for the time of a call. Fixed
/// extents rest in place. Check status() before view().
template <class Codec, std::size_t Header, std::size_t Inline,
          bool Fixed = Codec::extent != dynamic_extent>
class encoded {
    static constexpr bool can_fail = !refusing_nothing<Codec>;

  public:
    template <class T>
    explicit encoded(const T& value) noexcept {
        if constexpr (Header != 0) __builtin_memset(bytes_, 0, Header);
        if constexpr (can_fail)
            if (const result<std::size_t> size = Codec::size(value); !size) status_ = size.error();
        if (status()) static_cast<void>(Codec::encode(value, bytes_ + Header));
    }
    encoded(const encoded&) = delete;
    encoded& operator=(const encoded&) = delete;

    [[nodiscard]] result<void> status() const noexcept {
        if constexpr (can_fail) return status_;
        else return {};
    }
    [[nodiscard]] bytes_view view() const noexcept { return {bytes_, Header + Codec::extent}; }
    [[nodiscard]] std::byte* header() noexcept { return bytes_; }

  private:
    struct nothing {};
    std::byte bytes_[Header + Codec::extent];
    // A status beside bytes whose address is passed on would have to be stored, though nobody asks.
    [[no_unique_address]] std::conditional_t<can_fail, result<void>, nothing> status_;
};

/// Dynamic extents: a view of the value's own bytes when codec and header allow, else a buffer that
/// leaves the stack only above `Inline` bytes.
template <class Codec, std::size_t Header, std::size_t Inline>
class encoded<Codec, Header, Inline, false> {
  public:
    template <class T>
    explicit encoded(const T& value) noexcept {
        const result<std::size_t> size = Codec::size(value);
        if (!size) {
            status_ = size.error();
        } else if constexpr (Header == 0 && viewing_codec<Codec, T>) {
            view_ = Codec::view(value);
        } else if (std::byte* at = bytes_.extend(Header + *size); at == nullptr) {
            status_ = errc::out_of_memory;
        } else {
            if constexpr (Header != 0) __builtin_memset(at, 0, Header);
            static_cast<void>(Codec::encode(value, at + Header));
            view_ = bytes_.view();
        }
    }
    encoded(const encoded&) = delete;
    encoded& operator=(const encoded&) = delete;

    [[nodiscard]] result<void> status() const noexcept { return status_; }
    [[nodiscard]] bytes_view view() const noexcept { return view_; }
    [[nodiscard]] std::byte* header() noexcept
        requires(Header != 0)
    {
        return bytes_.data();
    }

  private:
    bytes_view view_{};
    small_buffer<Inline> bytes_;
    result<void> status_;
};

/// The bytes of up to `Most` keys at once. Fixed extents rest in place.
template <class Codec, std::size_t Most, bool Fixed = (Codec::extent <= 64)>
class encoded_keys {
  public:
    /// Views of the encoded keys, which live until the next call. REQUIRES: n <= Most.
    template <class Key>
    [[nodiscard]] result<void> make(const Key* keys, std::size_t n, bytes_view* views) noexcept {
        std::byte* at = bytes_;
        for (std::size_t i = 0; i < n; ++i, at += Codec::extent) {
            const result<std::size_t> size = Codec::size(keys[i]);
            if (!size) return size.error();
            static_cast<void>(Codec::encode(keys[i], at));
            views[i] = {at, Codec::extent};
        }
        return {};
    }

  private:
    std::byte bytes_[Most * Codec::extent + (Codec::extent == 0)];
};

template <class Codec, std::size_t Most>
class encoded_keys<Codec, Most, false> {
  public:
    template <class Key>
    [[nodiscard]] result<void> make(const Key* keys, std::size_t n, bytes_view* views) noexcept {
        if constexpr (viewing_codec<Codec, Key>) {
            for (std::size_t i = 0; i < n; ++i) views[i] = Codec::view(keys[i]);
        } else {
            std::size_t ends[Most];
            bytes_.clear();
            for (std::size_t i = 0; i < n; ++i) {
                const result<std::size_t> size = Codec::size(keys[i]);
                if (!size) return size.error();
                std::byte* at = bytes_.extend(*size);
                if (at == nullptr && *size != 0) return errc::out_of_memory;
                static_cast<void>(Codec::encode(keys[i], at));
                ends[i] = bytes_.size();
            }
            for (std::size_t i = 0, from = 0; i < n; from = ends[i++])
                views[i] = {bytes_.data() + from, ends[i] - from};
        }
        return {};
    }

  private:
    byte_buffer bytes_;
};

template <class Codec>
using encoded_key = encoded<Codec, 0, 64>;
template <class Codec, class Row>
using encoded_row = encoded<Codec, Row::header_size, 256>;

} // namespace ashlar::inline v0_1::face
