// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the tests of key codecs share: hexadecimal vectors, verdicts of laws, samples of text.

#include "catch.hpp"

#include <ashlar/codec/concept.hpp>
#include <ashlar/testing/codec_laws.hpp>

#include <map>
#include <string>

namespace key_codec_tools {

inline std::string hex(ashlar::bytes_view bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        text += "0123456789abcdef"[static_cast<unsigned>(byte) >> 4];
        text += "0123456789abcdef"[static_cast<unsigned>(byte) & 15];
    }
    return text;
}

/// Blanks are skipped, so that vectors can show their parts.
inline std::string without_blanks(const std::string& text) {
    std::string dense;
    for (const char c : text)
        if (c != ' ') dense += c;
    return dense;
}

inline std::string bytes_of(const std::string& hexadecimal) {
    const std::string dense = without_blanks(hexadecimal);
    std::string bytes;
    for (std::size_t i = 0; i + 1 < dense.size(); i += 2)
        bytes += static_cast<char>(std::stoi(dense.substr(i, 2), nullptr, 16));
    return bytes;
}

/// The encoding, or the name of the error.
template <class Codec, class Key>
std::string encoded(const Key& key) {
    const auto size = Codec::size(key);
    if (!size) return ashlar::name_of(size.error().code);
    ashlar::byte_buffer out;
    std::byte* const begin = out.extend(*size);
    if (Codec::encode(key, begin) != begin + *size) return "wrong size";
    return hex(out.view());
}

/// The error that decoding ends with, "ok" when it does not.
template <class Codec, class Key>
std::string fault(const std::string& hexadecimal) {
    const std::string bytes = bytes_of(hexadecimal);
    const ashlar::result<Key> key = ashlar::decode_all<Codec, Key>(ashlar::bytes_view{bytes});
    return ashlar::name_of(key.error().code);
}

/// A golden vector, both ways.
template <class Codec, class Key>
void golden(const Key& key, const std::string& hexadecimal) {
    CHECK(encoded<Codec>(key) == without_blanks(hexadecimal));
    const std::string bytes = bytes_of(hexadecimal);
    const ashlar::result<Key> back = ashlar::decode_all<Codec, Key>(ashlar::bytes_view{bytes});
    REQUIRE(back.has_value());
    CHECK(*back == key);
}

template <class Codec>
std::string described() {
    ashlar::sentence text;
    Codec::describe(text);
    return text.c_str();
}

/// Counts verdicts by law: one assertion for each law that was broken, not one for each trial.
class law_report {
  public:
    void operator()(bool holds, const char* law) {
        ++tried_;
        if (!holds) ++broken_[law];
    }
    [[nodiscard]] bool broke(const std::string& law) const { return broken_.count(law) != 0; }
    void verdict(std::size_t samples, std::size_t at_least) const {
        for (const auto& [law, times] : broken_) {
            INFO("law: " << law << ", broken " << times << " times");
            CHECK(times == 0);
        }
        CHECK(samples >= at_least);
        CHECK(tried_ > samples);
    }

  private:
    std::size_t tried_ = 0;
    std::map<std::string, std::size_t> broken_;
};

/// All laws of a key codec: `rounds` single samples, ten times as many pairs.
template <class Codec, class Samples>
void key_laws(Samples samples, std::size_t rounds = 3000, std::size_t pairs_per_round = 10) {
    law_report report;
    const std::size_t singles =
        ashlar::testing::check_codec_laws<Codec>(samples, report, {.rounds = rounds});
    const std::size_t pairs = ashlar::testing::check_key_pair_laws<Codec>(
        samples, report, {.rounds = rounds * pairs_per_round, .seed = 2});
    report.verdict(singles + pairs, rounds * pairs_per_round / 10); // rules refuse many
}

/// Short, from few bytes, zeros among them: alike often enough to be equal or each other's prefix.
struct any_text {
    std::size_t longest = 6;
    std::string operator()(ashlar::testing::random_source& random) const {
        std::string text(random.below(longest + 1), '\0');
        for (char& c : text) {
            constexpr char likely[] = {'\0', '\x01', 'a', 'b', '\x7f', '\x80', '\xfe', '\xff'};
            c = random.one_in(8) ? static_cast<char>(random.byte()) : likely[random.below(8)];
        }
        return text;
    }
};

} // namespace key_codec_tools
