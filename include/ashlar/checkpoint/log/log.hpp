// SPDX-License-Identifier: BSL-1.0
/// @file Defines write_ahead_log: append, wait, sync, rotate, cut the tail, drop the head.
#pragma once

#include <ashlar/checkpoint/log/group_commit.hpp>

namespace ashlar::inline v0_1 {

/// An append-only log of records in segments. Appending reserves room first (may wait or fail) and
/// then only copies into a queue. The first thread that waits for its record to be durable writes
/// and syncs the queue for all (log_parts::group_commit); a long queue does not wait until the sync
/// before it has ended. There is no thread of its own.
///
/// Ownership: the log owns its files and its queue. Thread safety: reserve, release, append, wait,
/// sync and rotate may be called from any thread when Concurrency has threads; the rest needs the
/// log for itself. Errors: when a write or a sync fails, nothing later can make up for it: the log
/// is poisoned, every verb answers the first error, and only opening the store anew goes on.
template <file_system Environment, concurrency_policy Concurrency, sync::model Sync>
class write_ahead_log {
    using counter = typename Concurrency::template atomic<std::uint64_t>;
    using flight = log_parts::flight;

  public:
    write_ahead_log(const Environment& environment, const log_options& options) noexcept
        : environment_{environment}, options_{bounded(options)},
          spares_{environment, Sync::alone ? 0 : options_.spare_segments, options_.segment_size},
          segment_{environment, spares_}, commits_{environment, queue_, segment_} {}
    write_ahead_log(const write_ahead_log&) = delete;
    write_ahead_log& operator=(const write_ahead_log&) = delete;

    /// Makes the first segment, or one that begins a new chain behind segments that are past help,
    /// of which `last` is the last. Errors of this and the next: out_of_memory, and the system's.
    [[nodiscard]] result<void> create(text_view directory, bytes_view uuid, std::uint64_t last = 0,
                                      std::uint64_t sequence = 0) noexcept {
        if (const auto kept = keep(directory, uuid); !kept) return kept;
        greatest_ = sequence;
        const auto first = segment_.begin(last + 1, sequence);
        return first ? begin(*first), result<void>{} : first.error();
    }
    /// Goes on behind what recovery has found, in a new segment, which seals what there is. A log
    /// that was closed is sealed already: it begins with the first record.
    [[nodiscard]] result<void> resume(text_view directory, bytes_view uuid,
                                      const log_end& end) noexcept {
        if (const auto kept = keep(directory, uuid); !kept) return kept;
        end_ = end;
        greatest_ = end.sequence;
        return end.closed ? result<void>{} : wake();
    }

    /// Makes room for a record. Waits for the queue to empty, or answers backpressure.
    /// Errors: value_too_long, backpressure, out_of_memory, what has poisoned the log.
    [[nodiscard]] result<void> reserve(std::size_t payload) noexcept {
        if (payload > max_log_payload) return errc::value_too_long;
        const std::size_t size = log_record_size(payload);
        while (!queue_.try_reserve(size)) {
            bool full = false;
            {
                const brief_guard hold{commits_.mutex()};
                if (commits_.poison().code != errc::ok) return commits_.poison();
                full = !resting_ && size <= queue_.capacity();
                if (full && options_.refuse_when_full) return errc::backpressure;
            }
            const auto done = commits_.lead({.sync = false}, [&](flight& begun) -> result<void> {
                if (resting_) return wake();
                // What is written need not be synced at once, but has to be some time.
                const bool behind = appended() - durable() > 4 * queue_.capacity();
                const auto written = Sync::waits && behind ? drain(begun) : write_part(begun);
                if (!written || full) return written;
                const brief_guard hold{commits_.mutex()};
                return queue_.enlarge(environment_, size);
            });
            if (!done) return done;
        }
        return {};
    }
    /// Gives back what was reserved for a payload and not used.
    void release(std::size_t payload) noexcept { queue_.release(log_record_size(payload)); }
    /// Puts a record into the queue; fill(to) writes its payload and answers its CRC-32C, which is
    /// better computed before: others wait for fill. Answers what to wait for.
    /// REQUIRES: reserve(reserved) succeeded, payload <= reserved.
    template <class Fill>
    std::uint64_t append(log_record_kind kind, std::uint64_t sequence, std::size_t payload,
                         std::size_t reserved, Fill fill) noexcept {
        const std::size_t size = log_record_size(payload);
        const brief_guard hold{commits_.mutex()};
        std::byte* to = queue_.extend(size);
        const std::uint32_t sum = fill(to + sizeof(log_record_header));
        encoder_.encode(to, kind, sequence, payload, commits_.durability().offset(), sum);
        queue_.release(log_record_size(reserved) - size);
        if (sequence > greatest_) greatest_ = sequence;
        return appended_ += size;
    }

    /// Returns when everything up to the ticket is durable; sync: everything so far.
    [[nodiscard]] result<void> wait(std::uint64_t ticket) noexcept { return until(ticket, true); }
    [[nodiscard]] result<void> sync() noexcept { return wait(appended()); }
    /// Everything that was appended before the call is handed to the system: it survives the end of
    /// the process, whatever ends it, but not the loss of power.
    [[nodiscard]] result<void> flush() noexcept { return until(appended(), false); }
    /// As the sync model says, after a commit: waits, or sees to it that the queue does not get
    /// full and the interval is kept. While somebody syncs, it leaves that to him: a write beside a
    /// sync waits for it in the file system.
    [[nodiscard]] result<void> acknowledge(std::uint64_t ticket) noexcept {
        if constexpr (Sync::waits) return wait(ticket);
        bool much = false;
        {
            const brief_guard hold{commits_.mutex()};
            if (commits_.poison().code != errc::ok) return commits_.poison();
            if (!commits_.lanes().idle()) return {};
            much = !commits_.is_writing() && queue_.is_long(appended_ - written_.load_relaxed());
        }
        const bool due = commits_.sync_is_due();
        if (!due && !much) return {};
        return commits_.lead({.sync = due, .waits = false},
                             [&](flight& begun) { return due ? drain(begun) : write_part(begun); });
    }

    /// Ends the present segment and makes another durable; answers its number. Every record that
    /// was appended before the call stands in front of it.
    [[nodiscard]] result<std::uint64_t> rotate() noexcept {
        std::uint64_t number = 0;
        while (number == 0) {
            const auto done = commits_.lead({.sync = false}, [&](flight& begun) {
                // Waking makes an empty segment: every record stands in front of it, too.
                const auto made = resting_ ? wake() : drain(begun, true);
                number = position().segment;
                return made;
            });
            if (!done) return done.error();
        }
        return number;
    }
    /// Makes everything durable and seals it by an empty segment. Idempotent. Others who are still
    /// at it come to their end before the files are closed.
    result<void> close() noexcept {
        {
            const brief_guard hold{commits_.mutex()};
            if (std::exchange(closed_, true)) return {};
            closing_ = !resting_;
        }
        result<void> done;
        if (closing_)
            if (const auto sealed = rotate(); !sealed)
                done = sealed.error(), static_cast<void>(sync()); // which may be possible still
        {
            const brief_guard hold{commits_.mutex()};
            done = commits_.vouch(done);
            static_cast<void>(commits_.poisoned({errc::closed}));
        }
        static_cast<void>(
            commits_.settle([&] { return !commits_.is_writing() && commits_.lanes().idle(); }));
        commits_.lanes().forget();
        const auto shut = segment_.close();
        return done ? shut : done;
    }

    /// A ticket for everything that was appended so far.
    [[nodiscard]] std::uint64_t appended() const noexcept { return locked(appended_); }
    [[nodiscard]] std::uint64_t durable() const noexcept { return commits_.durable(); }
    [[nodiscard]] std::uint64_t flushed() const noexcept { return written_.load_acquire(); }
    /// Where the next record will stand.
    [[nodiscard]] log_position position() const noexcept {
        const brief_guard hold{commits_.mutex()};
        if (resting_) return end_.position;
        return {encoder_.number(), encoder_.offset(), encoder_.sum()};
    }
    /// The first error of a write or a sync; ok while there was none.
    [[nodiscard]] error poison() const noexcept {
        const brief_guard hold{commits_.mutex()};
        return commits_.poison();
    }
    [[nodiscard]] std::uint64_t greatest_sequence() const noexcept { return locked(greatest_); }
    [[nodiscard]] text_view directory() const noexcept { return segment_.directory(); }
    [[nodiscard]] bytes_view uuid() const noexcept { return segment_.uuid(); }
    /// Keeps the segments from `number` on also behind snapshots: somebody reads them. 0: nobody.
    void keep_from(std::uint64_t number) noexcept { read_from_.store(number); }
    /// Removes the segments before `number`: a snapshot stands for them.
    [[nodiscard]] result<void> drop_before(std::uint64_t number) noexcept {
        const std::uint64_t read_from = read_from_.load();
        if (read_from != 0 && read_from < number) number = read_from;
        const auto there = log_parts::listing::of(environment_, directory());
        if (!there) return there.error();
        for (std::size_t i = 0; i < there->segments.size() && there->segments[i] < number; ++i) {
            const auto gone = spares_.replace(directory(), there->segments[i]);
            if (!gone) return gone;
        }
        spares_.top_up(directory());
        return environment_.sync_directory(directory());
    }
    /// Spare segments may be what a full disk has no room for. Not while drop_before is at work.
    void give_back_spares() noexcept { spares_.give_back(directory()); }
    /// Forgets everything from a record on, durably; the next one takes its place. For a replica
    /// whose leader knows better. REQUIRES: nobody else uses the log, `to` is where a record that
    /// was read stands (or the end), and not in front of what a snapshot stands for.
    [[nodiscard]] result<void> truncate(log_position to) noexcept {
        if (const auto done = sync(); !done) return done;
        const auto end = position();
        if (!(to < end)) return to == end ? result<void>{} : result<void>{errc::invalid_argument};
        commits_.lanes().forget();
        if (const auto cut = segment_.cut(to, end.segment); !cut)
            return commits_.poisoned(cut.error());
        encoder_ = log_encoder{uuid(), to.segment, to.offset, to.sum};
        commits_.durability().begin(to.segment, to.offset);
        return {};
    }

  private:
    template <class T>
    [[nodiscard]] T locked(const T& member) const noexcept {
        const brief_guard hold{commits_.mutex()};
        return member;
    }
    [[nodiscard]] static log_options bounded(log_options options) noexcept {
        const std::size_t most = max_log_segment / 2; // a plain write may make one twice as long,
        if (options.segment_size > most) options.segment_size = most; // and add a whole queue
        if (options.queue_size > most) options.queue_size = most;
        if (options.queue_size == 0) options.queue_size = 1;
        return options;
    }
    [[nodiscard]] result<void> keep(text_view directory, bytes_view uuid) noexcept {
        if (const auto kept = segment_.keep(directory, uuid); !kept) return kept;
        spares_.prepare(directory);
        return queue_.enlarge(environment_, options_.queue_size);
    }
    /// Makes the segment in which a resting log goes on. REQUIRES: nobody else writes.
    [[nodiscard]] result<void> wake() noexcept {
        const auto first = segment_.go_on(end_, greatest_);
        if (!first) return commits_.spoiled(first.error());
        const brief_guard hold{commits_.mutex()};
        return begin(*first), result<void>{};
    }
    /// There is a segment to write to.
    void begin(const log_encoder& first) noexcept {
        encoder_ = first;
        commits_.durability().begin(first.number(), segment_.offset());
        resting_ = false;
        queue_.open();
    }

    [[nodiscard]] result<void> until(std::uint64_t ticket, bool sync) noexcept {
        const auto there = [&] { return (sync ? durable() : flushed()) >= ticket; };
        while (!there()) {
            const auto done = commits_.lead({.sync = sync, .ticket = ticket}, [&](flight& begun) {
                return sync ? drain(begun) : write_part(begun);
            });
            if (!done && !there()) return done;
        }
        return {};
    }
    /// Writes the next part of what is in the queue; where nobody waits for syncs, no more than is
    /// written without a pause that shows. REQUIRES: the caller leads.
    [[nodiscard]] result<void> write_part(flight& begun) noexcept {
        // Who only writes did not ask to wait: what takes syncs is left to others for a while.
        if (locked(encoder_).offset() >= options_.segment_size << 1) return drain(begun, true);
        {
            const brief_guard hold{commits_.mutex()};
            if (queue_.writing().empty()) queue_.swap();
        }
        const bytes_view part = Sync::waits ? queue_.writing() : queue_.part();
        const auto done = segment_.write(part);
        queue_.written(part.size());
        const brief_guard hold{commits_.mutex()};
        const auto vouched = commits_.vouch(done);
        if (vouched) written_.store_release(written_.load_relaxed() + part.size());
        return vouched;
    }
    /// Writes all that is in the queue, and begins to sync it. REQUIRES: the caller leads.
    [[nodiscard]] result<void> drain(flight& begun, bool must_end = false) noexcept {
        log_encoder last;
        bool closing = false;
        {
            const brief_guard hold{commits_.mutex()};
            last = encoder_;
            closing = closing_;
        }
        const auto ends = segment_.may_end(last, must_end, !closing, options_.segment_size);
        if (!ends) return commits_.spoiled(ends.error());
        const bool rotates = *ends;
        auto& lanes = commits_.lanes();
        std::byte header[sizeof(log_segment_header)];
        flight next;
        bool opens = false;
        result<void> done = segment_.write(queue_.writing()); // of which others have written a part
        queue_.written();
        {
            const brief_guard hold{commits_.mutex()};
            opens = !rotates && lanes.may_open(queue_.size());
            queue_.swap();
            next.goal = appended_;
            next.segment = encoder_.number();
            if (rotates) {
                encoder_ = encoder_.successor(header, uuid(), greatest_, closing);
                commits_.durability().begin(encoder_.number(), 0); // until the new segment is there
            } else if (!Sync::alone) {
                lanes.board(next);
            }
        }
        if (opens) lanes.open(environment_, directory(), next.segment);
        if (done) done = segment_.write(queue_.writing());
        if (done && !rotates) segment_.make_room(queue_, options_.segment_size);
        queue_.written();
        if (done && rotates) {
            done = commits_.settle([&] { return lanes.idle(); });
            lanes.forget();
            if (done) ++next.segment, done = segment_.succeed(header);
        } else if (done && !Sync::alone) {
            done = commits_.settle([&] { return lanes.has_free(); });
        }
        commits_.note_sync();
        const brief_guard hold{commits_.mutex()};
        done = commits_.vouch(done);
        if (!done) return done;
        next.offset = segment_.offset();
        written_.store_release(next.goal);
        if (opens) lanes.admit();
        if (rotates || Sync::alone) commits_.durability().reach(next);
        else lanes.take(next), begun = next;
        return done;
    }

    [[no_unique_address]] Environment environment_;
    log_options options_;

    log_parts::log_queue<Concurrency> queue_;
    log_parts::spare_segments<Environment, Concurrency> spares_;
    log_parts::log_segment<Environment, Concurrency, Sync> segment_; ///< the leader's
    log_parts::group_commit<Environment, Concurrency, Sync> commits_;
    // Guarded by the mutex of commits_.
    log_encoder encoder_;        ///< of the next record
    std::uint64_t appended_ = 0; ///< bytes of all records so far: tickets
    std::uint64_t greatest_ = 0; ///< sequence
    bool resting_ = true;        ///< there is no segment to write to yet
    bool closed_ = false;
    bool closing_ = false; ///< by a segment of its own
    // Guarded by nothing.
    counter written_{0};   ///< a ticket
    counter read_from_{0}; ///< the first segment that is kept for readers; 0 for none
    // The leader's.
    log_end end_{}; ///< of a resting log
};

} // namespace ashlar::inline v0_1
