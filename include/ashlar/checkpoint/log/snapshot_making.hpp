// SPDX-License-Identifier: BSL-1.0
/// @file Defines snapshot_making: how a snapshot of a logged engine comes to be, and old ones go.
#pragma once

#include <ashlar/checkpoint/log/core.hpp>
#include <ashlar/checkpoint/log/snapshot.hpp>
#include <ashlar/environment/fault_point.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Lives for one checkpoint. REQUIRES: there is no other one at work.
template <class Core, engine Next, bool Indexed>
class snapshot_making {
    using Environment = decltype(Core::environment);
    using writer = snapshot_writer<Environment>;

  public:
    snapshot_making(Core& core, const Next& next) noexcept : core_{core}, next_{next} {}

    /// Replay begins with that segment. With `prunes`, what no kept snapshot needs goes.
    [[nodiscard]] result<checkpoint_report> run(std::uint64_t redo_from, bool prunes) const {
        const bytes_view uuid = core_.directory.uuid();
        writer out;
        index_writer_if<Indexed, Environment> index;
        auto done = out.begin(core_.environment, core_.where(), uuid, redo_from,
                              core_.log.greatest_sequence(), core_.time.load());
        if (done) done = index.begin(core_.environment, core_.where(), uuid, redo_from);
        if (done) done = write_rows(out, index);
        if (!done) return discard(done.error());
        // Rows may be newer than the beginning of their part of the log. Before the file gets its
        // name, everything that can be in it is in the log, too.
        const log_position redo_to = core_.log.position();
        done = core_.log.sync();
        if (done) done = out.finish(redo_to);
        if (done) done = index.finish({out.size(), out.sum(), 0});
        if (done) done = index.publish(core_.environment, core_.where(), redo_from);
        const numbered_name name{snapshot_prefix, redo_from};
        if (done) done = rename_durably(core_.environment, core_.where(), new_snapshot_name, name);
        if (!done) return discard(done.error());
        done = reach<fault_point::snapshot_published>(core_.environment);
        if (done && prunes) done = prune();
        if (!done) return done.error();
        return checkpoint_report{redo_from, out.rows(), out.size()};
    }

  private:
    template <class Index>
    [[nodiscard]] result<void> write_rows(writer& out, Index& index) const {
        const auto from = [&](const auto& source, auto at) -> result<void> {
            result<void> done;
            const auto write = [&](bytes_view key, bytes_view bytes) {
                const std::uint64_t block = out.size();
                done = out.add(key, bytes);
                if (done) done = index.add(key, block);
                return done.has_value();
            };
            const auto walked = source.walk(at, write, static_cast<std::size_t>(-1));
            if (!done) return done;
            if (!walked) return walked.error();
            return {};
        };
        if constexpr (snapshot_engine<Next>) {
            const auto view = next_.snapshot();
            if (!view) return view.error();
            return from(*view, typename std::remove_cvref_t<decltype(*view)>::position{});
        } else {
            return from(next_, typename Next::position{});
        }
    }
    /// What is not finished takes room on a disk that may be full for it.
    [[nodiscard]] error discard(error e) const noexcept {
        for (const text_view name : {new_snapshot_name, new_index_name})
            static_cast<void>(remove_file(core_.environment, core_.where(), name));
        return e;
    }
    /// Keeps the newest snapshots, and the log from the oldest of them on.
    [[nodiscard]] result<void> prune() const noexcept {
        const auto there = listing::of(core_.environment, core_.where());
        if (!there) return there.error();
        const std::size_t keep =
            core_.options.keep_snapshots == 0 ? 1 : core_.options.keep_snapshots;
        const std::size_t count = there->snapshots.size();
        if (count < keep) return {};
        const std::uint64_t oldest = there->snapshots[count - keep];
        auto gone =
            remove_before(core_.environment, core_.where(), index_prefix, there->indexes, oldest);
        for (std::size_t i = 0; gone && i < count - keep; ++i) {
            const numbered_name name{snapshot_prefix, there->snapshots[i]};
            // One of them leaves its room to the next snapshot.
            gone = i + 1 < count - keep
                       ? remove_file(core_.environment, core_.where(), name)
                       : keep_room(core_.environment, core_.where(), name, new_snapshot_name);
        }
        if (!gone) return gone;
        const auto on = reach<fault_point::snapshots_dropped>(core_.environment);
        return on ? core_.log.drop_before(oldest) : on;
    }

    Core& core_;
    const Next& next_;
};

} // namespace ashlar::inline v0_1::log_parts
