// SPDX-License-Identifier: BSL-1.0
/// @file Defines FlatBuffers behind the verbs of COD. Decoding verifies, as hostile bytes demand,
/// and reads in place: no record is made, so it does less than the others.
#pragma once

#include "record.hpp"

#include <record_generated.h>

#include <cstring>
#include <stdexcept>

namespace bench {

class flatbuffers_records {
  public:
    explicit flatbuffers_records(const std::vector<record>& records)
        : records_{records}, out_{records.size()} {}
    void encode(std::size_t i) {
        const record& r = records_[i];
        builder_.Clear();
        const auto name = builder_.CreateString(r.name);
        const auto place = builder_.CreateString(r.place);
        const auto note = builder_.CreateString(r.note);
        const auto marks = builder_.CreateVector(r.marks);
        const auto counts = builder_.CreateVector(r.counts);
        builder_.Finish(bench_flat::Createrecord(
            builder_, r.id, r.owner, r.balance, r.created, r.kind, r.flags, r.x, r.y, r.shelf,
            r.row, r.level, r.live, r.price, r.weight, r.score, name, place, note, marks, counts));
        out_.sizes[i] = builder_.GetSize();
        if (out_.sizes[i] > encodings::room) throw std::runtime_error{"flatbuffers: no room"};
        std::memcpy(out_.at(i), builder_.GetBufferPointer(), out_.sizes[i]);
    }
    std::uint64_t decode(std::size_t i) const {
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(out_.at(i));
        flatbuffers::Verifier verifier{bytes, out_.sizes[i]};
        if (!bench_flat::VerifyrecordBuffer(verifier))
            throw std::runtime_error{"flatbuffers: not sound"};
        const auto& r = *bench_flat::Getrecord(bytes);
        return sum_of_fields(r.id(), r.owner(), r.balance(), r.created(), r.kind(), r.flags(),
                             r.x(), r.y(), r.shelf(), r.row(), r.level(), r.live(), r.price(),
                             r.weight(), static_cast<double>(r.score()), r.name()->string_view(),
                             r.place()->string_view(), r.note()->string_view(), *r.marks(),
                             *r.counts());
    }

  private:
    const std::vector<record>& records_;
    flatbuffers::FlatBufferBuilder builder_;
    encodings out_;
};

} // namespace bench
