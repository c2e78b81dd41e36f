// SPDX-License-Identifier: BSL-1.0
/// @file Defines the kinds of keys a bucket table can hold: one word, several words, an entry.
#pragma once

#include <ashlar/backend/hash/bucket.hpp>
#include <ashlar/detail/hash.hpp>

namespace ashlar::inline v0_1::hash {

using detail::hash_seed;

/// Satisfied by what tells a table how its slots begin: `words()` of key, the hash of a key asked
/// for, a bit of the hash of a key stored (under the writers' lock), equality and storing.
/// `matches` may run while a writer writes, unless `Threads` readers are kept out by other means.
/// `slots` is how many a bucket has; `one_line` says that all stand in its first cache line.
template <class K>
concept key_kind = requires(const K& kind, const typename K::probe& asked, std::uint64_t* slot) {
    { kind.words() } -> std::same_as<std::uint32_t>;
    { kind.hash(asked) } -> std::same_as<std::uint64_t>;
    { kind.has_bit(slot, std::uint64_t{}) } -> std::same_as<bool>;
    requires K::slots <= 7 && std::same_as<decltype(K::one_line), const bool>;
    { kind.template matches<true>(slot, asked) } -> std::same_as<bool>;
    kind.template store<true>(slot, asked);
};

/// Keys of one to eight bytes, compared as one integer.
struct word_key {
    static constexpr std::uint32_t slots = 7;
    static constexpr bool one_line = false;
    using probe = std::uint64_t;
    hash_seed seed{};

    [[nodiscard]] static constexpr std::uint32_t words() noexcept { return 1; }
    [[nodiscard]] std::uint64_t hash(probe asked) const noexcept {
        return detail::hash_word(asked, seed);
    }
    [[nodiscard]] bool has_bit(const std::uint64_t* slot, std::uint64_t bit) const noexcept {
        return (hash(*slot) & bit) != 0;
    }
    template <bool Threads>
    [[nodiscard]] static bool matches(const std::uint64_t* slot, probe asked) noexcept {
        return word<Threads>::load(*slot) == asked;
    }
    template <bool Threads>
    static void store(std::uint64_t* slot, probe asked) noexcept {
        word<Threads>::store(*slot, asked);
    }
};
static_assert(key_kind<word_key>);

/// Longer keys of one length, padded with zeros to whole words. The length is a run-time member:
/// all of them share one table type.
struct wide_key {
    static constexpr std::uint32_t slots = 7;
    static constexpr bool one_line = false;
    using probe = const std::uint64_t*;
    hash_seed seed{};
    std::uint32_t length = 2;

    [[nodiscard]] std::uint32_t words() const noexcept { return length; }
    [[nodiscard]] std::uint64_t hash(probe asked) const noexcept {
        const auto* bytes = reinterpret_cast<const std::byte*>(asked);
        return detail::hash_bytes({bytes, std::size_t{length} * 8}, seed);
    }
    [[nodiscard]] bool has_bit(const std::uint64_t* slot, std::uint64_t bit) const noexcept {
        return (hash(slot) & bit) != 0;
    }
    template <bool Threads>
    [[nodiscard]] bool matches(const std::uint64_t* slot, probe asked) const noexcept {
        for (std::uint32_t i = 0; i < length; ++i)
            if (word<Threads>::load(slot[i]) != asked[i]) return false;
        return true;
    }
    template <bool Threads>
    void store(std::uint64_t* slot, probe asked) const noexcept {
        for (std::uint32_t i = 0; i < length; ++i) word<Threads>::store(slot[i], asked[i]);
    }
};
static_assert(key_kind<wide_key>);

} // namespace ashlar::inline v0_1::hash
