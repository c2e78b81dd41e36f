// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/concept.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/environment/concept.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <string>

// What the tests of composition rest on, so that they need no real backend and no system: an
// environment that promises everything, and a plain ordered map that offers the least an engine
// must, and order.
namespace ashlar_test {

/// What a file of toy_environment would be; there is never one.
struct toy_file {
    using count = ashlar::result<std::size_t>;
    using done = ashlar::result<void>;
    count read_at(std::uint64_t, std::byte*, std::size_t) const { return std::size_t{0}; }
    count write_at(std::uint64_t, ashlar::bytes_view) { return ashlar::errc::io; }
    count append(ashlar::bytes_view) { return ashlar::errc::io; }
    done sync() { return {}; }
    done truncate(std::uint64_t) { return {}; }
    ashlar::result<std::uint64_t> size() const { return std::uint64_t{0}; }
    ashlar::result<bool> try_lock(ashlar::file_lock) { return true; }
    done close() { return {}; }
};

/// Has every part an environment can have: a file system that can't be written, a clock that
/// stands still, and numbers that do not repeat.
struct toy_environment {
    using axis = ashlar::environment_axis;
    static constexpr bool has_files = true;
    static constexpr bool has_clock = true;
    static constexpr bool has_random = true;
    static constexpr bool has_threads = true;

    using file = toy_file;
    using done = ashlar::result<void>;
    using path = ashlar::text_view;
    static ashlar::result<file> open_file(path, ashlar::file_mode) {
        return ashlar::errc::not_found;
    }
    static ashlar::result<ashlar::file_kind> kind_of(path) { return ashlar::file_kind::none; }
    static done make_directory(path) { return ashlar::errc::io; }
    static done sync_directory(path) { return {}; }
    static done rename(path, path) { return ashlar::errc::not_found; }
    static done remove(path) { return ashlar::errc::not_found; }
    static done list(path, auto&&) { return {}; }
    static ashlar::result<std::uint64_t> space_left(path) { return std::uint64_t{0}; }
    static std::uint64_t process_id() { return 1; }
    static ashlar::wall_time wall_now() { return {}; }
    static ashlar::monotonic_time monotonic_now() { return {}; }
    static std::uint64_t random_seed() {
        static std::atomic<std::uint64_t> drawn{0};
        return ++drawn;
    }
};
static_assert(ashlar::environment_policy<toy_environment>);

struct small_environment {
    using axis = ashlar::environment_axis;
    static constexpr bool has_files = false;
    static constexpr bool has_clock = false;
    static constexpr bool has_random = false;
    static constexpr bool has_threads = false;
};
static_assert(ashlar::environment_policy<small_environment>);

struct toy_table {
    std::map<std::string, std::string> rows;

    static std::string text(ashlar::bytes_view bytes) { return bytes.as<std::string>(); }
    auto from(ashlar::bytes_view lo) { return rows.lower_bound(text(lo)); }
    auto until(ashlar::bytes_view hi) {
        return hi.empty() ? rows.end() : rows.lower_bound(text(hi));
    }

    ashlar::result<bool> find(ashlar::bytes_view key, ashlar::bytes_view& row) {
        const auto at = rows.find(text(key));
        if (at == rows.end()) return false;
        row = at->second;
        return true;
    }
    ashlar::result<bool> find_in(ashlar::bytes_view lo, ashlar::bytes_view hi,
                                 ashlar::bytes_view& row) {
        const auto at = from(lo);
        if (at == until(hi)) return false;
        row = at->second;
        return true;
    }
    void assign(ashlar::bytes_view key, ashlar::bytes_view row) { rows[text(key)] = text(row); }
    void remove(ashlar::bytes_view key) { rows.erase(text(key)); }
    void remove_range(ashlar::bytes_view lo, ashlar::bytes_view hi) {
        rows.erase(from(lo), until(hi));
    }
};

/// `Ordered` engines can scan. Thread-safe as Concurrency is; reading copies the whole map.
template <class Row, class Concurrency, bool Ordered>
class toy_engine {
  public:
    using row = Row;
    using position = std::string;

    static ashlar::result<toy_engine> open(const auto&, const auto&) { return toy_engine{}; }

    template <class Visit>
    ashlar::result<bool> read(ashlar::bytes_view key, Visit&& visit) const {
        const ashlar::guard lock{state_->mutex};
        ashlar::bytes_view found;
        const auto there = state_->table.find(key, found);
        if (there && *there) visit(found);
        return there;
    }
    template <class Visit>
    ashlar::result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        const auto rows = copy();
        auto next = at.empty() ? rows.begin() : rows.upper_bound(at);
        for (; next != rows.end() && limit-- != 0; ++next) {
            at = next->first;
            if (!ashlar::visit_row(visit, ashlar::bytes_view{next->first},
                                   ashlar::bytes_view{next->second}))
                return true;
        }
        return next != rows.end();
    }
    template <class Visit>
    ashlar::result<bool> scan(const ashlar::scan_range& range, Visit visit) const
        requires Ordered
    {
        if (!range.hi.empty() && range.hi < range.lo) return ashlar::errc::range_invalid;
        if (range.resume && !range.contains(range.after)) return ashlar::errc::foreign_cursor;
        const auto rows = copy();
        std::size_t left = range.limit;
        const auto wanted = [&](ashlar::bytes_view key) {
            if (!range.contains(key)) return false;
            return !range.resume || (range.reverse ? key < range.after : range.after < key);
        };
        const auto show = [&](auto first, auto last) {
            for (; first != last; ++first) {
                if (!wanted(first->first)) continue;
                if (left-- == 0) return true;
                if (!ashlar::visit_row(visit, ashlar::bytes_view{first->first},
                                       ashlar::bytes_view{first->second}))
                    return true;
            }
            return false;
        };
        return range.reverse ? show(rows.rbegin(), rows.rend()) : show(rows.begin(), rows.end());
    }
    template <class Hook = ashlar::no_hook, class OnConflict = ashlar::ignore_conflict>
    typename Row::receipt apply(ashlar::batch_span batch, Hook&& = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        const ashlar::guard lock{state_->mutex};
        const auto admitted = ashlar::admit<Row>(batch, state_->table, on_conflict);
        if (!admitted) return admitted.error();
        const auto seq = ashlar::commit_seq{++state_->sequence};
        ashlar::fill_sequence(batch.operations, seq);
        const auto done = ashlar::carry_out(batch.operations, state_->table);
        if (!done) return done.error();
        return Row::receipt_for(seq);
    }
    ashlar::result<void> apply_at(ashlar::commit_seq, ashlar::operation_list operations) {
        const ashlar::guard lock{state_->mutex};
        return ashlar::carry_out(operations, state_->table);
    }

  private:
    struct state {
        toy_table table;
        std::uint64_t sequence = 0;
        mutable typename Concurrency::mutex mutex;
    };
    [[nodiscard]] auto copy() const {
        const ashlar::guard lock{state_->mutex};
        return state_->table.rows;
    }

    std::unique_ptr<state> state_ = std::make_unique<state>();
};

/// The backend to derive broken ones from: `struct small_keys : toy_backend { ... };`
struct toy_backend {
    using axis = ashlar::backend_axis;
    using options = ashlar::no_options;
    static constexpr bool ordered = true;
    static constexpr bool persistent = false;
    static constexpr std::size_t max_key_size = ashlar::dynamic_extent;
    static constexpr std::size_t max_row_size = ashlar::dynamic_extent;
    static constexpr bool needs_fixed_extents = false;
    static void describe(ashlar::sentence& text) { text << "toy/1"; }

    template <class Row, class, class Concurrency>
    using engine = toy_engine<Row, Concurrency, true>;
};
static_assert(ashlar::backend_policy<toy_backend>);

struct unordered_toy : toy_backend {
    static constexpr bool ordered = false;
    template <class Row, class, class Concurrency>
    using engine = toy_engine<Row, Concurrency, false>;
};

} // namespace ashlar_test
