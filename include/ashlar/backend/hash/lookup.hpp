// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a bucket table is read: with the lock, without it, and many keys together.
#pragma once

#include <ashlar/backend/hash/chain.hpp>
#include <ashlar/backend/hash/key.hpp>
#include <ashlar/detail/prefetch.hpp>

namespace ashlar::inline v0_1::hash {

/// What a look without the lock found; `busy` when writers were in the way every time.
enum class sighting : std::uint8_t { absent, found, busy };

/// How many buckets a table has, and the mask of the hash bits that choose one: in one word, so
/// that a reader without the lock sees both of one moment.
struct extent {
    std::uint64_t bits = 0;

    [[nodiscard]] static extent of(std::uint32_t buckets) noexcept {
        const std::uint64_t mask = (std::uint64_t{2} << (31 - __builtin_clz(buckets))) - 1;
        return {(mask << 32) | buckets};
    }
    [[nodiscard]] std::uint32_t buckets() const noexcept {
        return static_cast<std::uint32_t>(bits);
    }
    [[nodiscard]] bool empty() const noexcept { return bits == 0; }
    /// The bucket of a hash: one that is not born yet is still part of the one half below it.
    /// REQUIRES: !empty().
    [[nodiscard]] std::uint32_t home(std::uint64_t hash) const noexcept {
        const auto mask = static_cast<std::uint32_t>(bits >> 32);
        const std::uint32_t index = static_cast<std::uint32_t>(hash) & mask;
        return index < buckets() ? index : index & (mask >> 1);
    }
    friend bool operator==(extent, extent) = default;
};

/// The bucket that a key was routed to, and the extent then; null in a table without buckets.
struct way {
    const bucket* first;
    extent then;
};

/// The buckets of a table, and all verbs that change nothing. `sight`, `approach` and `peek` are
/// for readers without the lock, the others need it. Complexity: O(1) expected.
template <key_kind Kind, bool Threads>
class bucket_lookup {
  public:
    using probe = typename Kind::probe;
    using words = word<Threads>;
    static constexpr std::uint32_t slots = Kind::slots; ///< of a bucket

    [[nodiscard]] const Kind& kind() const noexcept { return kind_; }

    /// The slot that holds the key, or nullptr; its row begins behind kind().words() words.
    [[nodiscard]] const std::uint64_t* find(const probe& key, std::uint64_t hash) const noexcept {
        if (extent_.empty()) return nullptr;
        return find(&bucket_at(extent_.home(hash)), key, hash);
    }
    [[nodiscard]] const std::uint64_t* find(const bucket* first, const probe& key,
                                            std::uint64_t hash) const noexcept {
        const std::uint64_t tag = tag_word(hash);
        for (const bucket* at = first;; at = chains_.behind(*at)) {
            for (slot_set hits = tagged_slots(at->tags, tag); !hits.empty(); hits.drop_first()) {
                const std::uint64_t* slot = at->slot(hits.first(), chains_.stride());
                if (kind_.template matches<false>(slot, key)) return slot;
            }
            if (at->next == 0) return nullptr;
        }
    }

    /// Routes a key, and asks for the first `Lines` lines of its bucket; for the very first, which
    /// has the tags, only where `Fetch` says that it is not looked at right now.
    template <bool Fetch, std::size_t Lines>
    [[nodiscard, gnu::always_inline]] way approach(std::uint64_t hash) const noexcept {
        const extent now{words::load(extent_.bits)};
        if (now.empty()) return {nullptr, now};
        const bucket* first = &bucket_at(now.home(hash));
        if constexpr (Fetch) detail::prefetch(first);
        detail::prefetch_lines<Lines - 1>(reinterpret_cast<const std::byte*>(first) +
                                          detail::cache_line);
        return {first, now};
    }
    /// Without the lock, for one who will take it and go through `some` buckets from `from` on:
    /// asks for all of their lines.
    void ask_for_buckets(std::uint32_t from, std::uint32_t some) const noexcept {
        const std::size_t size = bucket::size(slots, chains_.stride());
        each_bucket(from, some, [size](const bucket& first) {
            const auto* bytes = reinterpret_cast<const std::byte*>(&first);
            for (std::size_t at = 0; at < size; at += 64) detail::prefetch(bytes + at);
        });
    }
    /// Likewise, when these lines have come: has ask(slot) ask for what their slots point to.
    template <class Ask>
    void ask_behind_slots(std::uint32_t from, std::uint32_t some, Ask ask) const noexcept {
        each_bucket(from, some, [&](const bucket& first) {
            for (slot_set used = used_slots(words::load(first.tags)); !used.empty();
                 used.drop_first())
                ask(first.slot(used.first(), chains_.stride()));
        });
    }
    /// Hands the first slot that bears the key's tag to `then`, for a second fetch; false when none
    /// does.
    template <class Then>
    bool peek(way to, std::uint64_t hash, Then then) const noexcept {
        if (to.first == nullptr) return false;
        const slot_set hits = tagged_slots(words::load(to.first->tags), tag_word(hash));
        if (hits.empty()) [[unlikely]]
            return false;
        then(to.first->slot(hits.first(), chains_.stride()));
        return true;
    }

    /// Without the lock: copies the row's words to `row` when the key is there. Here stands what
    /// nearly always happens, to be inlined with a known `row_words`: a quiet bucket that has the
    /// key, or neither the key nor a chain. REQUIRES: row_words as constructed.
    [[nodiscard, gnu::always_inline]] sighting sight(way to, probe key, std::uint64_t hash,
                                                     std::uint64_t* row,
                                                     std::size_t row_words) const noexcept
        requires Threads
    {
        if (to.then.empty()) return sighting::absent;
        const std::uint32_t version = words::load(to.first->version);
        const std::uint64_t tags = words::load(to.first->tags);
        if ((version & 1U) == 0) [[likely]] {
            slot_set hits = tagged_slots(tags, tag_word(hash));
            for (; !hits.empty(); hits.drop_first()) {
                const std::uint64_t* slot =
                    to.first->slot(hits, kind_.words() + static_cast<std::uint32_t>(row_words));
                if (!kind_.template matches<true>(slot, key)) continue;
                words::load_words(row, slot + kind_.words(), row_words);
                if (words::load(to.first->version) == version) [[likely]]
                    return sighting::found;
                break;
            }
            if (hits.empty() && words::load(to.first->next) == 0 &&
                words::load(to.first->version) == version &&
                words::load(extent_.bits) == to.then.bits)
                return sighting::absent;
        }
        return sight_again(key, hash, row, row_words);
    }

  protected:
    constexpr bucket_lookup() noexcept = default;
    constexpr bucket_lookup(Kind kind, std::uint32_t row_words, page_advice advise) noexcept
        requires(!Threads)
        : kind_{kind}, home_{bucket::size(slots, kind.words() + row_words), advise},
          chains_{kind.words() + row_words, advise} {}
    bucket_lookup(Kind kind, std::uint32_t row_words, arena_share share) noexcept
        requires Threads
        : kind_{kind},
          home_{share.of->home, share.number, bucket::size(slots, kind.words() + row_words)},
          chains_{kind.words() + row_words, share} {}

    [[nodiscard]] std::uint32_t buckets() const noexcept { return extent_.buckets(); }
    [[nodiscard]] bucket& bucket_at(std::uint32_t i) const noexcept { return *home_.at(i); }
    void swap(bucket_lookup& other) noexcept {
        std::swap(kind_, other.kind_);
        std::swap(extent_, other.extent_);
        home_.swap(other.home_);
        std::swap(chains_, other.chains_);
    }

    Kind kind_{};
    extent extent_;
    bucket_stripe<Threads> home_;
    chain_pool<slots, Threads> chains_;

  private:
    template <class F>
    void each_bucket(std::uint32_t from, std::uint32_t some, F f) const noexcept {
        const std::uint32_t all = extent{words::load(extent_.bits)}.buckets();
        const std::uint32_t end = all < some || from > all - some ? all : from + some;
        for (std::uint32_t i = from; i < end; ++i) f(bucket_at(i));
    }
    /// A bounded number of tries; then the caller takes the lock.
    [[nodiscard, gnu::noinline]] sighting sight_again(probe key, std::uint64_t hash,
                                                      std::uint64_t* row,
                                                      std::size_t row_words) const noexcept {
        for (int tries = 0; tries < 64; ++tries) {
            const extent now{words::load(extent_.bits)};
            if (now.empty()) return sighting::absent;
            const bucket* first = &bucket_at(now.home(hash));
            const std::uint32_t version = words::load(first->version);
            if ((version & 1U) != 0) continue;
            const sighting seen = sight_chain(first, version, key, hash, row, row_words);
            // A key that a split took away in between is found by its new address.
            if (seen == sighting::absent && words::load(extent_.bits) != now.bits) continue;
            if (seen != sighting::busy) return seen;
        }
        return sighting::busy;
    }
    [[nodiscard]] sighting sight_chain(const bucket* first, std::uint32_t version, const probe& key,
                                       std::uint64_t hash, std::uint64_t* row,
                                       std::size_t row_words) const noexcept {
        const auto unchanged = [&] { return words::load(first->version) == version; };
        const std::uint64_t tag = tag_word(hash);
        for (const bucket* at = first;;) {
            slot_set hits = tagged_slots(words::load(at->tags), tag);
            for (; !hits.empty(); hits.drop_first()) {
                const std::uint64_t* slot = at->slot(hits.first(), chains_.stride());
                if (!kind_.template matches<Threads>(slot, key)) continue;
                words::load_words(row, slot + kind_.words(), row_words);
                return unchanged() ? sighting::found : sighting::busy;
            }
            const std::uint32_t next = words::load(at->next);
            if (!unchanged()) return sighting::busy; // never follow a link that may be another's
            if (next == 0) return sighting::absent;
            at = chains_.at(next);
        }
    }
};

} // namespace ashlar::inline v0_1::hash
