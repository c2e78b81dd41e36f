// SPDX-License-Identifier: BSL-1.0
/// @file Defines seqlock_word: how memory is read and written that is looked at while it changes.
#pragma once

#include <ashlar/bytes.hpp>

namespace ashlar::inline v0_1 {

/// How words are read and written. With threads a reader may look while a writer writes: it checks
/// a version afterwards and throws away what it saw. Acquiring every word keeps the second look at
/// the version behind the words, releasing every word keeps them behind the first change of the
/// version; so no fence is needed (the thread sanitizer knows none), and on x86 these are plain
/// moves. Without threads they are plain variables.
/// (H.-J. Boehm, "Can seqlocks get along with programming language memory models?", 2012)
template <bool Threads>
struct seqlock_word {
    template <class T>
    [[nodiscard]] static T load(const T& from) noexcept {
        if constexpr (Threads) return __atomic_load_n(&from, __ATOMIC_ACQUIRE);
        else return from;
    }
    template <class T>
    static void store(T& to, T value) noexcept {
        if constexpr (Threads) __atomic_store_n(&to, value, __ATOMIC_RELEASE);
        else to = value;
    }

    /// Writes bytes over whole words; what is left of the last one becomes zero with threads and
    /// stays as it was without.
    static void store_bytes(std::uint64_t* to, bytes_view bytes) noexcept {
        if constexpr (Threads) {
            for (; bytes.size() >= 8; bytes = bytes.skip(8), ++to) store(*to, part(bytes.first(8)));
            if (!bytes.empty()) store(*to, part(bytes));
        } else {
            copy_bytes(reinterpret_cast<std::byte*>(to), bytes);
        }
    }
    static void load_words(std::uint64_t* to, const std::uint64_t* from, std::size_t n) noexcept {
        for (std::size_t i = 0; i < n; ++i) to[i] = load(from[i]);
    }
    /// Moves n words within an array or between two. One writer at a time.
    template <class T>
    static void move(T* to, const T* from, std::size_t n) noexcept {
        if constexpr (!Threads) {
            __builtin_memmove(to, from, n * sizeof(T));
        } else if (to < from) {
            for (std::size_t i = 0; i < n; ++i) store(to[i], from[i]);
        } else {
            while (n-- > 0) store(to[n], from[n]);
        }
    }

  private:
    [[nodiscard]] static std::uint64_t part(bytes_view bytes) noexcept {
        std::uint64_t value = 0;
        copy_bytes(reinterpret_cast<std::byte*>(&value), bytes);
        return value;
    }
};

} // namespace ashlar::inline v0_1
