// SPDX-License-Identifier: BSL-1.0
/// @file Defines log_opening: how a logged engine gets its rows, and its log a place to go on from.
#pragma once

#include <ashlar/checkpoint/log/recovery.hpp>
#include <ashlar/checkpoint/log/snapshot_making.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Opens what a store's directory holds. A new directory gets the first segment of a log. In any
/// other, rows are left in their files for now (log_start::early) or loaded, and where damage is
/// found and `repair` is set, a new log begins behind it. Lives for one opening.
/// REQUIRES: nobody else uses the log, or changes the engine below.
/// Errors: those of recovery, and the system's; opening's `detail` gets the sentence.
template <class Core, engine Next>
class log_opening {
    using Environment = decltype(Core::environment);

  public:
    log_opening(Core& core, Next& next, const opening<Environment>& how) noexcept
        : core_{core}, next_{next}, how_{how} {}

    [[nodiscard]] result<void> run() const {
        if (core_.directory.created()) return create();
        if constexpr (Core::is_early)
            if (leave_in_files()) return {};
        return recover();
    }
    /// Loads all rows, and makes the log ready for the next commit.
    [[nodiscard]] result<void> recover() const {
        recovery<Environment, typename Core::concurrency, Next> from{
            how_.environment,          core_.where(), uuid(), next_, how_.options.detail,
            core_.options.load_threads};
        auto end = from.run(core_.options.repair && !how_.options.read_only);
        if (!end) return end.error();
        if (const auto on = reach<fault_point::log_replayed>(how_.environment); !on) return on;
        if (core_.at.load_relaxed() != stage::early) core_.report = from.report();
        core_.time.store(from.time());
        core_.bad_snapshots = std::move(from.bad_snapshots());
        // A number may have been seen that did not last; none of those is given out again. No store
        // has 2^32 commits on their way to the disk.
        if (!core_.report.closed_well) end->sequence += std::uint64_t{1} << 32;
        const auto raised = next_.apply_at(commit_seq{end->sequence}, {});
        if (!raised || how_.options.read_only) return raised;
        if (!core_.report.closed_well) remove_unfinished(how_.environment, core_.where());
        if (core_.report.repaired) return set_aside(*end);
        const auto resumed = core_.log.resume(core_.where(), uuid(), *end);
        return resumed ? resumed : cant(resumed.error());
    }

  private:
    [[nodiscard]] bytes_view uuid() const noexcept { return core_.directory.uuid(); }

    /// Segments of a creation that was cut off bear the name of a store that never was.
    [[nodiscard]] result<void> create() const noexcept {
        const auto there = listing::of(core_.environment, core_.where());
        result<void> made = there ? result<void>{} : there.error();
        if (there)
            made = remove_before(core_.environment, core_.where(), segment_prefix, there->segments,
                                 ~std::uint64_t{});
        if (made) made = core_.log.create(core_.where(), uuid()); // which syncs the directory
        return made ? core_.directory.finish(how_) : cant(made.error());
    }
    /// False when the files can't be read row by row: then all rows are to be loaded.
    [[nodiscard]] bool leave_in_files() const noexcept {
        auto& early = core_.early;
        if (!core_.options.repair)
            early.rows = early.rows_of(how_.environment, core_.options.load_threads);
        if (early.rows == nullptr || !early.rows->open(core_.where(), uuid())) {
            early.forget();
            return false;
        }
        core_.report = early.rows->report();
        core_.time.store(early.rows->time());
        core_.at.store(stage::early);
        return true;
    }
    /// Begins a new log behind a damaged one, and writes a snapshot in place of the old one, whose
    /// segments from the damage on are kept under other names.
    [[nodiscard]] result<void> set_aside(const log_end& end) const noexcept {
        const auto there = listing::of(core_.environment, core_.where());
        if (!there) return there.error();
        const std::uint64_t last = there->segments[there->segments.size() - 1];
        auto done = core_.log.create(core_.where(), uuid(), last, end.sequence);
        if (!done) return cant(done.error());
        const auto written = snapshot_making<Core, Next>{core_, next_}.run(last + 1, false);
        if (!written) return cant(written.error());
        for (std::size_t i = 0; i < there->segments.size(); ++i) {
            if (there->segments[i] < end.position.segment) continue;
            const numbered_name name{segment_prefix, there->segments[i]};
            sentence aside;
            aside << name << set_aside_suffix;
            done = rename_durably(core_.environment, core_.where(), name, aside.view());
            if (!done) return cant(done.error());
        }
        return {};
    }
    [[nodiscard]] result<void> cant(error e) const noexcept {
        if (how_.options.detail != nullptr && !how_.options.detail->message.empty()) return e;
        sentence text;
        text << "the log in '" << how_.options.directory << "' can't be written";
        append_remedy(text, e);
        return how_.fail(e, text.view());
    }

    Core& core_;
    Next& next_;
    const opening<Environment>& how_;
};

} // namespace ashlar::inline v0_1::log_parts
