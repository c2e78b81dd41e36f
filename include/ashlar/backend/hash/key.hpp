// SPDX-License-Identifier: BSL-1.0
/// @file Defines the kinds of keys a bucket table can hold: one word, several words, an entry.
#pragma once

#include <ashlar/backend/hash/bucket.hpp>
#include <ashlar/detail/hash.hpp>

namespace ashlar::inline v0_1::hash {

using detail::hash_seed;

/// Satisfied by what tells a table how its slots begin: `words()` of key, the hash of a key asked
/// for and of a key stored (under the writers' lock), equality and storing. `matches` may run
/// while a writer writes, unless `Threads` readers are kept out by other means.
template <class K>
concept key_kind = requires(const K& kind, const typename K::probe& asked, std::uint64_t* slot) {
    { kind.words() } -> std::same_as<std::uint32_t>;
    { kind.hash(asked) } -> std::same_as<std::uint64_t>;
    { kind.stored_hash(slot) } -> std::same_as<std::uint64_t>;
    { kind.template matches<true>(slot, asked) } -> std::same_as<bool>;
    kind.template store<true>(slot, asked);
};

/// Keys of one to eight bytes, compared as one integer.
struct word_key {
    using probe = std::uint64_t;
    hash_seed seed{};

    [[nodiscard]] static constexpr std::uint32_t words() noexcept { return 1; }
    [[nodiscard]] std::uint64_t hash(probe asked) const noexcept {
        return detail::hash_word(asked, seed);
    }
    [[nodiscard]] std::uint64_t stored_hash(const std::uint64_t* slot) const noexcept {
        return hash(*slot);
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
    using probe = const std::uint64_t*;
    hash_seed seed{};
    std::uint32_t length = 2;

    [[nodiscard]] std::uint32_t words() const noexcept { return length; }
    [[nodiscard]] std::uint64_t hash(probe asked) const noexcept {
        const auto* bytes = reinterpret_cast<const std::byte*>(asked);
        return detail::hash_bytes({bytes, std::size_t{length} * 8}, seed);
    }
    [[nodiscard]] std::uint64_t stored_hash(const std::uint64_t* slot) const noexcept {
        return hash(slot);
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

/// A key and its row in memory of their own: what keys or rows of any length rest in. Not a
/// persistent format.
struct entry {
    std::uint32_t key_size;
    std::uint32_t row_size;
    // key bytes, row bytes

    [[nodiscard]] std::byte* bytes() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
    [[nodiscard]] const std::byte* bytes() const noexcept {
        return reinterpret_cast<const std::byte*>(this + 1);
    }
    [[nodiscard]] bytes_view key() const noexcept { return {bytes(), key_size}; }
    [[nodiscard]] bytes_view row() const noexcept { return {bytes() + key_size, row_size}; }
    [[nodiscard]] std::size_t size() const noexcept {
        return sizeof(entry) + std::size_t{key_size} + row_size;
    }

    /// An entry with this key and room for a row, or nullptr. REQUIRES: key.size() < 2^32.
    [[nodiscard]] static entry* make(bytes_view key, std::size_t row_size) noexcept {
        constexpr std::size_t most = static_cast<std::size_t>(-1) - sizeof(entry);
        if (row_size > 0xFFFF'FFFFU || key.size() > most || row_size > most - key.size())
            return nullptr;
        void* memory = ::operator new(sizeof(entry) + key.size() + row_size, std::nothrow);
        if (memory == nullptr) return nullptr;
        auto* made = ::new (memory)
            entry{static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(row_size)};
        copy_bytes(made->bytes(), key);
        return made;
    }
    static void free(entry* unused) noexcept { ::operator delete(unused); }
};
static_assert(sizeof(entry) == 8);

/// Keys of any length: the slot holds the whole hash and the address of an entry, so that growth
/// never looks at an entry and a lookup (nearly) never at a wrong one. No reader may look without
/// the lock: an entry is freed when its key is erased.
struct entry_key {
    struct probe {
        std::uint64_t hash = 0;
        bytes_view key{};
    };
    hash_seed seed{};

    [[nodiscard]] static constexpr std::uint32_t words() noexcept { return 1; }
    [[nodiscard]] static std::uint64_t hash(const probe& asked) noexcept { return asked.hash; }
    [[nodiscard]] static std::uint64_t stored_hash(const std::uint64_t* slot) noexcept {
        return *slot;
    }
    [[nodiscard]] static entry* at(const std::uint64_t* slot) noexcept {
        return reinterpret_cast<entry*>(static_cast<std::uintptr_t>(slot[1]));
    }
    template <bool Threads>
    [[nodiscard]] static bool matches(const std::uint64_t* slot, const probe& asked) noexcept {
        return *slot == asked.hash && at(slot)->key() == asked.key;
    }
    template <bool Threads>
    static void store(std::uint64_t* slot, const probe& asked) noexcept {
        word<Threads>::store(*slot, asked.hash);
    }
};
static_assert(key_kind<entry_key>);

} // namespace ashlar::inline v0_1::hash
