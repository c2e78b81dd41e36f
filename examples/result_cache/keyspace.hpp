// SPDX-License-Identifier: BSL-1.0
/// @file Defines keyspace, the store of all databases, and unit, what one command does to it.
#pragma once

#include "rows.hpp"

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/active_ttl.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace cache {

/// The composition: the whole of the server's data, and what it promises, is this type.
using row_store = ashlar::store<std::string, std::string, ashlar::sorted_map<>, ashlar::stamped,
                                ashlar::active_ttl<>>;

/// Which stripes a command holds; one bit each.
using stripe_mask = std::uint64_t;
inline constexpr stripe_mask all_stripes = ~stripe_mask{0};
[[nodiscard]] inline stripe_mask stripe_of(string_view key) noexcept {
    return stripe_mask{1} << (hash_of(key) % 64);
}

/// The rows, the locks that isolate commands from each other, and counts. Thread-safe.
class keyspace {
  public:
    [[nodiscard]] row_store& store() noexcept { return store_; }
    [[nodiscard]] const row_store& store() const noexcept { return store_; }

    /// Holds stripes as long as it lives; always locked in ascending order.
    class hold {
      public:
        hold(keyspace& space, stripe_mask mask) : space_{space}, mask_{mask} {
            for (std::size_t i = 0; i < 64; ++i)
                if ((mask_ >> i & 1) != 0) space_.stripes_[i].lock();
        }
        ~hold() {
            for (std::size_t i = 0; i < 64; ++i)
                if ((mask_ >> i & 1) != 0) space_.stripes_[i].unlock();
        }
        hold(const hold&) = delete;
        hold& operator=(const hold&) = delete;

      private:
        keyspace& space_;
        stripe_mask mask_;
    };

    /// Never given twice.
    [[nodiscard]] std::uint64_t fresh_id() noexcept { return next_id_.fetch_add(1); }
    /// By which keys expire: nanoseconds since 1970.
    [[nodiscard]] std::uint64_t now() const noexcept {
        return static_cast<std::uint64_t>(store_.now());
    }
    /// Gives back what expired rows take, some thousand rows a call; answers whether it was much.
    bool sweep_some();
    /// The version of a key: that of its head; 0 for a key that is not there.
    [[nodiscard]] std::uint64_t version(int db, string_view key) const;

  private:
    friend hold;
    struct alignas(64) padded_mutex : std::mutex {};

    row_store store_;
    std::array<padded_mutex, 64> stripes_;
    std::atomic<std::uint64_t> next_id_{1};
};

/// References to callables, so that the store's code is compiled in one place only.
class row_visitor {
  public:
    template <class Visit>
    explicit row_visitor(Visit& visit) noexcept
        : what_{&visit}, call_{[](const void* f, string_view row, std::uint64_t at) {
              Visit& call = *static_cast<Visit*>(const_cast<void*>(f));
              if constexpr (std::invocable<Visit&, string_view, std::uint64_t>) call(row, at);
              else call(row);
          }} {}
    void operator()(string_view row, std::uint64_t at) const { call_(what_, row, at); }

  private:
    const void* what_;
    void (*call_)(const void*, string_view, std::uint64_t);
};
class rows_visitor {
  public:
    template <class Visit>
    explicit rows_visitor(Visit& visit) noexcept
        : what_{&visit}, call_{[](const void* f, string_view key, string_view row) {
              return (*static_cast<Visit*>(const_cast<void*>(f)))(key, row);
          }} {}
    [[nodiscard]] bool operator()(string_view key, string_view row) const {
        return call_(what_, key, row);
    }

  private:
    const void* what_;
    bool (*call_)(const void*, string_view, string_view);
};

/// What a command, or all commands of a transaction, read and write: reads see the unit's own
/// writes, and nothing is in the store before commit(), which is one batch. REQUIRES: the stripes
/// of all keys are held. Belongs to one thread.
class unit {
  public:
    explicit unit(keyspace& space) noexcept : space_{space} {}

    /// visit(string_view row), or visit(row, when it goes), once, if it is there; answers whether.
    template <class Visit>
    bool read(string_view row_key, Visit&& visit) const {
        return read_row(row_key, row_visitor{visit});
    }
    [[nodiscard]] bool contains(string_view row_key) const {
        return read(row_key, [](string_view) {});
    }
    [[nodiscard]] std::optional<std::string> get(string_view row_key) const {
        std::optional<std::string> row;
        read(row_key, [&](string_view bytes) { row.emplace(bytes); });
        return row;
    }

    /// `at` is when the row goes, in nanoseconds since 1970; 0 is never.
    void put(std::string row_key, std::string row, std::uint64_t at) {
        writes_.insert_or_assign(std::move(row_key), written{std::move(row), at});
    }
    void erase(std::string row_key) { writes_.insert_or_assign(std::move(row_key), std::nullopt); }
    /// All rows with lo <= key < hi, those written by this unit too.
    void erase_range(std::string lo, std::string hi) {
        writes_.erase(writes_.lower_bound(lo), writes_.lower_bound(hi));
        dropped_.emplace_back(std::move(lo), std::move(hi));
    }

    /// visit(string_view key, string_view row) -> bool, false for enough; in order, or from hi
    /// down. The visitor must not write to the unit. `at_most` saves copies when it is known.
    template <class Visit>
    void scan(const std::string& lo, const std::string& hi, bool reverse, Visit&& visit,
              std::size_t at_most = static_cast<std::size_t>(-1)) const {
        scan_rows(lo, hi, reverse, at_most, rows_visitor{visit});
    }
    template <class Visit>
    void scan_prefix(const std::string& prefix, Visit&& visit,
                     std::size_t at_most = static_cast<std::size_t>(-1)) const {
        scan(prefix, behind(prefix), false, visit, at_most);
    }

    // --- heads -----------------------------------------------------------------------------------

    [[nodiscard]] head find(int db, string_view key) const {
        head h;
        read(head_key(db, key),
             [&](string_view row, std::uint64_t at) { h = parse_head(row, at); });
        return h;
    }
    void put_head(int db, string_view key, std::string row, std::uint64_t at) {
        put(head_key(db, key), std::move(row), at);
    }
    void erase_head(int db, string_view key) { erase(head_key(db, key)); }
    /// Erases a key with all it holds; answers whether it was there.
    bool erase_key(int db, string_view key) {
        const head h = find(db, key);
        if (h.absent()) return false;
        erase_elements(db, h);
        erase_head(db, key);
        return true;
    }
    void erase_elements(int db, const head& h) {
        if (h.type == kind::string) return;
        std::string prefix = element_prefix(db, h.id);
        std::string end = behind(prefix);
        erase_range(std::move(prefix), std::move(end));
    }
    /// All keys of a database. REQUIRES: all stripes are held.
    void erase_database(int db) { erase_range(database_prefix(db), behind(database_prefix(db))); }
    /// How many keys a database has. O(keys): they are looked at, so that none counts that is over.
    [[nodiscard]] std::int64_t count(int db) const {
        std::int64_t found = 0;
        scan_prefix(heads_prefix(db), [&](string_view, string_view) { return ++found, true; });
        return found;
    }
    [[nodiscard]] std::uint64_t now() const noexcept { return space_.now(); }
    [[nodiscard]] std::uint64_t fresh_id() noexcept { return space_.fresh_id(); }

    /// The commit demands that a key is still at this version.
    void expect(int db, string_view key, std::uint64_t version) {
        expected_.emplace_back(head_key(db, key), version);
    }
    /// Everything, as one batch, or nothing.
    ashlar::result<void> commit();

  private:
    struct written {
        std::string row;
        std::uint64_t at;
    };
    [[nodiscard]] bool is_over(std::uint64_t at) const noexcept { return at != 0 && at <= now(); }
    [[nodiscard]] bool read_row(string_view row_key, row_visitor visit) const;
    void scan_rows(const std::string& lo, const std::string& hi, bool reverse, std::size_t at_most,
                   rows_visitor visit) const;
    [[nodiscard]] bool is_dropped(string_view row_key) const noexcept {
        for (const auto& [lo, hi] : dropped_)
            if (lo <= row_key && row_key < hi) return true;
        return false;
    }

    keyspace& space_;
    std::map<std::string, std::optional<written>, std::less<>> writes_;
    std::vector<std::pair<std::string, std::string>> dropped_; ///< ranges, older than writes_
    std::vector<std::pair<std::string, std::uint64_t>> expected_;
};

} // namespace cache
