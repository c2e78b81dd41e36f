// SPDX-License-Identifier: BSL-1.0
/// @file Defines keyspace, the rows of all databases and the locks over them, and unit, what one
/// command does to it.
#pragma once

#include "keyspace/key_order.hpp"
#include "keyspace/row_store.hpp"
#include "keyspace/tally.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <functional>
#include <map>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <vector>

namespace cache {

/// Which stripes a command holds; one bit each.
using stripe_mask = std::uint64_t;
inline constexpr stripe_mask all_stripes = ~stripe_mask{0};
[[nodiscard]] inline stripe_mask stripe_of(string_view key) noexcept {
    return stripe_mask{1} << (hash_of(key) % 64);
}

/// What is known of the keys of a database without looking at them. Those that have expired and
/// were not swept yet are among them, as in Redis.
struct key_totals {
    std::int64_t keys = 0;
    std::int64_t mortal = 0;      ///< those that go some day
    std::int64_t end_seconds = 0; ///< the sum of their ends, in whole seconds since 1970

    /// Counts a key that goes at that time, in nanoseconds since 1970; 0 is never. `sign` is 1, or
    /// -1 for a key that is no more.
    void add(std::uint64_t at, int sign) noexcept {
        keys += sign;
        if (at == 0) return;
        mortal += sign;
        end_seconds += sign * static_cast<std::int64_t>(at / 1'000'000'000U);
    }
};

/// A key that a command has written, or erased.
struct head_change {
    std::string head; ///< its row key
    bool gone;
    std::uint64_t at; ///< when it goes, if it stays for now; 0 is never
};

/// The rows, the locks that isolate commands from each other, and counts. Thread-safe, but for
/// use().
class keyspace {
  public:
    /// In memory.
    keyspace();
    /// Takes the rows of a store that was opened: counts its keys and goes on with its ids.
    void use(std::unique_ptr<row_store> rows);
    [[nodiscard]] row_store& rows() noexcept { return *rows_; }
    [[nodiscard]] const row_store& rows() const noexcept { return *rows_; }

    /// Holds stripes as long as it lives; always locked in ascending order.
    class hold {
      public:
        hold(keyspace& space, stripe_mask mask) : space_{space}, mask_{mask} {
            each([this](std::size_t i) { space_.stripes_[i].lock(); });
        }
        ~hold() {
            each([this](std::size_t i) { space_.stripes_[i].unlock(); });
        }
        hold(const hold&) = delete;
        hold& operator=(const hold&) = delete;

      private:
        template <class F>
        void each(F f) {
            for (stripe_mask left = mask_; left != 0; left &= left - 1)
                f(static_cast<std::size_t>(std::countr_zero(left)));
        }
        keyspace& space_;
        stripe_mask mask_;
    };

    /// Keys whose time had come, and that were swept.
    tally expired;

    /// Called for each key that was swept, or evicted to make room. Set before clients come.
    std::function<void(string_view head, bool by_time)> when_gone = [](string_view, bool) {};

    /// Which keys should go first.
    [[nodiscard]] key_order& order() noexcept { return order_; }
    [[nodiscard]] const key_order& order() const noexcept { return order_; }
    /// Learns the order anew, by another policy. O(keys) where that evicts any.
    void follow(memory_policy policy);

    /// The number by which the rows of a database begin: its own, until databases are swapped.
    [[nodiscard]] int place_of(int db) const noexcept {
        return places_[static_cast<std::size_t>(db)].load(std::memory_order_relaxed);
    }
    /// Never given twice.
    [[nodiscard]] std::uint64_t fresh_id() noexcept { return next_id_.fetch_add(1); }
    /// By which keys expire: nanoseconds since 1970.
    [[nodiscard]] std::uint64_t now() const { return rows_->now(); }
    /// Gives back what expired rows take, some dozen a call, so that clients come between. Answers
    /// whether to go on at once: not when a round of some thousand rows has ended of which few had
    /// expired. For one thread at a time.
    bool sweep_some();
    /// Puts a string over a string or nothing, as a commit of its own and with one look at what was
    /// there. `head` is the key's row key, `at` when it goes. Answers the version; 0 where a
    /// collection stands: then nothing was done. REQUIRES: the key's stripe is held, and rows()
    /// don't spill. Errors: those of the store.
    ashlar::result<std::uint64_t> assign(string_view head, string_view value, std::uint64_t at);
    /// Adds to a number, or to 0 where nothing is, in the same way; the key's end stays. Answers 0
    /// also where no number stands, or one that would overflow.
    ashlar::result<std::uint64_t> add(string_view head, std::int64_t delta, std::int64_t& sum);
    /// The version of a key: that of its head; 0 for a key that is not there.
    [[nodiscard]] std::uint64_t version(int db, string_view key) const;
    /// Grows whenever a key of that name goes, in any database, now and then with another's: who
    /// finds it unchanged, and no key before and behind, knows that none was there between.
    [[nodiscard]] std::uint32_t erasures(string_view key) const noexcept {
        return erasures_[hash_of(key) % erasures_.size()].load(std::memory_order_relaxed);
    }
    /// How many keys a database has, those that have expired and were not swept yet included, as
    /// Redis counts. O(1).
    [[nodiscard]] std::int64_t count(int db) const noexcept {
        return counts_[static_cast<std::size_t>(db)].keys.load();
    }
    /// The same and what is known of their ends. O(1).
    [[nodiscard]] key_totals totals(int db) const noexcept {
        const counts& of = counts_[static_cast<std::size_t>(db)];
        return {of.keys.load(), of.mortal.load(), of.end_seconds.load()};
    }
    /// Bytes of batches that were committed so far.
    [[nodiscard]] std::uint64_t committed_bytes() const noexcept { return committed_.load(); }

  private:
    friend hold;
    friend class unit;
    struct alignas(64) padded_mutex : std::mutex {};

    struct counts {
        std::atomic<std::int64_t> keys{0}, mortal{0}, end_seconds{0};
        void add(const key_totals& change) noexcept {
            if (change.keys != 0) keys += change.keys;
            if (change.mortal != 0) mortal += change.mortal;
            if (change.end_seconds != 0) end_seconds += change.end_seconds;
        }
    };

    /// As row_store::update, for a string or what has ended or is not there; a collection stays.
    ashlar::result<std::uint64_t> rewrite_string(string_view head, std::size_t most,
                                                 row_rewriter rewrite);
    void erase_expired(ashlar::write_batch& over);
    [[nodiscard]] bool try_erase_expired();

    void note_erasure(string_view head) noexcept {
        ++erasures_[load_big_at<std::uint32_t>(head, 2) % erasures_.size()];
    }
    void set_places(const database_places& places) noexcept {
        for (std::size_t db = 0; db < places.size(); ++db) places_[db] = places[db];
    }

    std::unique_ptr<row_store> rows_;
    key_order order_;
    std::array<std::atomic<std::uint8_t>, database_count> places_;
    std::array<padded_mutex, 64> stripes_;
    std::array<counts, database_count> counts_{};
    std::array<std::atomic<std::uint32_t>, 4096> erasures_{};
    std::atomic<std::uint64_t> next_id_{1};
    std::atomic<std::uint64_t> committed_{0};
    // Of the one thread that sweeps.
    struct sweep_round {
        std::size_t looked_at = 0; ///< rows
        std::size_t found = 0;
    };
    sweep_round round_;
    ashlar::write_batch expired_;
};

/// What a command, or all commands of a transaction, read and write: reads see the unit's own
/// writes, and nothing is in the store before commit(), which is one batch. REQUIRES: the stripes
/// of all keys are held. Belongs to one thread.
class unit {
  public:
    explicit unit(keyspace& space) noexcept : space_{space} {}
    unit(const unit&) = delete;
    unit& operator=(const unit&) = delete;

    /// visit(string_view row), or visit(row, when it goes), once, if it is there; answers whether.
    /// Heads of strings are shown as 's' and bytes. Throws storage_failure where they can't be.
    template <class Visit>
    bool read(string_view row_key, Visit&& visit) const {
        bool whole = true; // the store's reads let no exception through
        const auto show = [&](string_view row, std::uint64_t at) {
            if (is_head(row_key) && row[0] == packed_letter) // other rows may be empty
                whole = show_unpacked(row_key, row, at, row_visitor{visit});
            else row_visitor{visit}(row, at);
        };
        const bool there = read_row(row_key, row_visitor{show});
        if (!whole) throw storage_failure{ashlar::error{ashlar::errc::corrupt}};
        return there;
    }
    /// The same as it is kept: the head of a string may be 'p' and what packed_json makes of bytes.
    template <class Visit>
    bool read_kept(string_view row_key, Visit&& visit) const {
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
    void put(string_view row_key, string_view row, std::uint64_t at) { put(row_key, {}, row, at); }
    /// The row is `begin` and `rest`. A string's head is kept packed where that saves much.
    void put(string_view row_key, string_view begin, string_view rest, std::uint64_t at);
    void erase(string_view row_key);
    /// All rows with lo <= key < hi, those written by this unit too.
    void erase_range(std::string lo, std::string hi) {
        writes_.erase(writes_.lower_bound(lo), writes_.lower_bound(hi));
        dropped_.emplace_back(std::move(lo), std::move(hi));
    }

    /// visit(string_view key, string_view row) -> bool, false for enough; in order, or from hi
    /// down; or visit(key) -> bool, for which no row is read from disk. The visitor must not write
    /// to the unit. `at_most` saves copies when it is known.
    template <class Visit>
    void scan(const std::string& lo, const std::string& hi, bool reverse, Visit&& visit,
              std::size_t at_most = static_cast<std::size_t>(-1)) const {
        scan_rows({.lo = lo,
                   .hi = hi,
                   .reverse = reverse,
                   .keys_only = std::invocable<Visit&, string_view>,
                   .at_most = at_most},
                  rows_visitor{visit});
    }
    template <class Visit>
    void scan_prefix(const std::string& prefix, Visit&& visit,
                     std::size_t at_most = static_cast<std::size_t>(-1)) const {
        scan(prefix, behind(prefix), false, visit, at_most);
    }

    // --- heads -----------------------------------------------------------------------------------

    [[nodiscard]] head find(int db, string_view key) const {
        head h;
        read_kept(head_key_buffer{db, key}.view(),
                  [&](string_view row, std::uint64_t at) { h = parse_head(row, at); });
        return h;
    }
    void put_head(int db, string_view key, string_view row, std::uint64_t at) {
        put(head_key_buffer{db, key}.view(), row, at);
    }
    /// A string over whatever was there.
    void put_string(int db, string_view key, string_view value, std::uint64_t at) {
        put_string(db, key, find(db, key), value, at);
    }
    /// The same where find() has answered `before`.
    void put_string(int db, string_view key, const head& before, string_view value,
                    std::uint64_t at) {
        if (!before.absent()) erase_elements(db, before);
        put(head_key_buffer{db, key}.view(), "s", value, at);
    }
    void erase_head(int db, string_view key) { erase(head_key_buffer{db, key}.view()); }
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
    /// REQUIRES: all stripes are held.
    void swap_databases(int a, int b);
    /// Where a database stands for who sees what this unit has written.
    [[nodiscard]] int place_of(int db) const noexcept {
        return places_ ? (*places_)[static_cast<std::size_t>(db)] : space_.place_of(db);
    }
    /// Behind a commit that has swapped databases: for each place where one stood, where it stands.
    [[nodiscard]] std::optional<database_places> moved_databases() const;
    /// How many keys a database has for who sees what this unit has written.
    [[nodiscard]] std::int64_t count(int db) const;
    [[nodiscard]] std::uint64_t now() const { return space_.now(); }
    [[nodiscard]] std::uint64_t fresh_id() noexcept { return space_.fresh_id(); }

    /// The commit demands that a key is still at this version.
    void expect(int db, string_view key, std::uint64_t version) {
        expected_.emplace_back(head_key(db, key), version);
    }
    /// Whether changes of heads are kept from here on; what was kept is forgotten.
    void note_changes(bool wanted) {
        notes_changes_ = wanted;
        changed_.clear();
    }
    [[nodiscard]] const std::vector<head_change>& changed_heads() const noexcept {
        return changed_;
    }

    /// Everything, as one batch, or nothing. Answers the version that all it wrote has now; 0 if it
    /// wrote nothing. Does not wait for the disk.
    ashlar::result<std::uint64_t> commit();
    /// Whether this unit has written or dropped a row: its version is known only at the commit.
    [[nodiscard]] bool touches(string_view row_key) const {
        return writes_.contains(row_key) || is_dropped(row_key);
    }
    [[nodiscard]] std::uint64_t version(int db, string_view key) const {
        return space_.version(db, key);
    }

  private:
    /// A row with its header; without bytes it is erased. Keys and rows stand in arena_.
    struct written {
        string_view bytes;
        [[nodiscard]] bool erased() const noexcept { return bytes.empty(); }
        [[nodiscard]] string_view row() const noexcept {
            return bytes.substr(row_layout::header_size);
        }
        [[nodiscard]] std::uint64_t at() const noexcept {
            return load_little_at<std::uint64_t>(bytes, row_layout::expiry_offset);
        }
    };
    /// Of each database; those of the others are zero.
    struct changes {
        std::array<key_totals, database_count> by_db{};
        std::uint32_t touched = 0; ///< a bit for each database that may have changed
    };

    [[nodiscard]] bool is_over(std::uint64_t at) const { return at != 0 && at <= now(); }
    [[nodiscard]] bool read_row(string_view row_key, row_visitor visit) const;
    [[nodiscard]] static bool show_unpacked(string_view row_key, string_view row, std::uint64_t at,
                                            row_visitor visit);
    void put_kept(string_view row_key, string_view begin, string_view rest, std::uint64_t at);
    void scan_rows(const row_range& range, rows_visitor visit) const;
    [[nodiscard]] bool is_dropped(string_view row_key) const noexcept {
        for (const auto& [lo, hi] : dropped_)
            if (lo <= row_key && row_key < hi) return true;
        return false;
    }
    void write(string_view row_key, string_view bytes);
    void remember(string_view head, std::uint64_t at) const noexcept;
    void note_order() const noexcept;
    void note_erasures() const;
    [[nodiscard]] char* room(std::size_t bytes) {
        return static_cast<char*>(arena_.allocate(bytes, 1));
    }
    /// Hands everything to the store; `size` becomes the bytes of it.
    ashlar::result<std::uint64_t> write_out(std::size_t& size);
    /// How the count of each database will change. O(1) for each head.
    [[nodiscard]] changes counted() const;

    keyspace& space_;
    std::byte first_room_[768];
    std::pmr::monotonic_buffer_resource arena_{first_room_, sizeof first_room_};
    std::pmr::map<string_view, written> writes_{&arena_};
    std::vector<std::pair<std::string, std::string>> dropped_; ///< ranges, older than writes_
    std::vector<std::pair<std::string, std::uint64_t>> expected_;
    std::vector<head_change> changed_; ///< while notes_changes_
    bool notes_changes_ = false;
    std::optional<database_places> places_, old_places_; ///< when databases were swapped
    /// The last head that was seen in the store: see counted(). Longer ones are asked for again.
    mutable char seen_[128];
    mutable std::size_t seen_size_ = 0;
    mutable std::uint64_t seen_at_ = 0; ///< when it goes
};

} // namespace cache
