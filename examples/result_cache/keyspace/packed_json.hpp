// SPDX-License-Identifier: BSL-1.0
/// @file Defines packed_json: texts of JSON in fewer bytes, as strings of that kind are kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cache::packed_json {

/// What is longer is left as it is, for it gains less from the dictionary and takes longer.
inline constexpr std::size_t longest_text = 2048;
inline constexpr std::size_t longest_key = 256;
/// What is shorter is left as it is.
inline constexpr std::size_t shortest_text = 80;

/// Whether a text is worth a try: an object of JSON, as tasks' results are. O(1).
[[nodiscard]] constexpr bool is_candidate(std::string_view key, std::string_view text) noexcept {
    return text.size() >= shortest_text && text.size() <= longest_text &&
           key.size() <= longest_key && text.front() == '{' && text.back() == '}';
}

/// Where the packed form goes: a quarter less than the longest text.
using room = std::array<char, longest_text - longest_text / 4>;

/// Packs a text that stands under a key, whose bytes serve as a part of the dictionary (a result
/// of Celery's names its task once more). Answers the packed form, in `out`, or nothing: where it
/// would save less than a quarter. Thread-safe. O(text + key).
///
/// The form: the size of the text, 2 bytes, little endian; then one block of LZ4, which may refer
/// to the dictionary and, behind it, the key. The form is on disk: the dictionary may never change;
/// another one needs another kind of row.
[[nodiscard]] std::string_view pack(std::string_view key, std::string_view text,
                                    room& out) noexcept;

/// A text, unpacked behind one free byte. Trivial to make; nothing is cleared.
class unpacked {
  public:
    /// False for bytes that pack() did not make, as far as that shows; safe for any. O(text).
    [[nodiscard]] bool read(std::string_view key, std::string_view packed) noexcept;
    [[nodiscard]] std::string_view text() const noexcept { return {bytes_ + 1, size_}; }
    /// The text behind the letter.
    [[nodiscard]] std::string_view text_behind(char letter) noexcept {
        bytes_[0] = letter;
        return {bytes_, size_ + 1};
    }

  private:
    char bytes_[1 + longest_text];
    std::size_t size_;
};

} // namespace cache::packed_json
