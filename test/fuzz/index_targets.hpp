// SPDX-License-Identifier: BSL-1.0
#pragma once

// The index of a snapshot, and reads that rest on it: any bytes, with their sums put right, too.

#include "durable_targets.hpp"

#include <ashlar/checkpoint/log/early_rows.hpp>

namespace fuzz {

/// A store of a snapshot in two blocks, with an index, and a log behind it that holds nothing.
struct indexed_store {
    static constexpr std::uint32_t count = 41;

    ashlar::simulated_world world{1};
    ashlar::simulated_world::presence here{world};
    byte_list uuid = byte_list(16);
    byte_list index;
    ashlar::snapshot_index_end end{};

    indexed_store() {
        const ashlar::simulated disk;
        bool done = disk.make_directory("db").has_value();
        ashlar::log_parts::snapshot_writer<ashlar::simulated> rows;
        ashlar::log_parts::index_writer<ashlar::simulated> of;
        done = done && rows.begin(disk, "db", uuid, 1, 0, 0) && of.begin(disk, "db", uuid, 1);
        for (std::uint32_t i = 0; done && i < count; ++i) {
            const auto block = rows.add(bytes_of(key(i)), bytes_of(row(i)));
            done = block && of.add(bytes_of(key(i)), *block);
        }
        byte_list segment(head_size);
        const ashlar::log_encoder fresh{segment.data(), uuid, 1, 0, 0, 0};
        world.overwrite("db/log-0000000000000001", segment);
        done = done && rows.finish({1, head_size, fresh.sum()});
        end = {rows.size(), rows.sum(), 0};
        done = done && of.finish(end) && of.publish(disk, "db", 1) &&
               disk.rename("db/snapshot.new", "db/snapshot-0000000000000001");
        demand(done, "the store is made");
        index = world.contents("db/index-0000000000000001");
    }
    void set(byte_list bytes) { world.overwrite("db/index-0000000000000001", std::move(bytes)); }
    static std::string key(std::uint32_t i) { return "key " + std::to_string(i); }
    static std::string row(std::uint32_t i) { return std::string(i == 20 ? 66'000 : i, 'r'); }
    static ashlar::bytes_view bytes_of(const std::string& text) {
        return ashlar::bytes_view{ashlar::text_view{text}};
    }
};

/// The bytes as an index whose every sum and count is right. Tags are those of keys that there are.
inline byte_list mended_index(ashlar::bytes_view in, const indexed_store& of) {
    byte_list out(in.begin(), in.end());
    if (out.size() < sizeof(ashlar::snapshot_index_header))
        out.resize(sizeof(ashlar::snapshot_index_header));
    ashlar::snapshot_index_part part{};
    part.header_sum = ashlar::encode_snapshot_index_header(out.data(), of.uuid, 1);
    std::size_t at = sizeof(ashlar::snapshot_index_header);
    constexpr std::size_t head = sizeof(ashlar::snapshot_index_part);
    while (out.size() - at > head + 64 + 8) { // room for most tables, and a row
        std::byte* const to = out.data() + at;
        const unsigned bits = static_cast<unsigned>(to[8]) % 3;
        const std::uint32_t blocks = static_cast<std::uint32_t>(to[4]) % 5;
        const std::size_t buckets = std::size_t{8} << bits;
        const std::size_t tables = buckets + std::size_t{8} * blocks;
        const std::size_t room = (out.size() - at - head - tables) / 8;
        const auto rows = static_cast<std::uint32_t>(1 + static_cast<std::size_t>(to[0]) %
                                                             (room < 64 ? room : 64));
        std::byte* const entries = to + head + tables;
        for (std::uint32_t i = 0; i < rows; ++i) {
            const auto which = ashlar::load_little<std::uint32_t>(entries + 8 * i);
            const std::string key = indexed_store::key(which % indexed_store::count);
            ashlar::store_little(entries + 8 * i, ashlar::index_tag(indexed_store::bytes_of(key)));
            entries[8 * i + 5] = entries[8 * i + 6] = entries[8 * i + 7] = std::byte{};
        }
        std::uint32_t begin = 0;
        for (std::size_t b = 0; b < buckets; b += 8) {
            std::byte* const bucket = to + head + b;
            std::uint32_t end = b + 8 == buckets ? rows : static_cast<std::uint32_t>(bucket[0]);
            end = end < begin ? begin : end > rows ? rows : end;
            ashlar::store_little(bucket, end);
            ashlar::store_little(bucket + 4, ashlar::crc32c({entries + std::size_t{8} * begin,
                                                             std::size_t{8} * (end - begin)}));
            begin = end;
        }
        part = {rows,
                blocks,
                bits,
                ashlar::crc32c({to + head, tables}),
                part.rows_so_far + rows,
                part.header_sum,
                0};
        part.header_sum = ashlar::encode_index_part(to, part);
        at += head + tables + std::size_t{8} * rows;
    }
    out.resize(at + head + sizeof(ashlar::snapshot_index_end));
    ashlar::encode_index_end(out.data() + at + head, of.end);
    part = {0,
            0,
            0,
            ashlar::crc32c({out.data() + at + head, sizeof(ashlar::snapshot_index_end)}),
            part.rows_so_far,
            part.header_sum,
            0};
    ashlar::encode_index_part(out.data() + at, part);
    return out;
}

/// What an early read answers is what the snapshot holds, or a refusal.
inline void read_all_early(const indexed_store& from) {
    ashlar::log_parts::early_rows<ashlar::simulated> rows{ashlar::simulated{}};
    if (!rows.open("db", from.uuid)) return;
    for (std::uint32_t i = 0; i <= indexed_store::count; i += 5) { // 0, 5, 20, 40 among them
        std::string found;
        const auto show = [&](ashlar::bytes_view row) { found = row.as<std::string>(); };
        const auto read = rows.read(indexed_store::bytes_of(indexed_store::key(i)), show);
        demand(!read || (*read && found == indexed_store::row(i)), "rows are as they were written");
    }
}

inline void snapshot_index(ashlar::bytes_view in) {
    static indexed_store from;
    // As a file; as what has become of the right one: two bytes say where, then what is there now.
    if (is_worth_trying_raw(in, ashlar::snapshot_index_magic)) {
        from.set(byte_list(in.begin(), in.end()));
        read_all_early(from);
    }
    if (in.size() > 2 && in.size() < 16) {
        byte_list changed = from.index;
        std::size_t at = ashlar::load_little<std::uint16_t>(in.data());
        for (const std::byte b : in.skip(2)) changed[at++ % changed.size()] = b;
        from.set(changed);
        read_all_early(from);
    }
    from.set(mended_index(in, from));
    ashlar::log_parts::snapshot_reader<ashlar::simulated> snapshot;
    ashlar::log_parts::index_reader<ashlar::simulated> index;
    demand(snapshot.open(ashlar::simulated{}, "db", from.uuid, 1).has_value(), "it is sound");
    const auto rows = index.open(ashlar::simulated{}, "db", from.uuid, 1, from.end);
    demand(rows.has_value() && index.check_rows().has_value(),
           "what was mended is as it was written");
    for (std::uint32_t i = 0; i < indexed_store::count; i += 4) {
        ashlar::byte_buffer held;
        const auto looked =
            index.candidates(indexed_store::bytes_of(indexed_store::key(i)), [&](std::uint64_t at) {
                const auto there = snapshot.rows_of(at, held);
                demand(!there || at < snapshot.size(), "blocks are within the snapshot");
                return ashlar::result<bool>{true};
            });
        demand(looked || looked.error() == ashlar::errc::corrupt, "or the index is refused");
    }
}

} // namespace fuzz
