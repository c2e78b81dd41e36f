// SPDX-License-Identifier: BSL-1.0
/// @file Defines errc, error and error_detail: what can go wrong, in eight bytes, and where.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1 {

/// Every way a call can fail. The values are part of the persistent and wire formats:
/// never change or reuse one. docs/errors.md says for each what to do.
enum class errc : std::uint32_t {
    ok = 0,
    not_found = 1, ///< no live row under that key
    gone = 2,      ///< there was one; a tombstone remembers it
    conflict = 3,  ///< a check of the batch failed: nothing was applied
    contended = 4, ///< bounded retries were lost to other writers: nothing was applied
    key_empty = 5,
    key_too_long = 6,
    key_bad_characters = 7,
    value_too_long = 8,
    type_mismatch = 9,   ///< stored bytes are of another type than asked for
    range_invalid = 10,  ///< lower bound above upper, or a range the store can't serve
    foreign_cursor = 11, ///< the cursor belongs to another store, type or range
    overflow = 12,       ///< a checked addition left the range of a signed 64-bit integer
    invalid_argument = 13,
    full = 14,          ///< the configured capacity or map size is used up: nothing was applied
    no_space = 15,      ///< the disk is full: nothing was applied
    out_of_memory = 16, ///< nothing was applied
    quota_exhausted = 17,
    backpressure = 18,
    corrupt = 19,             ///< stored bytes break their format
    checksum_mismatch = 20,   ///< stored bytes are whole but altered
    unsupported_version = 21, ///< written by a newer or unknown format
    foreign = 22,             ///< not an ashlar store, or one made with other policies
    already_exists = 23,      ///< must_be_new was asked for
    no_such_store = 24,       ///< create was not asked for
    locked = 25,              ///< another process holds the store
    read_only = 26,
    permission_denied = 27,
    closed = 28,
    timeout = 29,
    io = 30, ///< the operating system refused; error::native is its errno
    lock_not_held = 31,
    lock_owner_mismatch = 32,
    lease_blocked = 33,
    quorum_not_reached = 34,
    unsupported = 35, ///< the engine can't do that at run time (e.g. a library built without it)
};

/// A code of ours and the native code behind it (errno, an engine's own code; 0 for none).
struct [[nodiscard]] error {
    errc code = errc::ok;
    std::int32_t native = 0;

    [[nodiscard]] friend constexpr bool operator==(const error&, const error&) noexcept = default;
    [[nodiscard]] friend constexpr bool operator==(const error& e, errc wanted) noexcept {
        return e.code == wanted;
    }
};
static_assert(sizeof(error) == 8);

/// The code's name, for logs and tests: "key_too_long".
[[nodiscard]] constexpr const char* name_of(errc code) noexcept {
    switch (code) {
    case errc::ok: return "ok";
    case errc::not_found: return "not_found";
    case errc::gone: return "gone";
    case errc::conflict: return "conflict";
    case errc::contended: return "contended";
    case errc::key_empty: return "key_empty";
    case errc::key_too_long: return "key_too_long";
    case errc::key_bad_characters: return "key_bad_characters";
    case errc::value_too_long: return "value_too_long";
    case errc::type_mismatch: return "type_mismatch";
    case errc::range_invalid: return "range_invalid";
    case errc::foreign_cursor: return "foreign_cursor";
    case errc::overflow: return "overflow";
    case errc::invalid_argument: return "invalid_argument";
    case errc::full: return "full";
    case errc::no_space: return "no_space";
    case errc::out_of_memory: return "out_of_memory";
    case errc::quota_exhausted: return "quota_exhausted";
    case errc::backpressure: return "backpressure";
    case errc::corrupt: return "corrupt";
    case errc::checksum_mismatch: return "checksum_mismatch";
    case errc::unsupported_version: return "unsupported_version";
    case errc::foreign: return "foreign";
    case errc::already_exists: return "already_exists";
    case errc::no_such_store: return "no_such_store";
    case errc::locked: return "locked";
    case errc::read_only: return "read_only";
    case errc::permission_denied: return "permission_denied";
    case errc::closed: return "closed";
    case errc::timeout: return "timeout";
    case errc::io: return "io";
    case errc::lock_not_held: return "lock_not_held";
    case errc::lock_owner_mismatch: return "lock_owner_mismatch";
    case errc::lease_blocked: return "lease_blocked";
    case errc::quorum_not_reached: return "quorum_not_reached";
    case errc::unsupported: return "unsupported";
    }
    return "unknown";
}

/// A sentence under construction, cut (never overrun) at its capacity. No heap.
class sentence {
  public:
    constexpr sentence& operator<<(text_view text) noexcept {
        for (std::size_t i = 0; i < text.size() && size_ + 1 < capacity; ++i)
            text_[size_++] = text.data()[i];
        text_[size_] = '\0';
        return *this;
    }
    constexpr sentence& operator<<(std::uint64_t number) noexcept {
        char digits[20]{};
        std::size_t n = sizeof digits;
        do {
            digits[--n] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
        return *this << text_view{digits + n, sizeof digits - n};
    }
    constexpr void clear() noexcept { text_[size_ = 0] = '\0'; }
    [[nodiscard]] constexpr const char* c_str() const noexcept { return text_; }
    [[nodiscard]] constexpr text_view view() const noexcept { return {text_, size_}; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

  private:
    static constexpr std::size_t capacity = 512;
    std::size_t size_ = 0;
    char text_[capacity]{};
};

/// The long form of an error, filled by calls that take one: subject, fault and remedy in words,
/// with the numbers apart. Owned by the caller; 560 bytes, so keep it out of hot loops.
struct error_detail {
    sentence message;
    std::uint64_t position = 0; ///< byte offset, batch index or row number the message speaks of
    std::uint64_t expected = 0; ///< version, checksum or length that was wanted
    std::uint64_t actual = 0;   ///< and what was found
};

/// Writes the detail when the caller asked for one and answers the error: `return fail(...)`.
constexpr error fail(error_detail* detail, error e, text_view message) noexcept {
    if (detail != nullptr) {
        detail->message.clear();
        detail->message << message;
    }
    return e;
}

} // namespace ashlar::inline v0_1
