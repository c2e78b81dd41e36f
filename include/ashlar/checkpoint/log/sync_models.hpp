// SPDX-License-Identifier: BSL-1.0
/// @file Defines when a commit of a logged store is acknowledged.
#pragma once

#include <concepts>
#include <cstddef>

namespace ashlar::inline v0_1::sync {

/// Every commit is written and synced by itself: no commit shares a failure with another.
struct each {
    static constexpr bool waits = true;
    static constexpr bool alone = true;
    static constexpr std::size_t milliseconds = 0;
};

/// A commit is acknowledged when it is durable; commits that come while the disk is busy share the
/// next sync. No timer: an idle disk starts at once.
struct group {
    static constexpr bool waits = true;
    static constexpr bool alone = false;
    static constexpr std::size_t milliseconds = 0;
};

/// Commits are acknowledged at once; the log is synced by the first commit that comes
/// `Milliseconds` or more after the last sync began, and ended. What came since it began may be
/// lost, always the latest part. There is no thread that would do it when commits stop coming,
/// or so that none of them waits for the disk: a program that minds calls sync() from a timer of
/// its own, twice an interval, which costs nothing when there is nothing to sync.
template <std::size_t Milliseconds>
struct interval {
    static_assert(Milliseconds != 0,
                  "ashlar: an interval of 0 has no time between two syncs; use sync::group");
    static constexpr bool waits = false;
    static constexpr bool alone = false;
    static constexpr std::size_t milliseconds = Milliseconds;
};

/// Commits are acknowledged at once; only sync() and close() make them durable.
struct none {
    static constexpr bool waits = false;
    static constexpr bool alone = false;
    static constexpr std::size_t milliseconds = 0;
};

/// Satisfied by the four above.
template <class S>
concept model = requires {
    { S::waits } -> std::convertible_to<bool>;
    { S::alone } -> std::convertible_to<bool>;
    { S::milliseconds } -> std::convertible_to<std::size_t>;
};

} // namespace ashlar::inline v0_1::sync
