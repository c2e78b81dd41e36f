// SPDX-License-Identifier: BSL-1.0
/// @file Defines encoded keys and rows: where the bytes of one typed argument live during a call.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/row.hpp>

namespace ashlar::inline v0_1::face {

/// Satisfied by codecs whose encoding is the value's own bytes: nothing is copied for them.
template <class Codec, class T>
concept viewing_codec = requires(const T& value) {
    { Codec::view(value) } -> std::same_as<bytes_view>;
};

/// `Header` zero bytes and the encoding of a value behind them: in place when the codec's extent
/// is fixed, a view of the value itself when codec and header allow, else in a buffer that leaves
/// the stack only above `Inline` bytes.
template <class Codec, std::size_t Header, std::size_t Inline>
class encoded {
    static constexpr bool fixed = Codec::extent != dynamic_extent;

  public:
    template <class T>
    explicit encoded(const T& value) noexcept {
        const result<std::size_t> size = Codec::size(value);
        if (!size) {
            status_ = size.error();
        } else if constexpr (fixed) {
            if constexpr (Header != 0) std::memset(bytes_, 0, Header);
            static_cast<void>(Codec::encode(value, bytes_ + Header));
        } else if constexpr (Header == 0 && viewing_codec<Codec, T>) {
            view_ = Codec::view(value);
        } else {
            std::byte* at = bytes_.extend(Header + *size);
            if (at == nullptr) {
                status_ = errc::out_of_memory;
                return;
            }
            std::memset(at, 0, Header);
            static_cast<void>(Codec::encode(value, at + Header));
            view_ = bytes_.view();
        }
    }
    encoded(const encoded&) = delete;
    encoded& operator=(const encoded&) = delete;

    [[nodiscard]] result<void> status() const noexcept { return status_; }
    [[nodiscard]] bytes_view view() const noexcept {
        if constexpr (fixed) return {bytes_, Header + Codec::extent};
        else return view_;
    }

  private:
    struct nothing {};
    template <bool Fixed>
    struct storage {
        using type = small_buffer<Inline>;
    };
    template <bool Fixed>
        requires Fixed
    struct storage<Fixed> {
        using type = std::byte[Header + Codec::extent];
    };

    [[no_unique_address]] std::conditional_t<fixed, nothing, bytes_view> view_{};
    typename storage<fixed>::type bytes_;
    result<void> status_;
};

template <class Codec>
using encoded_key = encoded<Codec, 0, 64>;
template <class Codec, class Row>
using encoded_row = encoded<Codec, Row::header_size, 256>;

} // namespace ashlar::inline v0_1::face
