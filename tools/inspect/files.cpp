// SPDX-License-Identifier: BSL-1.0
#include "inspect.hpp"

#include <ashlar/batch.hpp>
#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/format/feed_cursors.hpp>
#include <ashlar/format/log_decoder.hpp>
#include <ashlar/format/manifest.hpp>
#include <ashlar/format/snapshot.hpp>
#include <ashlar/format/snapshot_index.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

namespace {

using namespace ashlar;
using nlohmann::json;

std::string hex(bytes_view bytes) {
    std::string text;
    for (const std::byte b : bytes) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(b));
        text += two;
    }
    return text;
}

std::string sentence_of(const error_detail& detail) { return detail.message.c_str(); }

/// Operations of a record or block, counted by kind; -1 when they make no sense.
json operations_in(bytes_view payload) {
    std::uint64_t at = 0;
    if (!validate_operations(payload, &at)) return -1;
    std::vector<std::byte> own(payload.begin(), payload.end());
    std::size_t puts = 0, erased = 0, ranges = 0;
    for (const operation op : operation_list{own.data(), own.size()}) switch (op.kind) {
        case operation_kind::put:
        case operation_kind::add: ++puts; break;
        case operation_kind::erase: ++erased; break;
        case operation_kind::erase_range: ++ranges; break;
        }
    json counted = json::object();
    if (puts != 0) counted["put"] = puts;
    if (erased != 0) counted["erase"] = erased;
    if (ranges != 0) counted["erase_range"] = ranges;
    return counted;
}

json manifest_in(bytes_view bytes) {
    error_detail detail;
    const auto read = decode_manifest(bytes, &detail);
    if (!read) return {{"damage", sentence_of(detail)}, {"position", detail.position}};
    return {{"version", manifest_version},
            {"uuid", hex(read->uuid)},
            {"formats", std::string{read->formats.data(), read->formats.size()}}};
}

/// A segment's own header names store and number, so that it can be read without its manifest.
json segment_in(bytes_view bytes) {
    error_detail detail;
    const bool has_header = bytes.size() >= sizeof(log_segment_header);
    const bytes_view uuid = has_header ? bytes.skip(16).first(16) : bytes_view{};
    const auto number = has_header ? load_little<std::uint64_t>(bytes.data() + 32) : 0;
    const auto head = decode_log_segment(bytes, uuid, number, &detail);
    if (!head) return {{"damage", sentence_of(detail)}, {"position", detail.position}};
    json out = {{"version", log_version},
                {"uuid", hex(head->uuid)},
                {"number", head->number},
                {"sequence", head->sequence},
                {"previous_end", head->previous_end},
                {"closed", head->closed}};
    json records = json::array();
    log_decoder from{bytes, *head};
    for (;;) {
        log_record_view record;
        const auto step = from.next(record);
        if (step != log_decoder::step::record) {
            out["end"] = from.offset();
            if (step == log_decoder::step::torn) out["torn_bytes"] = from.torn();
            if (step == log_decoder::step::damaged) {
                out["damage"] = std::string{from.why().data(), from.why().size()};
                out["position"] = from.offset();
            }
            break;
        }
        json one = {{"offset", record.offset},
                    {"sequence", record.sequence},
                    {"size", record.payload.size()},
                    {"durable", record.durable}};
        if (record.kind == log_record_kind::operations)
            one["operations"] = operations_in(record.payload);
        else one["kind"] = static_cast<unsigned>(record.kind);
        records.push_back(std::move(one));
    }
    out["records"] = std::move(records);
    return out;
}

json snapshot_in(bytes_view bytes) {
    const auto broken = [](std::uint64_t position, const char* why) {
        return json{{"damage", why}, {"position", position}};
    };
    if (bytes.size() < sizeof(snapshot_header)) return broken(bytes.size(), "cut off");
    const bytes_view uuid = bytes.skip(16).first(16);
    const auto number = load_little<std::uint64_t>(bytes.data() + 32);
    error_detail detail;
    const auto sequence = decode_snapshot_header(bytes.data(), uuid, number, &detail);
    if (!sequence) return {{"damage", sentence_of(detail)}, {"position", detail.position}};
    json out = {{"version", snapshot_version},
                {"uuid", hex(uuid)},
                {"redo_from_segment", number},
                {"sequence", *sequence}};
    const std::uint32_t seed = log_segment_seed(uuid, number);
    auto sum = load_little<std::uint32_t>(bytes.data() + 60);
    json blocks = json::array();
    for (std::size_t at = sizeof(snapshot_header);;) {
        const bytes_view left = bytes.skip(at);
        const auto block = left.size() < sizeof(log_record_header)
                               ? result<snapshot_block_view>{errc::corrupt}
                               : decode_snapshot_block(left.data(), seed, at, sum);
        const std::size_t size = block ? log_record_size(block->payload_size) : 0;
        const bool sound =
            block && size <= left.size() &&
            crc32c(left.skip(sizeof(log_record_header)).first(block->payload_size)) ==
                block->payload_sum;
        if (!sound) {
            out.update(broken(at, "a block is cut off or was altered"));
            break;
        }
        sum = block->sum;
        at += size;
        if (block->kind == snapshot_block::end) {
            if (block->payload_size == sizeof(snapshot_end)) {
                const auto end = decode_snapshot_end(left.data() + sizeof(log_record_header));
                out["rows"] = end.rows;
                out["redo_to"] = {{"segment", end.redo_segment}, {"offset", end.redo_offset}};
            }
            if (at != bytes.size() || block->payload_size != sizeof(snapshot_end))
                out.update(broken(at, "something stands behind the end"));
            break;
        }
        blocks.push_back({{"offset", at - size}, {"size", size}, {"rows_so_far", block->rows}});
    }
    out["blocks"] = std::move(blocks);
    return out;
}

json index_in(bytes_view bytes) {
    constexpr std::size_t size = sizeof(snapshot_index_part);
    json out = {{"version", snapshot_index_version}};
    snapshot_index_part part{};
    std::uint64_t at = sizeof(snapshot_index_header);
    const auto broken = [&](const char* why) {
        out.update({{"damage", why}, {"position", at}});
        return out;
    };
    if (bytes.size() < at) return broken("cut off");
    const bytes_view uuid = bytes.skip(16).first(16);
    const auto number = load_little<std::uint64_t>(bytes.data() + 32);
    const auto sum = decode_snapshot_index_header(bytes.data(), uuid, number);
    if (!sum) return at = 0, broken(name_of(sum.error().code));
    part.header_sum = *sum;
    out.update({{"uuid", hex(uuid)}, {"snapshot", number}, {"parts", json::array()}});
    for (;;) {
        if (bytes.size() - at < size) return broken("a part is cut off");
        const auto read = decode_index_part(bytes.data() + at, part);
        if (!read) return broken("a part's header was altered");
        part = *read;
        const std::uint64_t tables = index_tables_size(part);
        const std::uint64_t whole = size + tables + std::uint64_t{8} * part.rows;
        if (whole > bytes.size() - at) return broken("a part is cut off");
        if (crc32c(bytes.skip(at + size).first(tables)) != part.tables_sum)
            return broken("a part's tables were altered");
        if (part.rows == 0) break;
        out["parts"].push_back({{"offset", at}, {"rows", part.rows}, {"blocks", part.blocks}});
        at += whole;
    }
    out["rows"] = part.rows_so_far;
    out["snapshot_size"] = decode_index_end(bytes.data() + at + size).snapshot_size;
    at += size + sizeof(snapshot_index_end);
    return at == bytes.size() ? out : broken("something stands behind the end");
}

/// Where those who follow a store's changes stand in its log.
json cursors_in(bytes_view bytes) {
    const bytes_view uuid =
        bytes.size() < sizeof(feed_cursors_header) ? bytes_view{} : bytes.skip(16).first(16);
    json cursors = json::array();
    error_detail detail;
    const auto read = decode_feed_cursors(
        bytes, uuid,
        [&](const feed_cursor_entry& one, bytes_view name) -> result<void> {
            cursors.push_back(
                {{"name", std::string{reinterpret_cast<const char*>(name.data()), name.size()}},
                 {"after", one.after},
                 {"segment", one.segment},
                 {"offset", one.offset}});
            return {};
        },
        &detail);
    if (!read) return {{"damage", sentence_of(detail)}, {"position", detail.position}};
    return {{"version", feed_cursors_version}, {"uuid", hex(uuid)}, {"cursors", cursors}};
}

/// What a file of a store's is by its name, whatever is in it; null for what is none of its.
const char* kind_named(const std::string& name) {
    using log_parts::numbered_name;
    if (name == "ashlar.manifest") return "manifest";
    if (name == "feed-cursors") return "feed cursors";
    if (numbered_name::number_in(text_view{name}, log_parts::segment_prefix) != 0)
        return "log segment";
    if (numbered_name::number_in(text_view{name}, log_parts::snapshot_prefix) != 0)
        return "snapshot";
    if (numbered_name::number_in(text_view{name}, log_parts::index_prefix) != 0)
        return "snapshot index";
    return nullptr;
}

/// Null for what is no file of ashlar's.
json file_in(bytes_view bytes, const std::string& name) {
    struct known {
        const std::byte* magic;
        const char* name;
        json (*read)(bytes_view);
    };
    static constexpr known kinds[] = {{manifest_magic, "manifest", manifest_in},
                                      {log_magic, "log segment", segment_in},
                                      {snapshot_magic, "snapshot", snapshot_in},
                                      {snapshot_index_magic, "snapshot index", index_in},
                                      {feed_cursors_magic, "feed cursors", cursors_in}};
    for (const known& kind : kinds) {
        if (!bytes.starts_with({kind.magic, 8})) continue;
        json out = kind.read(bytes);
        out["kind"] = kind.name;
        return out;
    }
    if (log_parts::numbered_name::number_in(text_view{name}, log_parts::spare_prefix) != 0)
        return {{"kind", "spare segment"}};
    const char* const kind = kind_named(name);
    if (kind == nullptr) return nullptr;
    return {{"kind", kind}, {"damage", "it does not begin as its name says"}, {"position", 0}};
}

void print_list(const json& list) {
    for (const json& each : list) {
        std::string line = "   ";
        for (const auto& [name, value] : each.items())
            line += " " + name + "=" + value.dump(-1, ' ', false, json::error_handler_t::replace);
        std::puts(line.c_str());
    }
}

void print(const json& file) {
    std::printf("%s: %s\n", file["file"].get<std::string>().c_str(),
                file["kind"].get<std::string>().c_str());
    for (const auto& [name, value] : file.items()) {
        if (name == "file" || name == "kind" || value.is_array()) continue;
        std::printf("  %s: %s\n", name.c_str(),
                    value.is_string() ? value.get<std::string>().c_str() : value.dump().c_str());
    }
    for (const char* list : {"records", "blocks", "cursors"})
        if (file.contains(list)) print_list(file[list]);
}

std::string text_of(std::ifstream& in) {
    std::string text;
    constexpr std::size_t piece = std::size_t{1} << 20;
    while (in) {
        const std::size_t size = text.size();
        text.resize(size + piece);
        in.read(text.data() + size, piece);
        text.resize(size + static_cast<std::size_t>(in.gcount()));
    }
    return text;
}

} // namespace

int inspect::files(const std::string& path, bool as_json) {
    std::vector<std::filesystem::path> paths{path};
    std::error_code ignored, listed;
    if (std::filesystem::is_directory(path, ignored)) {
        paths.clear();
        std::filesystem::directory_iterator each{path, listed};
        for (; !listed && each != std::filesystem::directory_iterator{}; each.increment(listed))
            if (!each->is_directory(ignored)) paths.push_back(each->path()); // other engines' own
        std::sort(paths.begin(), paths.end());
    }
    const auto complain = [](const std::string& of, const std::string& what) {
        std::fprintf(stderr, "ashlar-inspect: %s %s\n", of.c_str(), what.c_str());
    };
    if (listed) return complain(path, "can't be listed: " + listed.message()), unknown;
    json all = json::array();
    bool broken = false, unread = false;
    for (const auto& each : paths) {
        // A pipe would be waited for.
        const bool is_file = std::filesystem::is_regular_file(each, ignored);
        std::ifstream in;
        if (is_file) in.open(each, std::ios::binary);
        if (!in.is_open()) {
            complain(each.string(), is_file ? "can't be read" : "is no file");
            unread = true;
            continue;
        }
        const std::string text = text_of(in);
        if (in.bad()) {
            complain(each.string(), "can't be read to its end");
            unread = true;
            continue;
        }
        json file = file_in(bytes_view{text}, each.filename().string());
        if (file.is_null()) continue;
        file["file"] = each.string();
        file["bytes"] = text.size();
        broken = broken || file.contains("damage");
        all.push_back(std::move(file));
    }
    if (all.empty()) {
        complain(path, "holds no file that it knows");
        return unknown;
    }
    if (as_json) std::puts(all.dump(2, ' ', false, json::error_handler_t::replace).c_str());
    else
        for (const json& file : all) print(file);
    if (broken) return damaged;
    return unread ? unknown : whole;
}
