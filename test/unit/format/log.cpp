// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/worked_example.hpp"

#include <ashlar/batch.hpp>
#include <ashlar/format/log.hpp>
#include <ashlar/format/log_decoder.hpp>

#include <string>
#include <vector>

namespace {

using namespace ashlar;
using namespace ashlar::literals;
using ashlar_test::hexdump;
using ashlar_test::identity;
using step = log_decoder::step;

const identity uuid;

// A segment in memory. Every record says that the segment was durable up to where it begins, unless
// told otherwise.
struct segment {
    std::vector<std::byte> bytes = std::vector<std::byte>(sizeof(log_segment_header));
    log_encoder encoder;

    explicit segment(std::uint64_t number = 3, std::uint32_t end = 0, std::uint32_t sum = 0)
        : encoder{bytes.data(), uuid, number, 41, end, sum} {}
    void add(std::uint64_t sequence, bytes_view payload, bool synced = true) {
        const std::uint32_t at = encoder.offset();
        bytes.resize(at + log_record_size(payload.size()));
        copy_bytes(bytes.data() + at + sizeof(log_record_header), payload);
        encoder.encode(bytes.data() + at, log_record_kind::operations, sequence, payload.size(),
                       synced ? at : std::uint32_t{sizeof(log_segment_header)});
    }
};

struct outcome {
    std::vector<std::string> payloads;
    step last = step::damaged;
    std::uint32_t at = 0;
    std::uint32_t sum = 0;
};

outcome read(bytes_view bytes, const log_seal* seal = nullptr, std::uint64_t number = 3) {
    outcome seen;
    const auto head = decode_log_segment(bytes, uuid, number);
    if (!head) return seen;
    log_decoder decoder{bytes, *head};
    if (seal != nullptr) decoder.seal(*seal);
    log_record_view record;
    while ((seen.last = decoder.next(record)) == step::record)
        seen.payloads.push_back(record.payload.as<std::string>());
    seen.at = decoder.offset();
    seen.sum = decoder.sum();
    return seen;
}

bool is_prefix(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
    return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

segment sample(bool synced = true) {
    segment made;
    made.add(42, "first"_b, synced);
    made.add(43, "the second record"_b, synced);
    made.add(44, ""_b, synced);
    made.add(45, "12345678"_b, synced);
    return made;
}
const std::vector<std::string> sample_payloads{"first", "the second record", "", "12345678"};

} // namespace

TEST_CASE("log: the example of docs/formats.md, byte by byte") {
    write_batch batch;
    batch.put("k"_b, "v"_b);
    segment made;
    made.add(42, batch.operations().bytes());
    CHECK(hexdump({made.bytes.data(), made.bytes.size()}) ==
          "8a 61 73 68 57 0d 0a 1a 01 00 00 00 00 00 00 00\n"
          "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af\n"
          "03 00 00 00 00 00 00 00 29 00 00 00 00 00 00 00\n"
          "00 00 00 00 00 00 00 00 00 00 00 00 c9 cf b8 2c\n"
          "12 00 00 00 01 00 00 00 2a 00 00 00 00 00 00 00\n"
          "40 00 00 00 c9 cf b8 2c b5 3c b2 de cf ca 00 3a\n"
          "10 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00\n"
          "6b 76 00 00 00 00 00 00");
    const auto seen = read({made.bytes.data(), made.bytes.size()});
    CHECK(seen.last == step::end);
    REQUIRE(seen.payloads.size() == 1);
    CHECK(validate_operations(seen.payloads[0]));
}

TEST_CASE("log: what was encoded is decoded, in order, with sequences and offsets") {
    const segment made = sample();
    const bytes_view bytes{made.bytes.data(), made.bytes.size()};
    const auto head = decode_log_segment(bytes, uuid, 3);
    REQUIRE(head);
    CHECK(head->number == 3);
    CHECK(head->sequence == 41);
    log_decoder decoder{bytes, *head};
    log_record_view record;
    std::uint64_t sequence = 42;
    std::uint32_t offset = sizeof(log_segment_header);
    for (const std::string& payload : sample_payloads) {
        REQUIRE(decoder.next(record) == step::record);
        CHECK(record.kind == log_record_kind::operations);
        CHECK(record.payload == bytes_view{payload});
        CHECK(record.sequence == sequence++);
        CHECK(record.offset == offset);
        offset += static_cast<std::uint32_t>(log_record_size(payload.size()));
        CHECK(decoder.offset() == offset);
    }
    CHECK(decoder.next(record) == step::end);
    CHECK(decoder.sum() == made.encoder.sum());
    // An encoder that goes on there writes what the first one would have.
    log_encoder later{uuid, 3, decoder.offset(), decoder.sum()};
    segment longer = made;
    std::byte bytes_of_later[64];
    copy_bytes(bytes_of_later + 32, "more"_b);
    later.encode(bytes_of_later, log_record_kind::operations, 46, 4, made.encoder.offset());
    longer.add(46, "more"_b);
    CHECK(bytes_view{bytes_of_later, log_record_size(4)} ==
          bytes_view{longer.bytes.data() + made.bytes.size(), log_record_size(4)});
}

TEST_CASE("log: cut at every byte, a prefix of the records is left; sealed, a cut is damage") {
    const segment made = sample();
    const log_seal seal{made.encoder.offset(), made.encoder.sum()};
    for (std::size_t size = 0; size <= made.bytes.size(); ++size) {
        const bytes_view cut{made.bytes.data(), size};
        const auto open = read(cut);
        if (size >= sizeof(log_segment_header)) {
            CHECK((open.last == step::end || open.last == step::torn));
            CHECK(is_prefix(open.payloads, sample_payloads));
            CHECK(open.at <= size); // zeros of a header that is cut off are an end, too
        } else {
            CHECK_FALSE(decode_log_segment(cut, uuid, 3));
        }
        const auto sealed = read(cut, &seal);
        CHECK((sealed.last == step::end) == (size == made.bytes.size()));
    }
}

// G5: no single bit can change without being noticed. In a sealed segment it is always damage; in
// the open one, damage wherever a later record says that the place was durable.
TEST_CASE("log: every flipped bit is noticed") {
    const segment made = sample();
    const log_seal seal{made.encoder.offset(), made.encoder.sum()};
    const std::size_t last = made.bytes.size() - log_record_size(8);
    std::size_t flips = 0;
    for (std::size_t bit = 0; bit < made.bytes.size() * 8; ++bit, ++flips) {
        auto bytes = made.bytes;
        bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        const bytes_view altered{bytes.data(), bytes.size()};
        const auto sealed = read(altered, &seal);
        REQUIRE(sealed.last == step::damaged);
        REQUIRE(is_prefix(sealed.payloads, sample_payloads));
        const auto open = read(altered);
        REQUIRE(is_prefix(open.payloads, sample_payloads));
        if (bit / 8 < last) REQUIRE(open.last == step::damaged);
        else REQUIRE(open.last == step::torn);
    }
    CHECK(flips == made.bytes.size() * 8);
}

TEST_CASE("log: what no record vouches for may be missing, in any order") {
    const segment made = sample(false);
    for (std::size_t from = sizeof(log_segment_header); from < made.bytes.size(); from += 8) {
        auto bytes = made.bytes;
        for (std::size_t i = from; i < from + 8; ++i) bytes[i] = std::byte{};
        const auto seen = read({bytes.data(), bytes.size()});
        CHECK(seen.last != step::damaged);
        CHECK(is_prefix(seen.payloads, sample_payloads));
    }
}

TEST_CASE("log: room of zeros behind the records is the end; behind a hole it is damage") {
    segment made = sample();
    made.bytes.resize(made.bytes.size() + 4096);
    const auto whole = read({made.bytes.data(), made.bytes.size()});
    CHECK(whole.last == step::end);
    CHECK(whole.payloads == sample_payloads);
    std::fill(made.bytes.begin() + sizeof(log_segment_header), made.bytes.begin() + 104,
              std::byte{});
    CHECK(read({made.bytes.data(), made.bytes.size()}).last == step::damaged);
}

TEST_CASE("log: a record from another store, segment, place or time is none") {
    const segment made = sample();
    const std::size_t first = sizeof(log_segment_header);
    const std::size_t size = log_record_size(5);
    const auto with_first = [&](const std::vector<std::byte>& from, std::size_t at) {
        auto bytes = made.bytes;
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(at), size,
                    bytes.begin() + static_cast<std::ptrdiff_t>(first));
        return read({bytes.data(), bytes.size()});
    };
    segment other_number{4};
    other_number.add(42, "first"_b);
    CHECK(with_first(other_number.bytes, first).last == step::damaged);
    segment elsewhere;
    elsewhere.add(42, "first"_b);
    elsewhere.add(42, "first"_b);
    CHECK(with_first(elsewhere.bytes, first + size).last == step::damaged);
    segment other_past{3, 64, 12345}; // the same place, but another chain
    other_past.add(42, "first"_b);
    CHECK(with_first(other_past.bytes, first).last == step::damaged);
    CHECK(with_first(made.bytes, first).last == step::end);

    identity stranger;
    stranger.bytes[0] = std::byte{};
    const bytes_view bytes{made.bytes.data(), made.bytes.size()};
    CHECK(decode_log_segment(bytes, stranger, 3).error() == errc::foreign);
    CHECK(decode_log_segment(bytes, uuid, 4).error() == errc::foreign);
}

TEST_CASE("log: a newer version is named as such, an altered one as damage") {
    segment made;
    store_little(made.bytes.data() + 8, log_version + 1);
    const bytes_view bytes{made.bytes.data(), made.bytes.size()};
    error_detail detail;
    CHECK(decode_log_segment(bytes, uuid, 3, &detail).error() == errc::corrupt);
    CHECK(detail.position == 60);
    store_little(made.bytes.data() + 60, crc32c({made.bytes.data(), 60}));
    CHECK(decode_log_segment(bytes, uuid, 3, &detail).error() == errc::unsupported_version);
    CHECK(detail.position == 8);
}

TEST_CASE("log: a witness is found wherever it stands") {
    const segment made = sample();
    auto bytes = made.bytes;
    bytes[0] = std::byte{}; // the segment's own header is gone
    const log_decoder decoder{{bytes.data(), bytes.size()}, log_segment_seed(uuid, 3), 0};
    CHECK(decoder.has_witness(sizeof(log_segment_header), 0));
    const log_decoder empty{
        {bytes.data(), sizeof(log_segment_header)}, log_segment_seed(uuid, 3), 0};
    CHECK_FALSE(empty.has_witness(sizeof(log_segment_header), 0));
}
