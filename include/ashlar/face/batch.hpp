// SPDX-License-Identifier: BSL-1.0
/// @file Defines the typed batch: what `store.batch()` gives and `store.apply` takes.
#pragma once

#include <ashlar/expiry/time_to_live.hpp>
#include <ashlar/face/encoded.hpp>

namespace ashlar::inline v0_1::face {

/// Collects checks and operations of one store type; the calls chain. Nothing is sent before
/// `apply`. A key or value that can't be encoded is remembered and answered by apply, which then
/// changes nothing. Owns its bytes; movable; not thread-safe; apply consumes its operations.
template <class Store, byte_sink Sink>
class typed_batch {
    using row = typename Store::row;
    using key_type = typename Store::key_type;
    using mapped_type = typename Store::mapped_type;

  public:
    template <class K = key_type>
    typed_batch& put(const K& key, const mapped_type& value) {
        const auto k = Store::encode(key);
        const typename Store::row_bytes r{value};
        if (usable(k.status()) && usable(r.status())) raw_.put(k.view(), r.view());
        return *this;
    }
    /// As put; the row is gone at that time: `batch.put(key, value, db.after(30s))`.
    template <class K = key_type>
    typed_batch& put(const K& key, const mapped_type& value, wall_time at)
        requires Store::expires
    {
        return put_until(key, value, expiry_field(at));
    }
    /// As put, but a row that expires keeps its expiry.
    template <class K = key_type>
    [[gnu::always_inline]] typed_batch& put_value(const K& key, const mapped_type& value) {
        if constexpr (!Store::expires) return put(key, value);
        else return put_until(key, value, keeps_expiry);
    }
    template <class K = key_type>
    typed_batch& erase(const K& key) {
        return with(key, [&](bytes_view k) { raw_.erase(k); });
    }
    /// Erases the rows with lo <= key < hi.
    template <class Lo = key_type, class Hi = key_type>
    typed_batch& erase_range(const Lo& lo, const Hi& hi)
        requires Store::keeps_key_order
    {
        return with_range(lo, hi,
                          [&](bytes_view from, bytes_view to) { raw_.erase_range(from, to); });
    }
    /// Adds to a signed 64-bit value, an absent one counting as 0; leaving the range of the type
    /// is errc::overflow and nothing of the batch happens.
    template <class K = key_type>
    typed_batch& add(const K& key, std::int64_t delta)
        requires Store::is_counter
    {
        std::byte bytes[row::header_size + 8]{};
        row::set_expiry(bytes, keeps_expiry);
        store_little(bytes + row::header_size, static_cast<std::uint64_t>(delta));
        return with(key, [&](bytes_view k) { raw_.add(k, {bytes, sizeof bytes}); });
    }

    template <class K = key_type>
    typed_batch& expect_absent(const K& key) {
        return with(key, [&](bytes_view k) { raw_.absent(k); });
    }
    template <class K = key_type>
    typed_batch& expect_present(const K& key) {
        return with(key, [&](bytes_view k) { raw_.present(k); });
    }
    template <class K = key_type>
    typed_batch& expect_equals(const K& key, const mapped_type& value) {
        const typename Store::payload_bytes payload{value};
        if (!usable(payload.status())) return *this;
        return with(key, [&](bytes_view k) { raw_.equals(k, payload.view()); });
    }
    /// The version of the row, or of the group it belongs to under shared_version; 0 is absence.
    template <class K = key_type>
    typed_batch& expect_version(const K& key, std::uint64_t version)
        requires(row::fields.version)
    {
        return with(key, [&](bytes_view k) {
            key_buffer at;
            if (usable(Store::version_key(k, at))) raw_.version_is(at.view(), version);
        });
    }
    /// No row with lo <= key < hi.
    template <class Lo = key_type, class Hi = key_type>
    typed_batch& expect_range_empty(const Lo& lo, const Hi& hi)
        requires Store::keeps_key_order
    {
        return with_range(lo, hi,
                          [&](bytes_view from, bytes_view to) { raw_.range_empty(from, to); });
    }

    // clang-format off: the compiler prints these lines when the verb is missing
    void put(const auto&, const auto&, auto&&) requires(!Store::expires) = delete; // ashlar: rows of this store don't expire; add ashlar::lazy_ttl or ashlar::active_ttl<>
    void erase_range(auto&&...) requires(!Store::keeps_key_order) = delete; // ashlar: the keys of this store have no order, so there are no ranges; choose an ordered backend and big_endian, text or composite keys
    void expect_range_empty(auto&&...) requires(!Store::keeps_key_order) = delete; // ashlar: the keys of this store have no order, so there are no ranges; choose an ordered backend and big_endian, text or composite keys
    void add(auto&&...) requires(!Store::is_counter) = delete; // ashlar: add needs values of type std::int64_t; use transact for others
    void expect_version(auto&&...) requires(!row::fields.version) = delete; // ashlar: this store keeps no versions; add ashlar::stamped or ashlar::shared_version<by_prefix>
    // clang-format on

    [[nodiscard]] std::size_t operation_count() const noexcept { return raw_.operation_count(); }
    [[nodiscard]] std::size_t check_count() const noexcept { return raw_.check_count(); }
    /// The first error met while building.
    [[nodiscard]] result<void> status() const noexcept { return raw_.status(); }
    void clear() noexcept { raw_.clear(); }
    /// The bytes below the face, for layers and transactions.
    [[nodiscard]] basic_batch<Sink>& raw() noexcept { return raw_; }

  private:
    [[nodiscard]] bool usable(result<void> status) noexcept {
        if (!status) raw_.fail(status.error());
        return status.has_value();
    }
    template <class K>
    typed_batch& put_until(const K& key, const mapped_type& value, std::uint64_t expiry) {
        const auto k = Store::encode(key);
        typename Store::row_bytes r{value};
        if (!usable(k.status()) || !usable(r.status())) return *this;
        if constexpr (Store::expires) row::set_expiry(r.header(), expiry);
        raw_.put(k.view(), r.view());
        return *this;
    }
    template <class K, class F>
    typed_batch& with(const K& key, F&& then) {
        const auto k = Store::encode(key);
        if (usable(k.status())) then(k.view());
        return *this;
    }

    /// An empty range asks for nothing. It must not reach the engine, to which an empty upper bound
    /// (the encoding of the least text key) means none.
    template <class Lo, class Hi, class F>
    typed_batch& with_range(const Lo& lo, const Hi& hi, F&& then) {
        const auto from = Store::encode(lo);
        const auto to = Store::encode(hi);
        if (!usable(from.status()) || !usable(to.status())) return *this;
        if (to.view() < from.view()) raw_.fail(error{errc::range_invalid});
        else if (from.view() < to.view()) then(from.view(), to.view());
        return *this;
    }

    basic_batch<Sink> raw_;
};

} // namespace ashlar::inline v0_1::face
