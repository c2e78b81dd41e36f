// SPDX-License-Identifier: BSL-1.0
/// @file Defines optimistic transactions: reads become checks, writes wait for the commit.
#pragma once

#include <ashlar/face/batch.hpp>

namespace ashlar::inline v0_1::face {

/// What `store.transact` hands to its function. Every key read is checked at commit to be as it
/// was read, so what the function saw is what it changed: serialisable over the keys it names.
/// Reads see the transaction's own writes. Lives for one attempt; not thread-safe.
template <class Store>
class transaction {
    using row = typename Store::row;
    using key_type = typename Store::key_type;
    using mapped_type = typename Store::mapped_type;

  public:
    explicit transaction(const Store& store) noexcept : store_{store} {}

    /// The value, or not_found.
    template <class K = key_type>
    [[nodiscard]] result<mapped_type> get(const K& key) {
        const auto k = Store::encode(key);
        if (!k.status()) return k.status().error();
        auto& raw = batch_.raw();
        if (const own_write last = latest(k.view()); last.found) {
            if (last.own.kind == operation_kind::put) return Store::decode_value(last.own.value);
            return errc::not_found;
        }
        result<mapped_type> value = errc::not_found;
        const auto there = store_.stack().read(k.view(), [&](bytes_view r) noexcept {
            value = Store::decode_value(r);
            if (value) raw.equals(k.view(), row::payload(r));
        });
        if (!there) return there.error();
        if (!*there) raw.absent(k.view());
        return value;
    }
    template <class K = key_type>
    transaction& put(const K& key, const mapped_type& value) {
        return batch_.put(key, value), *this;
    }
    template <class K = key_type>
    transaction& put(const K& key, const mapped_type& value, wall_time at)
        requires Store::expires
    {
        return batch_.put(key, value, at), *this;
    }
    template <class K = key_type>
    transaction& erase(const K& key) {
        return batch_.erase(key), *this;
    }
    /// The checks and writes so far: what the store commits.
    [[nodiscard]] typed_batch<Store, byte_buffer>& writes() noexcept { return batch_; }

  private:
    struct own_write {
        bool found = false;
        operation own{};
    };
    [[nodiscard]] own_write latest(bytes_view key) noexcept {
        own_write last;
        for (const operation op : batch_.raw().operations())
            if (op.key == key) last = {true, op};
        return last;
    }

    const Store& store_;
    typed_batch<Store, byte_buffer> batch_;
};

} // namespace ashlar::inline v0_1::face
