// SPDX-License-Identifier: BSL-1.0
/// @file Defines snapshot_making: how a snapshot of a logged engine comes to be, and old ones go.
#pragma once

#include <ashlar/checkpoint/log/core.hpp>
#include <ashlar/checkpoint/log/snapshot.hpp>
#include <ashlar/environment/fault_point.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Lives for one checkpoint. REQUIRES: there is no other one at work.
template <class Core, engine Next>
class snapshot_making {
    using Environment = decltype(Core::environment);
    using writer = snapshot_writer<Environment, typename Core::concurrency>;

  public:
    snapshot_making(Core& core, const Next& next) noexcept : core_{core}, next_{next} {}

    /// Replay begins with that segment. With `prunes`, what no kept snapshot needs goes.
    [[nodiscard]] result<checkpoint_report> run(std::uint64_t redo_from, bool prunes) const {
        const bytes_view uuid = core_.directory.uuid();
        writer out;
        index_writer_if<Core::is_early, Environment> index;
        auto done = out.begin(core_.environment, core_.where(), uuid, redo_from,
                              core_.log.greatest_sequence(), core_.time.load());
        if (done) done = index.begin(core_.environment, core_.where(), uuid, redo_from);
        if (done) done = out.beside([&] { return write_rows(out, index); });
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
        if (done && prunes) done = prune(redo_from);
        if (!done) return done.error();
        return checkpoint_report{redo_from, out.rows(), out.size()};
    }

  private:
    template <class Index>
    [[nodiscard]] result<void> write_rows(writer& out, Index& index) const {
        const auto from = [&](const auto& source, auto at) -> result<void> {
            result<void> done;
            const auto write = [&](bytes_view key, bytes_view bytes) {
                const auto block = out.add(key, bytes);
                done = block ? index.add(key, *block) : block.error();
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
    [[nodiscard]] error discard(error e) const noexcept {
        core_.log.give_back_spares();
        return remove_unfinished(core_.environment, core_.where()), e;
    }
    /// Keeps the newest snapshots, and the log from the oldest of them on. Those that opening has
    /// passed over go first: each would be kept in place of one that can be fallen back to.
    [[nodiscard]] result<void> prune(std::uint64_t newest) const noexcept {
        const auto there = listing::of(core_.environment, core_.where());
        if (!there) return there.error();
        const std::size_t keep =
            core_.options.keep_snapshots == 0 ? 1 : core_.options.keep_snapshots;
        std::size_t kept = 0;
        std::uint64_t oldest = 0;
        for (std::size_t i = there->snapshots.size(); i-- != 0;) {
            const std::uint64_t number = there->snapshots[i];
            if (number != newest && core_.bad_snapshots.contains(number)) {
                const numbered_name bad{snapshot_prefix, number};
                const auto gone = remove_file(core_.environment, core_.where(), bad);
                if (!gone) return gone;
            } else if (kept < keep) {
                oldest = number;
                ++kept;
            }
        }
        const number_list bad = std::exchange(core_.bad_snapshots, {});
        if (kept < keep) return {};
        auto gone =
            remove_before(core_.environment, core_.where(), index_prefix, there->indexes, oldest);
        bool leaves_room = true; // the newest of them to the next snapshot
        for (std::size_t i = there->snapshots.size(); gone && i-- != 0;) {
            const std::uint64_t number = there->snapshots[i];
            if (number >= oldest || bad.contains(number)) continue;
            const numbered_name name{snapshot_prefix, number};
            gone = std::exchange(leaves_room, false)
                       ? keep_room(core_.environment, core_.where(), name, new_snapshot_name)
                       : remove_file(core_.environment, core_.where(), name);
        }
        if (!gone) return gone;
        const auto on = reach<fault_point::snapshots_dropped>(core_.environment);
        return on ? core_.log.drop_before(oldest) : on;
    }

    Core& core_;
    const Next& next_;
};

} // namespace ashlar::inline v0_1::log_parts
