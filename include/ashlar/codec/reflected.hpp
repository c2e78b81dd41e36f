// SPDX-License-Identifier: BSL-1.0
/// @file Defines reflected: the value codec for Boost.Hana structs, versioned and little-endian.
#pragma once

#include <ashlar/codec/concept.hpp>
#include <ashlar/codec/reflected/record.hpp>
#include <ashlar/guarded.hpp>

namespace ashlar::inline v0_1 {

/// Specialise it to keep older rows readable, one step at a time (chains are followed):
/// `template <> struct ashlar::older_record<account> {
///      using type = account_v1;                    // a Hana struct with a lower record_version
///      static account migrate(account_v1&& old); };`
template <class T>
struct older_record;

template <class T>
concept has_older_record = requires { typename older_record<T>::type; };

/// Value codec: `version u16 LE, members in order`, integers and floats little-endian without
/// padding; strings and sequences behind a u32 length or count. docs/policies/value_codecs.md has
/// the grammar.
///
/// Of fixed extent when every member and every older version is; then size() is a constant and
/// encoding is a run of stores. Else size() is one pass over the dynamic members.
/// size() refuses: a string or sequence above 2^32 - 1 (`value_too_long`), sequences nested
/// deeper than 64 (`invalid_argument`). decode refuses: a length beyond the bytes left, a bool or
/// optional byte above 1 (`corrupt`); a version it has no struct for (`unsupported_version`).
/// Each length is checked before memory is taken, so a decoder allocates at most
/// sizeof(element) / (least bytes of an element) times its input.
struct reflected {
    using axis = value_codec_axis;

    template <reflected_record Value>
    struct codec {
        static constexpr std::size_t version_size = 2;
        static constexpr std::size_t extent = [] {
            if constexpr (!record_field<Value>::fixed) {
                return dynamic_extent;
            } else if constexpr (has_older_record<Value>) {
                constexpr std::size_t own = version_size + record_field<Value>::least_size;
                return codec<typename older_record<Value>::type>::extent == own ? own
                                                                                : dynamic_extent;
            } else {
                return version_size + record_field<Value>::least_size;
            }
        }();

        [[nodiscard]] static result<std::size_t> size(const Value& value) noexcept {
            std::size_t total = version_size;
            const errc bad = record_field<Value>::measure(value, total, 0);
            if (bad != errc::ok) return bad;
            return total;
        }
        [[nodiscard]] static std::byte* encode(const Value& value, std::byte* out) noexcept {
            store_little(out, record_version<Value>);
            return record_field<Value>::store(value, out + version_size);
        }
        [[nodiscard]] static result<Value> decode_some(bytes_view& in) {
            if (in.size() < version_size) return errc::corrupt;
            const auto version = load_little<std::uint16_t>(in.data());
            field_reader reader{in.data() + version_size, in.data() + in.size()};
            const std::byte* const end = reader.end;
            result<Value> value = caught(version, reader);
            if (value) in = {reader.at, static_cast<std::size_t>(end - reader.at)};
            return value;
        }
        /// As decode_some, into a value that is there: its strings and sequences keep their memory,
        /// members that are not adapted keep what they hold. After an error `to` is a value, but
        /// none that was stored.
        [[nodiscard]] static result<void> decode_into(Value& to, bytes_view& in) {
            if (in.size() < version_size) return errc::corrupt;
            if (load_little<std::uint16_t>(in.data()) != record_version<Value>) {
                result<Value> older = decode_some(in);
                if (!older) return older.error();
                to = std::move(*older);
                return {};
            }
            field_reader reader{in.data() + version_size, in.data() + in.size()};
            const errc bad = loaded(to, reader);
            if (bad != errc::ok) return bad;
            in = {reader.at, reader.left()};
            return {};
        }
        /// The layout of the oldest version that is still readable: adding a version keeps the id.
        static void describe(sentence& out) noexcept {
            if constexpr (has_older_record<Value>) {
                codec<typename older_record<Value>::type>::describe(out);
            } else {
                out << "reflected(v" << std::uint64_t{record_version<Value>} << " ";
                record_field<Value>::describe(out, 0);
                out << ")";
            }
        }

      private:
        template <reflected_record>
        friend struct codec;

        [[nodiscard]] static result<Value> decode_version(std::uint16_t version, field_reader& in) {
            if (version == record_version<Value>) {
                result<Value> value{Value{}};
                const errc bad = load_field(*value, in, 0);
                if (bad != errc::ok) return bad;
                return value;
            }
            if constexpr (has_older_record<Value>) {
                using older = typename older_record<Value>::type;
                static_assert(record_version<older> < record_version<Value>,
                              "ashlar: an older_record has the version of its successor or a later "
                              "one; give the newer struct a higher record_version");
                if (version < record_version<Value>) {
                    result<older> old = codec<older>::decode_version(version, in);
                    if (!old) return old.error();
                    return older_record<Value>::migrate(std::move(*old));
                }
            }
            return errc::unsupported_version;
        }
        [[nodiscard]] static errc loaded(Value& to, field_reader& in) {
            if constexpr (record_field<Value>::fixed) return load_field(to, in, 0);
            else return guarded(errc::corrupt, [&] { return load_field(to, in, 0); });
        }
        [[nodiscard]] static result<Value> caught(std::uint16_t version, field_reader& in) {
            if constexpr (record_field<Value>::fixed && !has_older_record<Value>) {
                return decode_version(version, in); // allocates nothing, throws nothing
            } else {
                // A migration that throws refuses what it was given.
                return guarded(errc::corrupt, [&] { return decode_version(version, in); });
            }
        }
    };
};

} // namespace ashlar::inline v0_1
