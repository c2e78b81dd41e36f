// SPDX-License-Identifier: BSL-1.0
/// @file Defines object_entry: the key codec of objects that own named entries.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/detail/text_bytes.hpp>

#include <compare>

namespace ashlar::inline v0_1 {

/// The byte behind the object's id. Persistent: never change or reuse a value. 02-0F and 12-1F are
/// free; bit 0x80 announces an extension header.
enum class record_type : std::uint8_t {
    metadata = 0x00,      ///< the object's own row: no object_key names it
    event_config = 0x01,  ///< one to an object, its entry is empty
    numeric_entry = 0x10, ///< dropped: numbers are stored as decimal text
    string_entry = 0x11
};

/// Names one entry of one object, or the object's event configuration.
template <class Text>
struct object_key {
    Text id;
    Text entry;
    record_type type = record_type::string_entry;

    [[nodiscard]] friend bool operator==(const object_key&, const object_key&) = default;
    /// By id, then type, then entry: the order of the encodings.
    [[nodiscard]] friend std::strong_ordering operator<=>(const object_key& a,
                                                          const object_key& b) noexcept {
        const int ids = compare(bytes_view{a.id}, bytes_view{b.id});
        if (ids != 0) return ids <=> 0;
        if (a.type != b.type) return a.type <=> b.type;
        return compare(bytes_view{a.entry}, bytes_view{b.entry}) <=> 0;
    }
};

/// The name of a numeric entry, as text: entry 42 and entry "42" are one.
class entry_number {
  public:
    constexpr explicit entry_number(std::uint32_t number) noexcept {
        do {
            text_[--first_] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
    }
    [[nodiscard]] constexpr const char* data() const noexcept { return text_ + first_; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return max_digits - first_; }

    /// The number back: digits without a leading zero, up to 2^32 - 1; else invalid_argument.
    [[nodiscard]] static constexpr result<std::uint32_t> value_of(bytes_view entry) noexcept {
        if (entry.empty() || entry.size() > max_digits) return errc::invalid_argument;
        if (entry.size() > 1 && entry[0] == std::byte{'0'}) return errc::invalid_argument;
        std::uint64_t number = 0;
        for (std::byte byte : entry) {
            if (byte < std::byte{'0'} || byte > std::byte{'9'}) return errc::invalid_argument;
            number = number * 10 + (static_cast<unsigned>(byte) - '0');
        }
        if (number > 0xFFFFFFFFu) return errc::invalid_argument;
        return static_cast<std::uint32_t>(number);
    }

  private:
    static constexpr std::size_t max_digits = 10;
    std::size_t first_ = max_digits;
    char text_[max_digits]{};
};

/// Key codec: id 00 type entry. The entry is the last component and has neither length nor end, so
/// entries sort naturally ("a" < "ab" < "b"); no id holds a zero, so the rows of an object are one
/// range and its metadata row, id 00 00, is the first of them.
///
/// Ids and entries are [A-Za-z0-9._:-], 1 to MaxSize bytes, stored (and given back) in lower case.
/// Extent dynamic; ordered; not self-delimiting: stands alone or last. Grouping: `id 00` is the
/// prefix, `00` the group's own row, which object_key can't name.
/// Errors of size: key_empty, key_too_long, key_bad_characters; a type without meaning, or an event
/// configuration with an entry: invalid_argument. Errors of decode_some: the metadata row:
/// type_mismatch; a record type from the future (bit 0x80 too) or the dropped one:
/// unsupported_version; else corrupt. Cost: one pass over id and entry for size, one for encode.
template <std::size_t MaxSize = 160>
struct basic_object_entry {
    static_assert(MaxSize > 0, "ashlar: object_entry needs room for an id; give it a MaxSize");
    using axis = key_codec_axis;

    template <class Key>
    struct codec;

    template <owned_text Text>
    struct codec<object_key<Text>> {
        static constexpr std::size_t extent = dynamic_extent;
        static constexpr bool ordered = true;
        static constexpr bool self_delimiting = false;

        template <byte_range T>
        [[nodiscard]] static result<std::size_t> size(const object_key<T>& key) noexcept {
            if (const errc fault = fault_of(key.id); fault != errc::ok) return fault;
            if (key.type == record_type::event_config) {
                if (key.entry.size() != 0) return errc::invalid_argument;
                return key.id.size() + 2;
            }
            if (key.type != record_type::string_entry) return errc::invalid_argument;
            if (const errc fault = fault_of(key.entry); fault != errc::ok) return fault;
            return key.id.size() + 2 + key.entry.size();
        }
        template <byte_range T>
        [[nodiscard]] static std::byte* encode(const object_key<T>& key, std::byte* out) noexcept {
            out = lower(key.id, out);
            out[0] = std::byte{0};
            out[1] = static_cast<std::byte>(key.type);
            return lower(key.entry, out + 2);
        }
        [[nodiscard]] static result<object_key<Text>> decode_some(bytes_view& in) noexcept {
            const result<record_type> type = type_of(in);
            if (!type) return type.error();
            if (*type == record_type::metadata) return errc::type_mismatch;
            const std::size_t id_size = *prefix_size(in) - 1;
            const bytes_view id = in.first(id_size);
            const bytes_view entry = in.skip(id_size + 2);
            const bool named = *type == record_type::string_entry;
            if (!stored_well(id) || (named ? !stored_well(entry) : !entry.empty()))
                return errc::corrupt;
            result<Text> id_text = detail::make_text<Text>(id);
            if (!id_text) return id_text.error();
            result<Text> entry_text = detail::make_text<Text>(entry);
            if (!entry_text) return entry_text.error();
            in = in.skip(in.size());
            return object_key<Text>{*std::move(id_text), *std::move(entry_text), *type};
        }
        static constexpr void describe(sentence& text) noexcept {
            text << "object_entry(" << std::uint64_t{MaxSize} << ")";
        }

        /// What kind of row a raw key is, metadata included: for tools that walk all rows.
        [[nodiscard]] static result<record_type> type_of(bytes_view key) noexcept {
            const result<std::size_t> prefix = prefix_size(key);
            if (!prefix) return prefix.error();
            if (key.size() == *prefix) return errc::corrupt;
            const auto type = static_cast<record_type>(key[*prefix]);
            switch (type) {
            case record_type::metadata:
                if (key.size() != *prefix + 1) return errc::corrupt;
                return type;
            case record_type::event_config:
            case record_type::string_entry: return type;
            case record_type::numeric_entry: break;
            }
            return errc::unsupported_version;
        }
        [[nodiscard]] static result<std::size_t> prefix_size(bytes_view key) noexcept {
            const std::byte* zero = detail::find_zero(key);
            if (zero == nullptr || zero == key.data()) return errc::corrupt;
            return detail::distance(key.data(), zero) + 1;
        }

      private:
        static constexpr std::byte metadata_row[1] = {
            static_cast<std::byte>(record_type::metadata)};

      public:
        static constexpr bytes_view group_row{metadata_row, 1};

      private:
        [[nodiscard]] static errc fault_of(bytes_view name) noexcept {
            if (name.empty()) return errc::key_empty;
            if (name.size() > MaxSize) return errc::key_too_long;
            for (std::byte byte : name)
                if (detail::identifier_character(byte) == std::byte{0})
                    return errc::key_bad_characters;
            return errc::ok;
        }
        [[nodiscard]] static bool stored_well(bytes_view name) noexcept {
            for (std::byte byte : name)
                if (detail::identifier_character(byte) != byte || byte == std::byte{0})
                    return false;
            return !name.empty() && name.size() <= MaxSize;
        }
        [[nodiscard]] static std::byte* lower(bytes_view name, std::byte* out) noexcept {
            for (std::byte byte : name) *out++ = detail::identifier_character(byte);
            return out;
        }
    };
};

/// Ids and entries of up to 160 bytes.
using object_entry = basic_object_entry<>;

} // namespace ashlar::inline v0_1
