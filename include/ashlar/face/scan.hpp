// SPDX-License-Identifier: BSL-1.0
/// @file Defines typed scans: a range for `for`, and the cursor that resumes one.
#pragma once

#include <ashlar/face/parts.hpp>
#include <ashlar/face/scan_chunk.hpp>

namespace ashlar::inline v0_1::face {

/// Room for a key and `More` bytes before it: in place where all keys have one length.
template <std::size_t KeyExtent, std::size_t More>
struct key_room_for {
    using type = fixed_buffer<KeyExtent + More == 0 ? 1 : KeyExtent + More>;
};
template <std::size_t More>
struct key_room_for<dynamic_extent, More> {
    using type = key_buffer;
};
template <std::size_t KeyExtent, std::size_t More>
using key_room = typename key_room_for<KeyExtent, More>::type;

/// Where a scan stopped: opaque bytes that may be stored, sent and given back to the same store,
/// also after a restart. Begins with the store's identity, so that a foreign one is refused.
template <std::size_t KeyExtent>
class cursor {
    static constexpr std::size_t tag_size = 8;

  public:
    cursor() noexcept = default;
    /// Takes bytes that view() gave; errors: foreign_cursor when they can't be one.
    [[nodiscard]] static result<cursor> from(bytes_view saved) noexcept {
        cursor c;
        if (saved.size() < tag_size) return errc::foreign_cursor;
        if (KeyExtent != dynamic_extent && saved.size() - tag_size != KeyExtent)
            return errc::foreign_cursor;
        if (!c.bytes_.assign(saved)) return errc::out_of_memory;
        return c;
    }
    [[nodiscard]] static result<cursor> at(std::uint64_t identity, bytes_view raw_key) noexcept {
        cursor c;
        std::byte tag[tag_size];
        store_little(tag, identity);
        if (!append(c.bytes_, {tag, tag_size}) || !append(c.bytes_, raw_key))
            return errc::out_of_memory;
        return c;
    }
    [[nodiscard]] bool at_begin() const noexcept { return bytes_.empty(); }
    [[nodiscard]] bytes_view view() const noexcept { return bytes_.view(); }
    [[nodiscard]] bool belongs_to(std::uint64_t identity) const noexcept {
        return at_begin() || load_little<std::uint64_t>(bytes_.data()) == identity;
    }
    [[nodiscard]] bytes_view raw_key() const noexcept {
        return at_begin() ? bytes_view{} : bytes_.view().skip(tag_size);
    }

  private:
    key_room<KeyExtent, tag_size> bytes_;
};

/// A key and its value, decoded.
template <class Key, class Value>
struct entry {
    Key key;
    Value value;
};

/// Rows of a scan for range-for. Reads them in chunks: each chunk is one moment of the store, the
/// whole is one only over a snapshot. `status()` after the loop says whether it ended or failed.
/// Must not outlive the store. Input range: one pass. Allocates nothing itself where keys and
/// values have fixed lengths, except for long rows over backends that use a heap (rows_in_place).
template <class Store, class Source>
class scan_rows {
    using key_type = typename Store::key_type;
    using mapped_type = typename Store::mapped_type;
    using cursor = typename Store::cursor;
    static constexpr std::size_t key_extent = Store::key_codec::extent;
    static constexpr bool fixed_keys = key_extent != dynamic_extent;
    static constexpr bool has_heap = !Store::composition::backend::needs_fixed_extents;
    using chunk = scan_chunk<typename Store::row, rows_in_place<typename Store::row>(has_heap)>;

  public:
    using value_type = entry<key_type, mapped_type>;

    scan_rows(const Store& store, const Source& source) noexcept
        : store_{&store}, source_{&source} {
        if constexpr (fixed_keys) static_cast<void>(last_.extend(key_extent)); // it has the room
    }

    // On a temporary these answer a value, not a reference to it: range-for keeps only the last
    // temporary of `store.scan().limit(10)` alive.

    scan_rows& limit(std::size_t rows) & noexcept { return left_ = rows, *this; }
    scan_rows limit(std::size_t rows) && noexcept { return std::move(limit(rows)); }
    /// From the upper bound down.
    scan_rows& reverse() & noexcept { return reverse_ = true, *this; }
    scan_rows reverse() && noexcept { return std::move(reverse()); }
    /// Goes on behind a cursor of an earlier scan of this store; another store's is refused.
    scan_rows& resume(const cursor& from) & noexcept {
        if (!from.belongs_to(store_->identity())) status_ = errc::foreign_cursor;
        else if (!from.at_begin()) resumed_ = keep(last_, from.raw_key());
        return *this;
    }
    scan_rows resume(const cursor& from) && noexcept { return std::move(resume(from)); }
    /// Rows with lo <= key < hi, given as encoded keys. An engine takes an empty `hi` for no bound,
    /// but a key that is encoded as nothing is the least of all: below it there is nothing.
    template <class Encoded>
    scan_rows between(const Encoded& lo, const Encoded& hi) && noexcept {
        if (!lo.status()) status_ = lo.status();
        else if (!hi.status()) status_ = hi.status();
        else if (hi.view() < lo.view()) status_ = errc::range_invalid;
        else if (hi.view().empty()) left_ = 0;
        else static_cast<void>(keep(lo_, lo.view()) && keep(hi_, hi.view()));
        return std::move(*this);
    }
    /// Rows whose encoded key begins with these bytes.
    scan_rows prefix(bytes_view bytes) && noexcept {
        if (fixed_keys && bytes.size() > key_extent) left_ = 0;
        else if (keep(lo_, bytes) && !successor(bytes, hi_)) status_ = errc::out_of_memory;
        return std::move(*this);
    }

    /// Success once the loop ran to its end; otherwise what stopped it.
    [[nodiscard]] result<void> status() const noexcept { return status_; }
    /// Behind the row visited last, for resume().
    [[nodiscard]] result<cursor> where() const noexcept {
        return resumed_ ? cursor::at(store_->identity(), last_.view()) : result<cursor>{cursor{}};
    }

    /// visit(const Key&, const Value&) for each row; false from it means enough. One copy less than
    /// range-for: rows are decoded from the engine's own chunk.
    template <class Visit>
    [[nodiscard]] result<void> for_each(Visit&& visit) {
        if (!status_) return status_;
        std::byte* const last = last_.data();
        decoder<typename Store::key_codec, key_type> keys;
        typename Store::row_decoder values;
        const auto more = source_->scan(range(left_), [&, last](bytes_view raw_key, bytes_view r) {
            auto&& key = keys.next(raw_key);
            auto&& value = values.next(r);
            if (!key || !value) return status_ = key ? value.error() : key.error(), false;
            resumed_ = fixed_keys || keep(last_, raw_key);
            if (fixed_keys) copy_bytes(last, {raw_key.data(), key_extent});
            return resumed_ && visit_row(visit, *key, *value);
        });
        if (!more) status_ = more.error();
        return status_;
    }

    struct sentinel {};
    class iterator {
      public:
        using value_type = scan_rows::value_type;
        using difference_type = std::ptrdiff_t;
        explicit iterator(scan_rows& rows) : rows_{&rows} { ++*this; }
        [[nodiscard]] const value_type& operator*() const noexcept { return **current_; }
        iterator& operator++() {
            current_ = rows_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        [[nodiscard]] bool operator==(sentinel) const noexcept { return current_ == nullptr; }

      private:
        scan_rows* rows_;
        const result<value_type>* current_ = nullptr;
    };
    [[nodiscard]] iterator begin() { return iterator{*this}; }
    [[nodiscard]] static sentinel end() noexcept { return {}; }

  private:
    using key_copy = key_room<key_extent, 0>;

    [[nodiscard]] bool keep(key_copy& to, bytes_view bytes) noexcept {
        const bool kept = to.assign(bytes);
        if (!kept) status_ = errc::out_of_memory;
        return kept;
    }

    /// For every row, therefore quick where keys are as long as the one before. REQUIRES: the key
    /// was decoded, so a fixed length is its length.
    [[nodiscard]] bool keep_last(bytes_view raw_key) noexcept {
        const std::size_t size = fixed_keys ? key_extent : raw_key.size();
        if (last_.size() != size) return keep(last_, raw_key);
        copy_bytes(last_.data(), {raw_key.data(), size});
        return true;
    }

    [[nodiscard]] scan_range range(std::size_t limit) const noexcept {
        return {lo_.view(), hi_.view(), reverse_, resumed_, last_.view(), limit};
    }

    /// The next row, or null at the end or on an error.
    const result<value_type>* next() {
        if (!status_ || left_ == 0) return nullptr;
        if (rows_.empty() && (!more_ || !refill())) return nullptr;
        bytes_view raw_key, r;
        rows_.next(raw_key, r);
        auto key = decode_all<typename Store::key_codec, key_type>(raw_key);
        auto value = Store::decode_value(r);
        if (!key || !value) return status_ = key ? value.error() : key.error(), nullptr;
        current_ = value_type{std::move(*key), std::move(*value)};
        resumed_ = keep_last(raw_key);
        --left_;
        return &current_;
    }

    bool refill() {
        rows_.clear();
        const std::size_t wanted = left_ < chunk::most_rows ? left_ : chunk::most_rows;
        const auto more = source_->scan(range(wanted), [&](bytes_view key, bytes_view r) {
            status_ = rows_.add(key, r);
            return status_.has_value();
        });
        if (!more) status_ = more.error();
        more_ = more && *more;
        return status_ && !rows_.empty();
    }

    const Store* store_;
    const Source* source_;
    std::size_t left_ = static_cast<std::size_t>(-1);
    bool reverse_ = false;
    bool resumed_ = false;
    bool more_ = true;
    key_copy lo_, hi_, last_;
    chunk rows_;
    result<value_type> current_{errc::not_found};
    result<void> status_;
};

} // namespace ashlar::inline v0_1::face
