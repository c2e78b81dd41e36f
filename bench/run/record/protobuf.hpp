// SPDX-License-Identifier: BSL-1.0
/// @file Defines Protocol Buffers behind the verbs of COD. Messages are there before the clock
/// starts, and one is used again for all decoding: what it does best.
#pragma once

#include "record.hpp"

#include <record.pb.h>

#include <stdexcept>

namespace bench {

class protobuf_records {
  public:
    explicit protobuf_records(const std::vector<record>& records)
        : records_(records.size()), out_{records.size()} {
        for (std::size_t i = 0; i < records.size(); ++i) {
            const record& r = records[i];
            bench_proto::record& m = records_[i];
            m.set_id(r.id), m.set_owner(r.owner), m.set_balance(r.balance);
            m.set_created(static_cast<std::uint64_t>(r.created));
            m.set_kind(r.kind), m.set_flags(r.flags), m.set_x(r.x), m.set_y(r.y);
            m.set_shelf(r.shelf), m.set_row(r.row), m.set_level(r.level), m.set_live(r.live);
            m.set_price(r.price), m.set_weight(r.weight), m.set_score(r.score);
            m.set_name(r.name), m.set_place(r.place), m.set_note(r.note);
            for (const auto mark : r.marks) m.add_marks(mark);
            for (const auto n : r.counts) m.add_counts(n);
        }
    }
    void encode(std::size_t i) {
        out_.sizes[i] = records_[i].ByteSizeLong();
        if (out_.sizes[i] > encodings::room ||
            !records_[i].SerializeToArray(out_.at(i), static_cast<int>(encodings::room)))
            throw std::runtime_error{"protobuf: no room"};
    }
    std::uint64_t decode(std::size_t i) {
        bench_proto::record& m = decoded_;
        if (!m.ParseFromArray(out_.at(i), static_cast<int>(out_.sizes[i])))
            throw std::runtime_error{"protobuf: not decoded"};
        return sum_of_fields(m.id(), m.owner(), m.balance(), m.created(), m.kind(), m.flags(),
                             m.x(), m.y(), m.shelf(), m.row(), m.level(), m.live(), m.price(),
                             m.weight(), static_cast<double>(m.score()), m.name(), m.place(),
                             m.note(), m.marks(), m.counts());
    }

  private:
    std::vector<bench_proto::record> records_;
    bench_proto::record decoded_;
    encodings out_;
};

} // namespace bench
