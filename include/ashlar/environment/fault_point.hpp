// SPDX-License-Identifier: BSL-1.0
/// @file Defines fault_point: places between calls of the system, where a test can have us fail.
#pragma once

#include <ashlar/bytes.hpp>
#include <ashlar/result.hpp>

#include <concepts>
#include <cstdint>

namespace ashlar::inline v0_1 {

/// Places where code of ours can fail, or the process can end, though no file operation stands
/// there that a simulated disk could refuse (docs/decisions/0139-fault-points.md).
enum class fault_point : std::uint8_t {
    queue_memory,       ///< a queue of the log has had no memory to grow
    lane_opened,        ///< between one flush lane and the next
    snapshot_published, ///< a new snapshot has its name; older ones and their log still stand
    snapshots_dropped,  ///< the older ones are gone; the log before the kept ones still stands
    snapshot_loaded,    ///< its rows are in, and nothing of the log behind it
    log_replayed,       ///< all rows are in; the log is not yet written to
};
inline constexpr std::size_t fault_points = 6;

/// Satisfied by environments that can fail at such a place: an error, or nothing happens.
template <class E>
concept fault_source = requires(const E& e, fault_point at) {
    { e.reach(at) } -> std::same_as<result<void>>;
};

/// Says that a place is reached; the answer is treated as that of any step which can fail. In other
/// environments it is a constant, of which nothing is left.
template <fault_point At, class Environment>
[[nodiscard, gnu::always_inline]] constexpr result<void> reach(const Environment& in) noexcept {
    if constexpr (fault_source<Environment>) return in.reach(At);
    else return static_cast<void>(in), result<void>{};
}

} // namespace ashlar::inline v0_1
