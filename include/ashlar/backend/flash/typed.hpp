// SPDX-License-Identifier: BSL-1.0
/// @file Defines typed values in a flash log: a version byte, then the object; older ones migrate.
#pragma once

#include <ashlar/backend/flash/log.hpp>
#include <ashlar/result.hpp>

#include <cstring>

namespace ashlar::inline v0_1::flash {

/// Satisfied by what put_typed stores: its bytes as they lie in memory, so of one machine's layout,
/// behind its `version`.
template <class T>
concept versioned_value = std::is_trivially_copyable_v<T> && requires {
    { T::version } -> std::convertible_to<std::uint8_t>;
};

/// Satisfied by values that can read what an older program stored:
/// `static result<T> migrate(std::uint8_t version, bytes_view bytes)`.
template <class T>
concept migrating_value = versioned_value<T> && requires(bytes_view bytes) {
    { T::migrate(std::uint8_t{}, bytes) } -> std::same_as<result<T>>;
};

/// Errors: those of put.
template <class Log, versioned_value T>
[[nodiscard]] errc put_typed(Log& log, bytes_view key, const T& value) noexcept {
    std::byte bytes[1 + sizeof(T)];
    bytes[0] = static_cast<std::byte>(T::version);
    std::memcpy(bytes + 1, &value, sizeof(T));
    return log.put(key, {bytes, sizeof bytes});
}

/// A value of another version is handed to migrate, of at most 64 bytes or T's own length.
/// Errors: those of get; unsupported_version without a way from there to here.
template <versioned_value T, class Log>
[[nodiscard]] result<T> get_typed(const Log& log, bytes_view key) noexcept {
    constexpr std::size_t longest = sizeof(T) < 64 ? 64 : sizeof(T);
    std::byte bytes[1 + longest];
    std::uint32_t size = 0;
    const errc bad = log.get(key, bytes, sizeof bytes, size);
    if (bad != errc::ok) return bad;
    if (size == 0 || size > sizeof bytes) return errc::type_mismatch;
    const auto version = static_cast<std::uint8_t>(bytes[0]);
    if (version != T::version) {
        if constexpr (migrating_value<T>) return T::migrate(version, {bytes + 1, size - 1});
        else return errc::unsupported_version;
    }
    if (size != 1 + sizeof(T)) return errc::type_mismatch;
    T value;
    std::memcpy(&value, bytes + 1, sizeof(T));
    return value;
}

} // namespace ashlar::inline v0_1::flash
