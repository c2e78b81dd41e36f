// SPDX-License-Identifier: BSL-1.0
/// @file Defines recovery: the newest sound snapshot, then the log behind it.
#pragma once

#include <ashlar/checkpoint/log/loading.hpp>
#include <ashlar/checkpoint/log/replay.hpp>
#include <ashlar/environment/fault_point.hpp>

namespace ashlar::inline v0_1 {

/// What opening a logged store has found.
struct recovery_report {
    std::uint64_t snapshot = 0;      ///< the one that was loaded; 0 for none
    std::uint64_t rows = 0;          ///< of it
    std::uint64_t records = 0;       ///< of the log behind it
    std::uint64_t torn = 0;          ///< bytes at the end that a crash had left, and were cut off
    std::uint64_t bad_snapshots = 0; ///< newer ones that were passed over
    bool closed_well = false;        ///< the store was closed when it was last written to
    bool repaired = false;           ///< damage was cut off, because repair was asked for
};

namespace log_parts {

/// Brings an empty engine to the state that a directory's files hold. Writes nothing.
template <file_system Environment, concurrency_policy Concurrency, engine Next>
class recovery {
  public:
    recovery(const Environment& environment, text_view directory, bytes_view uuid, Next& next,
             error_detail* detail, std::size_t threads = 0) noexcept
        : environment_{environment}, directory_{directory}, uuid_{uuid}, next_{next},
          detail_{detail}, threads_{threads} {}

    /// Errors: corrupt (the sentence names the file), foreign, unsupported_version, out_of_memory,
    /// the engine's and the system's. With `repair`, damage in the log is its end.
    [[nodiscard]] result<log_end> run(bool repair) noexcept {
        const auto there = listing::of(environment_, directory_);
        if (!there) return there.error();
        result<log_end> end = errc::corrupt;
        for (std::size_t i = there->snapshots.size(); i-- != 0;) {
            const auto loaded = load(there->snapshots[i]);
            if (!loaded && loaded.error() != errc::corrupt) return loaded.error();
            if (loaded) {
                end = replay(*loaded, there->snapshots[i], repair);
                if (end || end.error() != errc::corrupt || damaged_) return end;
            }
            ++report_.bad_snapshots;
            if (!bad_.insert(there->snapshots[i])) return errc::out_of_memory;
            if (const auto cleared = start_over(); !cleared) return cleared.error();
        }
        if (there->snapshots.size() != 0 &&
            (there->segments.size() == 0 || there->segments[0] != 1)) {
            // The log begins behind the lost snapshots.
            explain(there->snapshots[there->snapshots.size() - 1], end.error());
            return end;
        }
        return replay({}, 1, repair);
    }
    [[nodiscard]] const recovery_report& report() const noexcept { return report_; }
    /// The snapshots that were passed over.
    [[nodiscard]] number_list& bad_snapshots() noexcept { return bad_; }
    /// The latest wall time that was noted; 0 for none.
    [[nodiscard]] std::uint64_t time() const noexcept { return time_; }

  private:
    [[nodiscard]] result<loaded_snapshot> load(std::uint64_t number) noexcept {
        snapshot_reader<Environment> from;
        auto done = from.open(environment_, directory_, uuid_, number);
        if (done)
            done = snapshot_loading<Environment, Concurrency, Next>{from, next_}.run(threads_);
        if (done) done = reach<fault_point::snapshot_loaded>(environment_);
        if (!done) {
            if (done.error() != errc::corrupt) explain(number, done.error());
            return done.error();
        }
        const loaded_snapshot& loaded = from.says();
        report_.snapshot = number;
        report_.rows = loaded.rows;
        pass(loaded.time);
        return loaded;
    }
    [[nodiscard]] result<log_end> replay(const loaded_snapshot& base, std::uint64_t first,
                                         bool repair) noexcept {
        log_replay<Environment, Concurrency> from{environment_, directory_, uuid_, detail_,
                                                  threads_};
        std::uint64_t sequence = base.sequence;
        report_.records = 0;
        auto end = from.run(first, [&](const log_record_view& record, log_position) {
            const auto done = redo(record);
            if (!done) return done;
            if (record.sequence > sequence) sequence = record.sequence;
            ++report_.records;
            return done;
        });
        if (!end && end.error() == errc::corrupt && repair && from.damage().found) {
            log_end cut;
            cut.position = from.damage().position;
            report_.repaired = true;
            end = cut;
        }
        if (!end) {
            damaged_ = end.error() == errc::corrupt;
            return end;
        }
        // The log ends before the snapshot is of one moment.
        if (end->position < base.redo_to) return errc::corrupt;
        if (end->sequence < sequence) end->sequence = sequence;
        report_.torn = end->torn;
        report_.closed_well = end->closed;
        return end;
    }
    [[nodiscard]] result<void> redo(const log_record_view& record) noexcept {
        if (record.kind == log_record_kind::opaque) return {};
        if (record.kind == log_record_kind::time && record.payload.size() == 8) {
            pass(load_little<std::uint64_t>(record.payload.data()));
            return {};
        }
        if (record.kind != log_record_kind::operations || !validate_operations(record.payload))
            return errc::corrupt;
        // The bytes are the replay's own buffer, which nobody else looks at.
        auto* bytes = const_cast<std::byte*>(record.payload.data());
        return next_.apply_at(commit_seq{record.sequence}, {bytes, record.payload.size()});
    }
    void pass(std::uint64_t time) noexcept {
        if (time > time_) time_ = time;
    }
    [[nodiscard]] result<void> start_over() noexcept {
        report_.snapshot = report_.rows = 0;
        if constexpr (requires {
                          { next_.clear() } -> std::same_as<result<void>>;
                      }) {
            return next_.clear();
        } else {
            next_.clear();
            return {};
        }
    }
    /// Says what is amiss with a snapshot, for which it reads it once more.
    void explain(std::uint64_t number, error e) noexcept {
        if (detail_ == nullptr) return;
        error_detail at;
        if (e == errc::corrupt || e == errc::foreign || e == errc::unsupported_version)
            static_cast<void>(load_snapshot(
                environment_, directory_, uuid_, number,
                [](operation_list) { return result<void>{}; }, &at));
        sentence text;
        text << "the snapshot '" << directory_ << "/" << numbered_name{snapshot_prefix, number}
             << "' at byte " << at.position << ": ";
        if (!at.message.empty()) text << at.message.view();
        else if (e == errc::corrupt) text << "the log ends before what the snapshot needs of it";
        else text << "can't be used (" << name_of(e.code) << ")";
        if (e == errc::corrupt)
            text << ", and there is no older one with its log; restore the files from a copy";
        if (e == errc::foreign) text << "; put the file back that was here";
        append_remedy(text, e);
        detail_->position = at.position;
        static_cast<void>(fail(detail_, e, text.view()));
    }

    [[no_unique_address]] Environment environment_;
    text_view directory_;
    bytes_view uuid_;
    Next& next_;
    error_detail* detail_;
    std::size_t threads_;
    recovery_report report_{};
    number_list bad_;
    std::uint64_t time_ = 0;
    bool damaged_ = false;
};

} // namespace log_parts
} // namespace ashlar::inline v0_1
