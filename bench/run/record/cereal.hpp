// SPDX-License-Identifier: BSL-1.0
/// @file Defines cereal's binary archives behind the verbs of COD: over string streams, as its
/// documentation shows, and over memory, which is the best that can be done for it.
#pragma once

#include "record.hpp"

#include <cereal/archives/binary.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <cereal/version.hpp>
#include <sstream>
#include <streambuf>

namespace bench {

template <class Archive>
void serialize(Archive& a, record& r) {
    a(r.id, r.owner, r.balance, r.created, r.kind, r.flags, r.x, r.y, r.shelf, r.row, r.level,
      r.live, r.price, r.weight, r.score, r.name, r.place, r.note, r.marks, r.counts);
}

class cereal_string_streams {
  public:
    explicit cereal_string_streams(const std::vector<record>& records)
        : records_{records}, out_(records.size()) {}
    void encode(std::size_t i) {
        std::ostringstream stream;
        cereal::BinaryOutputArchive{stream}(records_[i]);
        out_[i] = stream.str();
    }
    std::uint64_t decode(std::size_t i) const {
        record r;
        return decode(i, r);
    }
    std::uint64_t decode(std::size_t i, record& r) const {
        std::istringstream stream{out_[i]};
        cereal::BinaryInputArchive{stream}(r);
        return sum_of(r);
    }

  private:
    const std::vector<record>& records_;
    std::vector<std::string> out_;
};

class cereal_memory {
    struct memory : std::streambuf {
        memory(char* at, std::size_t size) {
            setp(at, at + size);
            setg(at, at, at + size);
        }
        [[nodiscard]] std::size_t written() const {
            return static_cast<std::size_t>(pptr() - pbase());
        }
    };

  public:
    explicit cereal_memory(const std::vector<record>& records)
        : records_{records}, out_{records.size()} {}
    void encode(std::size_t i) {
        memory into{out_.at(i), encodings::room};
        std::ostream stream{&into};
        cereal::BinaryOutputArchive{stream}(records_[i]);
        out_.sizes[i] = into.written();
    }
    std::uint64_t decode(std::size_t i) const {
        record r;
        return decode(i, r);
    }
    std::uint64_t decode(std::size_t i, record& r) const {
        memory from{const_cast<char*>(out_.at(i)), out_.sizes[i]};
        std::istream stream{&from};
        cereal::BinaryInputArchive{stream}(r);
        return sum_of(r);
    }

  private:
    const std::vector<record>& records_;
    encodings out_;
};

} // namespace bench
