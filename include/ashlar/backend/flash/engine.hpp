// SPDX-License-Identifier: BSL-1.0
/// @file Defines the engine of flash_log: rows of a typed store in a flash log.
#pragma once

#include <ashlar/apply.hpp>
#include <ashlar/backend/flash/limits.hpp>
#include <ashlar/backend/flash/ranges.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/options.hpp>

namespace ashlar::inline v0_1 {

/// The engine of flash_log. Thread-safe as its concurrency is. Errors of every verb, besides its
/// own: corrupt (the key's newest record may be damaged; previous() has the older one), io.
template <flash_device Device, flash_limits Limits, retention Retention, class Row,
          class Concurrency>
class flash_log_engine {
  public:
    using row = Row;
    using receipt = typename Row::receipt;
    /// With the cache a row is read as a whole, so that a read is two flash reads.
    using log_type = flash::log<Device, Limits.max_key, Retention,
                                flash::tuning{.cached = Limits.cached,
                                              .spare = Limits.spare_sectors,
                                              .piece = Limits.cached == 0
                                                           ? flash::tuning{}.piece
                                                           : Limits.max_key + Limits.max_row + 4}>;

  private:
    static constexpr std::size_t at_least_one(std::size_t n) noexcept { return n == 0 ? 1 : n; }
    static constexpr bool in_order = Limits.walk_order == flash_order::key;
    /// Where a walk is in the log, and where the log ended when it began.
    struct log_position {
        flash::place at{0, 0};
        flash::place end{0, 0};
    };
    /// The key that was shown last.
    struct key_position {
        std::uint32_t size = log_type::key_none;
        std::byte key[at_least_one(Limits.max_key)];
    };

  public:
    using position = std::conditional_t<in_order, key_position, log_position>;

    constexpr flash_log_engine() noexcept = default;

    /// Blank flash is an empty store. Errors: foreign (not a flash_log, or of another geometry or
    /// other formats), unsupported_version, corrupt, io; already_exists, no_such_store, as asked;
    /// unsupported for read_only. Nothing is changed.
    template <class Environment, class Options>
    [[nodiscard]] static result<flash_log_engine> open(const opening<Environment>& how,
                                                       const Options& options) noexcept {
        flash_log_engine made{options.device};
        if (how.options.read_only)
            return how.fail({errc::unsupported},
                            "flash_log can't be opened read-only; leave read_only out");
        const errc bad = made.log_.mount(
            crc32c({reinterpret_cast<const std::byte*>(how.formats.data()), how.formats.size()}));
        if (bad == errc::foreign)
            return how.fail({bad}, "the flash holds something else, or a store of another "
                                   "geometry or other formats; open it as what it is, or erase it");
        if (bad == errc::unsupported_version)
            return how.fail({bad}, "the flash was written by another version of flash_log; "
                                   "use that one, or erase it");
        if (bad != errc::ok)
            return how.fail({bad}, "the flash can't be read, or its sectors contradict one "
                                   "another; ashlar-inspect shows which");
        const bool there = made.log_.sectors_in_use() != 0;
        if (there && how.options.must_be_new)
            return how.fail({errc::already_exists},
                            "the flash already holds a store; leave must_be_new out");
        if (!there && !how.options.create)
            return how.fail({errc::no_such_store}, "the flash is blank; allow create");
        made.begin_sequence();
        return made;
    }

    template <class Visit>
    result<bool> read(bytes_view key, Visit&& visit) const {
        const guard hold{lock_.mutex};
        row_buffer buffer;
        bytes_view found;
        const auto there = load(key, buffer, found);
        if (there && *there) visit(found);
        return there;
    }

    /// In the order that the limits say. A damaged row is `corrupt`; the next turn goes on.
    template <class Visit>
    result<bool> walk(position& from, Visit visit, std::size_t limit) const {
        for (; limit != 0; --limit) {
            row_buffer buffer;
            std::byte key[at_least_one(Limits.max_key)];
            std::uint32_t key_size = 0, size = 0;
            bool there = false;
            {
                const guard hold{lock_.mutex};
                const errc bad = next(from, key, key_size, buffer, size, there);
                if (bad != errc::ok) return bad;
            }
            if (!there) return false;
            if (size > sizeof buffer.bytes) return errc::value_too_long;
            if (!visit_row(visit, bytes_view{key, key_size}, bytes_view{buffer.bytes, size})) break;
        }
        return true;
    }

    /// Holds nothing between two rows: what is written meanwhile is shown, or not. Errors: corrupt
    /// for a damaged row in the range; range_invalid, foreign_cursor.
    template <class Visit>
        requires(in_order)
    result<bool> scan(const scan_range& range, Visit&& visit) const {
        if (const auto ok = check_range(range); !ok) return ok.error();
        flash::range_position<Limits.max_key> at{range};
        for (std::size_t left = range.limit; left != 0; --left) {
            row_buffer buffer;
            bytes_view found;
            bool there = false;
            {
                const guard hold{lock_.mutex};
                const errc bad = next_of(range, at, buffer, found, there);
                if (bad != errc::ok) return bad;
            }
            if (!there) return false;
            if (!visit_row(visit, at.bound, found)) return true;
        }
        return true;
    }

    /// At most as many operations as one sector holds, a range counting as the keys it takes.
    /// Errors: those of admit; key_too_long, value_too_long, full.
    template <class Hook = no_hook, class OnConflict = ignore_conflict>
    receipt apply(batch_span batch, Hook&& hook = Hook{}, OnConflict&& on_conflict = OnConflict{}) {
        if (const auto ok = hook.reserve(batch.operations.bytes().size()); !ok) return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            table rows{*this, {}};
            if (const auto ok = admit<Row>(batch, rows, on_conflict); !ok) return ok.error();
            seq = next_sequence();
            if (const auto ok = write(seq, batch.operations); !ok) return ok.error();
            hook.commit(seq, batch.operations);
        }
        if (const auto ok = hook.wait(seq); !ok) return ok.error();
        return Row::receipt_for(seq);
    }

    result<void> apply_at(commit_seq seq, operation_list operations) {
        const guard hold{lock_.mutex};
        for (const operation op : operations) {
            if (op.kind == operation_kind::add) return errc::corrupt; // logs hold resolved ones
            if (op.kind == operation_kind::erase_range && !in_order) return errc::unsupported;
            if (const auto ok = admissible<Row>(op); !ok) return ok;
        }
        if constexpr (Row::fields.sequenced)
            if (static_cast<std::uint64_t>(seq) > sequence_.last)
                sequence_.last = static_cast<std::uint64_t>(seq);
        return write(seq, operations);
    }

    template <class F, class Hook = no_hook>
    receipt update(bytes_view key, std::size_t capacity, F f, Hook&& hook = Hook{}) {
        if (!fits_key(key)) return key_error(key);
        if (capacity > max_row) return errc::value_too_long;
        if (const auto ok = hook.reserve(sizeof(batch_entry) + key.size() + capacity); !ok)
            return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            row_buffer buffer, out;
            bytes_view old;
            const auto found = load(key, buffer, old);
            if (!found) return found.error();
            seq = next_sequence();
            const update_action action = f(seq, *found ? &old : nullptr, out.bytes);
            errc bad = errc::ok;
            if (action.what == update_action::kind::write) {
                if (action.size > max_row || !Row::fits({out.bytes, action.size}))
                    return errc::invalid_argument;
                bad = log_.put(key, {out.bytes, action.size});
                if (bad == errc::ok) hook.commit_put(seq, key, {out.bytes, action.size});
            } else if (action.what == update_action::kind::erase && *found) {
                bool there = false;
                bad = log_.erase(key, there);
                if (bad == errc::ok) hook.commit_erase(seq, key);
            } else {
                return Row::receipt_for(seq);
            }
            if (bad != errc::ok) return bad;
        }
        if (const auto ok = hook.wait(seq); !ok) return ok.error();
        return Row::receipt_for(seq);
    }

    template <class Hook = no_hook>
    receipt put(bytes_view key, bytes_view bytes, Hook&& hook = Hook{}) {
        if (!fits_key(key)) return key_error(key);
        if (const errc bad = row_error(bytes); bad != errc::ok) return bad;
        if (const auto ok = hook.reserve(sizeof(batch_entry) + key.size() + bytes.size()); !ok)
            return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            if (const errc bad = log_.put(key, bytes); bad != errc::ok) return bad;
            seq = next_sequence();
            hook.commit_put(seq, key, bytes);
        }
        if (const auto ok = hook.wait(seq); !ok) return ok.error();
        return Row::receipt_for(seq);
    }

    /// Also erases a key that is corrupt; it answers true then.
    template <class Hook = no_hook>
    result<bool> erase(bytes_view key, Hook&& hook = Hook{}) {
        if (const auto ok = hook.reserve(sizeof(batch_entry) + key.size()); !ok) return ok.error();
        commit_seq seq{};
        {
            const guard hold{lock_.mutex};
            bool there = false;
            const errc bad = log_.erase(key, there);
            if (bad != errc::ok) return bad;
            if (!there) return false;
            seq = next_sequence();
            hook.commit_erase(seq, key);
        }
        if (const auto ok = hook.wait(seq); !ok) return ok.error();
        return true;
    }

    /// visit(row) with the last whole row of a key that read answers corrupt for.
    template <class Visit>
    result<bool> previous(bytes_view key, Visit&& visit) const {
        const guard hold{lock_.mutex};
        row_buffer buffer;
        std::uint32_t size = 0;
        const errc bad = log_.previous(key, buffer.bytes, sizeof buffer.bytes, size);
        if (bad != errc::ok) return false;
        if (size > max_row || !Row::fits({buffer.bytes, size})) return errc::corrupt;
        visit(bytes_view{buffer.bytes, size});
        return true;
    }

    /// For idle time; see flash::log. Answers whether another step would help.
    result<bool> reclaim_step(std::uint32_t budget = 1) {
        const guard hold{lock_.mutex};
        bool again = false;
        const errc bad = log_.reclaim_step(budget, again);
        if (bad != errc::ok) return bad;
        return again;
    }
    [[nodiscard]] std::uint32_t reclaim_pressure() const noexcept {
        const guard hold{lock_.mutex};
        return log_.reclaim_pressure();
    }
    /// The log itself, for streams and statistics. Not locked.
    [[nodiscard]] log_type& log() noexcept { return log_; }
    [[nodiscard]] constexpr std::size_t memory_used() const noexcept { return sizeof(*this); }

  private:
    static constexpr std::uint32_t max_row =
        Row::row_extent != dynamic_extent && Row::row_extent < Limits.max_row
            ? static_cast<std::uint32_t>(Row::row_extent)
            : Limits.max_row;

    struct row_buffer {
        std::byte bytes[at_least_one(max_row)];
    };
    /// A mutex that stays where it is when the engine is moved.
    struct resting_mutex {
        constexpr resting_mutex() noexcept = default;
        constexpr resting_mutex(resting_mutex&&) noexcept {}
        constexpr resting_mutex& operator=(resting_mutex&&) noexcept { return *this; }
        [[no_unique_address]] typename Concurrency::mutex mutex{};
    };
    struct counted {
        std::uint64_t last = 0;
    };
    struct uncounted {};

    /// What admit looks at.
    struct table {
        const flash_log_engine& of;
        row_buffer buffer;
        result<bool> find(bytes_view key, bytes_view& bytes) noexcept {
            return of.load(key, buffer, bytes);
        }
        result<bool> find_in(bytes_view lo, bytes_view hi, bytes_view& bytes) noexcept
            requires(in_order)
        {
            const scan_range range{.lo = lo, .hi = hi};
            flash::range_position<Limits.max_key> at{range};
            bool there = false;
            const errc bad = of.next_of(range, at, buffer, bytes, there);
            if (bad != errc::ok) return bad;
            return there;
        }
    };

    explicit flash_log_engine(const Device& device) noexcept : log_{device} {}

    [[nodiscard]] static bool fits_key(bytes_view key) noexcept {
        return key.size() <= Limits.max_key &&
               (Row::key_extent == dynamic_extent || key.size() == Row::key_extent);
    }
    [[nodiscard]] static errc key_error(bytes_view key) noexcept {
        return key.size() > Limits.max_key && Row::key_extent == dynamic_extent
                   ? errc::key_too_long
                   : errc::invalid_argument;
    }
    [[nodiscard]] static errc row_error(bytes_view bytes) noexcept {
        if (!Row::fits(bytes)) return errc::invalid_argument;
        return bytes.size() > max_row ? errc::value_too_long : errc::ok;
    }
    [[nodiscard]] errc next(log_position& from, std::byte* key, std::uint32_t& key_size,
                            row_buffer& buffer, std::uint32_t& size, bool& there) const noexcept {
        if (from.end.sector == 0) from.end = log_.log_end();
        return log_.next_row(from.at, from.end, key, key_size, buffer.bytes, sizeof buffer.bytes,
                             size, there);
    }
    [[nodiscard]] errc next(key_position& from, std::byte* key, std::uint32_t& key_size,
                            row_buffer& buffer, std::uint32_t& size, bool& there) const noexcept {
        const errc bad =
            log_.next_in_order(from.key, from.size, buffer.bytes, sizeof buffer.bytes, size, there);
        if (there) copy_bytes(key, {from.key, key_size = from.size});
        return bad;
    }
    [[nodiscard]] errc next_of(const scan_range& range, flash::range_position<Limits.max_key>& at,
                               row_buffer& buffer, bytes_view& found, bool& there) const noexcept {
        std::uint32_t key_size = 0, size = 0;
        const errc bad = log_.nearest(at.bound, at.where, at.key, key_size, buffer.bytes,
                                      sizeof buffer.bytes, size, there);
        if (key_size == log_type::key_none) return errc::ok;
        at.bound = {at.key, key_size};
        at.where = range.reverse ? flash::seek::before : flash::seek::behind;
        there = there && range.contains(at.bound);
        if (!there) return range.contains(at.bound) ? bad : errc::ok;
        found = {buffer.bytes, size};
        if (size > sizeof buffer.bytes) return errc::value_too_long; // written by a stream
        return Row::fits(found) ? errc::ok : errc::corrupt;
    }
    [[nodiscard]] result<bool> load(bytes_view key, row_buffer& buffer,
                                    bytes_view& found) const noexcept {
        std::uint32_t size = 0;
        const errc bad = log_.get(key, buffer.bytes, max_row, size);
        if (bad == errc::not_found) return false;
        if (bad != errc::ok) return bad;
        found = {buffer.bytes, size};
        if (size > max_row) return errc::value_too_long; // written by a stream
        if (!Row::fits(found)) return errc::corrupt;
        return true;
    }
    [[nodiscard]] result<void> write(commit_seq seq, operation_list operations) noexcept {
        for (const operation op : operations) {
            if (op.kind == operation_kind::erase_range) continue; // bounds may be of any length
            if (op.key.size() > Limits.max_key) return errc::key_too_long;
            if (op.kind == operation_kind::put && op.value.size() > max_row)
                return errc::value_too_long;
        }
        fill_sequence(operations, seq);
        if constexpr (in_order) {
            const flash::changes_of<log_type> changes{log_, operations};
            if (changes.begin() == changes.end()) return {};
            return log_.apply(changes, [](const flash::change& c) { return c; });
        } else {
            if (operations.empty()) return {};
            return log_.apply(operations, flash::change_of);
        }
    }

    /// Commits are numbered from the place of the log's end, which only grows, also over openings.
    void begin_sequence() noexcept {
        if constexpr (Row::fields.sequenced) {
            const flash::place end = log_.log_end();
            sequence_.last = std::uint64_t{end.sector} << 32 | (end.sector != 0 ? end.at : 0);
        }
    }
    [[nodiscard]] commit_seq next_sequence() noexcept {
        if constexpr (Row::fields.sequenced) return commit_seq{++sequence_.last};
        else return commit_seq{};
    }

    log_type log_;
    [[no_unique_address]] mutable resting_mutex lock_;
    [[no_unique_address]] std::conditional_t<Row::fields.sequenced, counted, uncounted> sequence_;
};

} // namespace ashlar::inline v0_1
