// SPDX-License-Identifier: BSL-1.0
#include "keyspace/durability.hpp"

#include "text/numbers.hpp"

#include <chrono>

namespace cache {

bool durability::set_fsync(string_view word) {
    constexpr string_view every = "interval:";
    constexpr std::int64_t longest = 3600'000;
    if (word == "always") return fsync = fsync_policy::always, true;
    if (word == "group") return fsync = fsync_policy::group, true;
    if (word == "no") return fsync = fsync_policy::no, true;
    if (!word.starts_with(every)) return false;
    const auto milliseconds = parse_integer(word.substr(every.size()));
    if (!milliseconds || *milliseconds < 1 || *milliseconds > longest) return false;
    fsync = fsync_policy::interval;
    interval = static_cast<unsigned>(*milliseconds);
    return true;
}

disk_gate::disk_gate(row_store& rows, const durability& wanted) : rows_{rows}, wanted_{wanted} {
    if (rows.is_durable() && wanted.fsync != fsync_policy::no)
        thread_ = std::thread{[this] { run(); }};
}

disk_gate::~disk_gate() {
    {
        const std::lock_guard lock{mutex_};
        ends_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void disk_gate::after_sync(std::function<void(bool)> then) {
    {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(std::move(then));
        if (waiting_.size() > 1) return;
    }
    changed_.notify_one();
}

void disk_gate::run() {
    std::vector<std::function<void(bool)>> now;
    std::unique_lock lock{mutex_};
    for (;;) {
        const auto due = [this] { return ends_ || !waiting_.empty(); };
        if (waits()) changed_.wait(lock, due);
        else changed_.wait_for(lock, std::chrono::milliseconds{wanted_.interval}, due);
        if (ends_ && waiting_.empty()) return;
        now.swap(waiting_);
        lock.unlock();
        bool durable = rows_.sync().has_value();
        for (std::size_t i = 0; i < now.size(); ++i) {
            if (i != 0 && wanted_.fsync == fsync_policy::always) durable = rows_.sync().has_value();
            now[i](durable);
        }
        now.clear();
        lock.lock();
    }
}

} // namespace cache
