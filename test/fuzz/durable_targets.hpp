// SPDX-License-Identifier: BSL-1.0
#pragma once

// What every file of a store, and every other thing that it reads back, must bear: any bytes. A
// fuzzer does not get past a checksum by itself, so files are also tried with all sums put right.

#include "targets.hpp"

#include <ashlar/backend/flash/log.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/batch.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/simulated.hpp>
#include <ashlar/face/scan.hpp>
#include <ashlar/format/feed_cursors.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <cstring>
#include <string>
#include <vector>

namespace fuzz {

using byte_list = std::vector<std::byte>;

inline constexpr std::size_t head_size = sizeof(ashlar::log_segment_header);
inline constexpr std::size_t record_head_size = sizeof(ashlar::log_record_header);

// --- single decoders -----------------------------------------------------------------------------

inline void manifest(ashlar::bytes_view in) {
    const auto judge = [](ashlar::bytes_view bytes) {
        const ashlar::testing::law::exact_copy input{bytes};
        ashlar::error_detail detail;
        const auto read = ashlar::decode_manifest(input.view(), &detail);
        if (!read) return demand(!detail.message.empty(), "a refusal has a sentence");
        byte_list again(bytes.size());
        ashlar::encode_manifest(again.data(), read->uuid, read->formats);
        demand(ashlar::bytes_view{again} == bytes, "a manifest is written as it was read");
    };
    judge(in);
    byte_list mended(in.begin(), in.end());
    if (mended.size() < sizeof(ashlar::manifest_header)) return;
    std::memcpy(mended.data(), ashlar::manifest_magic, sizeof ashlar::manifest_magic);
    const ashlar::bytes_view text = ashlar::bytes_view{mended}.skip(40);
    ashlar::store_little(mended.data() + 32, ashlar::crc32c(text));
    ashlar::store_little(mended.data() + 36, ashlar::crc32c({mended.data(), 36}));
    judge(mended);
}

inline void feed_cursors(ashlar::bytes_view in) {
    const auto judge = [](const byte_list& bytes) {
        const ashlar::testing::law::exact_copy input{bytes};
        if (bytes.size() < 36) return;
        std::size_t size = sizeof(ashlar::feed_cursors_header) + 4;
        const auto read = ashlar::decode_feed_cursors(
            input.view(), input.view().skip(16).first(16),
            [&](const ashlar::feed_cursor_entry& entry, ashlar::bytes_view name) {
                demand(name.size() == entry.name_size && !name.empty(), "names have their size");
                size += sizeof entry + name.size();
                return ashlar::result<void>{};
            });
        demand(!read || size == bytes.size(), "entries fill the file");
    };
    byte_list bytes(in.begin(), in.end());
    judge(bytes);
    if (bytes.size() < 36) return;
    std::memcpy(bytes.data(), ashlar::feed_cursors_magic, sizeof ashlar::feed_cursors_magic);
    bytes[13] = bytes[14] = bytes[15] = std::byte{}; // a count that may fit
    const std::size_t end = bytes.size() - 4;
    ashlar::store_little(bytes.data() + end, ashlar::crc32c({bytes.data(), end}));
    judge(bytes);
}

/// Both sections of a batch, as logs and replicas get them.
inline void batch(ashlar::bytes_view in) {
    const auto judge = [&](auto list, auto valid) {
        byte_list own(in.begin(), in.end());
        std::uint64_t position = 0;
        if (!valid(own, &position))
            return demand(position <= own.size(), "damage has a place within the bytes");
        std::size_t size = 0;
        for (const auto entry : decltype(list){own.data(), own.size()}) {
            size += sizeof(ashlar::batch_entry) + entry.key.size();
            if constexpr (requires { entry.value; }) size += entry.value.size();
            else size += entry.operand.size();
        }
        demand(size == own.size(), "entries fill a section that was found valid");
    };
    judge(ashlar::check_list{},
          [](const auto& b, auto* at) { return ashlar::validate_checks(b, at).has_value(); });
    judge(ashlar::operation_list{},
          [](const auto& b, auto* at) { return ashlar::validate_operations(b, at).has_value(); });
}

/// A flash chip of any content mounts or is refused; what it then says can be trusted to fit.
inline void flash_image(ashlar::bytes_view in) {
    using model = ashlar::testing::flash_model<256, 3, 4>;
    model::chip_type chip;
    std::memcpy(chip.bytes.data(), in.data(), in.size() < chip.size ? in.size() : chip.size);
    // Sector headers with their sums right, where the input has a magic number.
    std::byte own[16];
    ashlar::store_little(own, std::uint32_t{0x676F6C61});
    ashlar::store_little(own + 4, std::uint32_t{256});
    ashlar::store_little(own + 8, std::uint32_t{3 | 4U << 16});
    ashlar::store_little(own + 12, std::uint32_t{7});
    for (std::uint32_t at = 0; at < chip.size; at += 256) {
        if (ashlar::load_little<std::uint32_t>(&chip.bytes[at]) != 0x676F6C61) continue;
        std::memcpy(&chip.bytes[at], own, sizeof own);
        chip.bytes[at + 20] = std::byte{ashlar::flash::format_version(4)};
        const std::uint32_t sum = ashlar::flash::sum_of(&chip.bytes[at], 21, 0);
        for (std::uint32_t i = 0; i < 3; ++i)
            chip.bytes[at + 21 + i] = static_cast<std::byte>(sum >> (8 + 8 * i));
    }
    ashlar::flash::log<model, 16> log{model{&chip}};
    if (log.mount(7) != ashlar::errc::ok) return;
    std::byte value[256];
    std::uint32_t size = 0;
    for (const char* key : {"a", "key1", "key2"}) {
        const auto found = log.get(ashlar::text_view{key}, value, sizeof value, size);
        demand(found != ashlar::errc::ok || size <= sizeof value, "values fit");
    }
    // Writing goes on wherever the log ends; on a chip that is not erased there it may be in vain.
    static_cast<void>(log.put(ashlar::text_view{"key1"}, ashlar::text_view{"mine"}));
    const auto again = log.get(ashlar::text_view{"key1"}, value, sizeof value, size);
    demand(again != ashlar::errc::ok || size <= sizeof value, "and fit after a write");
    demand(chip.mistakes == 0, "a device is driven as devices may be");
}

// --- files of a logged store ---------------------------------------------------------------------

/// A segment or snapshot of the input's bytes whose every sum is right. Sizes that don't fit are
/// cut to what is left.
inline byte_list mended(ashlar::bytes_view in, const std::byte* magic, std::uint64_t number) {
    byte_list out(in.begin(), in.end());
    if (out.size() < head_size) out.resize(head_size);
    std::memcpy(out.data(), magic, 8);
    ashlar::store_little(out.data() + 8, std::uint32_t{1});
    ashlar::store_little(out.data() + 12, std::uint32_t{0});
    std::memset(out.data() + 16, 0, 16);
    ashlar::store_little(out.data() + 32, number);
    std::uint32_t sum = ashlar::crc32c({out.data(), head_size - 4});
    ashlar::store_little(out.data() + head_size - 4, sum);
    const byte_list uuid(16);
    const std::uint32_t seed = ashlar::log_segment_seed(uuid, number);
    std::uint64_t rows = 0;
    for (std::size_t at = head_size; out.size() - at >= record_head_size;) {
        std::byte* const head = out.data() + at;
        const std::size_t left = out.size() - at - record_head_size;
        std::size_t size = ashlar::load_little<std::uint32_t>(head);
        if (ashlar::log_record_size(size) - record_head_size > left || size > left)
            size = size % (left + 1) / 8 * 8;
        const std::size_t whole = ashlar::log_record_size(size);
        ashlar::store_little(head, static_cast<std::uint32_t>(size));
        const ashlar::bytes_view body{head + record_head_size, size};
        std::memset(head + record_head_size + size, 0, whole - record_head_size - size);
        if (magic == ashlar::snapshot_magic) {
            if (ashlar::validate_section(body, 16, 16)) {
                auto* const data = head + record_head_size;
                for (const auto op : ashlar::operation_list{data, size})
                    static_cast<void>(op), ++rows;
            }
            ashlar::store_little(head + 8, rows);
        }
        ashlar::store_little(head + 20, sum);
        ashlar::store_little(head + 24, ashlar::crc32c(body));
        sum = ashlar::log_header_sum(head, seed, at);
        ashlar::store_little(head + 28, sum);
        at += whole;
    }
    return out;
}

/// Recovers an engine from files, and looks at every row and record it is shown. One of each target
/// lives as long as the program: making a world and an engine takes longer than most recoveries.
struct recovered {
    using row = ashlar::row_layout<ashlar::dynamic_extent, ashlar::dynamic_extent,
                                   ashlar::row_fields{.sequenced = true}>;
    using engine = ashlar::sorted_map<>::engine<row, ashlar::simulated, ashlar::single>;

    ashlar::simulated_world world{1};
    ashlar::simulated_world::presence here{world};
    engine rows{};

    recovered() { static_cast<void>(ashlar::simulated{}.make_directory("db")); }
    void file(const std::string& name, byte_list bytes) {
        world.overwrite("db/" + name, std::move(bytes));
    }
    /// Answers whether the files were refused. Sentences are made where `detail` is given.
    bool run(bool repair, ashlar::error_detail* detail) {
        static_cast<void>(rows.clear());
        const byte_list uuid(16);
        const ashlar::simulated environment;
        ashlar::log_parts::recovery<ashlar::simulated, ashlar::single, engine> from{
            environment, "db", uuid, rows, detail};
        const auto end = from.run(repair);
        if (!end) {
            demand(is_refusal(end.error()), "hostile files are refused by name");
            return true;
        }
        demand(end->position.offset >= head_size || repair, "a log ends behind its header");
        std::size_t count = 0;
        engine::position at{};
        const auto walked = rows.walk(
            at, [&](ashlar::bytes_view, ashlar::bytes_view) { return ++count != 0; }, ~0U);
        demand(walked.has_value() && count == rows.size(), "the rows can be walked");
        return false;
    }
    static bool is_refusal(ashlar::error e) {
        using enum ashlar::errc;
        for (const auto known : {corrupt, foreign, unsupported_version, out_of_memory, key_empty,
                                 key_too_long, value_too_long, range_invalid, invalid_argument})
            if (e == known) return true;
        return false;
    }
};

/// Making sentences takes most of a refusal's time: one input in four has them made.
inline ashlar::error_detail* some_detail(ashlar::bytes_view in) {
    static ashlar::error_detail detail;
    detail = {};
    return in.size() % 4 == 0 ? &detail : nullptr;
}

/// What does not begin as the file does is refused at once, one input in four as good as all.
inline bool is_worth_trying_raw(ashlar::bytes_view in, const std::byte* magic) {
    return in.size() % 4 == 0 || in.starts_with({magic, 8});
}

inline void log(ashlar::bytes_view in) {
    static recovered from;
    for (const bool sums : {false, true}) {
        if (!sums && !is_worth_trying_raw(in, ashlar::log_magic)) continue;
        from.file("log-0000000000000001",
                  sums ? mended(in, ashlar::log_magic, 1) : byte_list(in.begin(), in.end()));
        if (from.run(false, some_detail(in))) from.run(true, nullptr);
    }
}
inline void snapshot(ashlar::bytes_view in) {
    static recovered from;
    for (const bool sums : {false, true}) {
        if (!sums && !is_worth_trying_raw(in, ashlar::snapshot_magic)) continue;
        from.file("snapshot-0000000000000001",
                  sums ? mended(in, ashlar::snapshot_magic, 1) : byte_list(in.begin(), in.end()));
        const byte_list uuid(16);
        byte_list segment(head_size);
        const ashlar::log_encoder fresh{segment.data(), uuid, 1, 0, 0, 0};
        from.file("log-0000000000000001", segment);
        from.run(false, some_detail(in));
    }
}

/// What was written, after one change to its bytes: every record that is read back is one that was
/// written, in order; and what a record vouches for is not silently missing.
inline void log_change(ashlar::bytes_view in) {
    if (in.size() < 4) return;
    const std::size_t where = ashlar::load_little<std::uint16_t>(in.data());
    const auto mask = in[2];
    const std::size_t durable = static_cast<std::size_t>(in[3]);
    const byte_list uuid(16, std::byte{7});
    byte_list bytes(head_size);
    ashlar::log_encoder to{bytes.data(), uuid, 1, 0, 0, 0};
    std::vector<ashlar::bytes_view> written;
    std::vector<std::size_t> ends;
    std::size_t vouched = 0;
    for (ashlar::bytes_view left = in.skip(4); !left.empty();) {
        const std::size_t size = static_cast<std::size_t>(left[0]) % left.size();
        const ashlar::bytes_view payload = left.skip(1).first(size);
        left = left.skip(1 + size);
        const std::size_t at = bytes.size();
        bytes.resize(at + ashlar::log_record_size(size));
        ashlar::copy_bytes(bytes.data() + at + record_head_size, payload);
        const std::size_t promised = durable < ends.size() ? ends[durable] : head_size;
        to.encode(bytes.data() + at, ashlar::log_record_kind::opaque, written.size() + 1, size,
                  static_cast<std::uint32_t>(promised));
        if (promised > vouched) vouched = promised;
        written.push_back(payload);
        ends.push_back(bytes.size());
    }
    const byte_list whole = bytes;
    bytes[where % bytes.size()] ^= mask;
    const auto head = ashlar::decode_log_segment(bytes, uuid, 1);
    if (!head) return demand(mask != std::byte{}, "what was written can be read");
    ashlar::log_decoder from{bytes, *head};
    ashlar::log_record_view record;
    std::size_t n = 0;
    auto step = from.next(record);
    for (; step == ashlar::log_decoder::step::record; step = from.next(record), ++n)
        demand(n < written.size() && record.payload == written[n] && record.sequence == n + 1,
               "only what was written is read");
    demand(n == written.size() || mask != std::byte{}, "all that was written is read");
    const std::size_t end = n == 0 ? head_size : ends[n - 1];
    demand(step == ashlar::log_decoder::step::damaged || end >= vouched,
           "what was durable is not silently missing");
}

// --- cursors -------------------------------------------------------------------------------------

inline void cursor(ashlar::bytes_view in) {
    const ashlar::testing::law::exact_copy input{in};
    const auto any = ashlar::face::cursor<ashlar::dynamic_extent>::from(input.view());
    if (any) {
        demand(any->view() == in, "a cursor is its bytes");
        demand(any->raw_key().size() + 8 == in.size() || in.empty(), "a key stands behind the tag");
    }
    const auto fixed = ashlar::face::cursor<8>::from(input.view());
    demand(!fixed || fixed->view() == in, "a cursor of fixed length, too");
}

} // namespace fuzz
