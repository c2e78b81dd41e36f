// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a logged engine is told, and what it holds that does not move with it.
#pragma once

#include <ashlar/checkpoint/log/early_rows.hpp>
#include <ashlar/checkpoint/log/hook.hpp>

namespace ashlar::inline v0_1 {

/// Run-time options of logged.
struct logged_options {
    std::size_t segment_size = std::size_t{64} << 20; ///< bytes after which a segment is sealed
    std::size_t queue_size = std::size_t{1} << 20;    ///< bytes of commits that wait for the disk
    bool refuse_when_full = false;  ///< backpressure instead of waiting for room in the queue
    std::size_t keep_snapshots = 2; ///< at least 1; older ones go with their part of the log
    std::size_t load_threads = 0;   ///< at most, to load what there is; 0: as there are processors
    /// Segments that wait on the disk, full of zeros, `segment_size` bytes each: for long writes,
    /// which are synced nearly twice as fast over blocks that are there. Missing ones are made when
    /// the store is opened and when a checkpoint drops segments, of which it makes them.
    std::size_t spare_segments = 0;
    bool repair = false; ///< go back to what stands before damage in the log; keeps its files aside
};

/// When a store that logs can be read after opening.
enum class log_start : std::uint8_t {
    loaded, ///< when all rows are in memory: opening waits for that
    /// At once, from the files: checkpoints write an index beside the snapshot. Opening reads the
    /// log behind the snapshot only; what needs all rows (a change, a scan, size, a checkpoint)
    /// loads them first, or waits for who does. A store that can't be read so, because the
    /// index is missing or damaged, or the log has erased ranges, is loaded while it is opened.
    early,
};

/// What checkpoint() has written.
struct checkpoint_report {
    std::uint64_t snapshot = 0; ///< its number
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
};

namespace log_parts {

/// In which state a logged engine is; it never goes back.
enum class stage : std::uint8_t { open, early, failed, closed };

/// Rows that can be read before they are loaded, while anybody may.
template <file_system Environment, concurrency_policy Concurrency>
struct early_state {
    using rows_type = early_rows<Environment, Concurrency>;
    rows_type* rows = nullptr;
    typename Concurrency::template atomic<std::uint32_t> readers{0};
    typename Concurrency::mutex one_load;
    error failure{}; ///< why loading has failed

    early_state() noexcept = default;
    early_state(const early_state&) = delete;
    early_state& operator=(const early_state&) = delete;
    ~early_state() { delete rows; }

    /// Null when out of memory.
    [[nodiscard]] static rows_type* rows_of(const Environment& environment,
                                            std::size_t threads) noexcept {
        return new (std::nothrow) rows_type{environment, threads};
    }
    /// Frees what nobody will look at any more; who still does keeps it for as long as the store.
    /// REQUIRES: readers are told to go elsewhere, and the lock is held if there can be any.
    void forget() noexcept {
        if (readers.load() == 0) delete std::exchange(rows, nullptr);
    }
};
struct no_early_state {};

/// What does not move when the engine does.
template <file_system Environment, concurrency_policy Concurrency, sync::model Sync,
          log_start Start>
struct core {
    using concurrency = Concurrency;
    using log_type = write_ahead_log<Environment, Concurrency, Sync>;
    static constexpr bool is_early = Start == log_start::early;
    using early_type =
        std::conditional_t<is_early, early_state<Environment, Concurrency>, no_early_state>;

    core(store_directory<Environment>&& where, const Environment& env,
         const logged_options& chosen) noexcept
        : directory{std::move(where)}, environment{env}, options{chosen},
          log{env,
              {chosen.segment_size, chosen.queue_size, chosen.refuse_when_full,
               chosen.spare_segments}} {}

    /// The directory's path.
    [[nodiscard]] text_view where() const noexcept {
        return {reinterpret_cast<const char*>(path.data()), path.size()};
    }

    store_directory<Environment> directory;
    [[no_unique_address]] Environment environment;
    logged_options options;
    log_type log;
    recovery_report report{};
    number_list bad_snapshots; ///< that opening has passed over, and are still there
    byte_buffer path;
    typename Concurrency::mutex one_checkpoint;
    typename Concurrency::template atomic<stage> at{stage::open};
    typename Concurrency::template atomic<std::uint64_t> time{0}; ///< the latest that was noted
    [[no_unique_address]] early_type early{};
};

} // namespace log_parts
} // namespace ashlar::inline v0_1
