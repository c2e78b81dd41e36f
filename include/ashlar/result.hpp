// SPDX-License-Identifier: BSL-1.0
/// @file Defines result<T>: a value or an error, returned in registers when T is small and trivial.
#pragma once

#include <ashlar/error.hpp>

namespace ashlar::inline v0_1 {

/// A T or an error, with the names of std::expected<T, error> (decision 0002 says why not that
/// type). Trivially copyable when T is; result<std::uint64_t> travels in two registers.
/// Reading the value of a failed result is a bug and traps. Not thread-safe by itself.
template <class T>
class [[nodiscard("ashlar: an error may be lost; test it, or cast it to void")]] result {
  public:
    using value_type = T;
    using error_type = ashlar::error;

    constexpr result(const T& value) noexcept // NOLINT: a value is a success
        requires requires(const T& v) { T(v); }
        : value_(value) {}
    constexpr result(T&& value) noexcept : value_(std::move(value)) {} // NOLINT
    constexpr result(ashlar::error e) noexcept : error_{e} { // NOLINT: an error is a failure
        if (e.code == errc::ok) __builtin_trap();
    }
    constexpr result(errc code) noexcept : result(ashlar::error{code}) {} // NOLINT

    // One condition for all five special members, asked of the compiler itself: the standard traits
    // would instantiate some eighty templates for every value type of every store.
    result(const result&)
        requires(__is_trivially_copyable(T))
    = default;
    result(result&&)
        requires(__is_trivially_copyable(T))
    = default;
    result& operator=(const result&)
        requires(__is_trivially_copyable(T))
    = default;
    result& operator=(result&&)
        requires(__is_trivially_copyable(T))
    = default;
    ~result()
        requires(__is_trivially_copyable(T))
    = default;

    constexpr result(const result& other)
        requires(!__is_trivially_copyable(T) && requires(const T& value) { T(value); })
        : error_{other.error_} {
        if (has_value()) ::new (static_cast<void*>(&value_)) T(other.value_);
    }
    constexpr result(result&& other) noexcept
        requires(!__is_trivially_copyable(T))
        : error_{other.error_} {
        if (has_value()) ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
    }
    constexpr result& operator=(result&& other) noexcept
        requires(!__is_trivially_copyable(T))
    {
        if (this == &other) return *this;
        if (has_value()) value_.~T();
        error_ = other.error_;
        if (has_value()) ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
        return *this;
    }
    constexpr ~result() {
        if (has_value()) value_.~T();
    }

    [[nodiscard]] constexpr bool has_value() const noexcept { return error_.code == errc::ok; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return has_value(); }
    [[nodiscard]] constexpr ashlar::error error() const noexcept { return error_; }

    [[nodiscard]] constexpr T& operator*() & noexcept { return checked(), value_; }
    [[nodiscard]] constexpr const T& operator*() const& noexcept { return checked(), value_; }
    [[nodiscard]] constexpr T&& operator*() && noexcept { return checked(), std::move(value_); }
    [[nodiscard]] constexpr T* operator->() noexcept { return checked(), &value_; }
    [[nodiscard]] constexpr const T* operator->() const noexcept { return checked(), &value_; }
    [[nodiscard]] constexpr T& value() & noexcept { return **this; }
    [[nodiscard]] constexpr const T& value() const& noexcept { return **this; }
    [[nodiscard]] constexpr T&& value() && noexcept { return *std::move(*this); }

    template <class U>
    [[nodiscard]] constexpr T value_or(U&& otherwise) const& {
        return has_value() ? value_ : static_cast<T>(std::forward<U>(otherwise));
    }
    template <class U>
    [[nodiscard]] constexpr T value_or(U&& otherwise) && {
        return has_value() ? std::move(value_) : static_cast<T>(std::forward<U>(otherwise));
    }
    /// f(value) when there is one, where f answers a result; the error otherwise.
    template <class F>
    [[nodiscard]] constexpr auto and_then(F&& f) && -> decltype(f(std::declval<T&&>())) {
        if (!has_value()) return error_;
        return f(std::move(value_));
    }

  private:
    constexpr void checked() const noexcept {
        if (!has_value()) __builtin_trap();
    }

    union {
        T value_;
        char none_;
    };
    ashlar::error error_{};
};

/// Success, or an error.
template <>
class [[nodiscard("ashlar: an error may be lost; test it, or cast it to void")]] result<void> {
  public:
    using value_type = void;
    using error_type = ashlar::error;

    constexpr result() noexcept = default;
    constexpr result(ashlar::error e) noexcept : error_{e} {}             // NOLINT
    constexpr result(errc code) noexcept : result(ashlar::error{code}) {} // NOLINT

    [[nodiscard]] constexpr bool has_value() const noexcept { return error_.code == errc::ok; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return has_value(); }
    [[nodiscard]] constexpr ashlar::error error() const noexcept { return error_; }
    constexpr void operator*() const noexcept { value(); }
    constexpr void value() const noexcept {
        if (!has_value()) __builtin_trap();
    }

  private:
    ashlar::error error_{};
};

static_assert(sizeof(result<void>) == 8 && sizeof(result<std::uint64_t>) == 16);
static_assert(std::is_trivially_copyable_v<result<std::uint64_t>>);

} // namespace ashlar::inline v0_1
