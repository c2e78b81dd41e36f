// SPDX-License-Identifier: BSL-1.0
#include "keyspace/key_order.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/expiry/evicting.hpp>

#include <array>

namespace cache {

namespace {

constexpr std::array<string_view, 5> names{"noeviction", "spill", "allkeys-lru", "allkeys-s3fifo",
                                           "volatile-ttl"};

template <class Which>
using directory = ashlar::eviction::directory<Which, ashlar::shared>;

} // namespace

string_view name_of(memory_policy policy) noexcept {
    return names[static_cast<std::size_t>(policy)];
}
std::optional<memory_policy> memory_policy_named(string_view name) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<memory_policy>(i);
    return std::nullopt;
}
std::string memory_policy_names() {
    std::string all;
    for (const string_view name : names) all.append(all.empty() ? "" : ", ").append(name);
    return all;
}

/// One for each policy that evicts, so that a change of policy needs no lock.
struct key_order::directories {
    std::uint64_t seed = ashlar::posix{}.random_seed();
    directory<ashlar::lru> lru{seed};
    directory<ashlar::s3_fifo> s3_fifo{seed};
    directory<ashlar::volatile_ttl> volatile_ttl{seed};

    /// f(the directory of the policy), if there is one.
    template <class F>
    void with(memory_policy policy, F f) {
        if (policy == memory_policy::allkeys_lru) f(lru);
        if (policy == memory_policy::allkeys_s3fifo) f(s3_fifo);
        if (policy == memory_policy::volatile_ttl) f(volatile_ttl);
    }
};

key_order::key_order() : each_{std::make_unique<directories>()} {}
key_order::~key_order() = default;

void key_order::follow(memory_policy policy) {
    const memory_policy before = policy_.exchange(policy);
    each_->with(before, [](auto& of) { of.erase_range({}); });
}

void key_order::put(string_view head, std::size_t bytes, std::uint64_t at) noexcept {
    const memory_policy policy = policy_.load(relaxed);
    if (policy == memory_policy::volatile_ttl && at == 0) return erase(head);
    each_->with(policy, [&](auto& of) { of.put(ashlar::bytes_view{head}, bytes, at); });
}
void key_order::note_use(string_view head) noexcept {
    each_->with(policy_.load(relaxed), [&](auto& of) { of.use(ashlar::bytes_view{head}); });
}
void key_order::erase(string_view head) noexcept {
    each_->with(policy_.load(relaxed), [&](auto& of) { of.erase(ashlar::bytes_view{head}); });
}
void key_order::erase_database(int db) noexcept {
    const std::string lo = heads_prefix(db);
    const std::string hi = elements_prefix(db);
    each_->with(policy_.load(relaxed), [&](auto& of) {
        of.erase_range({.lo = ashlar::bytes_view{lo}, .hi = ashlar::bytes_view{hi}});
    });
}
void key_order::victims(std::size_t bytes, std::size_t most,
                        const std::function<void(string_view)>& take) {
    each_->with(policy_.load(relaxed), [&](auto& of) {
        of.victims(bytes, most, [&](ashlar::bytes_view head) { take(head.as<string_view>()); });
    });
}
std::size_t key_order::memory_used() const noexcept {
    std::size_t bytes = 0;
    each_->with(policy_.load(relaxed), [&](auto& of) { bytes = of.bookkeeping(); });
    return bytes;
}

} // namespace cache
