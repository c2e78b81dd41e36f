// SPDX-License-Identifier: BSL-1.0
/// @file Defines liburcu's lock-free hash table behind the verbs of this bench.
#pragma once

#include "hash_of.hpp"

#include <urcu/urcu-memb.h> // before the table: it says whose read sections are meant

#include <urcu/rculfhash.h>

#include <atomic>
#include <bit>
#include <new>
#include <utility>

namespace bench {

template <class Kind>
class urcu_map {
  public:
    using key = typename Kind::key;
    using value = typename Kind::value;
    static constexpr bool concurrent = true;

    /// With a bucket for each of `expected` entries, at once: growing by itself, in a thread of its
    /// own, it takes four times the memory and up to a thousand times as long.
    explicit urcu_map(std::size_t expected)
        : table_{cds_lfht_new_flavor(std::bit_ceil(expected), std::bit_ceil(expected), 0, 0,
                                     &urcu_memb_flavor, nullptr)} {
        if (table_ == nullptr) throw std::bad_alloc{};
    }
    urcu_map(const urcu_map&) = delete;
    urcu_map& operator=(const urcu_map&) = delete;
    ~urcu_map() {} // the process ends with it: taking nodes apart one by one is not measured

    template <class F>
    bool read(const key& k, F f) const {
        const inside reading;
        const node* const at = find(k);
        if (at != nullptr) f(at->second);
        return at != nullptr;
    }
    /// There is no batched read, but one section may span it.
    template <class F>
    void read_many(const key* keys, std::size_t n, F f) const {
        const inside reading;
        for (std::size_t i = 0; i < n; ++i)
            if (const node* const at = find(keys[i])) f(at->second);
    }
    /// A value is never changed in place: the node is replaced.
    void put(const key& k, const value& v) {
        node* const fresh = new node{{}, {}, k, v};
        const inside writing;
        cds_lfht_node* const old =
            cds_lfht_add_replace(table_, hash_of{}(k), match, &fresh->first, &fresh->in_table);
        if (old != nullptr) retire(old);
        else size_.fetch_add(1, std::memory_order_relaxed);
    }
    void erase(const key& k) {
        const inside writing;
        node* const at = find(k);
        if (at == nullptr || cds_lfht_del(table_, &at->in_table) != 0) return;
        size_.fetch_sub(1, std::memory_order_relaxed);
        retire(&at->in_table);
    }
    [[nodiscard]] std::size_t size() const { return size_.load(); }

  private:
    struct node {
        cds_lfht_node in_table; ///< first: its address is the node's
        rcu_head waiting;
        key first;
        value second;
    };
    struct registered { // each thread says that it reads
        registered() { urcu_memb_register_thread(); }
        ~registered() { urcu_memb_unregister_thread(); }
    };
    struct inside {
        inside() {
            thread_local const registered once;
            urcu_memb_read_lock();
        }
        ~inside() { urcu_memb_read_unlock(); }
    };
    static int match(cds_lfht_node* at, const void* k) {
        return reinterpret_cast<node*>(at)->first == *static_cast<const key*>(k);
    }
    [[nodiscard]] node* find(const key& k) const {
        cds_lfht_iter at;
        cds_lfht_lookup(table_, hash_of{}(k), match, &k, &at);
        return reinterpret_cast<node*>(cds_lfht_iter_get_node(&at));
    }
    static void retire(cds_lfht_node* old) {
        urcu_memb_call_rcu(&reinterpret_cast<node*>(old)->waiting, [](rcu_head* head) {
            delete reinterpret_cast<node*>(reinterpret_cast<char*>(head) -
                                           sizeof(cds_lfht_node)); // what stands before it
        });
    }
    cds_lfht* table_;
    std::atomic<std::size_t> size_{0}; // counting in the table takes a walk over it
};

} // namespace bench
