// SPDX-License-Identifier: BSL-1.0
#include "keyspace/snapshots.hpp"

#include <algorithm>
#include <cstdio>

namespace cache {

bool snapshots::write() {
    const std::uint64_t begin = space_.committed_bytes();
    const auto made = space_.rows().checkpoint();
    if (made) {
        begun_at_ = begin;
        size_ = made->bytes;
        last_ = std::time(nullptr);
    } else {
        std::fprintf(stderr, "result_cache: no snapshot could be written: %s\n",
                     ashlar::name_of(made.error().code));
    }
    succeeded_ = made.has_value();
    running_ = false;
    return made.has_value();
}

snapshots::outcome snapshots::save() {
    if (running_.exchange(true)) return outcome::busy;
    return write() ? outcome::done : outcome::failed;
}

snapshots::outcome snapshots::start() {
    const std::lock_guard lock{mutex_};
    if (running_.exchange(true)) return outcome::busy;
    if (thread_.joinable()) thread_.join(); // it has ended, or is about to
    thread_ = std::thread{[this] { write(); }};
    return outcome::done;
}

void snapshots::tend() {
    // A failure is not tried again at once, but when the log has grown as much again.
    if (!space_.rows().is_durable() || running()) return;
    if (bytes_since() < std::max(wanted_.snapshot_after, size_.load())) return;
    if (!succeeded_) begun_at_ = space_.committed_bytes();
    start();
}

void snapshots::finish() {
    const std::lock_guard lock{mutex_};
    if (thread_.joinable()) thread_.join();
}

} // namespace cache
