// SPDX-License-Identifier: BSL-1.0
// Matches are found by a hash of four bytes, as LZ77's descendants do (Ziv and Lempel, 1977); the
// dictionary's own table is made by the compiler.
#include "packed_json.hpp"

#include <algorithm>
#include <cstring>

namespace cache::packed_json {

namespace {

using std::string_view;

/// What results of tasks have in common; longer wholes first. Part of the form on disk.
constexpr string_view dictionary =
    R"({"status": "SUCCESS", "result": null, "traceback": null, "children": [], )"
    R"("date_done": "2026-)"
    R"({"status": "SUCCESS", "result": {"status": "SUCCESS", "result": [)"
    R"({"status": "SUCCESS", "result": "", "traceback": null, "children": [[[")"
    R"({"status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": [""], )"
    R"("exc_module": "builtins"}, "traceback": "Traceback (most recent call last):\n  File )"
    R"(\"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 451, in trace_task\n    )"
    R"(R = retval = fun(*args, **kwargs)\n  File )"
    R"(\"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 734, in )"
    R"(__protected_call__\n    )"
    R"(return self.run(*args, **kwargs)\n  File \"/app/tasks.py\", line )"
    R"(", "exc_module": "celery.exceptions"}, "traceback": ")"
    R"({"status": "RETRY", "result": {"status": "STARTED", "result": {"pid": , )"
    R"("hostname": "celery@)"
    R"(", null], null]], ["+00:00", "parent_id": null, "group_id": ")"
    R"(", "name": "tasks.", "args": [], "kwargs": {}, "worker": "celery@", "retries": 0, )"
    R"("queue": "celery", "properties": {"timestamp": "user_id": "message": "error": "amount": ")"
    R"("currency": "EUR", "value": "items": [{"id": true, "data": {"name": false, "type": ")"
    R"("date_done": "2025-", "date_done": "2027-", "date_done": "2028-", "date_done": "2029-)"
    R"(.000000+00:00", "task_id": ", "parent_id": ", "group_id": "})";

constexpr std::size_t shortest_match = 4;
constexpr std::size_t longest_match = shortest_match + 0x7e;
constexpr unsigned char raw_byte = 0xff;
constexpr unsigned slots_log2 = 11;
constexpr unsigned own_slots_log2 = 8;

/// 2654435769 is 2^32 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
constexpr std::uint32_t hash_four(std::uint32_t four) noexcept { return four * 2654435769U; }
constexpr std::uint32_t four_at(const char* from) noexcept {
    std::uint32_t four = 0;
    for (unsigned i = 0; i < 4; ++i)
        four |= static_cast<std::uint32_t>(static_cast<unsigned char>(from[i])) << (8 * i);
    return four;
}

/// For each hash one more than the first place in the dictionary of four such bytes.
constexpr auto dictionary_slots = [] {
    std::array<std::uint16_t, std::size_t{1} << slots_log2> slots{};
    for (std::size_t i = 0; i + shortest_match <= dictionary.size(); ++i) {
        auto& slot = slots[hash_four(four_at(dictionary.data() + i)) >> (32 - slots_log2)];
        if (slot == 0) slot = static_cast<std::uint16_t>(i + 1);
    }
    return slots;
}();

std::size_t common(const char* a, const char* b, std::size_t most) noexcept {
    std::size_t n = 0;
    for (; n + 8 <= most; n += 8) {
        std::uint64_t left = 0;
        std::uint64_t right = 0;
        std::memcpy(&left, a + n, 8);
        std::memcpy(&right, b + n, 8);
        if (left != right) break;
    }
    while (n < most && a[n] == b[n]) ++n;
    return n;
}

/// What stands before and behind the words that come again.
constexpr auto edges = [] {
    std::array<bool, 256> is{};
    for (const char c : string_view{" \",:{}[]/\\-"}) is[static_cast<unsigned char>(c)] = true;
    return is;
}();
[[nodiscard]] bool is_edge(char c) noexcept { return edges[static_cast<unsigned char>(c)]; }
/// The same without those within dates and identifiers.
[[nodiscard]] bool is_strong_edge(char c) noexcept { return is_edge(c) && c != '-' && c != ':'; }

struct match {
    std::size_t position = 0;
    std::size_t size = 0;
    void offer(std::size_t at, std::size_t bytes) noexcept {
        if (bytes > size) *this = {at, bytes};
    }
};

/// What the key, from the beginning of each of its words on, and the text so far have to offer.
class own_places {
  public:
    own_places(string_view key, string_view text) noexcept : key_{key}, text_{text} {
        for (std::size_t i = 0; i + shortest_match <= key.size(); ++i)
            if (i == 0 || is_edge(key[i - 1]))
                slot(key.data() + i) = static_cast<std::uint16_t>(i + 1);
    }
    /// The longest match for the text from `at` on; the place is noted. REQUIRES: four bytes there.
    [[nodiscard]] match find(std::size_t at) noexcept {
        const char* from = text_.data() + at;
        const std::size_t most = std::min(text_.size() - at, longest_match);
        match best;
        const std::uint32_t hash = hash_four(four_at(from));
        if (std::size_t there = dictionary_slots[hash >> (32 - slots_log2)]; there-- != 0)
            best.offer(there, common(dictionary.data() + there, from,
                                     std::min(most, dictionary.size() - there)));
        auto& own = slots_[hash >> (32 - own_slots_log2)];
        if (std::size_t there = own; there-- != 0) {
            if (there < key_.size())
                best.offer(dictionary.size() + there,
                           common(key_.data() + there, from, std::min(most, key_.size() - there)));
            else
                best.offer(dictionary.size() + there,
                           common(text_.data() + (there - key_.size()), from, most));
        }
        own = static_cast<std::uint16_t>(key_.size() + at + 1);
        return best;
    }

  private:
    std::uint16_t& slot(const char* from) noexcept {
        return slots_[hash_four(four_at(from)) >> (32 - own_slots_log2)];
    }
    string_view key_;
    string_view text_;
    std::array<std::uint16_t, std::size_t{1} << own_slots_log2> slots_{};
};

} // namespace

string_view pack(string_view key, string_view text, room& out) noexcept {
    static_assert(dictionary.size() + longest_key + longest_text <= 0xffff);
    if (!is_candidate(key, text)) return {};
    own_places known{key, text};
    const std::size_t enough = text.size() - text.size() / 4;
    std::size_t size = 0;
    out[size++] = static_cast<char>(text.size() & 0xff);
    out[size++] = static_cast<char>(text.size() >> 8);
    std::size_t at = 0;
    while (at < text.size()) {
        if (size + 3 > enough) return {};
        match found;
        if (at + shortest_match <= text.size()) found = known.find(at);
        if (found.size >= shortest_match) {
            out[size++] = static_cast<char>(0x80 + (found.size - shortest_match));
            out[size++] = static_cast<char>(found.position & 0xff);
            out[size++] = static_cast<char>(found.position >> 8);
            at += found.size;
            continue;
        }
        // Bytes as they are up to where a match is likely: at a word's edge or behind it.
        char last = 0;
        do {
            last = text[at++];
            if (static_cast<unsigned char>(last) >= 0x80) out[size++] = static_cast<char>(raw_byte);
            out[size++] = last;
        } while (at < text.size() && size + 3 <= enough && !is_strong_edge(last) &&
                 !is_strong_edge(text[at]));
    }
    return {out.data(), size};
}

bool unpacked::read(string_view key, string_view packed) noexcept {
    size_ = 0;
    const auto byte = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<unsigned char>(packed[i]));
    };
    if (packed.size() < 2) return false;
    const std::size_t whole = byte(0) + byte(1) * 256;
    if (whole > longest_text) return false;
    char* to = bytes_ + 1;
    std::size_t done = 0;
    for (std::size_t i = 2; i < packed.size();) {
        const std::size_t token = byte(i++);
        if (token < 0x80 || token == raw_byte) {
            if (done == whole || (token == raw_byte && i == packed.size())) return false;
            to[done++] = token == raw_byte ? packed[i++] : static_cast<char>(token);
            continue;
        }
        if (packed.size() - i < 2) return false;
        const std::size_t bytes = token - 0x80 + shortest_match;
        std::size_t from = byte(i) + byte(i + 1) * 256;
        i += 2;
        if (whole - done < bytes) return false;
        if (from < dictionary.size()) {
            if (dictionary.size() - from < bytes) return false;
            std::memcpy(to + done, dictionary.data() + from, bytes);
        } else if ((from -= dictionary.size()) < key.size()) {
            if (key.size() - from < bytes) return false;
            std::memcpy(to + done, key.data() + from, bytes);
        } else {
            from -= key.size();
            if (from >= done) return false;
            for (std::size_t n = 0; n < bytes; ++n) to[done + n] = to[from + n]; // may overlap
        }
        done += bytes;
    }
    if (done != whole) return false;
    size_ = done;
    return true;
}

} // namespace cache::packed_json
