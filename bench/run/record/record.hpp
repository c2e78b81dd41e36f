// SPDX-License-Identifier: BSL-1.0
/// @file Defines the record of twenty fields that COD encodes, and what decoding it must answer.
#pragma once

#include "../measure/keys.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct record {
    std::uint64_t id = 0;
    std::uint64_t owner = 0;
    std::int64_t balance = 0;
    std::int64_t created = 0;
    std::uint32_t kind = 0;
    std::uint32_t flags = 0;
    std::int32_t x = 0;
    std::int32_t y = 0;
    std::uint16_t shelf = 0;
    std::uint16_t row = 0;
    std::uint8_t level = 0;
    bool live = false;
    double price = 0;
    double weight = 0;
    float score = 0;
    std::string name;
    std::string place;
    std::string note;
    std::vector<std::uint64_t> marks;
    std::vector<std::uint32_t> counts;
};

[[nodiscard]] inline record make_record(std::uint64_t i) {
    record r;
    uniform_state chance{i * 100};
    r.id = chance.below(1U << 30);
    r.owner = scatter(i);
    r.balance = static_cast<std::int64_t>(chance.below(1'000'000)) - 500'000;
    r.created = static_cast<std::int64_t>(chance.below(1ULL << 60));
    r.kind = static_cast<std::uint32_t>(chance.below(10));
    r.flags = static_cast<std::uint32_t>(chance.below(1ULL << 32));
    r.x = static_cast<std::int32_t>(chance.below(2000)) - 1000;
    r.y = static_cast<std::int32_t>(chance.below(2000)) - 1000;
    r.shelf = static_cast<std::uint16_t>(chance.below(1000));
    r.row = static_cast<std::uint16_t>(chance.below(100));
    r.level = static_cast<std::uint8_t>(chance.below(7));
    r.live = chance.below(2) == 1;
    r.price = static_cast<double>(chance.below(100'000)) / 8;
    r.weight = static_cast<double>(chance.below(100'000)) / 16;
    r.score = static_cast<float>(chance.below(1000)) / 4;
    for (std::string* text : {&r.name, &r.place, &r.note})
        for (std::uint64_t n = 5 + chance.below(30); n > 0; --n)
            *text += static_cast<char>('a' + chance.below(26));
    for (std::uint64_t n = chance.below(16); n > 0; --n) r.marks.push_back(scatter(n + i));
    for (std::uint64_t n = chance.below(16); n > 0; --n)
        r.counts.push_back(static_cast<std::uint32_t>(chance.below(1U << 20)));
    return r;
}

[[nodiscard]] inline std::uint64_t sum_of_text(std::string_view text) noexcept {
    return text.size() * 31 + static_cast<unsigned char>(text.front()) +
           static_cast<unsigned char>(text.back());
}
/// Of all fields, given one by one: what is decoded in place need not become a record.
template <class Marks, class Counts>
[[nodiscard]] std::uint64_t
sum_of_fields(auto id, auto owner, auto balance, auto created, auto kind, auto flags, auto x,
              auto y, auto shelf, auto row, auto level, auto live, double price, double weight,
              double score, std::string_view name, std::string_view place, std::string_view note,
              const Marks& marks, const Counts& counts) {
    const auto word = [](auto n) { return static_cast<std::uint64_t>(n); };
    std::uint64_t sum = word(id) + word(owner) + word(balance) + word(created) + word(kind) +
                        word(flags) + word(x) + word(y) + word(shelf) + word(row) + word(level) +
                        word(live) + word(price * 16) + word(weight * 16) + word(score * 4);
    sum += sum_of_text(name) + sum_of_text(place) + sum_of_text(note);
    for (const auto mark : marks) sum += mark;
    for (const auto n : counts) sum += n;
    return sum;
}
template <class Record>
[[nodiscard]] std::uint64_t sum_of(const Record& r) {
    return sum_of_fields(r.id, r.owner, r.balance, r.created, r.kind, r.flags, r.x, r.y, r.shelf,
                         r.row, r.level, r.live, r.price, r.weight, static_cast<double>(r.score),
                         r.name, r.place, r.note, r.marks, r.counts);
}

/// Where encodings are kept: room for each, whatever encodes.
struct encodings {
    static constexpr std::size_t room = 1024;
    std::vector<char> bytes;
    std::vector<std::size_t> sizes;

    explicit encodings(std::size_t records) : bytes(records * room), sizes(records) {}
    [[nodiscard]] char* at(std::size_t i) noexcept { return bytes.data() + i * room; }
    [[nodiscard]] const char* at(std::size_t i) const noexcept { return bytes.data() + i * room; }
};

} // namespace bench
