// SPDX-License-Identifier: BSL-1.0
/// @file Defines batches: checks that must all hold, then operations that happen all or not at all.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/format/batch_entry.hpp>
#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// The place of a commit in its store's order of effect. Monotonic, may have gaps, never reused;
/// 0 is before every commit.
enum class commit_seq : std::uint64_t {};

/// One check, as views into its batch.
struct check {
    check_kind kind;
    bytes_view key;
    bytes_view operand;
};

/// One operation, as views into its batch; the batch's bytes may be changed through it.
struct operation {
    operation_kind kind;
    bytes_view key;
    bytes_view value; ///< a whole row, header and payload, for put and add
    std::byte* entry; ///< where the entry begins

    [[nodiscard]] std::byte* value_bytes() const noexcept {
        return entry + sizeof(batch_entry) + key.size();
    }
    /// Asks the engine to write the commit's sequence into 8 bytes of the value at `offset`.
    void mark_seq_in_value(std::uint32_t offset) const noexcept {
        entry[1] = static_cast<std::byte>(seq_in_value);
        store_little(entry + 12, offset);
    }
    /// Turns an `add` into the put of its sum.
    void resolve_add(std::int64_t sum) noexcept {
        store_little(value_bytes() + value.size() - 8, static_cast<std::uint64_t>(sum));
        kind = operation_kind::put;
        entry[0] = static_cast<std::byte>(kind);
    }
};

namespace detail {
struct entry_end {};

inline check as_entry(std::byte* at, const batch_entry& e, check*) noexcept {
    const std::byte* key = at + sizeof(batch_entry);
    return {static_cast<check_kind>(e.kind), {key, e.key_size}, {key + e.key_size, e.value_size}};
}
inline operation as_entry(std::byte* at, const batch_entry& e, operation*) noexcept {
    const std::byte* key = at + sizeof(batch_entry);
    return {static_cast<operation_kind>(e.kind),
            {key, e.key_size},
            {key + e.key_size, e.value_size},
            at};
}
} // namespace detail

/// A section of a batch, range-for over its entries. Trusts its bytes: they come from a batch
/// under construction or have passed `validate`.
template <class Entry>
class section {
  public:
    constexpr section() noexcept = default;
    constexpr section(std::byte* data, std::size_t size) noexcept : data_{data}, size_{size} {}

    class iterator {
      public:
        explicit iterator(std::byte* at) noexcept : at_{at} {}
        [[nodiscard]] Entry operator*() const noexcept {
            return detail::as_entry(at_, load_entry(at_), static_cast<Entry*>(nullptr));
        }
        iterator& operator++() noexcept {
            const batch_entry e = load_entry(at_);
            at_ += sizeof(batch_entry) + e.key_size + e.value_size;
            return *this;
        }
        [[nodiscard]] bool operator==(const iterator&) const noexcept = default;

      private:
        std::byte* at_;
    };

    [[nodiscard]] iterator begin() const noexcept { return iterator{data_}; }
    [[nodiscard]] iterator end() const noexcept { return iterator{data_ + size_}; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bytes_view bytes() const noexcept { return {data_, size_}; }

  private:
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

using check_list = section<check>;
using operation_list = section<operation>;

/// What an engine is given. Non-owning; lives for the call.
struct batch_span {
    check_list checks;
    operation_list operations;
};

/// Builds a batch in two sinks. A failure to grow is remembered and answered by status(), so that
/// calls can be chained. Rows are header and payload; the typed face builds them.
template <byte_sink Sink>
class basic_batch {
  public:
    basic_batch& absent(bytes_view key) { return check(check_kind::absent, key, {}); }
    basic_batch& present(bytes_view key) { return check(check_kind::present, key, {}); }
    basic_batch& equals(bytes_view key, bytes_view payload) {
        return check(check_kind::equals, key, payload);
    }
    basic_batch& version_is(bytes_view key, std::uint64_t version) {
        std::byte operand[8];
        store_little(operand, version);
        return check(check_kind::version_is, key, {operand, 8});
    }
    basic_batch& range_empty(bytes_view lo, bytes_view hi) {
        return check(check_kind::range_empty, lo, hi);
    }

    basic_batch& put(bytes_view key, bytes_view row) {
        return add_op(operation_kind::put, key, row);
    }
    basic_batch& erase(bytes_view key) { return add_op(operation_kind::erase, key, {}); }
    basic_batch& erase_range(bytes_view lo, bytes_view hi) {
        return add_op(operation_kind::erase_range, lo, hi);
    }
    /// `row` is a header and 8 bytes of delta.
    basic_batch& add(bytes_view key, bytes_view row) {
        return add_op(operation_kind::add, key, row);
    }

    /// An entry whose key and value the caller writes in place: `.key` and `.value` have the sizes
    /// asked for, or are null when the sink is full. Saves the copy of put().
    struct place {
        std::byte* key;
        std::byte* value;
    };
    [[nodiscard]] place place_operation(operation_kind kind, std::size_t key_size,
                                        std::size_t value_size) noexcept {
        std::byte* at = room(operations_, static_cast<std::uint8_t>(kind), key_size, value_size);
        if (at == nullptr) return {nullptr, nullptr};
        ++operation_count_;
        return {at, at + key_size};
    }
    [[nodiscard]] place place_check(check_kind kind, std::size_t key_size,
                                    std::size_t operand_size) noexcept {
        std::byte* at = room(checks_, static_cast<std::uint8_t>(kind), key_size, operand_size);
        if (at == nullptr) return {nullptr, nullptr};
        ++check_count_;
        return {at, at + key_size};
    }

    /// Remembers that an entry could not be built; the first failure is kept.
    void fail(ashlar::error e) noexcept {
        if (status_) status_ = e;
    }
    [[nodiscard]] result<void> status() const noexcept { return status_; }

    [[nodiscard]] std::size_t check_count() const noexcept { return check_count_; }
    [[nodiscard]] std::size_t operation_count() const noexcept { return operation_count_; }
    [[nodiscard]] check_list checks() noexcept { return {checks_.data(), checks_.size()}; }
    [[nodiscard]] operation_list operations() noexcept {
        return {operations_.data(), operations_.size()};
    }
    operator batch_span() noexcept { // NOLINT(google-explicit-constructor): what apply takes
        return {checks(), operations()};
    } // NOLINT: engines take spans

    /// Layers append behind the user's part and go back to it before a retry.
    struct mark_type {
        std::size_t check_bytes, operation_bytes, check_count, operation_count;
    };
    [[nodiscard]] mark_type mark() const noexcept {
        return {checks_.size(), operations_.size(), check_count_, operation_count_};
    }
    void rewind(const mark_type& to) noexcept {
        checks_.truncate(to.check_bytes);
        operations_.truncate(to.operation_bytes);
        check_count_ = to.check_count;
        operation_count_ = to.operation_count;
    }
    void clear() noexcept {
        rewind({});
        status_ = {};
    }

  private:
    [[nodiscard]] std::byte* room(Sink& sink, std::uint8_t kind, std::size_t key_size,
                                  std::size_t value_size) noexcept {
        if (key_size > 0xFFFF'FFFFU) return fail(errc::key_too_long), nullptr;
        if (value_size > 0xFFFF'FFFFU - key_size) return fail(errc::value_too_long), nullptr;
        std::byte* at = sink.extend(sizeof(batch_entry) + key_size + value_size);
        if (at == nullptr) return fail(errc::out_of_memory), nullptr;
        store_entry(at, {kind, 0, 0, static_cast<std::uint32_t>(key_size),
                         static_cast<std::uint32_t>(value_size), 0});
        return at + sizeof(batch_entry);
    }
    void fail(errc code) noexcept { fail(ashlar::error{code}); }

    basic_batch& check(check_kind kind, bytes_view key, bytes_view operand) {
        write(place_check(kind, key.size(), operand.size()), key, operand);
        return *this;
    }
    basic_batch& add_op(operation_kind kind, bytes_view key, bytes_view value) {
        write(place_operation(kind, key.size(), value.size()), key, value);
        return *this;
    }
    static void write(place to, bytes_view key, bytes_view value) noexcept {
        if (to.key == nullptr) return;
        copy_bytes(to.key, key);
        copy_bytes(to.value, value);
    }

    Sink checks_;
    Sink operations_;
    std::size_t check_count_ = 0;
    std::size_t operation_count_ = 0;
    result<void> status_;
};

/// The batch of a hosted build. Owns its bytes; movable; not thread-safe.
using write_batch = basic_batch<byte_buffer>;
/// A batch without a heap; `Bytes` bounds each of its two sections.
template <std::size_t Bytes>
using fixed_write_batch = basic_batch<fixed_buffer<Bytes>>;

/// Writes the commit's sequence wherever an operation asked for it.
inline void fill_sequence(operation_list operations, commit_seq seq) noexcept {
    for (const operation op : operations) {
        const batch_entry e = load_entry(op.entry);
        if (e.flags == 0) continue;
        std::byte* key = op.entry + sizeof(batch_entry);
        std::byte* at = e.flags == seq_in_key ? key : key + e.key_size;
        store_little(at + e.seq_offset, static_cast<std::uint64_t>(seq));
    }
}

/// Checks one section that came from outside (a log, a peer): every size against the bytes left,
/// every kind against its enum, nothing left over. Position is the offset of the bad entry.
[[nodiscard]] inline result<void> validate_section(bytes_view bytes, std::uint8_t first_kind,
                                                   std::uint8_t last_kind,
                                                   std::uint64_t* position = nullptr) noexcept {
    bytes_view left = bytes;
    while (!left.empty()) {
        if (position != nullptr) *position = bytes.size() - left.size();
        if (left.size() < sizeof(batch_entry)) return errc::corrupt;
        const batch_entry e = load_entry(left.data());
        left = left.skip(sizeof(batch_entry));
        if (e.kind < first_kind || e.kind > last_kind || e.reserved != 0) return errc::corrupt;
        if (e.key_size > left.size() || e.value_size > left.size() - e.key_size)
            return errc::corrupt;
        const std::uint32_t room = e.flags == seq_in_key ? e.key_size : e.value_size;
        if (e.flags > seq_in_value || (e.flags == 0 && e.seq_offset != 0)) return errc::corrupt;
        if (e.flags != 0 && (room < 8 || e.seq_offset > room - 8)) return errc::corrupt;
        left = left.skip(e.key_size + e.value_size);
    }
    return {};
}
[[nodiscard]] inline result<void> validate_checks(bytes_view b,
                                                  std::uint64_t* at = nullptr) noexcept {
    return validate_section(b, 1, 5, at);
}
[[nodiscard]] inline result<void> validate_operations(bytes_view b,
                                                      std::uint64_t* at = nullptr) noexcept {
    return validate_section(b, 16, 19, at);
}

} // namespace ashlar::inline v0_1
