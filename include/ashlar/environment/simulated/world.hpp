// SPDX-License-Identifier: BSL-1.0
/// @file Defines simulated_world: a disk, clocks and a generator that obey a seed and a plan.
#pragma once

#include <ashlar/environment/fault_point.hpp>
#include <ashlar/environment/simulated/disk.hpp>

#include <array>
#include <cerrno>
#include <mutex>
#include <optional>

namespace ashlar::inline v0_1 {

/// What goes wrong in a simulated world, and when. Calls are counted from 1, of every kind; changes
/// are the calls that alter what could survive: writes, truncations, syncs, new, moved and removed
/// names. What one call does at the n-th place is the same for the same seed.
struct simulated_plan {
    static constexpr std::uint64_t never = 0;

    std::uint64_t cut_power_at_change = never;  ///< in place of it: it and all later calls fail
    std::uint64_t fail_at_call = never;         ///< the call fails with `failure` and does nothing
    std::optional<fault_point> fail_at_point{}; ///< the same when it is reached next
    error failure{errc::io, EIO};
    bool sticky = false;                       ///< all later calls fail, too
    std::uint64_t short_counts_one_in = never; ///< reads and writes that stop in the middle
    std::uint64_t interrupted_one_in = never;  ///< reads, writes and syncs that answer EINTR
    std::uint64_t capacity = ~std::uint64_t{}; ///< bytes in files before no_space
    std::uint64_t nanoseconds_per_call = 1000; ///< by which both clocks go on

    /// Is told before each change, while the world is as it is if the power fails now: one run
    /// shows every moment. It may copy the world, and do what it likes with the copy.
    struct observer {
        void (*see)(void* self) = nullptr;
        void* self = nullptr;
        template <class F>
        [[nodiscard]] static observer of(F& f) noexcept {
            return {[](void* self) { (*static_cast<F*>(self))(); }, &f};
        }
    } before_change;
};

/// Everything outside the program, made of one seed. Environments of type `simulated` refer to it
/// and must not outlive it. Calls from one thread at a time give the same trace for the same seed,
/// whatever the compiler; calls from several threads are safe, but their order is the threads'.
///
///   simulated_world world{seed};
///   const simulated_world::presence here{world};   // environments made from now on live in it
///   auto db = store_type::open({.directory = "db"});
class simulated_world {
  public:
    enum class call : std::uint8_t {
        open,
        look,
        make_directory,
        sync_directory,
        rename,
        remove,
        list,
        space,
        read,
        write,
        sync,
        truncate,
        size,
        lock,
        close,
        point, ///< none of the system's: a fault_point
    };

    explicit simulated_world(std::uint64_t seed) : dice_{seed} {}
    /// An image of everything; nobody may be calling `other` meanwhile.
    simulated_world(const simulated_world& other)
        : plan{other.plan}, disk_{other.disk_}, dice_{other.dice_}, calls_{other.calls_},
          changes_{other.changes_}, syncs_{other.syncs_}, reached_{other.reached_},
          trace_{other.trace_}, wall_{other.wall_}, monotonic_{other.monotonic_}, run_{other.run_},
          powered_{other.powered_} {}
    simulated_world& operator=(const simulated_world&) = delete;

    /// May be changed between calls.
    simulated_plan plan;

    /// Makes a world the one that default-constructed environments of this thread live in.
    class presence {
      public:
        explicit presence(simulated_world& world) noexcept : outer_{current()} {
            current() = &world;
        }
        ~presence() { current() = outer_; }
        presence(const presence&) = delete;
        presence& operator=(const presence&) = delete;

      private:
        simulated_world* outer_;
    };
    /// The world of this thread, or null.
    [[nodiscard]] static simulated_world*& current() noexcept {
        thread_local simulated_world* world = nullptr;
        return world;
    }

    // --- what a test does to the world -----------------------------------------------------------

    /// Ends every open file and lock, keeps of what was not synced what the model says, and gives
    /// the power back. The next process has another id. The plan is as at the beginning.
    void lose_power(power_loss model, std::uint64_t seed) {
        const std::lock_guard hold{mutex_};
        simulated_parts::random dice{seed};
        disk_.lose_power(model, dice);
        ++run_;
        monotonic_ = 0;
        powered_ = true;
        plan = {};
    }
    /// Only the process ends: what was written stays, synced or not.
    void kill_process() {
        const std::lock_guard hold{mutex_};
        ++run_;
        disk_.drop_locks();
        powered_ = true;
        plan = {};
    }
    void pass(std::uint64_t nanoseconds) noexcept {
        const std::lock_guard hold{mutex_};
        wall_ += nanoseconds;
        monotonic_ += nanoseconds;
    }
    /// The wall clock alone, in either direction: somebody has set it.
    void set_wall(std::uint64_t nanoseconds) noexcept {
        const std::lock_guard hold{mutex_};
        wall_ = nanoseconds;
    }
    /// What a file holds now; empty when there is none.
    [[nodiscard]] simulated_parts::byte_list contents(const std::string& path) const {
        const std::size_t n = disk_.node_of(path);
        if (n == simulated_parts::no_node) return {};
        return disk_.node(n).now;
    }
    /// Changes a file behind everybody's back, durably: rot, or a meddler. Makes it if need be.
    void overwrite(const std::string& path, simulated_parts::byte_list bytes) {
        if (disk_.kind_of(path) == file_kind::none) {
            disk_.make(path, file_kind::file);
            disk_.sync_directory(disk_.parent_of(path));
        }
        auto& node = disk_.node(disk_.node_of(path));
        node.now = node.durable = std::move(bytes);
        node.unsynced.clear();
    }
    /// The paths of all files, sorted.
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> all;
        for (const auto& [name, entry] : disk_.names())
            if (entry.kind == file_kind::file) all.push_back(name);
        return all;
    }

    /// A hash of what the disk holds, durably and not.
    [[nodiscard]] std::uint64_t digest() const { return disk_.digest(); }

    [[nodiscard]] bool has_power() const noexcept { return powered_; }
    [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
    [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }
    /// How often a place was reached.
    [[nodiscard]] std::uint64_t reached(fault_point at) const noexcept {
        return reached_[static_cast<std::size_t>(at)];
    }
    /// Syncs of files that succeeded.
    [[nodiscard]] std::uint64_t syncs() const noexcept { return syncs_; }
    /// A hash of every call, its arguments and its answer, so far.
    [[nodiscard]] std::uint64_t trace() const noexcept { return trace_; }
    /// Goes up whenever open files end; a file of another run is closed.
    [[nodiscard]] std::uint64_t run() const noexcept { return run_; }

    // --- what environments ask of it -------------------------------------------------------------

    /// Carries out `act(disk)` as one call, unless the plan makes it fail. `on` names the
    /// file, `a` and `b` the arguments: they are the trace. `run` is the file's, if it is one.
    template <class Answer, class Act>
    result<Answer> perform(call what, std::uint64_t run, std::uint64_t on, std::uint64_t a,
                           std::uint64_t b, Act act) {
        const std::lock_guard hold{mutex_};
        if (run != run_) return error{errc::closed, EBADF};
        if (!powered_) return error{errc::io, EIO};
        ++calls_;
        wall_ += plan.nanoseconds_per_call;
        monotonic_ += plan.nanoseconds_per_call;
        if (is_change(what)) {
            if (plan.before_change.see != nullptr) plan.before_change.see(plan.before_change.self);
            if (++changes_ == plan.cut_power_at_change) {
                powered_ = false;
                return error{errc::io, EIO};
            }
        }
        const error wrong = misfortune(what, on);
        if (what == call::sync && wrong.code != errc::ok && wrong.native != interrupted)
            disk_.fail_sync(static_cast<std::size_t>(on), dice_);
        auto answer = wrong.code != errc::ok ? result<Answer>{wrong} : act(disk_);
        if (what == call::sync && answer) ++syncs_;
        for (const std::uint64_t part : {static_cast<std::uint64_t>(what), on, a, b,
                                         static_cast<std::uint64_t>(answer.error().code)})
            trace_ = (trace_ ^ part) * 0x0000'0100'0000'01B3U;
        return answer;
    }
    /// How many of `size` bytes this call deals with. Within perform only.
    [[nodiscard]] std::size_t count_of(std::size_t size) noexcept {
        if (size < 2 || !dice_.one_in(plan.short_counts_one_in)) return size;
        return static_cast<std::size_t>(1 + dice_.below(size - 1));
    }
    template <class F>
    void with_disk(F f) {
        const std::lock_guard hold{mutex_};
        f(disk_);
    }
    [[nodiscard]] std::uint64_t draw() noexcept {
        const std::lock_guard hold{mutex_};
        return dice_.next();
    }
    [[nodiscard]] std::uint64_t wall() const noexcept {
        const std::lock_guard hold{mutex_};
        return wall_;
    }
    [[nodiscard]] std::uint64_t monotonic() const noexcept {
        const std::lock_guard hold{mutex_};
        return monotonic_;
    }

  private:
    [[nodiscard]] static constexpr bool is_change(call what) noexcept {
        switch (what) {
        case call::make_directory:
        case call::sync_directory:
        case call::rename:
        case call::remove:
        case call::write:
        case call::sync:
        case call::truncate:
        case call::open: return true; // it may make a file
        default: return false;
        }
    }
    /// What the plan has for this call; ok for nothing.
    [[nodiscard]] error misfortune(call what, std::uint64_t on) noexcept {
        if (what == call::point) {
            ++reached_[on];
            if (plan.fail_at_point && on == static_cast<std::uint64_t>(*plan.fail_at_point)) {
                plan.fail_at_point.reset();
                plan.fail_at_call = calls_;
            }
        }
        if (plan.fail_at_call != simulated_plan::never &&
            (calls_ == plan.fail_at_call || (plan.sticky && calls_ > plan.fail_at_call)))
            return plan.failure;
        const bool slow = what == call::read || what == call::write || what == call::sync;
        if (slow && dice_.one_in(plan.interrupted_one_in)) return {errc::io, interrupted};
        return {};
    }

    mutable std::mutex mutex_;
    simulated_parts::disk disk_;
    simulated_parts::random dice_;
    std::uint64_t calls_ = 0;
    std::uint64_t changes_ = 0;
    std::uint64_t syncs_ = 0;
    std::array<std::uint64_t, fault_points> reached_{};
    std::uint64_t trace_ = 0xCBF2'9CE4'8422'2325U; // FNV-1a's, a word at a time
    std::uint64_t wall_ = 1'700'000'000'000'000'000U;
    std::uint64_t monotonic_ = 0;
    std::uint64_t run_ = 1;
    bool powered_ = true;
};

} // namespace ashlar::inline v0_1
