// SPDX-License-Identifier: BSL-1.0
/// @file Defines tagged_value (null, numbers, decimals, text, lists, maps) and its value codec.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/format/tagged.hpp>
#include <ashlar/guarded.hpp>

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <string>
#include <vector>

namespace ashlar::inline v0_1 {

/// An owned tagged value. It holds its encoding in one string: storing, comparing and copying are
/// one memory operation, and decoding allocates once, whatever the nesting. Lists and maps are made
/// whole; to change one, make another.
/// Making and copying throw std::bad_alloc as std::string does; nothing else is thrown: a value
/// that has become too long or too deep to be stored is refused by the codec's size().
class tagged_value {
  public:
    tagged_value() : bytes_(1, '\0') {}
    tagged_value(std::nullptr_t) : tagged_value() {} // NOLINT: values convert
    template <std::same_as<bool> B>
    tagged_value(B value) { // NOLINT
        begin(tagged_type::boolean);
        bytes_ += value ? '\1' : '\0';
    }
    /// Integers that always fit: every type but unsigned 64-bit ones, which the caller casts.
    template <std::integral I>
        requires(!std::same_as<I, bool> && (sizeof(I) < 8 || std::is_signed_v<I>) && sizeof(I) <= 8)
    tagged_value(I value) { // NOLINT
        begin(tagged_type::integer);
        append_little(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
    }
    template <std::floating_point F>
        requires(sizeof(F) <= sizeof(double))
    tagged_value(F value) { // NOLINT: a template, else an unsigned 64-bit integer would slip in
        begin(tagged_type::floating);
        append_little(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    }
    template <std::same_as<decimal> D>
    tagged_value(const D& value) { // NOLINT: a template, else integers would have two ways
        begin(tagged_type::decimal);
        std::byte stored[decimal::encoded_size];
        value.store(stored);
        append_bytes({stored, sizeof stored});
    }
    tagged_value(text_view text) { append_long(tagged_type::string, text); } // NOLINT
    tagged_value(const char* text) : tagged_value(text_view{text}) {}        // NOLINT
    tagged_value(const std::string& text) : tagged_value(text_view{text}) {} // NOLINT
    explicit tagged_value(tagged_view value) : bytes_(value.encoding().as<std::string>()) {
        if (bytes_.empty()) bytes_.assign(1, '\0');
        depth_ = measured_depth(value);
    }

    [[nodiscard]] static tagged_value bytes(bytes_view data) {
        tagged_value made{unset{}};
        made.append_long(tagged_type::bytes, data);
        return made;
    }
    /// From any range of tagged values, or `list({1, "two", nullptr})`.
    template <class Range = std::initializer_list<tagged_value>>
    [[nodiscard]] static tagged_value list(const Range& elements) {
        tagged_value made{unset{}};
        std::uint64_t count = 0;
        made.begin_nested(tagged_type::list);
        for (const tagged_value& element : elements) {
            made.append_nested(element);
            ++count;
        }
        made.end_nested(count);
        return made;
    }
    /// From any range of pairs of key and tagged value, or `map({{"a", 1}, {"b", 2}})`. Keys may
    /// come in any order; of equal keys the last counts. O(n log n).
    template <class Range = std::initializer_list<std::pair<std::string, tagged_value>>>
    [[nodiscard]] static tagged_value map(const Range& entries) {
        std::vector<tagged_pointer> order;
        for (const auto& [key, value] : entries) order.push_back({bytes_view{key}, &value});
        std::stable_sort(order.begin(), order.end(),
                         [](const auto& a, const auto& b) { return a.key < b.key; });
        tagged_value made{unset{}};
        std::uint64_t count = 0;
        made.begin_nested(tagged_type::map);
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (i + 1 < order.size() && order[i].key == order[i + 1].key) continue;
            if (order[i].key.size() > UINT32_MAX) made.refusal_ = errc::value_too_long;
            made.append_little(static_cast<std::uint32_t>(order[i].key.size()));
            made.append_bytes(order[i].key);
            made.append_nested(*order[i].value);
            ++count;
        }
        made.end_nested(count);
        return made;
    }

    [[nodiscard]] tagged_view view() const noexcept { return tagged_view{bytes_view{bytes_}}; }
    /// Why it can't be stored: `value_too_long`, `invalid_argument` for too deep, or ok.
    [[nodiscard]] errc refusal() const noexcept { return refusal_; }

    [[nodiscard]] friend bool operator==(const tagged_value& a, const tagged_value& b) noexcept {
        return a.refusal_ == b.refusal_ && a.view() == b.view();
    }

  private:
    struct unset {};
    struct tagged_pointer {
        bytes_view key;
        const tagged_value* value;
    };
    explicit tagged_value(unset) {}

    void begin(tagged_type type) { bytes_ += static_cast<char>(type); }
    template <class U>
    void append_little(U value) {
        std::byte stored[sizeof(U)];
        store_little(stored, value);
        append_bytes({stored, sizeof stored});
    }
    void append_bytes(bytes_view data) {
        bytes_.append(reinterpret_cast<const char*>(data.data()), data.size());
    }
    void append_long(tagged_type type, bytes_view data) {
        begin(type);
        if (data.size() > UINT32_MAX) { // kept empty and refused, not cut
            refusal_ = errc::value_too_long;
            data = {};
        }
        append_little(static_cast<std::uint32_t>(data.size()));
        append_bytes(data);
    }
    void begin_nested(tagged_type type) {
        begin(type);
        append_bytes({zeros, 8});
        depth_ = 1;
    }
    void append_nested(const tagged_value& element) {
        if (refusal_ == errc::ok) refusal_ = element.refusal_;
        if (depth_ < element.depth_ + 1) depth_ = element.depth_ + 1;
        if (depth_ > max_tagged_depth) refusal_ = errc::invalid_argument;
        if (refusal_ == errc::ok) append_bytes(bytes_view{element.bytes_});
    }
    void end_nested(std::uint64_t count) {
        const std::size_t body = bytes_.size() - 9;
        if (refusal_ == errc::ok && (body > UINT32_MAX || count > UINT32_MAX))
            refusal_ = errc::value_too_long;
        if (refusal_ != errc::ok) { // an empty list or map: readable, but not storable
            bytes_.resize(9);
            return;
        }
        auto* header = reinterpret_cast<std::byte*>(bytes_.data());
        store_little(header + 1, static_cast<std::uint32_t>(body));
        store_little(header + 5, static_cast<std::uint32_t>(count));
    }
    [[nodiscard]] static unsigned measured_depth(tagged_view value) noexcept {
        unsigned deepest = 0;
        if (const result<tagged_list> list = value.as_list()) {
            for (const tagged_view element : *list)
                deepest = (std::max)(deepest, measured_depth(element));
            return deepest + 1;
        }
        if (const result<tagged_map> map = value.as_map()) {
            for (const tagged_entry entry : *map)
                deepest = (std::max)(deepest, measured_depth(entry.value));
            return deepest + 1;
        }
        return 0;
    }

    static constexpr std::byte zeros[8]{};

    std::string bytes_;
    unsigned depth_ = 0;
    errc refusal_ = errc::ok;
};

/// Value codec for tagged_value (owned) and tagged_view (points into the stored bytes, for use
/// inside a visitor). Format: `tag u8, payload` as tagged_type says; canonical, so equal values
/// have equal bytes. docs/policies/value_codecs.md has worked examples.
/// size() refuses what tagged_value::refusal() names; decoding answers `corrupt`, or
/// `out_of_memory`, and allocates no more than its input.
struct tagged {
    using axis = value_codec_axis;

    template <class Value>
        requires(std::same_as<Value, tagged_value> || std::same_as<Value, tagged_view>)
    struct codec {
        static constexpr std::size_t extent = dynamic_extent;

        [[nodiscard]] static result<std::size_t> size(const Value& value) noexcept {
            if constexpr (std::same_as<Value, tagged_value>)
                if (value.refusal() != errc::ok) return value.refusal();
            return encoding(value).size();
        }
        [[nodiscard]] static std::byte* encode(const Value& value, std::byte* out) noexcept {
            copy_bytes(out, encoding(value));
            return out + encoding(value).size();
        }
        [[nodiscard]] static result<Value> decode_some(bytes_view& in) {
            const result<std::size_t> length = tagged_length(in);
            if (!length) return length.error();
            const tagged_view view{in.first(*length)};
            in = in.skip(*length);
            return guarded(errc::out_of_memory, [&]() -> result<Value> { return Value(view); });
        }
        static void describe(sentence& out) noexcept { out << "tagged"; }

      private:
        static constexpr std::byte null_encoding[1]{};
        [[nodiscard]] static bytes_view encoding(const Value& value) noexcept {
            bytes_view bytes;
            if constexpr (std::same_as<Value, tagged_value>) bytes = value.view().encoding();
            else bytes = value.encoding();
            return bytes.empty() ? bytes_view{null_encoding, 1} : bytes;
        }
    };
};
static_assert(value_codec_policy<tagged, tagged_value> && value_codec_policy<tagged, tagged_view>);

} // namespace ashlar::inline v0_1
