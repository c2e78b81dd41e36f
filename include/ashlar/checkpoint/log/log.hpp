// SPDX-License-Identifier: BSL-1.0
/// @file Defines write_ahead_log: append, wait, sync, rotate, cut the tail, drop the head.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/checkpoint/log/succession.hpp>
#include <ashlar/checkpoint/log/sync_models.hpp>
#include <ashlar/concurrency/concept.hpp>

namespace ashlar::inline v0_1 {

/// An append-only log of records in segments. Appending reserves room first (may wait or fail) and
/// then only copies; whoever waits for durability first writes for all who wait (group commit).
/// There is no thread of its own.
///
/// Ownership: the log owns its files and its queue. Thread safety: reserve, release, append, wait,
/// sync and rotate may be called from any thread when Concurrency has threads; the rest needs the
/// log for itself. Errors: when a write or a sync fails, nothing later can make up for it: the log
/// is poisoned, every verb answers the first error, and only opening the store anew goes on.
template <file_system Environment, concurrency_policy Concurrency, sync::model Sync>
class write_ahead_log {
    using file = typename Environment::file;
    using counter = typename Concurrency::template atomic<std::uint64_t>;

  public:
    write_ahead_log(const Environment& environment, const log_options& options) noexcept
        : environment_{environment}, options_{options} {}
    write_ahead_log(const write_ahead_log&) = delete;
    write_ahead_log& operator=(const write_ahead_log&) = delete;

    /// Makes the first segment. Errors of this and the next: out_of_memory, and the system's.
    [[nodiscard]] result<void> create(text_view directory, bytes_view uuid) noexcept {
        return start(directory, uuid, {}, 0);
    }
    /// Begins behind segments that are past help: a new chain under the next number.
    [[nodiscard]] result<void> start_after(text_view directory, bytes_view uuid, std::uint64_t last,
                                           std::uint64_t sequence) noexcept {
        return start(directory, uuid, {last, 0, 0}, sequence);
    }
    /// Goes on behind what recovery has found, in a new segment, which seals what there is. A log
    /// that was closed is sealed already: it begins with the first record.
    [[nodiscard]] result<void> resume(text_view directory, bytes_view uuid,
                                      const log_end& end) noexcept {
        if (const auto kept = keep(directory, uuid); !kept) return kept;
        resting_ = true;
        end_ = end;
        greatest_ = end.sequence;
        return end.closed ? result<void>{} : wake();
    }

    /// Makes room for a record. Waits for the queue to empty, or answers backpressure.
    /// Errors: value_too_long, backpressure, out_of_memory, what has poisoned the log.
    [[nodiscard]] result<void> reserve(std::size_t payload) noexcept {
        if (payload > max_log_payload) return errc::value_too_long;
        const std::size_t size = log_record_size(payload);
        for (;;) {
            bool full = false;
            {
                const guard hold{mutex_};
                if (poison_.code != errc::ok) return poison_;
                if (!resting_ && size <= capacity_ - used_) return used_ += size, result<void>{};
                full = size <= capacity_ && !resting_;
                if (full && options_.refuse_when_full) return errc::backpressure;
            }
            const auto done = lead([&] {
                if (resting_) return wake();
                const auto drained = drain(Sync::waits);
                if (!drained || full) return drained;
                return enlarge(size);
            });
            if (!done) return done;
        }
    }
    /// Gives back what was reserved for a payload and not used.
    void release(std::size_t payload) noexcept {
        const guard hold{mutex_};
        used_ -= log_record_size(payload);
    }
    /// Puts a record into the queue; fill(to) writes its payload. Answers what to wait for.
    /// REQUIRES: reserve(reserved) succeeded, payload <= reserved.
    template <class Fill>
    std::uint64_t append(log_record_kind kind, std::uint64_t sequence, std::size_t payload,
                         std::size_t reserved, Fill fill) noexcept {
        const std::size_t size = log_record_size(payload);
        const guard hold{mutex_};
        std::byte* to = filling_.extend(size);
        fill(to + sizeof(log_record_header));
        encoder_.encode(to, kind, sequence, payload, durable_offset_);
        used_ -= log_record_size(reserved) - size;
        if (sequence > greatest_) greatest_ = sequence;
        return appended_ += size;
    }

    /// Returns when everything up to the ticket is durable; sync: everything so far.
    [[nodiscard]] result<void> wait(std::uint64_t ticket) noexcept {
        return drain_until(durable_, ticket, true);
    }
    [[nodiscard]] result<void> sync() noexcept { return wait(appended()); }
    /// Everything that was appended before the call is handed to the system: it survives the end of
    /// the process, whatever ends it, but not the loss of power.
    [[nodiscard]] result<void> flush() noexcept { return drain_until(written_, appended(), false); }
    /// As the sync model says, after a commit: waits, or sees to it that the queue does not stay
    /// full and the interval is kept.
    [[nodiscard]] result<void> acknowledge(std::uint64_t ticket) noexcept {
        if constexpr (Sync::waits) {
            return wait(ticket);
        } else {
            bool half_full = false;
            {
                const guard hold{mutex_};
                if (poison_.code != errc::ok) return poison_;
                half_full = filling_.size() > capacity_ / 2;
            }
            bool due = false;
            if constexpr (Sync::milliseconds != 0)
                due = nanoseconds_between(monotonic_time{last_sync_.load_relaxed()},
                                          environment_.monotonic_now()) >=
                      Sync::milliseconds * std::uint64_t{1'000'000};
            if (!due && !half_full) return {};
            return lead([&] { return drain(due); }, false);
        }
    }

    /// Ends the present segment and makes another durable; answers its number. Every record that
    /// was appended before the call stands in front of it.
    [[nodiscard]] result<std::uint64_t> rotate() noexcept {
        std::uint64_t number = 0;
        while (number == 0) {
            const auto done = lead([&] {
                // Waking makes an empty segment: every record stands in front of it, too.
                const auto made = resting_ ? wake() : drain(true, true);
                number = position().segment;
                return made;
            });
            if (!done) return done.error();
        }
        return number;
    }
    /// Makes everything durable and seals it by an empty segment. Idempotent.
    result<void> close() noexcept {
        if (closed_) return {};
        closed_ = true;
        result<void> done;
        if (!resting_) {
            closing_ = true;
            const auto sealed = rotate();
            if (!sealed) done = sealed.error();
        }
        if (done && poison_.code != errc::ok) done = poison_;
        {
            const guard hold{mutex_};
            if (poison_.code == errc::ok) poison_ = {errc::closed};
        }
        const auto shut = file_.close();
        return done ? shut : done;
    }

    /// A ticket for everything that was appended so far.
    [[nodiscard]] std::uint64_t appended() const noexcept { return locked(appended_); }
    /// Where the next record will stand.
    [[nodiscard]] log_position position() const noexcept {
        const guard hold{mutex_};
        if (resting_) return end_.position;
        return {encoder_.number(), encoder_.offset(), encoder_.sum()};
    }
    [[nodiscard]] error poison() const noexcept { return locked(poison_); }
    [[nodiscard]] std::uint64_t greatest_sequence() const noexcept { return locked(greatest_); }
    [[nodiscard]] text_view directory() const noexcept {
        return {reinterpret_cast<const char*>(directory_.data()), directory_.size()};
    }
    [[nodiscard]] bytes_view uuid() const noexcept { return {uuid_, sizeof uuid_}; }

    /// Keeps the segments from `number` on, also those that snapshots stand for: somebody reads
    /// them. 0: nobody does.
    void keep_from(std::uint64_t number) noexcept { read_from_.store(number); }
    /// Removes the segments before `number`: a snapshot stands for them.
    [[nodiscard]] result<void> drop_before(std::uint64_t number) noexcept {
        const std::uint64_t read_from = read_from_.load();
        if (read_from != 0 && read_from < number) number = read_from;
        const auto there = log_parts::listing::of(environment_, directory());
        if (!there) return there.error();
        for (std::size_t i = 0; i < there->segments.size() && there->segments[i] < number; ++i) {
            const auto gone =
                log_parts::remove_segment(environment_, directory(), there->segments[i]);
            if (!gone) return gone;
        }
        return environment_.sync_directory(directory());
    }
    /// Forgets everything from a record on, durably; the next one takes its place. For a replica
    /// whose leader knows better. REQUIRES: nobody else uses the log, `to` is where a record that
    /// was read stands (or the end), and not in front of what a snapshot stands for.
    [[nodiscard]] result<void> truncate(log_position to) noexcept {
        if (const auto done = sync(); !done) return done;
        const auto failed = [this](error e) {
            poison_ = e;
            return result<void>{e};
        };
        const log_position end = position();
        if (!(to < end)) return to == end ? result<void>{} : result<void>{errc::invalid_argument};
        // From the last one on: a crash in between leaves a log without a hole.
        for (std::uint64_t n = end.segment; n > to.segment; --n) {
            const auto gone = log_parts::remove_segment(environment_, directory(), n);
            if (!gone) return failed(gone.error());
            const auto synced = environment_.sync_directory(directory());
            if (!synced) return failed(synced.error());
        }
        if (to.segment != end.segment) {
            const auto path = log_parts::segment_path(directory(), to.segment);
            if (!path) return failed(path.error());
            auto last = environment_.open_file(*path, file_mode::update);
            if (!last) return failed(last.error());
            file_ = std::move(*last);
        }
        result<void> cut = file_.truncate(to.offset);
        if (cut) cut = sync_exactly(file_);
        if (!cut) return failed(cut.error());
        encoder_ = log_encoder{uuid(), to.segment, to.offset, to.sum};
        file_offset_ = durable_offset_ = to.offset;
        return {};
    }

  private:
    template <class T>
    [[nodiscard]] T locked(const T& member) const noexcept {
        const guard hold{mutex_};
        return member;
    }
    [[nodiscard]] result<void> keep(text_view directory, bytes_view uuid) noexcept {
        copy_bytes(uuid_, uuid);
        if (!directory_.assign(bytes_view{directory})) return errc::out_of_memory;
        if (options_.segment_size > max_log_segment) options_.segment_size = max_log_segment;
        return resize(options_.queue_size);
    }
    /// Makes the segment in which a resting log goes on. REQUIRES: nobody else writes.
    [[nodiscard]] result<void> wake() noexcept {
        auto made = log_parts::succeed(environment_, directory(), uuid(), end_, greatest_);
        const guard hold{mutex_};
        if (!made) return poison_ = made.error();
        file_ = std::move(made->file);
        encoder_ = made->encoder;
        file_offset_ = durable_offset_ = encoder_.offset();
        resting_ = false;
        return {};
    }
    [[nodiscard]] result<void> start(text_view directory, bytes_view uuid, log_position end,
                                     std::uint64_t sequence) noexcept {
        if (const auto kept = keep(directory, uuid); !kept) return kept;
        std::byte header[sizeof(log_segment_header)];
        encoder_ = log_encoder{header, uuid, end.segment + 1, sequence, end.offset, end.sum};
        greatest_ = sequence;
        if (const auto made = make_segment(header, encoder_.number()); !made) return made;
        durable_offset_ = file_offset_;
        return {};
    }
    /// A segment that is there in all eventualities before anything is written to it.
    [[nodiscard]] result<void> make_segment(const std::byte* header,
                                            std::uint64_t number) noexcept {
        auto fresh = log_parts::create_segment(environment_, directory(), number, header);
        if (!fresh) return fresh.error();
        static_cast<void>(file_.close());
        file_ = std::move(*fresh);
        file_offset_ = sizeof(log_segment_header);
        return {};
    }

    /// Runs f() as the only one that writes; waits while another does and answers without running f
    /// then, unless nobody has to wait. Answers the poison there is.
    template <class F>
    [[nodiscard]] result<void> lead(F f, bool wait = true) noexcept {
        const std::uint32_t round = rounds_.load_acquire();
        bool leads = false;
        {
            const guard hold{mutex_};
            if (poison_.code != errc::ok) return poison_;
            if (!writing_) writing_ = leads = true;
        }
        if (!leads) {
            if constexpr (Concurrency::threads)
                if (wait) rounds_.wait(round);
            return {};
        }
        const result<void> done = f();
        {
            const guard hold{mutex_};
            writing_ = false;
        }
        rounds_.fetch_add(1);
        if constexpr (Concurrency::threads) rounds_.notify_all();
        return done;
    }

    [[nodiscard]] result<void> drain_until(const counter& at, std::uint64_t ticket,
                                           bool sync) noexcept {
        while (at.load_acquire() < ticket) {
            const auto done =
                lead([&] { return at.load_acquire() < ticket ? drain(sync) : result<void>{}; });
            if (!done && at.load_acquire() < ticket) return done;
        }
        return {};
    }
    /// Writes what is in the queue, and syncs it if asked. REQUIRES: the caller leads.
    [[nodiscard]] result<void> drain(bool sync, bool rotates = false) noexcept {
        std::byte header[sizeof(log_segment_header)];
        std::uint64_t goal = 0;
        std::uint64_t number = 0;
        {
            const guard hold{mutex_};
            std::swap(filling_, draining_);
            used_ -= draining_.size();
            goal = appended_;
            rotates = rotates || encoder_.offset() >= options_.segment_size;
            if (rotates) {
                encoder_ = log_encoder{
                    header,         uuid(),  encoder_.number() + 1, greatest_, encoder_.offset(),
                    encoder_.sum(), closing_};
                number = encoder_.number();
                durable_offset_ = 0; // until the new segment is there
            }
        }
        result<void> done = write_queue();
        if (done && !Sync::alone && (sync || rotates)) done = sync_exactly(file_);
        if (done && rotates) done = make_segment(header, number);
        draining_.clear();
        if constexpr (Sync::milliseconds != 0)
            if (sync) last_sync_.store(static_cast<std::uint64_t>(environment_.monotonic_now()));
        const guard hold{mutex_};
        if (!done) return poison_ = done.error();
        written_.store_release(goal);
        if (sync || rotates) {
            durable_offset_ = file_offset_;
            durable_.store_release(goal);
        }
        return done;
    }
    [[nodiscard]] result<void> write_queue() noexcept {
        if constexpr (Sync::alone) {
            for (bytes_view left = draining_.view(); !left.empty();) {
                const std::size_t size = log_record_size(load_little<std::uint32_t>(left.data()));
                if (const auto done = write(left.first(size)); !done) return done;
                if (const auto done = sync_exactly(file_); !done) return done;
                left = left.skip(size);
            }
            return {};
        } else {
            return write(draining_.view());
        }
    }
    [[nodiscard]] result<void> write(bytes_view bytes) noexcept {
        if (bytes.empty()) return {};
        const auto done = write_exactly(file_, file_offset_, bytes);
        if (done) file_offset_ += static_cast<std::uint32_t>(bytes.size());
        return done;
    }

    /// A queue for a record that is longer than the queue. REQUIRES: the caller leads.
    [[nodiscard]] result<void> enlarge(std::size_t size) noexcept {
        const guard hold{mutex_};
        return size <= capacity_ ? result<void>{} : resize(size);
    }
    /// Room for `size` bytes in both halves of the queue, whatever is in them.
    [[nodiscard]] result<void> resize(std::size_t size) noexcept {
        for (byte_buffer* half : {&filling_, &draining_}) {
            if (half->capacity() >= size) continue;
            const std::size_t held = half->size();
            if (half->extend(size - held) == nullptr) return errc::out_of_memory;
            half->truncate(held);
        }
        capacity_ = size;
        return {};
    }

    [[no_unique_address]] Environment environment_;
    log_options options_;
    byte_buffer directory_;
    std::byte uuid_[16]{};

    mutable typename Concurrency::mutex mutex_; ///< over what follows, up to the next remark
    byte_buffer filling_;                       ///< records that wait to be written
    std::size_t capacity_ = 0;                  ///< of filling_ and of draining_, each
    std::size_t used_ = 0;                      ///< of it: what is in filling_ and what is reserved
    log_encoder encoder_;                       ///< of the next record
    std::uint32_t durable_offset_ = 0;          ///< in the segment of the next record
    std::uint64_t appended_ = 0;                ///< bytes of all records so far: tickets
    std::uint64_t greatest_ = 0;                ///< sequence
    error poison_{};
    bool writing_ = false; ///< somebody leads
    bool resting_ = false; ///< was closed, and nothing was appended since
    counter durable_{0}, written_{0};
    counter read_from_{0}; ///< the first segment that is kept for readers; 0 for none
    typename Concurrency::template atomic<std::uint32_t> rounds_{0};
    // Of the one who leads.
    byte_buffer draining_;
    file file_{};
    std::uint32_t file_offset_ = 0;
    counter last_sync_{0};
    log_end end_{}; ///< of a resting log
    bool closing_ = false, closed_ = false;
};

} // namespace ashlar::inline v0_1
