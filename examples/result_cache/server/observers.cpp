// SPDX-License-Identifier: BSL-1.0
#include "server/observers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace cache {

namespace {

bool same_word(std::string_view text, std::string_view lower_case) {
    return std::equal(
        text.begin(), text.end(), lower_case.begin(), lower_case.end(),
        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

std::chrono::microseconds since_1970() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
}

/// In quotes, so that nothing in it ends the line.
void append_quoted(std::string& to, std::string_view word) {
    to += '"';
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr std::string_view named = "\n\r\t\a\b";
        constexpr std::string_view letters = "nrtab";
        if (c == '\\' || c == '"') {
            to += '\\';
            to += c;
        } else if (const auto at = named.find(c); at != std::string_view::npos) {
            to += '\\';
            to += letters[at];
        } else if (byte >= 0x20 && byte < 0x7f) {
            to += c;
        } else {
            char text[5];
            std::snprintf(text, sizeof text, "\\x%02x", byte);
            to += text;
        }
    }
    to += '"';
}

} // namespace

word_list shown_words(std::span<const std::string_view> words) {
    word_list shown{words.begin(), words.end()};
    const auto hide = [&](std::size_t from, std::size_t count) {
        for (std::size_t i = from; i < shown.size() && count-- > 0; ++i) shown[i] = "(redacted)";
    };
    if (words.empty()) return shown;
    if (same_word(words[0], "auth")) hide(1, shown.size());
    for (std::size_t i = 2; same_word(words[0], "hello") && i < words.size(); ++i)
        if (same_word(words[i], "auth")) hide(i + 1, 2);
    for (std::size_t i = 2; same_word(words[0], "config") && i < words.size(); ++i)
        if (same_word(words[i], "requirepass")) hide(i + 1, 1);
    return shown;
}

// --- the slow log --------------------------------------------------------------------------------

void slow_log::add(session& who, std::span<const std::string_view> words,
                   std::int64_t microseconds) {
    constexpr std::size_t most_words = 32;
    constexpr std::size_t most_bytes = 128;
    const std::int64_t least = threshold.load(std::memory_order_relaxed);
    if (least < 0 || microseconds < least) return;
    entry one;
    one.microseconds = microseconds;
    one.seconds = (since_1970().count() - microseconds) / 1000000;
    const std::size_t all = words.size();
    one.words = shown_words(words.first(std::min(all, most_words)));
    if (all > most_words)
        one.words.back() = "... (" + std::to_string(all - most_words + 1) + " more arguments)";
    for (std::string& word : one.words)
        if (word.size() > most_bytes)
            word.replace(most_bytes, word.size(),
                         "... (" + std::to_string(word.size() - most_bytes) + " more bytes)");
    {
        const std::lock_guard lock{who.mutex};
        one.address = who.shown.address;
        one.name = who.shown.name;
    }
    const std::lock_guard lock{mutex_};
    one.id = next_id_++;
    entries_.push_front(std::move(one));
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(longest.load(), 0));
    while (entries_.size() > most) entries_.pop_back();
}

std::vector<slow_log::entry> slow_log::newest(std::int64_t count) const {
    const std::lock_guard lock{mutex_};
    const auto size = static_cast<std::int64_t>(entries_.size());
    return {entries_.begin(), entries_.begin() + (count < 0 ? size : std::min(count, size))};
}
std::size_t slow_log::size() const {
    const std::lock_guard lock{mutex_};
    return entries_.size();
}
void slow_log::clear() {
    const std::lock_guard lock{mutex_};
    entries_.clear();
}

// --- monitors ------------------------------------------------------------------------------------

void monitors::add(const std::shared_ptr<session>& who) {
    const std::lock_guard lock{mutex_};
    if (std::find(who_.begin(), who_.end(), who) == who_.end()) who_.push_back(who);
    count_ = who_.size();
}
void monitors::remove(const session& who) {
    const std::lock_guard lock{mutex_};
    std::erase_if(who_, [&](const std::shared_ptr<session>& one) { return one.get() == &who; });
    count_ = who_.size();
}
void monitors::show(session& who, int db, std::span<const std::string_view> words) const {
    const std::int64_t now = since_1970().count();
    char moment[40];
    std::snprintf(moment, sizeof moment, "+%lld.%06lld [%d ", static_cast<long long>(now / 1000000),
                  static_cast<long long>(now % 1000000), db);
    std::string line = moment;
    {
        const std::lock_guard lock{who.mutex};
        line += who.shown.address + "]";
    }
    for (const std::string& word : shown_words(words)) {
        line += ' ';
        append_quoted(line, word);
    }
    line += "\r\n";
    const std::lock_guard lock{mutex_};
    for (const auto& one : who_) one->mail.send(line);
}

} // namespace cache
