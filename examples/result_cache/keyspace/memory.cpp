// SPDX-License-Identifier: BSL-1.0
#include "keyspace/memory.hpp"

#include "text/words.hpp"

#include <charconv>

namespace cache {

std::optional<std::size_t> parse_memory(string_view text) noexcept {
    constexpr std::array<std::pair<string_view, std::size_t>, 8> units{{{"", 1},
                                                                        {"b", 1},
                                                                        {"k", 1000},
                                                                        {"kb", 1024},
                                                                        {"m", 1000 * 1000},
                                                                        {"mb", 1024 * 1024},
                                                                        {"g", 1000 * 1000 * 1000},
                                                                        {"gb", 1 << 30}}};
    std::size_t number = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [rest, bad] = std::from_chars(begin, end, number);
    if (bad == std::errc::result_out_of_range) return std::nullopt;
    const string_view unit{rest, static_cast<std::size_t>(end - rest)};
    for (const auto& [name, bytes] : units) {
        if (!is(unit, name)) continue;
        if (__builtin_mul_overflow(number, bytes, &number)) return std::nullopt;
        return number;
    }
    return std::nullopt;
}

void memory_keeper::set_limit(std::size_t bytes) {
    limit_ = bytes;
    space_.rows().limit_memory(bytes == 0 ? SIZE_MAX : bytes);
}

void memory_keeper::set_policy(memory_policy policy) {
    policy_ = policy;
    space_.follow(policy);
}

std::size_t memory_keeper::used() const {
    return space_.rows().memory_used() + space_.order().memory_used();
}

bool memory_keeper::make_room() {
    const std::size_t limit = limit_.load(std::memory_order_relaxed);
    if (limit == 0) return true;
    const std::size_t bytes = used();
    if (bytes <= limit) return true;
    if (policy() == memory_policy::spill) return bytes - limit <= limit / 8;
    return evicts(policy()) && evict_down_to(limit);
}

bool memory_keeper::evict_down_to(std::size_t limit) {
    constexpr int rounds = 16;
    constexpr std::size_t at_once = 16;
    const std::unique_lock alone{one_evicts_, std::try_to_lock};
    if (!alone) return true; // somebody is at it
    for (int i = 0; i < rounds; ++i) {
        const std::size_t bytes = used();
        if (bytes <= limit) return true;
        going_.clear();
        space_.order().victims(bytes - limit, at_once,
                               [this](string_view head) { going_.emplace_back(head); });
        if (going_.empty()) return false;
        for (const std::string& head : going_) evict(head);
    }
    return true; // the next command goes on
}

void memory_keeper::evict(const std::string& head) {
    const int db = static_cast<unsigned char>(head[0]) % database_count;
    const string_view key = key_of(head);
    const keyspace::hold stripes{space_, stripe_of(key)};
    unit work{space_};
    const bool there = work.erase_key(db, key);
    if (!there) {
        space_.order().erase(head);
        if (!space_.rows().end_of(head)) return;
        work.erase_head(db, key); // it has expired, and takes memory until it is swept
    }
    if (!work.commit() || !there) return;
    ++evicted;
    space_.when_gone(head, false);
}

} // namespace cache
