// SPDX-License-Identifier: BSL-1.0
/// @file Defines the stored form of tagged values: its check, and views that read it.
#pragma once

#include <ashlar/decimal.hpp>

#include <bit>

namespace ashlar::inline v0_1 {

/// What a tagged value is. The numbers are persistent: never change or reuse one.
enum class tagged_type : std::uint8_t {
    null = 0,
    integer = 1,  ///< i64, little-endian
    floating = 2, ///< IEEE 754 binary64, its bits little-endian
    decimal = 3,  ///< 14 bytes: scale, sign, mantissa (decimal::store)
    string = 4,   ///< length u32, UTF-8 by convention (not checked)
    bytes = 5,    ///< length u32
    list = 6,     ///< body length u32, count u32, values
    map = 7,     ///< body length u32, count u32, (key length u32, key, value) in byte order of keys
    boolean = 8, ///< 0 or 1
};

/// Lists and maps may nest this deep.
inline constexpr unsigned max_tagged_depth = 64;

/// The length of the value at the front of hostile bytes, after checking all of it: known tags,
/// lengths within the bytes left, bodies filled exactly, keys ascending and unique, depth.
/// `corrupt` otherwise. One pass, no memory.
[[nodiscard]] inline result<std::size_t> tagged_length(bytes_view in, unsigned depth = 0) noexcept {
    if (in.empty()) return errc::corrupt;
    const bytes_view rest = in.skip(1);
    const auto fixed = [&](std::size_t n) -> result<std::size_t> {
        if (rest.size() < n) return errc::corrupt;
        return 1 + n;
    };
    const auto u32 = [](bytes_view at) {
        return static_cast<std::size_t>(load_little<std::uint32_t>(at.data()));
    };
    switch (static_cast<tagged_type>(in[0])) {
    case tagged_type::null: return fixed(0);
    case tagged_type::integer:
    case tagged_type::floating: return fixed(8);
    case tagged_type::decimal:
        if (rest.size() < decimal::encoded_size || !decimal::load(rest.data()))
            return errc::corrupt;
        return fixed(decimal::encoded_size);
    case tagged_type::boolean:
        if (rest.empty() || rest[0] > std::byte{1}) return errc::corrupt;
        return fixed(1);
    case tagged_type::string:
    case tagged_type::bytes:
        if (rest.size() < 4 || u32(rest) > rest.size() - 4) return errc::corrupt;
        return fixed(4 + u32(rest));
    case tagged_type::list:
    case tagged_type::map: break;
    default: return errc::corrupt;
    }
    const bool keyed = in[0] == std::byte{7};
    if (rest.size() < 8 || u32(rest) > rest.size() - 8 || depth >= max_tagged_depth)
        return errc::corrupt;
    const std::size_t body_size = u32(rest);
    bytes_view body = rest.skip(8).first(body_size);
    bytes_view last_key;
    for (std::size_t i = 0, count = u32(rest.skip(4)); i < count; ++i) {
        if (keyed) {
            if (body.size() < 4 || u32(body) > body.size() - 4) return errc::corrupt;
            const bytes_view key = body.skip(4).first(u32(body));
            if (i > 0 && !(last_key < key)) return errc::corrupt;
            last_key = key;
            body = body.skip(4 + key.size());
        }
        const result<std::size_t> element = tagged_length(body, depth + 1);
        if (!element) return element.error();
        body = body.skip(*element);
    }
    if (!body.empty()) return errc::corrupt;
    return fixed(8 + body_size);
}

/// The length of the value at the front of bytes that tagged_length has checked: at once, without
/// looking inside. 0 for no bytes.
[[nodiscard]] inline std::size_t checked_tagged_length(bytes_view in) noexcept {
    if (in.empty()) return 0;
    switch (static_cast<tagged_type>(in[0])) {
    case tagged_type::null: return 1;
    case tagged_type::integer:
    case tagged_type::floating: return 9;
    case tagged_type::decimal: return 1 + decimal::encoded_size;
    case tagged_type::boolean: return 2;
    case tagged_type::string:
    case tagged_type::bytes: return 5 + std::size_t{load_little<std::uint32_t>(in.data() + 1)};
    case tagged_type::list:
    case tagged_type::map: return 9 + std::size_t{load_little<std::uint32_t>(in.data() + 1)};
    }
    __builtin_trap(); // unchecked bytes: a bug of the caller
}

class tagged_list;
class tagged_map;

/// A view of one checked tagged value: reads without copying, dies with the bytes it points into.
/// Asking for another type than the value has is `type_mismatch`; numbers are not converted.
class tagged_view {
  public:
    /// Null.
    constexpr tagged_view() noexcept = default;
    /// REQUIRES: tagged_length(bytes) answered bytes.size(), as it does for all the codec gives.
    constexpr explicit tagged_view(bytes_view checked) noexcept : bytes_{checked} {}

    [[nodiscard]] tagged_type type() const noexcept {
        return bytes_.empty() ? tagged_type::null : static_cast<tagged_type>(bytes_[0]);
    }
    [[nodiscard]] bool is_null() const noexcept { return type() == tagged_type::null; }
    [[nodiscard]] result<std::int64_t> as_integer() const noexcept {
        if (type() != tagged_type::integer) return errc::type_mismatch;
        return static_cast<std::int64_t>(load_little<std::uint64_t>(payload()));
    }
    [[nodiscard]] result<double> as_floating() const noexcept {
        if (type() != tagged_type::floating) return errc::type_mismatch;
        return std::bit_cast<double>(load_little<std::uint64_t>(payload()));
    }
    [[nodiscard]] result<decimal> as_decimal() const noexcept {
        if (type() != tagged_type::decimal) return errc::type_mismatch;
        return decimal::load(payload());
    }
    [[nodiscard]] result<bool> as_boolean() const noexcept {
        if (type() != tagged_type::boolean) return errc::type_mismatch;
        return *payload() != std::byte{0};
    }
    [[nodiscard]] result<text_view> as_string() const noexcept {
        if (type() != tagged_type::string) return errc::type_mismatch;
        return bytes_.skip(5).as<text_view>();
    }
    [[nodiscard]] result<bytes_view> as_bytes() const noexcept {
        if (type() != tagged_type::bytes) return errc::type_mismatch;
        return bytes_.skip(5);
    }
    [[nodiscard]] result<tagged_list> as_list() const noexcept;
    [[nodiscard]] result<tagged_map> as_map() const noexcept;

    /// The encoding. Empty for a null that was never stored.
    [[nodiscard]] bytes_view encoding() const noexcept { return bytes_; }
    /// The same value in the same representation (1 and 1.0 differ, so do 1.5m and 1.50m; a NaN
    /// equals itself): what a compare-and-set by value compares.
    [[nodiscard]] friend bool operator==(tagged_view a, tagged_view b) noexcept {
        return a.bytes_ == b.bytes_ || (a.is_null() && b.is_null());
    }

  private:
    [[nodiscard]] const std::byte* payload() const noexcept { return bytes_.data() + 1; }

    bytes_view bytes_;
};

struct tagged_entry {
    text_view key;
    tagged_view value;
};

/// The elements of a list, forwards: `for (tagged_view element : *value.as_list())`.
class tagged_list {
  public:
    class iterator {
      public:
        explicit iterator(bytes_view rest) noexcept : rest_{rest} { measure(); }
        [[nodiscard]] tagged_view operator*() const noexcept {
            return tagged_view{rest_.first(length_)};
        }
        iterator& operator++() noexcept {
            rest_ = rest_.skip(length_);
            measure();
            return *this;
        }
        [[nodiscard]] bool operator==(const iterator& other) const noexcept {
            return rest_.size() == other.rest_.size();
        }

      private:
        void measure() noexcept { length_ = checked_tagged_length(rest_); }
        bytes_view rest_;
        std::size_t length_ = 0;
    };

    explicit tagged_list(bytes_view checked) noexcept : bytes_{checked} {}
    [[nodiscard]] std::size_t size() const noexcept {
        return load_little<std::uint32_t>(bytes_.data() + 5);
    }
    [[nodiscard]] iterator begin() const noexcept { return iterator{bytes_.skip(9)}; }
    [[nodiscard]] iterator end() const noexcept { return iterator{bytes_.skip(bytes_.size())}; }

  private:
    bytes_view bytes_;
};

/// The entries of a map in byte order of their keys.
class tagged_map {
  public:
    class iterator {
      public:
        explicit iterator(bytes_view rest) noexcept : rest_{rest} { measure(); }
        [[nodiscard]] tagged_entry operator*() const noexcept {
            return {rest_.skip(4).first(key_).as<text_view>(),
                    tagged_view{rest_.skip(4 + key_).first(length_)}};
        }
        iterator& operator++() noexcept {
            rest_ = rest_.skip(4 + key_ + length_);
            measure();
            return *this;
        }
        [[nodiscard]] bool operator==(const iterator& other) const noexcept {
            return rest_.size() == other.rest_.size();
        }

      private:
        void measure() noexcept {
            if (rest_.empty()) return;
            key_ = load_little<std::uint32_t>(rest_.data());
            length_ = checked_tagged_length(rest_.skip(4 + key_));
        }
        bytes_view rest_;
        std::size_t key_ = 0;
        std::size_t length_ = 0;
    };

    explicit tagged_map(bytes_view checked) noexcept : bytes_{checked} {}
    [[nodiscard]] std::size_t size() const noexcept {
        return load_little<std::uint32_t>(bytes_.data() + 5);
    }
    [[nodiscard]] iterator begin() const noexcept { return iterator{bytes_.skip(9)}; }
    [[nodiscard]] iterator end() const noexcept { return iterator{bytes_.skip(bytes_.size())}; }
    /// `not_found` when there is no such key. Linear in the entries before it.
    [[nodiscard]] result<tagged_view> find(text_view key) const noexcept {
        for (const tagged_entry entry : *this)
            if (entry.key == key) return entry.value;
        return errc::not_found;
    }

  private:
    bytes_view bytes_;
};

inline result<tagged_list> tagged_view::as_list() const noexcept {
    if (type() != tagged_type::list) return errc::type_mismatch;
    return tagged_list{bytes_};
}
inline result<tagged_map> tagged_view::as_map() const noexcept {
    if (type() != tagged_type::map) return errc::type_mismatch;
    return tagged_map{bytes_};
}

} // namespace ashlar::inline v0_1
