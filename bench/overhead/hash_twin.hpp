// SPDX-License-Identifier: BSL-1.0
/// @file Defines twins of hash_map: what one would write by hand over its table.
#pragma once

#include "harness.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/single.hpp>

#include <cstring>
#include <string_view>

namespace bench {

/// Rows are `Row`. Readers get an answer of the same type as from the store, which can say more
/// than yes and no; `Answer` is bool where that, too, is to be shown.
template <class Row, class Answer = ashlar::result<bool>>
class hand_map {
  public:
    static_assert(sizeof(Row) % 8 == 0);

    template <class Visit>
    Answer read(std::uint64_t key, Visit visit) const noexcept {
        const std::uint64_t* slot = table_.find(key, table_.kind().hash(key));
        if (slot == nullptr) return false;
        visit(reinterpret_cast<const Row*>(slot + 1));
        return true;
    }
    Answer get(std::uint64_t key, Row& out) const noexcept {
        return read(key, [&out](const Row* at) noexcept { out = *at; });
    }
    /// is_room() is asked before there is one row more.
    template <class IsRoom>
    bool put_if(std::uint64_t key, const Row& row, IsRoom is_room) noexcept {
        const auto write = [&row](std::uint64_t* to) { std::memcpy(to, &row, sizeof row); };
        const std::uint64_t hash = table_.kind().hash(key);
        auto at = table_.locate(key, hash);
        if (at.found) {
            table_.rewrite(at, write);
            return true;
        }
        if (!is_room()) return false;
        if (at.in == nullptr) {
            if (!table_.reserve(1)) return false;
            at = table_.locate(key, hash);
        }
        table_.insert(at, key, hash, write);
        table_.grow_after(1);
        return true;
    }
    bool put(std::uint64_t key, const Row& row) noexcept {
        return put_if(key, row, [] { return true; });
    }
    /// Answers whether the row was there and is_row(row).
    template <class IsRow>
    Answer erase_if(std::uint64_t key, IsRow is_row) noexcept {
        const auto at = table_.locate(key, table_.kind().hash(key));
        if (!at.found) return false;
        const bool was_row = is_row(reinterpret_cast<const Row*>(table_.slot_at(at) + 1));
        table_.erase(at);
        return was_row;
    }
    Answer erase(std::uint64_t key) noexcept {
        return erase_if(key, [](const Row*) { return true; });
    }
    /// Visits copies, as the store does, so that a visitor may change the map.
    template <class Visit>
    void each(Visit visit) const {
        struct copy {
            std::uint64_t key;
            Row row;
        } copies[64];
        ashlar::hash::bucket_position at{};
        for (bool end = false; !end;) {
            std::size_t n = 0;
            end = table_.walk(at, 1024, [&](const std::uint64_t* slot) {
                if (n == 64) return false;
                std::memcpy(&copies[n++], slot, sizeof(copy));
                return true;
            });
            for (std::size_t i = 0; i < n; ++i) visit(copies[i].key, copies[i].row);
        }
    }

  private:
    ashlar::hash::word_table<false> table_{ashlar::hash::word_key{}, sizeof(Row) / 8};
};

/// Text keys and points in entries of their own, owned by the map.
class hand_text_map {
    using entry = ashlar::hash::entry;
    using key_kind = ashlar::hash::entry_key;
    using entries = ashlar::slab::pool<ashlar::single>;

  public:
    hand_text_map() = default;
    hand_text_map(const hand_text_map&) = delete;
    hand_text_map& operator=(const hand_text_map&) = delete;
    ~hand_text_map() {
        table_.clear([](const std::uint64_t* slot) { entry::free<entries>(key_kind::at(slot)); });
    }
    template <class Visit>
    ashlar::result<bool> read(std::string_view key, Visit visit) const noexcept {
        const auto p = probe_of(key);
        const std::uint64_t* slot = table_.find(p, p.hash);
        if (slot == nullptr) return false;
        const entry* at = key_kind::at(slot);
        if (at->row().size() != sizeof(point)) return ashlar::errc::corrupt;
        visit(at->row());
        return true;
    }
    ashlar::result<bool> get(std::string_view key, point& out) const noexcept {
        return read(key, [&out](ashlar::bytes_view row) noexcept {
            std::memcpy(&out, row.data(), sizeof out);
        });
    }
    bool put(std::string_view key, const point& value) noexcept {
        const auto p = probe_of(key);
        auto at = table_.locate(p, p.hash);
        if (at.found && key_kind::at(table_.slot_at(at))->row().size() == sizeof value) {
            overwrite(key_kind::at(table_.slot_at(at)), value);
            return true;
        }
        if (at.found) return false;
        entry* made = entry::make(entries_, p.key.size(), sizeof value);
        if (made == nullptr) return false;
        made->set_key(p.key);
        overwrite(made, value);
        if (at.in == nullptr) {
            if (!table_.reserve(1)) return entry::free<entries>(made), false;
            at = table_.locate(p, p.hash);
        }
        table_.insert(at, p, p.hash,
                      [&](std::uint64_t* to) { *to = key_kind::word_of(made, p.hash); });
        table_.grow_after(1);
        return true;
    }
    ashlar::result<bool> erase(std::string_view key) noexcept {
        const auto p = probe_of(key);
        const auto at = table_.locate(p, p.hash);
        if (!at.found) return false;
        entry* old = key_kind::at(table_.slot_at(at));
        table_.erase(at);
        entry::free<entries>(old);
        return true;
    }
    /// Visits copies whose strings are used again, so that a visitor may change the map.
    template <class Visit>
    void each(Visit visit) const {
        struct copy {
            std::string key;
            point value;
        };
        std::vector<copy> copies(64);
        ashlar::hash::bucket_position at{};
        for (bool end = false; !end;) {
            std::size_t n = 0;
            end = table_.walk(at, 1024, [&](const std::uint64_t* slot) {
                if (n == copies.size()) return false;
                const entry* from = key_kind::at(slot);
                copies[n].key.assign(reinterpret_cast<const char*>(from->key().data()),
                                     from->key().size());
                std::memcpy(&copies[n++].value, from->row().data(), sizeof(point));
                return true;
            });
            for (std::size_t i = 0; i < n; ++i) visit(copies[i].key, copies[i].value);
        }
    }

  private:
    [[nodiscard]] ashlar::hash::entry_key::probe probe_of(std::string_view key) const noexcept {
        const ashlar::bytes_view bytes{key};
        return {ashlar::detail::hash_bytes(bytes, table_.kind().seed), bytes};
    }
    static void overwrite(entry* to, const point& value) noexcept {
        to->set_row(ashlar::object_bytes(value));
    }
    entries entries_;
    ashlar::hash::bucket_table<key_kind, false> table_{key_kind{}, 1};
};

} // namespace bench
