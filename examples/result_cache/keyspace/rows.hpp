// SPDX-License-Identifier: BSL-1.0
/// @file Defines how keys and their collections are rows (docs/decisions/0090-result-cache.md).
#pragma once

#include <ashlar/bytes.hpp>
#include <ashlar/format/crc32c.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace cache {

using std::string_view;

inline constexpr int database_count = 16;
/// For each database a number: that by which its rows begin.
using database_places = std::array<std::uint8_t, database_count>;
/// The row that says so, once databases were swapped; in no section of any database.
inline constexpr string_view places_key = "\xff\x01"
                                          "databases";

/// What a head row says of its key. The letters stand on disk.
enum class kind : char { none = 0, string = 's', list = 'l', hash = 'h', set = 't', zset = 'z' };
/// The letter of a string whose bytes are packed (packed_json.hpp), on disk, too.
inline constexpr char packed_letter = 'p';
[[nodiscard]] inline bool is_string(string_view head_row) noexcept {
    return head_row[0] == 's' || head_row[0] == packed_letter;
}

[[nodiscard]] inline std::uint32_t hash_of(string_view bytes) noexcept {
    return ashlar::crc32c(bytes);
}

template <class Integer>
void append_big(std::string& to, Integer value) {
    std::byte bytes[sizeof value];
    ashlar::store_big(bytes, value);
    to.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}
template <class Integer>
void append_little(std::string& to, Integer value) {
    std::byte bytes[sizeof value];
    ashlar::store_little(bytes, value);
    to.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}
/// REQUIRES: as many bytes at `from`.
template <class Integer>
[[nodiscard]] Integer load_big_at(string_view from, std::size_t offset) noexcept {
    return ashlar::load_big<Integer>(reinterpret_cast<const std::byte*>(from.data() + offset));
}
template <class Integer>
[[nodiscard]] Integer load_little_at(string_view from, std::size_t offset) noexcept {
    return ashlar::load_little<Integer>(reinterpret_cast<const std::byte*>(from.data() + offset));
}

// --- heads ---------------------------------------------------------------------------------------

inline constexpr std::size_t head_key_prefix = 6; ///< db, section, hash

/// The first byte of all rows of a database, and of those of one section.
[[nodiscard]] inline std::string database_prefix(int db) { return {static_cast<char>(db)}; }
[[nodiscard]] inline std::string heads_prefix(int db) { return {static_cast<char>(db), '\0'}; }
[[nodiscard]] inline std::string elements_prefix(int db) { return {static_cast<char>(db), '\1'}; }

[[nodiscard]] inline std::string head_key(int db, string_view key) {
    std::string row = heads_prefix(db);
    append_big(row, hash_of(key));
    return row.append(key);
}
/// The same for a short life: keys up to 120 bytes need no allocation. Empty to begin with.
class head_key_buffer {
  public:
    head_key_buffer() noexcept = default;
    head_key_buffer(int db, string_view key) { assign(db, key); }
    void assign(int db, string_view key) {
        size_ = head_key_prefix + key.size();
        char* to = inside_;
        if (size_ > sizeof inside_) {
            outside_.resize(size_);
            to = outside_.data();
        }
        to[0] = static_cast<char>(db);
        to[1] = '\0';
        ashlar::store_big(reinterpret_cast<std::byte*>(to + 2), hash_of(key));
        key.copy(to + head_key_prefix, key.size());
    }
    [[nodiscard]] string_view view() const noexcept {
        return {size_ > sizeof inside_ ? outside_.data() : inside_, size_};
    }

  private:
    char inside_[head_key_prefix + 120];
    std::size_t size_ = 0;
    std::string outside_;
};
[[nodiscard]] inline bool is_head(string_view row_key) noexcept { return row_key[1] == '\0'; }
[[nodiscard]] inline string_view key_of(string_view row_key) noexcept {
    return row_key.substr(head_key_prefix);
}

/// What stands in the head row of a collection. A string's head is 's' and its bytes, or 'p' and
/// its bytes packed.
struct head {
    kind type = kind::none;
    std::uint64_t id = 0;
    std::uint64_t count = 0;
    std::uint64_t elements_at = 0; ///< when its elements go, in ns; after the head does; 0: never
    std::uint64_t first = 0;       ///< lists: index of the first element
    std::uint64_t at = 0; ///< when the head goes; stands in the row's header, not in its bytes

    [[nodiscard]] bool absent() const noexcept { return type == kind::none; }
};

/// Lists begin here and grow both ways: 2^63 pushes to either end.
inline constexpr std::uint64_t list_middle = std::uint64_t{1} << 63;

[[nodiscard]] inline std::string head_row(const head& h) {
    std::string row(1, static_cast<char>(h.type));
    append_little(row, h.id);
    append_little(row, h.count);
    append_little(row, h.elements_at);
    if (h.type == kind::list) append_little(row, h.first);
    return row;
}
/// REQUIRES: a row written by head_row, or of a string.
[[nodiscard]] inline head parse_head(string_view row, std::uint64_t at) noexcept {
    head h;
    h.at = at;
    h.type = is_string(row) ? kind::string : static_cast<kind>(row[0]);
    if (h.type == kind::string) return h;
    h.id = load_little_at<std::uint64_t>(row, 1);
    h.count = load_little_at<std::uint64_t>(row, 9);
    h.elements_at = load_little_at<std::uint64_t>(row, 17);
    if (h.type == kind::list) h.first = load_little_at<std::uint64_t>(row, 25);
    return h;
}

// --- elements ------------------------------------------------------------------------------------

/// Where the rows of a collection stand; `tag` parts a sorted set in two.
[[nodiscard]] inline std::string element_prefix(int db, std::uint64_t id, string_view tag = {}) {
    std::string row = elements_prefix(db);
    append_big(row, id);
    return row.append(tag);
}
[[nodiscard]] inline std::string list_key(int db, std::uint64_t id, std::uint64_t index) {
    std::string row = element_prefix(db, id);
    append_big(row, index);
    return row;
}
[[nodiscard]] inline std::string member_key(int db, std::uint64_t id, string_view member,
                                            string_view tag = {}) {
    std::string row = element_prefix(db, id, tag);
    append_big(row, hash_of(member));
    return row.append(member);
}

/// Scores as bytes that sort as the numbers do; -0 is 0. REQUIRES: not NaN.
[[nodiscard]] inline std::uint64_t ordered_score(double score) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(score == 0 ? 0.0 : score);
    return (bits >> 63) != 0 ? ~bits : bits | (std::uint64_t{1} << 63);
}
[[nodiscard]] inline double score_of(std::uint64_t ordered) noexcept {
    const bool positive = (ordered >> 63) != 0;
    return std::bit_cast<double>(positive ? ordered ^ (std::uint64_t{1} << 63) : ~ordered);
}
/// What stands in the row of a score's place: "-" where it is -0, which sorts as 0.
[[nodiscard]] inline std::string zero_mark(double score) {
    return std::bit_cast<std::uint64_t>(score) == std::uint64_t{1} << 63 ? "-" : "";
}
[[nodiscard]] inline std::string score_key(int db, std::uint64_t id, double score,
                                           string_view member) {
    std::string row = element_prefix(db, id, "s");
    append_big(row, ordered_score(score));
    return row.append(member);
}

/// The least key behind all that begin with `prefix`; empty when there is none.
[[nodiscard]] inline std::string behind(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
    return prefix;
}

} // namespace cache
