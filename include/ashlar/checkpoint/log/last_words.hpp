// SPDX-License-Identifier: BSL-1.0
/// @file Defines last_words: which record of a log says the last word on a key.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/checkpoint/log/position.hpp>
#include <ashlar/detail/hash.hpp>
#include <ashlar/result.hpp>

#include <cstring>

namespace ashlar::inline v0_1::log_parts {

/// A table of hashes, open addressing with linear probing, an eighth to half full: 32 to 128 bytes
/// a key and none of its own. Two keys with one hash of 64 bits share a place, the later one gets
/// it: who looks finds that the record does not speak of the key. Thread safety: find() only.
class last_words {
  public:
    explicit last_words(std::uint64_t random) noexcept : seed_{detail::hash_seed::from(random)} {}

    /// May put it off until settle(), for its place is far away: it is asked for, and others are
    /// noted meanwhile. Errors: out_of_memory. Complexity: amortised O(1).
    [[nodiscard]] result<void> note(bytes_view key, std::uint64_t segment,
                                    std::uint32_t offset) noexcept {
        const std::uint64_t hash = hash_of(key);
        const auto place = static_cast<std::size_t>(hash) & (slots() - 1);
        if (!table_.empty()) __builtin_prefetch(table_.data() + slot_size * place, 1);
        under_way_[many_++] = {hash, static_cast<std::uint32_t>(segment), offset};
        return many_ < ahead ? result<void>{} : settle();
    }
    [[nodiscard]] result<void> settle() noexcept {
        if (2 * (count_ + many_) > slots())
            if (const auto grown = grow(); !grown) return grown;
        for (std::size_t i = 0; i < many_; ++i) {
            std::byte* slot = slot_for(table_.data(), slots(), under_way_[i].hash);
            if (load_little<std::uint64_t>(slot) == 0) ++count_;
            store_little(slot, under_way_[i].hash);
            store_little(slot + 8, under_way_[i].segment);
            store_little(slot + 12, under_way_[i].offset);
        }
        many_ = 0;
        return {};
    }
    /// False: the log has said nothing of the key. REQUIRES: nothing was noted since settle().
    [[nodiscard]] bool find(bytes_view key, std::uint64_t& segment,
                            std::uint32_t& offset) const noexcept {
        if (count_ == 0) return false;
        const std::byte* slot = slot_for(table_.data(), slots(), hash_of(key));
        segment = load_little<std::uint32_t>(slot + 8);
        offset = load_little<std::uint32_t>(slot + 12);
        return load_little<std::uint64_t>(slot) != 0;
    }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }

  private:
    struct word {
        std::uint64_t hash;
        std::uint32_t segment;
        std::uint32_t offset;
    };
    static constexpr std::size_t ahead = 32;     ///< more than a processor has misses under way
    static constexpr std::size_t slot_size = 16; ///< hash (8; 0: none), segment (4), offset (4)

    [[nodiscard]] std::size_t slots() const noexcept { return table_.size() / slot_size; }
    [[nodiscard]] std::uint64_t hash_of(bytes_view key) const noexcept {
        const std::uint64_t hash = detail::hash_bytes(key, seed_);
        return hash != 0 ? hash : 1;
    }
    /// The hash's slot, or the free one where it belongs. `slots` is a power of two.
    template <class Byte>
    [[nodiscard]] static Byte* slot_for(Byte* table, std::size_t slots,
                                        std::uint64_t hash) noexcept {
        for (std::size_t at = static_cast<std::size_t>(hash);; ++at) {
            Byte* slot = table + slot_size * (at & (slots - 1));
            const auto there = load_little<std::uint64_t>(slot);
            if (there == hash || there == 0) return slot;
        }
    }
    [[nodiscard]] result<void> grow() noexcept {
        const std::size_t more = slots() == 0 ? 64 : 4 * slots();
        byte_buffer larger;
        std::byte* to = larger.extend(slot_size * more);
        if (to == nullptr) return errc::out_of_memory;
        std::memset(to, 0, larger.size());
        for (std::size_t i = 0; i < table_.size(); i += slot_size) {
            const auto hash = load_little<std::uint64_t>(table_.data() + i);
            if (hash != 0) copy_bytes(slot_for(to, more, hash), {table_.data() + i, slot_size});
        }
        table_ = std::move(larger);
        return {};
    }

    detail::hash_seed seed_;
    byte_buffer table_;
    std::size_t count_ = 0;
    word under_way_[ahead];
    std::size_t many_ = 0; ///< of them
};

} // namespace ashlar::inline v0_1::log_parts
