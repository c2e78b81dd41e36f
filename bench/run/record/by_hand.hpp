// SPDX-License-Identifier: BSL-1.0
/// @file Defines what one would write without a library: field after field, lengths checked.
#pragma once

#include "record.hpp"

#include <cstring>
#include <stdexcept>

namespace bench {

class by_hand {
  public:
    explicit by_hand(const std::vector<record>& records)
        : records_{records}, out_{records.size()} {}

    void encode(std::size_t i) {
        const record& r = records_[i];
        char* at = out_.at(i);
        const auto number = [&](const auto& n) {
            std::memcpy(at, &n, sizeof n);
            at += sizeof n;
        };
        const auto sequence = [&](const auto& s, std::size_t element) {
            number(static_cast<std::uint32_t>(s.size()));
            std::memcpy(at, s.data(), s.size() * element);
            at += s.size() * element;
        };
        number(r.id), number(r.owner), number(r.balance), number(r.created), number(r.kind);
        number(r.flags), number(r.x), number(r.y), number(r.shelf), number(r.row);
        number(r.level), number(r.live), number(r.price), number(r.weight), number(r.score);
        sequence(r.name, 1), sequence(r.place, 1), sequence(r.note, 1);
        sequence(r.marks, 8), sequence(r.counts, 4);
        out_.sizes[i] = static_cast<std::size_t>(at - out_.at(i));
    }
    std::uint64_t decode(std::size_t i) const {
        record r;
        return decode(i, r);
    }
    std::uint64_t decode(std::size_t i, record& r) const {
        const char* at = out_.at(i);
        const char* const end = at + out_.sizes[i];
        const auto need = [&](std::size_t n) {
            if (n > static_cast<std::size_t>(end - at)) throw std::runtime_error{"by hand: short"};
        };
        const auto number = [&](auto& n) {
            need(sizeof n);
            std::memcpy(&n, at, sizeof n);
            at += sizeof n;
        };
        const auto sequence = [&](auto& s, std::size_t element) {
            std::uint32_t n = 0;
            number(n);
            need(n * element);
            s.resize(n);
            if (n != 0) std::memcpy(s.data(), at, n * element);
            at += n * element;
        };
        number(r.id), number(r.owner), number(r.balance), number(r.created), number(r.kind);
        number(r.flags), number(r.x), number(r.y), number(r.shelf), number(r.row);
        number(r.level), number(r.live), number(r.price), number(r.weight), number(r.score);
        sequence(r.name, 1), sequence(r.place, 1), sequence(r.note, 1);
        sequence(r.marks, 8), sequence(r.counts, 4);
        return sum_of(r);
    }

  private:
    const std::vector<record>& records_;
    encodings out_;
};

} // namespace bench
