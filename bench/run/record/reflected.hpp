// SPDX-License-Identifier: BSL-1.0
/// @file Defines ashlar's reflected codec behind the verbs of COD.
#pragma once

#include "record.hpp"

#include <ashlar/codec/reflected.hpp>
#include <ashlar/codec/reflected/view.hpp>

#include <boost/hana/adapt_struct.hpp>

#include <stdexcept>

BOOST_HANA_ADAPT_STRUCT(bench::record, id, owner, balance, created, kind, flags, x, y, shelf, row,
                        level, live, price, weight, score, name, place, note, marks, counts);

namespace bench {

/// The same record where it lies.
struct record_view {
    std::uint64_t id, owner;
    std::int64_t balance, created;
    std::uint32_t kind, flags;
    std::int32_t x, y;
    std::uint16_t shelf, row;
    std::uint8_t level;
    bool live;
    double price, weight;
    float score;
    std::string_view name, place, note;
    ashlar::element_view<std::uint64_t> marks;
    ashlar::element_view<std::uint32_t> counts;
};

} // namespace bench

BOOST_HANA_ADAPT_STRUCT(bench::record_view, id, owner, balance, created, kind, flags, x, y, shelf,
                        row, level, live, price, weight, score, name, place, note, marks, counts);

namespace bench {

class reflected_records {
    using codec = ashlar::reflected::codec<record>;

  public:
    explicit reflected_records(const std::vector<record>& records)
        : records_{records}, out_{records.size()} {}
    void encode(std::size_t i) {
        const auto size = codec::size(records_[i]);
        if (!size || *size > encodings::room) throw std::runtime_error{"reflected: no room"};
        auto* const at = reinterpret_cast<std::byte*>(out_.at(i));
        out_.sizes[i] = static_cast<std::size_t>(codec::encode(records_[i], at) - at);
    }
    std::uint64_t decode(std::size_t i) const {
        ashlar::bytes_view in{std::string_view{out_.at(i), out_.sizes[i]}};
        const auto r = codec::decode_some(in);
        if (!r) throw std::runtime_error{"reflected: not decoded"};
        return sum_of(*r);
    }
    std::uint64_t decode(std::size_t i, record& r) const {
        ashlar::bytes_view in{std::string_view{out_.at(i), out_.sizes[i]}};
        if (!codec::decode_into(r, in)) throw std::runtime_error{"reflected: not decoded"};
        return sum_of(r);
    }

  protected:
    [[nodiscard]] ashlar::bytes_view stored(std::size_t i) const noexcept {
        return std::string_view{out_.at(i), out_.sizes[i]};
    }

  private:
    const std::vector<record>& records_;
    encodings out_;
};

/// Read where they lie.
class reflected_views : public reflected_records {
  public:
    using reflected_records::reflected_records;
    std::uint64_t decode(std::size_t i) const {
        const auto r = ashlar::view_as<record_view, record>(stored(i));
        if (!r) throw std::runtime_error{"reflected: no view"};
        return sum_of(*r);
    }
};

} // namespace bench
