// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/concurrency/scheduled.hpp>
#include <ashlar/concurrency/seqlock_word.hpp>

// The words that are read while they change, with a point of the schedule at each: a reader may be
// stopped halfway through a row. In place of the library's own, so to be included before any
// engine, by every file of the program.
template <>
struct ashlar::seqlock_word<true> {
    template <class T>
    [[nodiscard]] static T load(const T& from) noexcept {
        scheduled::point();
        return from;
    }
    template <class T>
    static void store(T& to, T value) noexcept {
        scheduled::point();
        to = value;
    }
    static void store_bytes(std::uint64_t* to, bytes_view bytes) noexcept {
        for (; !bytes.empty(); ++to) {
            const std::size_t n = bytes.size() < 8 ? bytes.size() : 8;
            std::uint64_t value = 0;
            copy_bytes(reinterpret_cast<std::byte*>(&value), bytes.first(n));
            store(*to, value);
            bytes = bytes.skip(n);
        }
    }
    static void load_words(std::uint64_t* to, const std::uint64_t* from, std::size_t n) noexcept {
        for (std::size_t i = 0; i < n; ++i) to[i] = load(from[i]);
    }
    template <class T>
    static void move(T* to, const T* from, std::size_t n) noexcept {
        if (to < from)
            for (std::size_t i = 0; i < n; ++i) store(to[i], from[i]);
        else
            while (n-- > 0) store(to[n], from[n]);
    }
};
