// SPDX-License-Identifier: BSL-1.0
/// @file Defines an engine that is right by being plain, and the same with one mistake planted.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/buffer.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ashlar_test {

using namespace ashlar::literals;

/// The mistakes that the law suites must notice, each one that people have made.
enum class bug {
    none,
    partial_batch,          // operations before a failing add stay
    checks_after,           // checks see the batch's own operations
    forgets_index,          // a conflict always names check 0
    conflict_without_row,   // the found row is not shown
    equals_with_header,     // equals compares the header as well
    equals_takes_prefix,    // equals is content with a prefix
    absent_by_empty_row,    // a row without payload counts as absent
    last_check_skipped,     // the last check is not evaluated
    add_wraps,              // an addition wraps around
    add_ignores_batch,      // add does not see earlier operations of its batch
    add_to_short,           // add takes payloads of other lengths
    put_twice_keeps_first,  // the first of two puts of a batch wins
    erase_takes_prefix,     // erasing takes the next key too when it begins with the erased one
    visits_twice,           // read visits a row twice
    key_cut_at_nul,         // keys end at a NUL byte
    sequence_repeats,       // a conflict gives its sequence to the next commit, which gave it too
    seq_here_late,          // seq_here gets the sequence after the commit's
    replay_keeps_sequence,  // apply_at does not raise the sequence
    replay_lowers_sequence, // apply_at turns the sequence back
    replay_not_idempotent,  // apply_at puts once more what is there, appended
    walk_by_number,         // walk counts rows: erasures make it skip
    walk_endless,           // walk always says that more follows
    walk_ignores_stop,      // the visitor's false is not heard
    range_includes_hi,      // scans include the upper bound
    range_signed,           // keys are compared as signed bytes
    reverse_from_hi,        // backward scans begin at hi, when it is there
    resume_includes_last,   // resuming shows the last row again
    resume_anywhere,        // a foreign cursor is taken
    limit_one_more,         // a limit is exceeded by one
    limit_not_told,         // a scan ended by its limit says nothing was held back
    lo_above_hi,            // such ranges count as empty
    range_empty_includes_hi,
    erase_range_leaves_first,
    scan_in_place,          // scan copies nothing: a writing visitor sees its row change
    snapshot_is_live,       // a snapshot shows the present
    snapshot_lists_present, // a snapshot reads its moment, but scans the present
    update_loses_capacity,  // update hands out room for the old row's size
    update_in_place,        // out is the old row
    update_keep_writes,     // keep writes all the same
    erase_says_true,        // a direct erase always says there was a row
    read_many_counts_found, // read_many's index counts the keys found
    size_counts_puts,       // size counts puts, not rows
    hook_hears_adds,        // the hook hears what the user wrote, adds unresolved
    hook_hears_conflicts,
    reserve_ignored,   // a refused reservation is not heard
    open_after_close,  // reads go on after close
    last_commit_lost,  // what came after the last sync is lost at close
    sequence_restarts, // reopening begins the sequence anew
    long_key_cut,      // a key over the limit is cut
    forgets_in_growth, // the 100th row pushes out the first
    count,
};

/// The mistake that is planted at present: a run-time choice, since each type would instantiate the
/// whole suite again.
inline bug planted = bug::none;

template <class Row>
class reference_engine {
  public:
    using row = Row;
    struct position {
        bool begun = false;
        std::string last;
        std::size_t number = 0;
    };
    static constexpr std::size_t max_key_size =
        Row::key_extent == ashlar::dynamic_extent ? 300 : Row::key_extent;

    /// What is shared by an engine and its reopening: the disk, so to speak.
    struct rest {
        std::map<std::string, std::string> rows, synced;
        std::uint64_t seq = 0;
        std::size_t puts = 0;
    };
    explicit reference_engine(std::shared_ptr<rest> at) : at_{std::move(at)} {
        if (is(bug::sequence_restarts)) at_->seq = 0;
    }

    template <class Visit>
    ashlar::result<bool> read(ashlar::bytes_view key, Visit&& visit) const {
        if (closed_ && !is(bug::open_after_close)) return ashlar::errc::closed;
        const auto found = at_->rows.find(name(key));
        if (found == at_->rows.end()) return false;
        visit(ashlar::bytes_view{found->second});
        if (is(bug::visits_twice)) visit(ashlar::bytes_view{found->second});
        return true;
    }

    template <class Visit>
    ashlar::result<void> read_many(const ashlar::bytes_view* keys, std::size_t n,
                                   Visit visit) const {
        std::size_t index = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const auto found = read(keys[i], [&](ashlar::bytes_view bytes) {
                visit(is(bug::read_many_counts_found) ? index++ : i, bytes);
            });
            if (!found) return found.error();
        }
        if (closed_) return ashlar::errc::closed;
        return {};
    }

    template <class Visit>
    ashlar::result<bool> walk(position& from, Visit visit, std::size_t limit) const {
        if (closed_) return ashlar::errc::closed;
        return walk_over(at_->rows, from, visit, limit);
    }

    template <class Visit>
    ashlar::result<bool> scan(const ashlar::scan_range& range, Visit visit) const {
        if (closed_) return ashlar::errc::closed;
        return scan_over(at_->rows, range, visit);
    }

    template <class Hook = ashlar::no_hook, class OnConflict = ashlar::ignore_conflict>
    typename Row::receipt apply(ashlar::batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        const auto reserved = hook.reserve(batch.operations.bytes().size());
        if (!reserved && !is(bug::reserve_ignored)) return reserved.error();
        if (closed_) return ashlar::errc::closed;
        for (const ashlar::operation op : batch.operations) {
            if (const auto fits = fit(op); !fits) return fits.error();
        }
        const auto shown = [&](const ashlar::conflict_view& c) {
            ashlar::conflict_view told = c;
            if (is(bug::forgets_index)) told.index = 0;
            if (is(bug::conflict_without_row)) told.row = {};
            on_conflict(told);
        };
        std::string logged = batch.operations.bytes().as<std::string>();
        if (is(bug::checks_after)) {
            table early{*at_};
            if (const auto ok = resolve({{}, batch.operations}, early, shown); !ok)
                return ok.error();
            static_cast<void>(ashlar::carry_out(batch.operations, early));
            if (const auto ok = resolve({batch.checks, {}}, early, shown); !ok) return ok.error();
            return Row::receipt_for(ashlar::commit_seq{++at_->seq});
        }
        table on{*at_};
        if (const auto ok = resolve(batch, on, shown); !ok) {
            if (is(bug::partial_batch))
                for (const ashlar::operation op : batch.operations) {
                    if (op.kind == ashlar::operation_kind::add) break;
                    if (op.kind == ashlar::operation_kind::put) on.assign(op.key, op.value);
                }
            if (is(bug::hook_hears_conflicts))
                hook.commit(ashlar::commit_seq{at_->seq}, batch.operations);
            return ok.error();
        }
        if (!is(bug::sequence_repeats) || at_->seq % 5 != 4) ++at_->seq;
        const ashlar::commit_seq seq{at_->seq};
        ashlar::fill_sequence(batch.operations,
                              is(bug::seq_here_late) ? ashlar::commit_seq{at_->seq + 1} : seq);
        carry(batch.operations, on);
        hook.commit(seq, is(bug::hook_hears_adds)
                             ? ashlar::operation_list{reinterpret_cast<std::byte*>(logged.data()),
                                                      logged.size()}
                             : batch.operations);
        if (const auto waited = hook.wait(seq); !waited) return waited.error();
        return Row::receipt_for(seq);
    }

    ashlar::result<void> apply_at(ashlar::commit_seq seq, ashlar::operation_list operations) {
        if (closed_) return ashlar::errc::closed;
        const auto number = static_cast<std::uint64_t>(seq);
        if (is(bug::replay_lowers_sequence)) at_->seq = number;
        else if (!is(bug::replay_keeps_sequence) && at_->seq < number) at_->seq = number;
        ashlar::fill_sequence(operations, seq);
        table on{*at_};
        if (is(bug::replay_not_idempotent))
            for (const ashlar::operation op : operations)
                if (at_->rows.contains(name(op.key)) && op.kind == ashlar::operation_kind::erase)
                    return {};
        carry(operations, on);
        return {};
    }

    template <class F, class Hook = ashlar::no_hook>
    typename Row::receipt update(ashlar::bytes_view key, std::size_t capacity, F f,
                                 Hook&& hook = Hook{}) {
        if (closed_) return ashlar::errc::closed;
        const auto found = at_->rows.find(name(key));
        const bool there = found != at_->rows.end();
        std::string out(capacity, '\0');
        if (is(bug::update_in_place) && there) found->second.resize(capacity);
        const ashlar::bytes_view old =
            there ? ashlar::bytes_view{found->second} : ashlar::bytes_view{};
        std::byte* to = reinterpret_cast<std::byte*>(
            is(bug::update_in_place) && there ? found->second.data() : out.data());
        const ashlar::commit_seq seq{at_->seq + 1};
        const ashlar::update_action action = f(seq, there ? &old : nullptr, to);
        if (action.what == ashlar::update_action::kind::keep && !is(bug::update_keep_writes))
            return Row::receipt_for(seq);
        at_->seq = static_cast<std::uint64_t>(seq);
        if (action.what == ashlar::update_action::kind::erase) {
            at_->rows.erase(name(key));
            hook.commit_erase(seq, key);
        } else {
            std::string bytes(reinterpret_cast<const char*>(to), action.size);
            if (is(bug::update_loses_capacity) && there && bytes.size() > old.size())
                bytes.resize(old.size());
            at_->rows[name(key)] = bytes;
            hook.commit_put(seq, key, bytes);
        }
        return Row::receipt_for(seq);
    }

    template <class Hook = ashlar::no_hook>
    typename Row::receipt put(ashlar::bytes_view key, ashlar::bytes_view bytes,
                              Hook&& hook = Hook{}) {
        ashlar::write_batch one;
        one.put(key, bytes);
        return apply(one, hook);
    }
    template <class Hook = ashlar::no_hook>
    ashlar::result<bool> erase(ashlar::bytes_view key, Hook&& hook = Hook{}) {
        const bool there = is(bug::erase_says_true) || at_->rows.contains(name(key));
        ashlar::write_batch one;
        one.erase(key);
        if (const auto done = apply(one, hook); !done) return done.error();
        return there;
    }

    class view {
      public:
        explicit view(const reference_engine& e) : now_{&e}, rows_{e.at_->rows} {}
        template <class Visit>
        ashlar::result<bool> read(ashlar::bytes_view key, Visit visit) const {
            if (is(bug::snapshot_is_live)) return now_->read(key, visit);
            const auto found = rows_.find(name(key));
            if (found == rows_.end()) return false;
            visit(ashlar::bytes_view{found->second});
            return true;
        }
        template <class Visit>
        ashlar::result<bool> walk(position& from, Visit visit, std::size_t limit) const {
            return walk_over(is(bug::snapshot_is_live) ? now_->at_->rows : rows_, from, visit,
                             limit);
        }
        template <class Visit>
        ashlar::result<bool> scan(const ashlar::scan_range& range, Visit visit) const {
            const bool live = is(bug::snapshot_is_live) || is(bug::snapshot_lists_present);
            return scan_over(live ? now_->at_->rows : rows_, range, visit);
        }

      private:
        const reference_engine* now_;
        std::map<std::string, std::string> rows_;
    };
    ashlar::result<view> snapshot() const {
        if (closed_) return ashlar::errc::closed;
        return view{*this};
    }

    [[nodiscard]] std::size_t size() const {
        return is(bug::size_counts_puts) ? at_->puts : at_->rows.size();
    }
    ashlar::result<void> sync(ashlar::commit_seq) {
        if (closed_) return ashlar::errc::closed;
        at_->synced = at_->rows;
        return {};
    }
    ashlar::result<void> close() {
        if (is(bug::last_commit_lost)) at_->rows = at_->synced;
        closed_ = true;
        return {};
    }

  private:
    using rows_map = std::map<std::string, std::string>;

    [[nodiscard]] static bool is(bug one) noexcept { return planted == one; }
    [[nodiscard]] static std::string name(ashlar::bytes_view key) {
        std::string text = key.as<std::string>();
        if (is(bug::key_cut_at_nul)) text = text.c_str();
        if (is(bug::long_key_cut) && text.size() > max_key_size) text.resize(max_key_size);
        return text;
    }

    struct table {
        rest& to;
        ashlar::result<bool> find(ashlar::bytes_view key, ashlar::bytes_view& bytes) {
            const auto found = to.rows.find(name(key));
            if (found == to.rows.end()) return false;
            bytes = found->second;
            return !(is(bug::absent_by_empty_row) && Row::payload(bytes).empty());
        }
        ashlar::result<bool> find_in(ashlar::bytes_view lo, ashlar::bytes_view hi,
                                     ashlar::bytes_view& bytes) {
            for (const auto& [key, value] : to.rows)
                if (ashlar::scan_range{.lo = lo, .hi = hi}.contains(key) ||
                    (is(bug::range_empty_includes_hi) && hi == ashlar::bytes_view{key} &&
                     lo < hi)) {
                    bytes = value;
                    return true;
                }
            return false;
        }
        void assign(ashlar::bytes_view key, ashlar::bytes_view bytes) {
            ++to.puts;
            if (is(bug::forgets_in_growth) && to.rows.size() == 100) to.rows.erase(to.rows.begin());
            to.rows[name(key)] = bytes.as<std::string>();
        }
        void remove(ashlar::bytes_view key) {
            if (is(bug::erase_takes_prefix)) {
                const auto next = to.rows.upper_bound(name(key));
                if (next != to.rows.end() && ashlar::bytes_view{next->first}.starts_with(key))
                    to.rows.erase(next);
            }
            to.rows.erase(name(key));
        }
        void remove_range(ashlar::bytes_view lo, ashlar::bytes_view hi) {
            bool first = true;
            std::erase_if(to.rows, [&](const auto& entry) {
                const bool in = ashlar::scan_range{.lo = lo, .hi = hi}.contains(entry.first);
                return in &&
                       !(std::exchange(first, first && !in) && is(bug::erase_range_leaves_first));
            });
        }
    };

    [[nodiscard]] static ashlar::result<void> fit(const ashlar::operation& op) {
        using ashlar::errc;
        using ashlar::operation_kind;
        if (op.kind == operation_kind::erase_range) return {};
        if constexpr (Row::key_extent != ashlar::dynamic_extent) {
            if (op.key.size() != Row::key_extent) return errc::invalid_argument;
        } else if (op.key.size() > max_key_size && !is(bug::long_key_cut))
            return errc::key_too_long;
        if constexpr (Row::row_extent != ashlar::dynamic_extent)
            if (op.kind == operation_kind::put && op.value.size() != Row::row_extent)
                return errc::invalid_argument;
        return {};
    }

    /// admit, or one of its planted variants.
    template <class OnConflict>
    ashlar::result<void> resolve(ashlar::batch_span batch, table& on, OnConflict&& shown) {
        using ashlar::check_kind;
        if (is(bug::last_check_skipped) || is(bug::equals_with_header) ||
            is(bug::equals_takes_prefix)) {
            ashlar::write_batch kept;
            std::size_t left = 0;
            for (const ashlar::check c : batch.checks) left += c.kind != check_kind{} ? 1U : 0U;
            for (const ashlar::check c : batch.checks) {
                --left;
                std::string operand = c.operand.as<std::string>();
                ashlar::bytes_view bytes;
                const auto found = on.find(c.key, bytes);
                if (c.kind == check_kind::equals && found && *found) {
                    if (is(bug::equals_with_header) && Row::header_size != 0 &&
                        bytes != ashlar::bytes_view{operand})
                        operand += "no";
                    if (is(bug::equals_takes_prefix) &&
                        Row::payload(bytes).starts_with(ashlar::bytes_view{operand}))
                        operand = Row::payload(bytes).template as<std::string>();
                }
                if (is(bug::last_check_skipped) && left == 0) continue;
                const auto to = kept.place_check(c.kind, c.key.size(), operand.size());
                ashlar::copy_bytes(to.key, c.key);
                ashlar::copy_bytes(to.value, operand);
            }
            return ashlar::admit<Row>({kept.checks(), batch.operations}, on, shown);
        } else if (is(bug::add_wraps) || is(bug::add_ignores_batch) || is(bug::add_to_short)) {
            if (const auto ok = ashlar::admit<Row>({batch.checks, {}}, on, shown); !ok) return ok;
            for (ashlar::operation op : batch.operations) {
                if (op.kind != ashlar::operation_kind::add) continue;
                if (op.value.size() != Row::header_size + 8) return ashlar::errc::type_mismatch;
                ashlar::bytes_view bytes;
                const auto found = is(bug::add_ignores_batch)
                                       ? on.find(op.key, bytes)
                                       : ashlar::detail::find_before(batch, op, on, bytes);
                std::uint64_t sum = 0;
                if (*found) {
                    const ashlar::bytes_view old = Row::payload(bytes);
                    if (old.size() != 8 && !is(bug::add_to_short))
                        return ashlar::errc::type_mismatch;
                    if (old.size() == 8) sum = ashlar::load_little<std::uint64_t>(old.data());
                }
                const auto delta =
                    ashlar::load_little<std::uint64_t>(op.value.data() + Row::header_size);
                std::int64_t exact = 0;
                if (__builtin_add_overflow(static_cast<std::int64_t>(sum),
                                           static_cast<std::int64_t>(delta), &exact) &&
                    !is(bug::add_wraps))
                    return ashlar::errc::overflow;
                op.resolve_add(exact);
            }
            return {};
        } else {
            return ashlar::admit<Row>(batch, on, shown);
        }
    }
    void carry(ashlar::operation_list operations, table& on) {
        if (is(bug::put_twice_keeps_first)) {
            std::map<std::string, std::string> done;
            for (const ashlar::operation op : operations)
                if (op.kind == ashlar::operation_kind::put) {
                    if (done.emplace(name(op.key), "").second) on.assign(op.key, op.value);
                } else if (op.kind == ashlar::operation_kind::erase) on.remove(op.key);
                else on.remove_range(op.key, op.value);
        } else {
            static_cast<void>(ashlar::carry_out(operations, on));
        }
    }

    template <class Visit>
    static ashlar::result<bool> walk_over(const rows_map& rows, position& from, Visit& visit,
                                          std::size_t limit) {
        while (limit-- != 0) {
            auto next = from.begun ? rows.upper_bound(from.last) : rows.begin();
            if (is(bug::walk_by_number)) {
                if (from.number >= rows.size()) return false;
                next = std::next(rows.begin(), static_cast<std::ptrdiff_t>(from.number++));
            }
            if (next == rows.end()) return is(bug::walk_endless);
            const auto [key, bytes] = *next;
            from.begun = true;
            from.last = key;
            if (!ashlar::visit_row(visit, key, bytes) && !is(bug::walk_ignores_stop)) return true;
        }
        return true;
    }

    [[nodiscard]] static bool less(ashlar::bytes_view a, ashlar::bytes_view b) {
        if (!is(bug::range_signed)) return a < b;
        return std::lexicographical_compare(
            a.begin(), a.end(), b.begin(), b.end(), [](std::byte x, std::byte y) {
                return static_cast<signed char>(x) < static_cast<signed char>(y);
            });
    }

    template <class Visit>
    static ashlar::result<bool> scan_over(const rows_map& rows, const ashlar::scan_range& range,
                                          Visit& visit) {
        const bool inverted = !range.hi.empty() && range.hi < range.lo;
        if (inverted && !is(bug::lo_above_hi)) return ashlar::errc::range_invalid;
        if (range.resume && !range.contains(range.after) && !is(bug::resume_anywhere))
            return ashlar::errc::foreign_cursor;
        const bool with_hi =
            is(bug::range_includes_hi) || (is(bug::reverse_from_hi) && range.reverse);
        const auto within = [&](const std::string& key) {
            const ashlar::bytes_view k = key;
            if (k < range.lo) return false;
            if (!range.hi.empty() && !(k < range.hi) && !(with_hi && k == range.hi)) return false;
            if (!range.resume || (is(bug::resume_includes_last) && k == range.after)) return true;
            return range.reverse ? k < range.after : range.after < k;
        };
        std::vector<std::pair<std::string, std::string>> copies;
        std::vector<std::pair<const std::string*, const std::string*>> chunk;
        for (const auto& [key, bytes] : rows)
            if (within(key)) copies.emplace_back(key, bytes);
        for (const auto& [key, bytes] : copies) chunk.emplace_back(&key, &bytes);
        if (is(bug::range_signed))
            std::sort(chunk.begin(), chunk.end(),
                      [](const auto& a, const auto& b) { return less(*a.first, *b.first); });
        if (range.reverse) std::reverse(chunk.begin(), chunk.end());
        std::size_t left = range.limit;
        if (is(bug::limit_one_more) && left > 0 && left != ashlar::dynamic_extent) ++left;
        for (const auto& [key, bytes] : chunk) {
            if (left-- == 0) return !is(bug::limit_not_told);
            const auto now = rows.find(*key);
            const bool live = is(bug::scan_in_place) && now != rows.end();
            if (!ashlar::visit_row(visit, *key, live ? now->second : *bytes)) return true;
        }
        return false;
    }

    std::shared_ptr<rest> at_;
    bool closed_ = false;
};

} // namespace ashlar_test
