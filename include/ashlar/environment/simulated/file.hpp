// SPDX-License-Identifier: BSL-1.0
/// @file Defines an open file of a simulated world.
#pragma once

#include <ashlar/environment/simulated/world.hpp>

namespace ashlar::inline v0_1::simulated_parts {

/// A handle on a node of the world's disk; ends with the world's run. Must not outlive the world.
class file {
    using call = simulated_world::call;

  public:
    file() noexcept = default;
    file(simulated_world& world, std::size_t node, bool writable) noexcept
        : world_{&world}, run_{world.run()}, node_{node}, writable_{writable} {
        world.with_disk([&](disk& d) { known_failures_ = d.node(node).failed_syncs; });
    }
    file(file&& other) noexcept { *this = std::move(other); }
    file& operator=(file&& other) noexcept {
        if (this == &other) return *this;
        static_cast<void>(close());
        world_ = std::exchange(other.world_, nullptr);
        run_ = other.run_;
        node_ = other.node_;
        writable_ = other.writable_;
        held_ = std::exchange(other.held_, lock_held::none);
        known_failures_ = other.known_failures_;
        return *this;
    }
    ~file() { static_cast<void>(close()); }

    [[nodiscard]] result<std::size_t> read_at(std::uint64_t at, std::byte* to,
                                              std::size_t size) const {
        if (at > max_offset) return error{errc::io, EOVERFLOW};
        return perform<std::size_t>(call::read, at, size, [&](disk& d) -> result<std::size_t> {
            const byte_list& bytes = d.node(node_).now;
            if (at >= bytes.size()) return std::size_t{0};
            const auto left = bytes.size() - static_cast<std::size_t>(at);
            const std::size_t n = world_->count_of(size < left ? size : left);
            copy_bytes(to, {bytes.data() + at, n});
            return n;
        });
    }
    result<std::size_t> write_at(std::uint64_t at, bytes_view bytes) {
        if (at > max_offset) return error{errc::io, EOVERFLOW};
        return perform<std::size_t>(
            call::write, at, bytes.size(),
            [&](disk& d) -> result<std::size_t> { return write(d, at, bytes); });
    }
    result<std::size_t> append(bytes_view bytes) {
        return perform<std::size_t>(call::write, max_offset, bytes.size(),
                                    [&](disk& d) -> result<std::size_t> {
                                        return write(d, d.node(node_).now.size(), bytes);
                                    });
    }
    /// When the sync of another open file of the same file has failed, this one says so, too, once.
    result<void> sync() {
        const auto done = perform<void>(call::sync, 0, 0, [&](disk& d) -> result<void> {
            d.sync(node_);
            if (known_failures_ != d.node(node_).failed_syncs) return error{errc::io, EIO};
            return {};
        });
        if (!done && done.error().native != interrupted && world_ != nullptr &&
            run_ == world_->run())
            world_->with_disk([&](disk& d) { known_failures_ = d.node(node_).failed_syncs; });
        return done;
    }
    result<void> truncate(std::uint64_t size) {
        if (size > max_offset) return error{errc::io, EOVERFLOW};
        return perform<void>(call::truncate, size, 0, [&](disk& d) -> result<void> {
            if (!writable_) return error{errc::closed, EBADF};
            d.truncate(node_, size);
            return {};
        });
    }
    [[nodiscard]] result<std::uint64_t> size() const {
        return perform<std::uint64_t>(call::size, 0, 0, [&](disk& d) -> result<std::uint64_t> {
            return d.node(node_).now.size();
        });
    }
    [[nodiscard]] result<bool> try_lock(file_lock kind) {
        return perform<bool>(
            call::lock, kind == file_lock::exclusive ? 1 : 0, 0, [&](disk& d) -> result<bool> {
                file_node& n = d.node(node_);
                release(n);
                if (n.exclusive_lock) return false;
                if (kind == file_lock::exclusive && n.shared_locks != 0) return false;
                held_ = kind == file_lock::exclusive ? lock_held::exclusive : lock_held::shared;
                if (held_ == lock_held::exclusive) n.exclusive_lock = true;
                else ++n.shared_locks;
                return true;
            });
    }
    /// Idempotent. Whatever it answers, the file is closed and its lock given back.
    result<void> close() {
        simulated_world* world = std::exchange(world_, nullptr);
        if (world == nullptr) return {};
        if (run_ == world->run()) world->with_disk([&](disk& d) { release(d.node(node_)); });
        auto done = world->perform<void>(call::close, run_, node_, 0, 0,
                                         [](disk&) { return result<void>{}; });
        if (!done && done.error() == errc::closed) done = {}; // it ended with the run
        return done;
    }

  private:
    enum class lock_held : std::uint8_t { none, shared, exclusive };
    static constexpr std::uint64_t max_offset = std::uint64_t{1} << 40;

    template <class Answer, class Act>
    result<Answer> perform(call what, std::uint64_t a, std::uint64_t b, Act act) const {
        if (world_ == nullptr) return error{errc::closed, EBADF};
        return world_->perform<Answer>(what, run_, node_, a, b, act);
    }
    result<std::size_t> write(disk& d, std::uint64_t at, bytes_view bytes) {
        if (!writable_) return error{errc::closed, EBADF};
        if (bytes.empty()) return std::size_t{0};
        std::size_t n = world_->count_of(bytes.size());
        const std::size_t old = d.node(node_).now.size();
        const std::uint64_t used = d.used();
        const std::uint64_t room = world_->plan.capacity > used ? world_->plan.capacity - used : 0;
        const std::uint64_t more = at + n > old ? at + n - old : 0;
        if (more > room) {
            if (at + n - (more - room) <= at) return error{errc::no_space, ENOSPC};
            n -= static_cast<std::size_t>(more - room);
        }
        d.write(node_, at, bytes.first(n));
        return n;
    }
    void release(file_node& n) noexcept {
        const lock_held held = std::exchange(held_, lock_held::none);
        if (held == lock_held::exclusive) n.exclusive_lock = false;
        if (held == lock_held::shared && n.shared_locks != 0) --n.shared_locks;
    }

    simulated_world* world_ = nullptr;
    std::uint64_t run_ = 0;
    std::size_t node_ = no_node;
    bool writable_ = false;
    lock_held held_ = lock_held::none;
    std::uint64_t known_failures_ = 0;
};
static_assert(file_handle<file>);

} // namespace ashlar::inline v0_1::simulated_parts
