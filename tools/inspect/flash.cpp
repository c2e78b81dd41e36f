// SPDX-License-Identifier: BSL-1.0
// A flash_log image describes its own geometry; it is read as docs/formats.md says, independently
// of the engine.
#include "inspect.hpp"

#include <ashlar/format/flash.hpp>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace {

namespace flash = ashlar::flash;
using ashlar::load_little;
using u32 = std::uint32_t;

struct geometry {
    u32 sector_size = 0, sector_count = 0, granule = 0, fingerprint = 0;
    [[nodiscard]] u32 rounded(u32 n) const { return (n + granule - 1) / granule * granule; }
    [[nodiscard]] u32 first_record() const { return rounded(flash::sector_header_size) + granule; }
    [[nodiscard]] u32 mark_read() const { return granule < 4 ? granule : 4; }
};

struct image {
    std::vector<std::byte> bytes;
    geometry shape;

    [[nodiscard]] bool marked(u32 at) const {
        u32 bits = 0;
        for (u32 i = shape.mark_read(); i-- != 0;)
            bits = bits << 8 | static_cast<u32>(bytes[at + i]);
        return (bits & bits >> 4 * shape.mark_read()) == 0;
    }
    [[nodiscard]] bool blank(u32 at, u32 n) const {
        for (u32 i = 0; i < n; ++i)
            if (bytes[at + i] != std::byte{0xFF}) return false;
        return true;
    }
};

/// The first sector header that is whole tells the geometry.
bool find_geometry(image& of) {
    const auto& b = of.bytes;
    for (std::size_t at = 0; at + flash::sector_header_size <= b.size(); at += 4) {
        if (load_little<u32>(&b[at]) != 0x676F6C61) continue;
        std::byte header[9]{};
        std::memcpy(header, &b[at + 16], 8);
        if (!flash::repair(header, flash::sum_of(&b[at], 16, 0))) continue;
        geometry g;
        g.sector_size = load_little<u32>(&b[at + 4]);
        g.sector_count = load_little<u32>(&b[at + 8]) & 0xFFFF;
        g.granule = load_little<u32>(&b[at + 8]) >> 16;
        g.fingerprint = load_little<u32>(&b[at + 12]);
        const bool sane = g.granule != 0 && g.granule <= 32 && (g.granule & (g.granule - 1)) == 0 &&
                          g.sector_count >= 2 && g.sector_size >= 64 &&
                          g.sector_size % g.granule == 0 && at % g.sector_size == 0 &&
                          std::uint64_t{g.sector_size} * g.sector_count <= b.size();
        if (!sane) continue;
        of.shape = g;
        return true;
    }
    return false;
}

std::string printable(const std::byte* key, u32 n) {
    std::string text;
    for (u32 i = 0; i < n; ++i) {
        const auto c = static_cast<unsigned char>(key[i]);
        if (c > 0x20 && c < 0x7F && c != '\\') {
            text += static_cast<char>(c);
        } else {
            char hex[5];
            std::snprintf(hex, sizeof hex, "\\x%02x", c);
            text += hex;
        }
    }
    return text;
}

struct totals {
    u32 records = 0, torn = 0, damaged = 0, bytes = 0;
    std::map<std::string, u32> live; ///< key -> bytes of its record
};

/// One sector's records; mirrors what docs/formats.md says of finding the next one.
void list_records(const image& of, u32 base, u32 sequence, totals& sum) {
    const geometry& g = of.shape;
    u32 at = g.first_record();
    bool searching = false;
    std::vector<std::pair<std::string, u32>> batch; // size 0 erases
    while (at + g.granule + 8 <= g.sector_size) {
        const u32 where = base + at;
        const bool marked = of.marked(where + g.granule - g.mark_read());
        std::byte header[9]{};
        std::memcpy(header, &of.bytes[where + g.granule], 8);
        if (!marked && of.blank(where + g.granule, 8)) {
            if (!searching) break;
            at += g.granule;
            continue;
        }
        const bool whole = flash::repair(header, sequence);
        const u32 first = load_little<u32>(header);
        const u32 key_size = first & 0xFF, value_size = first >> 24 | static_cast<u32>(header[4])
                                                                          << 8;
        const u32 size = g.granule + g.rounded(8 + key_size + value_size + 4);
        if (!whole || at + size > g.sector_size) {
            if (marked && !searching) {
                ++sum.damaged;
                std::printf("    %6x  DAMAGED: a record whose header can't be read\n", at);
            } else if (!searching) {
                ++sum.torn;
                std::printf("    %6x  torn in its header\n", at);
            }
            at += marked || searching ? g.granule : g.granule + g.rounded(8);
            searching = searching || marked;
            continue;
        }
        searching = false;
        const std::byte* const body = &of.bytes[where + g.granule + 8];
        const bool sound =
            flash::sum_of(body, key_size + value_size + 4, 0) == flash::checksum_residue;
        const std::string key = printable(body, key_size);
        const char* const what = (first & flash::suspect) != 0     ? "suspect"
                                 : (first & flash::tombstone) != 0 ? "erased"
                                                                   : "value";
        std::printf("    %6x  %-7s %-24s %5u bytes%s%s%s\n", at, what, key.c_str(), value_size,
                    (first & flash::continued) != 0 || (first & flash::more) != 0 ? ", of a batch"
                                                                                  : "",
                    !marked ? ", torn" : "", marked && !sound ? ", DAMAGED" : "");
        at += size;
        if (!marked) {
            ++sum.torn;
            continue;
        }
        ++sum.records;
        sum.bytes += size;
        if (!sound || (first & flash::suspect) != 0) ++sum.damaged;
        if ((first & flash::continued) == 0) batch.clear();
        if (sound) batch.emplace_back(key, (first & flash::tombstone) != 0 ? 0 : size);
        if ((first & flash::more) != 0) continue;
        for (const auto& [name, bytes] : batch)
            if (bytes == 0) sum.live.erase(name);
            else sum.live[name] = bytes;
        batch.clear();
    }
    std::printf("    %6x  end; %u bytes left\n", at, at < g.sector_size ? g.sector_size - at : 0);
}

} // namespace

int inspect::flash(const char* path) {
    image of;
    std::FILE* const file = std::fopen(path, "rb");
    if (file == nullptr) {
        std::fprintf(stderr, "ashlar-inspect: %s can't be opened\n", path);
        return 2;
    }
    std::byte piece[4096];
    for (std::size_t n; (n = std::fread(piece, 1, sizeof piece, file)) != 0;)
        of.bytes.insert(of.bytes.end(), piece, piece + n);
    std::fclose(file);
    if (!find_geometry(of)) {
        std::fprintf(stderr, "ashlar-inspect: %s holds no sector of a flash_log\n", path);
        return 2;
    }
    const geometry& g = of.shape;
    std::printf("flash_log, format %u: %u sectors of %u bytes, granule %u, fingerprint %08x\n",
                unsigned{flash::format_version}, g.sector_count, g.sector_size, g.granule,
                g.fingerprint);

    std::byte own[16];
    ashlar::store_little(own, u32{0x676F6C61});
    ashlar::store_little(own + 4, g.sector_size);
    ashlar::store_little(own + 8, g.sector_count | g.granule << 16);
    ashlar::store_little(own + 12, g.fingerprint);
    totals sum;
    std::map<u32, u32> in_use; // sequence -> base
    for (u32 i = 0; i < g.sector_count; ++i) {
        const u32 base = i * g.sector_size;
        std::byte header[9]{};
        std::memcpy(header, &of.bytes[base + 16], 8);
        const bool whole = flash::repair(header, flash::sum_of(own, 16, 0));
        const bool dead = of.marked(base + g.rounded(flash::sector_header_size));
        std::printf("  sector %u: ", i);
        if (whole && header[4] != std::byte{flash::format_version}) {
            std::printf("of format %u, newer than this program\n",
                        static_cast<unsigned>(header[4]));
            return 2;
        }
        const u32 sequence = load_little<u32>(header);
        if (!whole)
            std::printf("%s\n", of.blank(base, g.sector_size) ? "blank" : "free, no header");
        else if (dead) std::printf("free, was number %u\n", sequence - 63);
        else std::printf("number %u\n", sequence - 63);
        if (whole && !dead) in_use[sequence] = base;
    }
    if (in_use.empty()) return 2;
    const u32 newest = in_use.rbegin()->first;
    const bool collecting = in_use.size() == g.sector_count;
    for (const auto& [sequence, base] : in_use) {
        if (collecting && sequence == newest) {
            std::printf("  number %u: copies of a collection that was cut; not used\n",
                        sequence - 63);
            continue;
        }
        std::printf("  number %u, sector %u:\n", sequence - 63, base / g.sector_size);
        list_records(of, base, sequence, sum);
    }
    u32 live = 0;
    for (const auto& row : sum.live) live += row.second;
    std::printf("%zu rows in %u bytes; %u records in %u bytes; %u torn; %u damaged\n",
                sum.live.size(), live, sum.records, sum.bytes, sum.torn, sum.damaged);
    std::printf("wear: %u sectors opened, %u erasures of each\n", newest - 63,
                (newest - 63) / g.sector_count);
    return sum.damaged != 0 ? 1 : 0;
}
