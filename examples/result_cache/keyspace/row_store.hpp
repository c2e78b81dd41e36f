// SPDX-License-Identifier: BSL-1.0
/// @file Defines row_store, the rows of all databases, without the type of the store that keeps
/// them: row_store.cpp alone knows it, so it is compiled once.
#pragma once

#include "keyspace/rows.hpp"

#include <ashlar/batch.hpp>
#include <ashlar/row.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <stdexcept>

namespace cache {

/// Every row begins so: its version, then when it goes, in nanoseconds since 1970.
using row_layout =
    ashlar::row_layout<ashlar::dynamic_extent, ashlar::dynamic_extent,
                       ashlar::row_fields{.version = true, .expiry = true, .sequenced = true}>;

/// A reference to a callable: visit(string_view row), or visit(row, when it goes).
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
/// The same for visit(string_view key, string_view row) -> bool, false for enough; or visit(key,
/// row, when it goes) -> bool; or visit(key) -> bool.
class rows_visitor {
  public:
    template <class Visit>
    explicit rows_visitor(Visit& visit) noexcept
        : what_{&visit},
          call_{[](const void* f, string_view key, string_view row, std::uint64_t at) -> bool {
              Visit& call = *static_cast<Visit*>(const_cast<void*>(f));
              if constexpr (std::invocable<Visit&, string_view, string_view, std::uint64_t>)
                  return call(key, row, at);
              else if constexpr (std::invocable<Visit&, string_view>) return call(key);
              else return call(key, row);
          }} {}
    [[nodiscard]] bool operator()(string_view key, string_view row, std::uint64_t at) const {
        return call_(what_, key, row, at);
    }

  private:
    const void* what_;
    bool (*call_)(const void*, string_view, string_view, std::uint64_t);
};

/// The same for visit(std::size_t which, string_view row).
class row_at_visitor {
  public:
    template <class Visit>
    explicit row_at_visitor(Visit& visit) noexcept
        : what_{&visit}, call_{[](const void* f, std::size_t which, string_view row) {
              (*static_cast<Visit*>(const_cast<void*>(f)))(which, row);
          }} {}
    void operator()(std::size_t which, string_view row) const { call_(what_, which, row); }

  private:
    const void* what_;
    void (*call_)(const void*, std::size_t, string_view);
};

/// A reference to rewrite(const string_view* old, std::uint64_t& at, char* out) -> size. It sees
/// the row that is there, also when its time has come and nobody swept it, or null, and in `at`
/// when that goes; it writes the row that is to be there, and when that goes, and answers its size,
/// or 0: nothing changes. It must not throw.
class row_rewriter {
  public:
    template <class Rewrite>
    explicit row_rewriter(Rewrite& rewrite) noexcept
        : what_{&rewrite},
          call_{[](const void* f, const string_view* old, std::uint64_t& at, char* out) {
              return (*static_cast<Rewrite*>(const_cast<void*>(f)))(old, at, out);
          }} {}
    [[nodiscard]] std::size_t operator()(const string_view* old, std::uint64_t& at,
                                         char* out) const {
        return call_(what_, old, at, out);
    }

  private:
    const void* what_;
    std::size_t (*call_)(const void*, const string_view*, std::uint64_t&, char*);
};

/// A range of row keys, [lo, hi).
struct row_range {
    string_view lo;
    string_view hi;
    bool reverse = false;
    bool expired_too = false; ///< also what was not swept yet
    bool keys_only = false;   ///< rows may be shown as empty: none is read from disk, or copied
    std::size_t at_most = static_cast<std::size_t>(-1);
};

/// What a checkpoint has written.
struct snapshot_size {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

/// Thrown by what reads, when a row that rests on disk does not come back as it went there.
class storage_failure : public std::runtime_error {
  public:
    explicit storage_failure(ashlar::error why)
        : std::runtime_error{ashlar::name_of(why.code)}, why_{why} {}
    [[nodiscard]] ashlar::error why() const noexcept { return why_; }

  private:
    ashlar::error why_;
};

/// What became of rows that memory had no room for.
struct spill_counts {
    std::uint64_t hits = 0;       ///< reads of rows in memory
    std::uint64_t fetches = 0;    ///< reads of rows on disk
    std::uint64_t promotions = 0; ///< rows that came back
    std::uint64_t spills = 0;     ///< rows that went
    std::uint64_t failures = 0;   ///< what the disk refused, or gave back altered
};

/// Thread-safe, but for close(). What reads may throw storage_failure where it spills. Rows are
/// shown without their header and are gone when their time has come; keys are in order. What a
/// verb's name says is the store's verb of that name.
class row_store {
  public:
    row_store() = default;
    row_store(const row_store&) = delete;
    row_store& operator=(const row_store&) = delete;
    virtual ~row_store() = default;

    /// Answers whether the row is there. O(log rows), as what follows.
    [[nodiscard]] virtual bool read(string_view key, row_visitor visit) const = 0;
    /// Looks keys up together, so that waits for memory overlap; visits those that are there, in
    /// the order in which they are named. The visitor must not throw.
    virtual void read_many(const string_view* keys, std::size_t count,
                           row_at_visitor visit) const = 0;
    /// When the row that takes memory here goes: it is there, or its time has come and nobody
    /// swept it. 0: never. None where there is no such row.
    [[nodiscard]] virtual std::optional<std::uint64_t> end_of(string_view key) const = 0;
    [[nodiscard]] virtual std::uint64_t version(string_view key) const = 0;
    virtual void scan(const row_range& range, rows_visitor visit) const = 0;
    /// Answers the commit's version. Rows of the batch begin with a header. Does not wait for the
    /// disk. Errors: conflict (a check failed), those of memory, of the disk since the last sync.
    virtual ashlar::result<std::uint64_t> apply(ashlar::write_batch& batch) = 0;

    /// Rewrites one row, which will have at most `most` bytes, with one look at what was there.
    /// Answers the commit's version, 0 where nothing changed. Errors: those of apply(); unsupported
    /// where spills().
    virtual ashlar::result<std::uint64_t> update(string_view key, std::size_t most,
                                                 row_rewriter rewrite) = 0;

    [[nodiscard]] virtual std::uint64_t now() const = 0;
    /// Looks at the next `rows` rows, going round the store, and appends for each whose time has
    /// come its erasure, and the check that it is still so. For one thread at a time.
    virtual void collect_expired(ashlar::write_batch& batch, std::size_t rows) = 0;
    [[nodiscard]] virtual std::size_t memory_used() const = 0;
    /// Whether rows rest on disk when memory is above a limit; the following do nothing if not.
    [[nodiscard]] virtual bool spills() const noexcept = 0;
    virtual void limit_memory(std::size_t bytes) = 0;
    [[nodiscard]] virtual spill_counts spilled() const = 0;

    /// Whether anything outlives the process. The following do nothing if not.
    [[nodiscard]] virtual bool is_durable() const noexcept = 0;
    /// What was committed before the call survives the loss of power.
    virtual ashlar::result<void> sync() = 0;
    /// What was committed before the call survives the end of the process, whatever ends it.
    virtual ashlar::result<void> flush() = 0;
    /// Bytes of what was committed so far and does not yet survive the loss of power; 0: whatever
    /// anybody has read does.
    [[nodiscard]] virtual std::uint64_t unsynced() const noexcept = 0;
    /// Whether everything committed so far survives the end of the process.
    [[nodiscard]] virtual bool is_flushed() const noexcept = 0;
    /// Whether the disk has refused something, after which nothing more lasts: every commit fails
    /// until the store is opened anew.
    [[nodiscard]] virtual bool has_failed() const noexcept = 0;
    virtual ashlar::result<snapshot_size> checkpoint() = 0;
    virtual ashlar::result<void> close() = 0;
};

[[nodiscard]] std::unique_ptr<row_store> rows_in_memory();
/// Opens or makes a store in a directory; brings back what it held. Null for failure: `error` says
/// why in a sentence.
[[nodiscard]] std::unique_ptr<row_store> rows_in(const std::string& directory, std::string& error);
/// The same; above `memory_limit` bytes rows rest in `directory`.cold, whose contents are lost.
[[nodiscard]] std::unique_ptr<row_store>
spilling_rows_in(const std::string& directory, std::size_t memory_limit, std::string& error);

} // namespace cache
