// SPDX-License-Identifier: BSL-1.0
/// @file Defines the directory of an evicting store: which rows there are, and who goes next.
#pragma once

#include <ashlar/concurrency/concept.hpp>
#include <ashlar/detail/hash.hpp>
#include <ashlar/engine.hpp>
#include <ashlar/expiry/evicting/entry.hpp>
#include <ashlar/guarded.hpp>

#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ashlar::inline v0_1::eviction {

/// Keeps a key, a size and a place in the order for every row, spread over shards by the key's
/// hash. Written to at the commit point, under the row's own lock, so it knows what the engine
/// knows; its locks are held for its own work only. A row for which there is no memory here is not
/// known until it is written again. Thread-safe.
template <class Order, class Concurrency>
class directory {
    static constexpr std::size_t shard_count = Concurrency::threads ? 16 : 1;
    /// What an entry costs beside its key's and row's bytes: itself, its place in the table.
    static constexpr std::size_t overhead = sizeof(entry) + 32;

    struct text_hash {
        using is_transparent = void;
        detail::hash_seed seed;
        [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
            const text_view bytes{text.data(), text.size()};
            return static_cast<std::size_t>(detail::hash_bytes(bytes_view{bytes}, seed));
        }
    };
    struct shard {
        explicit shard(detail::hash_seed seed) : entries{8, text_hash{seed}} {}
        typename Concurrency::mutex mutex;
        std::unordered_map<std::string, entry, text_hash, std::equal_to<>> entries;
        typename Order::order order;
    };

  public:
    explicit directory(std::uint64_t seed)
        : directory{detail::hash_seed::from(seed), std::make_index_sequence<shard_count>{}} {}

    /// Bytes of all rows, with what their entries cost.
    [[nodiscard]] std::size_t used() const noexcept { return used_.load_relaxed(); }
    /// Of those, what the entries cost.
    [[nodiscard]] std::size_t bookkeeping() const noexcept { return bookkeeping_.load_relaxed(); }
    [[nodiscard]] std::size_t evicted() const noexcept { return evicted_.load_relaxed(); }
    void count_evicted(std::size_t rows) noexcept { evicted_.fetch_add_relaxed(rows); }

    void put(bytes_view key, std::size_t row_size, std::uint64_t expiry) noexcept {
        const std::string_view text = view(key);
        const std::uint64_t hash = hash_of(text);
        shard& s = shard_of(hash);
        const guard hold{s.mutex};
        const std::size_t size = row_size + key.size() + overhead;
        const auto kept = guarded(errc::out_of_memory, [&]() -> result<void> {
            if (const auto at = s.entries.find(text); at != s.entries.end())
                return change(s, at->second, size, expiry);
            const auto at = s.entries.try_emplace(std::string{text}).first;
            entry& fresh = at->second;
            fresh.key = at->first;
            fresh.hash = hash;
            fresh.size = size;
            fresh.expiry = expiry;
            used_.fetch_add_relaxed(size);
            bookkeeping_.fetch_add_relaxed(size - row_size);
            s.order.insert(fresh);
            return {};
        });
        if (kept) return;
        if (const auto at = s.entries.find(text); at != s.entries.end()) drop(s, at);
    }
    void erase(bytes_view key) noexcept {
        const std::string_view text = view(key);
        shard& s = shard_of(hash_of(text));
        const guard hold{s.mutex};
        if (const auto at = s.entries.find(text); at != s.entries.end()) drop(s, at);
    }
    /// O(rows): the directory has no order of keys.
    void erase_range(const scan_range& range) noexcept {
        for (shard& s : shards_) {
            const guard hold{s.mutex};
            for (auto at = s.entries.begin(); at != s.entries.end();) {
                const auto next = std::next(at);
                if (range.contains(bytes_of(at->first))) drop(s, at);
                at = next;
            }
        }
    }
    /// A use that meets another thread at the same shard is not counted: readers don't wait.
    void use(bytes_view key) noexcept {
        const std::string_view text = view(key);
        shard& s = shard_of(hash_of(text));
        if (!s.mutex.try_lock()) return;
        if (const auto at = s.entries.find(text); at != s.entries.end()) s.order.use(at->second);
        s.mutex.unlock();
    }
    /// take(key) for rows that should go, in their order, until they are `bytes` or `most` rows.
    template <class Take>
    void victims(std::size_t bytes, std::size_t most, Take take) {
        std::size_t idle = 0;
        for (std::size_t found = 0, n = 0; found < bytes && n < most && idle < shard_count;) {
            shard& s = shards_[next_.fetch_add_relaxed(1) % shard_count];
            const guard hold{s.mutex};
            entry* const e = s.order.victim();
            if (e == nullptr) {
                ++idle;
                continue;
            }
            idle = 0;
            take(bytes_of(e->key));
            found += e->size;
            ++n;
        }
    }

  private:
    [[nodiscard]] static std::string_view view(bytes_view key) noexcept {
        return {reinterpret_cast<const char*>(key.data()), key.size()};
    }
    [[nodiscard]] static bytes_view bytes_of(std::string_view text) noexcept {
        return bytes_view{text_view{text.data(), text.size()}};
    }
    [[nodiscard]] std::uint64_t hash_of(std::string_view text) const noexcept {
        return detail::hash_bytes(bytes_of(text), seed_);
    }
    [[nodiscard]] shard& shard_of(std::uint64_t hash) noexcept {
        return shards_[(hash >> 56) % shard_count];
    }
    result<void> change(shard& s, entry& e, std::size_t size, std::uint64_t expiry) {
        used_.fetch_add_relaxed(size - e.size);
        if (Order::needs_expiry && e.expiry != expiry) {
            s.order.remove(e);
            e.expiry = expiry;
            e.size = size;
            s.order.insert(e);
        } else {
            s.order.resize(e, size);
        }
        return {};
    }
    template <class At>
    void drop(shard& s, At at) noexcept {
        used_.fetch_sub(at->second.size);
        bookkeeping_.fetch_sub(at->first.size() + overhead);
        s.order.remove(at->second);
        s.entries.erase(at);
    }

    template <std::size_t... I>
    directory(detail::hash_seed seed, std::index_sequence<I...>)
        : seed_{seed}, shards_{make_shard(seed, I)...} {}
    [[nodiscard]] static shard make_shard(detail::hash_seed seed, std::size_t) {
        return shard{seed};
    }

    detail::hash_seed seed_;
    typename Concurrency::template atomic<std::size_t> used_{0};
    typename Concurrency::template atomic<std::size_t> bookkeeping_{0};
    typename Concurrency::template atomic<std::size_t> evicted_{0};
    typename Concurrency::template atomic<std::size_t> next_{0};
    shard shards_[shard_count];
};

} // namespace ashlar::inline v0_1::eviction
