// SPDX-License-Identifier: BSL-1.0
/// @file Defines the entries of a hash map whose keys or rows vary in length, and their slots.
#pragma once

#include <ashlar/backend/hash/key.hpp>
#include <ashlar/slab/pool.hpp>

namespace ashlar::inline v0_1::hash {

/// A key and its row in memory of their own, behind their lengths: in one word of 12 and 20 bits,
/// or where that is too short, behind a word that says so, in two. Not a persistent format.
class entry {
  public:
    /// An entry with room for a key and a row, or nullptr. REQUIRES: key_bytes < 2^32.
    template <class Pool>
    [[nodiscard]] static entry* make(Pool& from, std::size_t key_bytes,
                                     std::size_t row_size) noexcept {
        const bool is_short = key_bytes < longest_key && row_size < longest_row;
        const std::size_t front = is_short ? sizeof(entry) : 3 * sizeof(entry);
        const std::size_t most = static_cast<std::size_t>(-1) - front;
        if (row_size > 0xFFFF'FFFFU || key_bytes > most || row_size > most - key_bytes)
            return nullptr;
        void* memory = from.take(front + key_bytes + row_size);
        if (memory == nullptr) return nullptr;
        const auto key_size = static_cast<std::uint32_t>(key_bytes);
        const auto size = static_cast<std::uint32_t>(row_size);
        entry* made = nullptr;
        if (is_short) [[likely]] {
            made = ::new (memory) entry{key_size | (size << key_bits)};
        } else {
            made = ::new (memory) entry{lengths_follow};
            ::new (static_cast<void*>(made + 1)) entry{key_size};
            ::new (static_cast<void*>(made + 2)) entry{size};
        }
        return made;
    }
    /// Back to the pool that it is from.
    template <class Pool>
    static void free(entry* unused) noexcept {
        Pool::give(unused, unused->size());
    }

    [[nodiscard]] bytes_view key() const noexcept {
        const parts in{*this};
        return {in.key, in.key_size};
    }
    [[nodiscard]] bytes_view row() const noexcept {
        const parts in{*this};
        return {in.key + in.key_size, in.row_size};
    }
    /// Bytes asked of the pool.
    [[nodiscard]] std::size_t size() const noexcept {
        const parts in{*this};
        return static_cast<std::size_t>(in.key - bytes()) + in.key_size + in.row_size;
    }
    /// REQUIRES: of the key's length.
    void set_key(bytes_view key) noexcept {
        const parts in{*this};
        copy_bytes(const_cast<std::byte*>(in.key), key);
    }
    /// Answers size(). REQUIRES: of the row's length.
    std::size_t set_row(bytes_view row) noexcept {
        const parts in{*this};
        auto* const to = const_cast<std::byte*>(in.key) + in.key_size;
        copy_bytes(to, row);
        return static_cast<std::size_t>(to - bytes()) + row.size();
    }

  private:
    static constexpr unsigned key_bits = 12;
    static constexpr std::size_t longest_key = std::size_t{1} << key_bits;
    static constexpr std::size_t longest_row = (std::size_t{1} << (32 - key_bits)) - 1;
    static constexpr std::uint32_t lengths_follow = 0xFFFF'FFFFU;

    explicit entry(std::uint32_t lengths) noexcept : lengths_{lengths} {}
    [[nodiscard]] std::byte* bytes() noexcept { return reinterpret_cast<std::byte*>(this); }
    [[nodiscard]] const std::byte* bytes() const noexcept {
        return reinterpret_cast<const std::byte*>(this);
    }

    struct parts {
        const std::byte* key;
        std::size_t key_size, row_size;
        [[gnu::always_inline]] explicit parts(const entry& of) noexcept
            : key{of.bytes() + sizeof(entry)}, key_size{of.lengths_ & (longest_key - 1)},
              row_size{of.lengths_ >> key_bits} {
            if (row_size != longest_row) [[likely]]
                return;
            key_size = (&of)[1].lengths_;
            row_size = (&of)[2].lengths_;
            key += 2 * sizeof(entry);
        }
    };

    std::uint32_t lengths_; ///< key and row follow
};
static_assert(sizeof(entry) == 4);

/// Keys of any length: a slot is one word, the address of an entry behind 16 bits of its hash, so
/// that a bucket is one cache line, growth seldom looks at an entry, and a lookup (nearly) never at
/// a wrong one. No reader may look without the lock: an entry is freed when its key is erased.
struct entry_key {
    static constexpr std::uint32_t slots = 6;
    static constexpr bool one_line = true;

    struct probe {
        std::uint64_t hash = 0;
        bytes_view key{};
    };
    hash_seed seed{};

    /// None: the word is the row's, which set() makes.
    [[nodiscard]] static constexpr std::uint32_t words() noexcept { return 0; }
    [[nodiscard]] static std::uint64_t hash(const probe& asked) noexcept { return asked.hash; }
    /// From the slot in tables of 64 to 4 Mi buckets, from the entry in smaller and greater ones.
    [[nodiscard]] bool has_bit(const std::uint64_t* slot, std::uint64_t bit) const noexcept {
        if ((bit & slot_bits) != 0) [[likely]]
            return (*slot & (bit >> first_bit)) != 0;
        return (detail::hash_bytes(at(slot)->key(), seed) & bit) != 0;
    }
    [[nodiscard]] static entry* at(const std::uint64_t* slot) noexcept { return in_word(*slot); }
    /// The entry in a slot's word.
    [[nodiscard]] static entry* in_word(std::uint64_t word) noexcept {
        return reinterpret_cast<entry*>(static_cast<std::uintptr_t>(word >> 16));
    }
    /// The word of an entry's slot.
    [[nodiscard]] static std::uint64_t word_of(const entry* e, std::uint64_t hash) noexcept {
        const std::uint64_t address = reinterpret_cast<std::uintptr_t>(e);
        return (address << 16) | ((hash & slot_bits) >> first_bit);
    }
    /// Whether an address leaves 16 bits free, as those of programs do on all 64-bit systems that
    /// do not hand out more when asked for it.
    [[nodiscard]] static bool addressable(const entry* e) noexcept {
        return (std::uint64_t{reinterpret_cast<std::uintptr_t>(e)} >> 48) == 0;
    }
    template <bool Threads>
    [[nodiscard]] static bool matches(const std::uint64_t* slot, const probe& asked) noexcept {
        return (*slot & 0xFFFFU) == (asked.hash & slot_bits) >> first_bit &&
               at(slot)->key() == asked.key;
    }
    template <bool Threads>
    static void store(std::uint64_t*, const probe&) noexcept {}

  private:
    static constexpr unsigned first_bit = 6;
    static constexpr std::uint64_t slot_bits = std::uint64_t{0xFFFF} << first_bit;
};
static_assert(key_kind<entry_key>);
static_assert(bucket::size(entry_key::slots, 1) == 64);

} // namespace ashlar::inline v0_1::hash
