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

/// `Header` zero bytes and the encoding of a value behind them, for the time of a call. Fixed
/// extents rest in place. Check status() before view().
template <class Codec, std::size_t Header, std::size_t Inline,
          bool Fixed = Codec::extent != dynamic_extent>
class encoded {
  public:
    template <class T>
    explicit encoded(const T& value) noexcept {
        const result<std::size_t> size = Codec::size(value);
        if (!size) status_ = size.error();
        if constexpr (Header != 0) std::memset(bytes_, 0, Header);
        if (size) static_cast<void>(Codec::encode(value, bytes_ + Header));
    }
    encoded(const encoded&) = delete;
    encoded& operator=(const encoded&) = delete;

    [[nodiscard]] result<void> status() const noexcept { return status_; }
    [[nodiscard]] bytes_view view() const noexcept { return {bytes_, Header + Codec::extent}; }
    [[nodiscard]] std::byte* header() noexcept { return bytes_; }

  private:
    std::byte bytes_[Header + Codec::extent];
    result<void> status_;
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
            if constexpr (Header != 0) std::memset(at, 0, Header);
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

template <class Codec>
using encoded_key = encoded<Codec, 0, 64>;
template <class Codec, class Row>
using encoded_row = encoded<Codec, Row::header_size, 256>;

} // namespace ashlar::inline v0_1::face
