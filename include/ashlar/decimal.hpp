// SPDX-License-Identifier: BSL-1.0
/// @file Defines decimal: an exact number of up to 96 bits and 28 digits behind the point.
#pragma once

#include <ashlar/result.hpp>

#include <compare>

namespace ashlar::inline v0_1 {

/// (-1)^negative * mantissa / 10^scale with mantissa < 2^96 and scale <= 28: the range of the
/// decimal types of .NET, Rust and SQL money columns. A value type of 16 bytes, no heap.
///
/// Exact: an operation that has no exact result answers `overflow`, it never rounds. The scale is
/// kept (1.50 stays 1.50); comparison is numeric (1.5 == 1.50), `identical` tells them apart.
/// Zero is never negative. Arithmetic runs on 32-bit limbs, so that microcontrollers can do it too.
class decimal {
  public:
    static constexpr unsigned max_scale = 28;
    static constexpr std::size_t encoded_size = 14;

    constexpr decimal() noexcept = default;
    template <std::integral T>
        requires(sizeof(T) <= 8 && !std::same_as<T, bool>)
    constexpr decimal(T value) noexcept // NOLINT: every integer is a decimal
        : low_{magnitude(value)}, negative_{value < T{0}} {}

    /// high * 2^64 + low over 10^scale. A scale above 28 is `invalid_argument`.
    [[nodiscard]] static constexpr result<decimal>
    make(bool negative, std::uint32_t high, std::uint64_t low, unsigned scale) noexcept {
        if (scale > max_scale) return errc::invalid_argument;
        decimal made;
        made.low_ = low;
        made.high_ = high;
        made.scale_ = static_cast<std::uint8_t>(scale);
        made.negative_ = negative && (low != 0 || high != 0);
        return made;
    }

    /// Reads `-12.50`: a sign or none, digits, and a point between digits or none. Anything else is
    /// `invalid_argument`; more than 28 decimals or 96 bits is `overflow`. No exponents.
    [[nodiscard]] static constexpr result<decimal> parse(text_view text) noexcept {
        std::size_t at = 0;
        const bool negative = text.size() > 0 && text.data()[0] == '-';
        if (text.size() > 0 && (text.data()[0] == '-' || text.data()[0] == '+')) ++at;
        wide mantissa;
        unsigned scale = 0;
        bool point = false;
        bool digit_before = false;
        bool overflow = false;
        for (; at < text.size(); ++at) {
            const char c = text.data()[at];
            if (c == '.' && !point && digit_before) {
                point = true;
                digit_before = false;
                continue;
            }
            if (c < '0' || c > '9') return errc::invalid_argument;
            digit_before = true;
            if (point && ++scale > max_scale) overflow = true;
            if (overflow) continue; // the rest must still be digits
            mantissa.multiply_add(10, static_cast<std::uint32_t>(c - '0'));
            overflow = !mantissa.fits();
        }
        if (!digit_before) return errc::invalid_argument;
        if (overflow) return errc::overflow;
        return make(negative, mantissa.high(), mantissa.low(), scale);
    }

    /// The digits in place, NUL-terminated: what `parse` reads back to an identical decimal.
    struct text {
        char digits[32]{};
        std::size_t size = 0;
        [[nodiscard]] constexpr text_view view() const noexcept { return {digits, size}; }
    };
    [[nodiscard]] constexpr text to_text() const noexcept {
        char reversed[32]{};
        std::size_t n = 0;
        wide rest = mantissa();
        for (unsigned place = 0; place <= scale_ || !rest.is_zero(); ++place) {
            if (place == scale_ && place != 0) reversed[n++] = '.';
            reversed[n++] = static_cast<char>('0' + rest.divide(10));
        }
        if (negative_) reversed[n++] = '-';
        text out;
        while (n > 0) out.digits[out.size++] = reversed[--n];
        return out;
    }

    [[nodiscard]] constexpr bool negative() const noexcept { return negative_; }
    [[nodiscard]] constexpr unsigned scale() const noexcept { return scale_; }
    [[nodiscard]] constexpr std::uint64_t low() const noexcept { return low_; }
    [[nodiscard]] constexpr std::uint32_t high() const noexcept { return high_; }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return low_ == 0 && high_ == 0; }

    [[nodiscard]] friend constexpr decimal operator-(decimal d) noexcept {
        d.negative_ = !d.negative_ && !d.is_zero();
        return d;
    }
    /// The same number with the same scale.
    [[nodiscard]] friend constexpr bool identical(const decimal& a, const decimal& b) noexcept {
        return a.low_ == b.low_ && a.high_ == b.high_ && a.scale_ == b.scale_ &&
               a.negative_ == b.negative_;
    }
    [[nodiscard]] friend constexpr std::weak_ordering operator<=>(const decimal& a,
                                                                  const decimal& b) noexcept {
        if (a.negative_ != b.negative_)
            return a.negative_ ? std::weak_ordering::less : std::weak_ordering::greater;
        const unsigned scale = a.scale_ > b.scale_ ? a.scale_ : b.scale_;
        const int order = compare(a.aligned(scale), b.aligned(scale));
        return (a.negative_ ? -order : order) <=> 0;
    }
    [[nodiscard]] friend constexpr bool operator==(const decimal& a, const decimal& b) noexcept {
        return (a <=> b) == 0;
    }

    /// a + b at the greater of the two scales, or at a lesser one when only that fits exactly.
    /// `overflow` when no scale does.
    [[nodiscard]] friend constexpr result<decimal> checked_add(const decimal& a,
                                                               const decimal& b) noexcept {
        unsigned scale = a.scale_ > b.scale_ ? a.scale_ : b.scale_;
        wide left = a.aligned(scale);
        wide right = b.aligned(scale);
        bool negative = a.negative_;
        if (a.negative_ == b.negative_) {
            left.add(right);
        } else if (compare(left, right) >= 0) {
            left.subtract(right);
        } else {
            right.subtract(left);
            left = right;
            negative = b.negative_;
        }
        for (; !left.fits() && scale > 0; --scale)
            if (left.divide(10) != 0) return errc::overflow;
        if (!left.fits()) return errc::overflow;
        return make(negative, left.high(), left.low(), scale);
    }

    /// Persistent: scale u8, sign u8 (0 or 1), mantissa 12 bytes little-endian. Writes 14 bytes.
    std::byte* store(std::byte* out) const noexcept {
        out[0] = static_cast<std::byte>(scale_);
        out[1] = static_cast<std::byte>(negative_);
        store_little(out + 2, low_);
        store_little(out + 10, high_);
        return out + encoded_size;
    }
    /// A scale above 28, a sign above 1 or a negative zero is `corrupt`: one number and scale have
    /// one encoding. REQUIRES: 14 readable bytes.
    [[nodiscard]] static result<decimal> load(const std::byte* from) noexcept {
        const auto scale = static_cast<unsigned>(from[0]);
        const auto sign = static_cast<unsigned>(from[1]);
        const auto low = load_little<std::uint64_t>(from + 2);
        const auto high = load_little<std::uint32_t>(from + 10);
        if (scale > max_scale || sign > 1 || (sign == 1 && low == 0 && high == 0))
            return errc::corrupt;
        return make(sign == 1, high, low, scale);
    }

  private:
    /// 192 bits, least significant limb first: 96 of a mantissa and 94 of the factor 10^28.
    struct wide {
        std::uint32_t limb[6]{};

        constexpr void multiply_add(std::uint32_t factor, std::uint32_t carry) noexcept {
            for (std::uint32_t& l : limb) {
                const std::uint64_t product = std::uint64_t{l} * factor + carry;
                l = static_cast<std::uint32_t>(product);
                carry = static_cast<std::uint32_t>(product >> 32);
            }
        }
        /// Divides in place and answers the remainder.
        constexpr std::uint32_t divide(std::uint32_t divisor) noexcept {
            std::uint64_t rest = 0;
            for (int i = 5; i >= 0; --i) {
                rest = rest << 32 | limb[i];
                limb[i] = static_cast<std::uint32_t>(rest / divisor);
                rest %= divisor;
            }
            return static_cast<std::uint32_t>(rest);
        }
        constexpr void add(const wide& other) noexcept {
            std::uint64_t carry = 0;
            for (int i = 0; i < 6; ++i) {
                carry += std::uint64_t{limb[i]} + other.limb[i];
                limb[i] = static_cast<std::uint32_t>(carry);
                carry >>= 32;
            }
        }
        /// REQUIRES: other <= *this.
        constexpr void subtract(const wide& other) noexcept {
            std::uint64_t borrow = 0;
            for (int i = 0; i < 6; ++i) {
                const std::uint64_t less = std::uint64_t{other.limb[i]} + borrow;
                borrow = limb[i] < less ? 1 : 0;
                limb[i] = static_cast<std::uint32_t>(limb[i] - less);
            }
        }
        [[nodiscard]] friend constexpr int compare(const wide& a, const wide& b) noexcept {
            for (int i = 5; i >= 0; --i)
                if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i] ? -1 : 1;
            return 0;
        }
        [[nodiscard]] constexpr bool fits() const noexcept {
            return (limb[3] | limb[4] | limb[5]) == 0;
        }
        [[nodiscard]] constexpr bool is_zero() const noexcept {
            return (limb[0] | limb[1] | limb[2]) == 0 && fits();
        }
        [[nodiscard]] constexpr std::uint64_t low() const noexcept {
            return std::uint64_t{limb[1]} << 32 | limb[0];
        }
        [[nodiscard]] constexpr std::uint32_t high() const noexcept { return limb[2]; }
    };

    template <class T>
    [[nodiscard]] static constexpr std::uint64_t magnitude(T value) noexcept {
        const auto bits = static_cast<std::uint64_t>(value);
        return value < T{0} ? std::uint64_t{0} - bits : bits;
    }
    [[nodiscard]] constexpr wide mantissa() const noexcept {
        return {{static_cast<std::uint32_t>(low_), static_cast<std::uint32_t>(low_ >> 32), high_}};
    }
    /// The mantissa it would have at `scale`. REQUIRES: scale_ <= scale <= 28.
    [[nodiscard]] constexpr wide aligned(unsigned scale) const noexcept {
        wide m = mantissa();
        for (unsigned at = scale_; at < scale; ++at) m.multiply_add(10, 0);
        return m;
    }

    std::uint64_t low_ = 0;
    std::uint32_t high_ = 0;
    std::uint8_t scale_ = 0;
    bool negative_ = false;
};
static_assert(sizeof(decimal) == 16 && std::is_trivially_copyable_v<decimal>);

} // namespace ashlar::inline v0_1
