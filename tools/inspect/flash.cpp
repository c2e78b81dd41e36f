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
    [[nodiscard]] bool wide() const { return granule >= flash::wide_granule; }
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

/// What stands at a place of a sector. Format 2 has voids, format 1 has marks.
struct item {
    enum kind : std::uint8_t { record, torn, torn_header, unreadable, voiding };
    u32 at, size;
    kind is;
    u32 head = 0, value_size = 0; ///< of the header, if it can be read
    [[nodiscard]] u32 key_size() const { return head & 0xFF; }
};

/// Reads a header, with a flipped bit put right; false when there is none.
bool read_header(const image& of, u32 where, u32 sequence, item& out) {
    std::byte header[9]{};
    std::memcpy(header, &of.bytes[where], 8);
    const bool whole = flash::repair(header, sequence);
    out.head = load_little<u32>(header);
    out.value_size = out.head >> 24 | static_cast<u32>(header[4]) << 8;
    return whole;
}

/// The records of format 1; `end` is where they do.
std::vector<item> marked_items(const image& of, u32 base, u32 sequence, u32& end) {
    const geometry& g = of.shape;
    std::vector<item> all;
    bool searching = false;
    u32 at = g.first_record();
    while (at + g.granule + 8 <= g.sector_size) {
        const u32 where = base + at;
        const bool marked = of.marked(where + g.granule - g.mark_read());
        if (!marked && of.blank(where + g.granule, 8)) {
            if (!searching) break;
            at += g.granule;
            continue;
        }
        item one{at, 0, marked ? item::record : item::torn};
        const bool whole = read_header(of, where + g.granule, sequence, one);
        one.size = g.granule + g.rounded(8 + one.key_size() + one.value_size + 4);
        if (!whole || at + one.size > g.sector_size) {
            one.is = marked ? item::unreadable : item::torn_header;
            if (!searching) all.push_back(one);
            at += marked || searching ? g.granule : g.granule + g.rounded(8);
            searching = searching || marked;
            continue;
        }
        searching = false;
        all.push_back(one);
        at += one.size;
    }
    end = at;
    return all;
}

bool is_sound(const image& of, u32 body, const item& one) {
    const u32 size = one.key_size() + one.value_size + 4;
    const u32 sum = flash::sum_of(&of.bytes[body], size, 0);
    return sum == flash::checksum_residue || flash::flipped_bit(sum, 8 * size) != flash::no_bit;
}

/// The records of format 2. Those before a void, as many granules as it says, are torn; so is what
/// ends the newest sector and is not whole: the next opening will void it.
std::vector<item> voided_items(const image& of, u32 base, u32 sequence, bool newest, u32& end) {
    const geometry& g = of.shape;
    std::vector<item> all;
    bool searching = false;
    u32 at = end = g.first_record();
    const auto is_void = [](const item& one) {
        return (one.head & ~flash::tag_bits) == flash::void_flags && one.value_size == 0;
    };
    while (at + g.granule <= g.sector_size) {
        const bool blank = of.blank(base + at, g.granule);
        if (blank && !searching) break;
        item one{at, g.granule, item::record};
        bool whole = read_header(of, base + at, sequence, one);
        if (whole && is_void(one)) {
            one.is = item::voiding;
            const u32 back = (one.head & flash::tag_bits) * g.granule;
            for (item& before : all)
                if (before.at + back >= at && before.is != item::voiding) before.is = item::torn;
        } else if (whole) {
            one.size = g.rounded(8 + one.key_size() + one.value_size + 4);
            whole = at + one.size <= g.sector_size;
            item behind = one;
            if (at + 2 * g.granule <= g.sector_size &&
                read_header(of, base + at + g.granule, sequence, behind) && is_void(behind) &&
                (behind.head & flash::tag_bits) == 1)
                one.size = g.granule;
        }
        if (whole || !searching) {
            if (!whole) one.is = item::unreadable;
            all.push_back(one);
        }
        searching = !whole;
        at += whole ? one.size : g.granule;
        if (!blank) end = at;
    }
    // Voids that were torn up to the end of the sector, and what they are for.
    const bool no_room = !of.blank(base + g.sector_size - g.granule, g.granule);
    if (searching && (newest || no_room)) all.back().is = item::torn_header;
    const std::size_t last = all.size() - (searching && !all.empty() ? 2 : 1);
    if ((newest || (searching && no_room)) && last < all.size() && all[last].is == item::record &&
        !is_sound(of, base + all[last].at + 8, all[last]))
        all[last].is = item::torn;
    return all;
}

/// One sector's records; mirrors what docs/formats.md says of finding the next one.
void list_records(const image& of, u32 base, u32 sequence, bool newest, totals& sum) {
    const geometry& g = of.shape;
    u32 end = 0;
    const std::vector<item> items = g.wide() ? voided_items(of, base, sequence, newest, end)
                                             : marked_items(of, base, sequence, end);
    std::vector<std::pair<std::string, u32>> batch; // size 0 erases
    for (const item& one : items) {
        if (one.is == item::voiding) {
            std::printf("    %6x  void: %u bytes before it\n", one.at,
                        (one.head & flash::tag_bits) * g.granule);
            batch.clear();
            continue;
        }
        if (one.is == item::unreadable) {
            ++sum.damaged;
            std::printf("    %6x  DAMAGED: a record whose header can't be read\n", one.at);
            batch.clear();
            continue;
        }
        if (one.is == item::torn_header || (g.wide() && one.is == item::torn)) {
            ++sum.torn;
            std::printf("    %6x  torn\n", one.at);
            continue;
        }
        const u32 place = base + one.at + (g.wide() ? 0 : g.granule) + 8;
        const u32 size = one.key_size() + one.value_size + 4;
        std::vector<std::byte> body{&of.bytes[place], &of.bytes[place] + size};
        u32 total = flash::sum_of(body.data(), size, 0);
        const u32 bit = g.wide() && total != flash::checksum_residue
                            ? flash::flipped_bit(total, 8 * size)
                            : flash::no_bit;
        if (bit != flash::no_bit) {
            body[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
            total = flash::checksum_residue;
        }
        const bool torn = one.is == item::torn, sound = total == flash::checksum_residue;
        const std::string key = printable(body.data(), one.key_size());
        const char* const what = (one.head & flash::suspect) != 0     ? "suspect"
                                 : (one.head & flash::tombstone) != 0 ? "erased"
                                                                      : "value";
        std::printf("    %6x  %-7s %-24s %5u bytes%s%s%s%s\n", one.at, what, key.c_str(),
                    one.value_size,
                    (one.head & (flash::continued | flash::more)) != 0 ? ", of a batch" : "",
                    torn ? ", torn" : "", bit != flash::no_bit ? ", a flipped bit put right" : "",
                    !torn && !sound ? ", DAMAGED" : "");
        if (torn) {
            ++sum.torn;
            continue;
        }
        ++sum.records;
        sum.bytes += one.size;
        if (!sound || (one.head & flash::suspect) != 0) ++sum.damaged;
        if ((one.head & flash::continued) == 0) batch.clear();
        if (sound) batch.emplace_back(key, (one.head & flash::tombstone) != 0 ? 0 : one.size);
        if ((one.head & flash::more) != 0) continue;
        for (const auto& [name, bytes] : batch)
            if (bytes == 0) sum.live.erase(name);
            else sum.live[name] = bytes;
        batch.clear();
    }
    std::printf("    %6x  end; %u bytes left\n", end,
                end < g.sector_size ? g.sector_size - end : 0);
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
    for (std::size_t n = sizeof piece; n == sizeof piece;) {
        n = std::fread(piece, 1, sizeof piece, file);
        of.bytes.insert(of.bytes.end(), piece, piece + n);
    }
    const bool read_all = std::ferror(file) == 0;
    std::fclose(file);
    if (!read_all) {
        std::fprintf(stderr, "ashlar-inspect: %s can't be read\n", path);
        return 2;
    }
    if (!find_geometry(of)) {
        std::fprintf(stderr, "ashlar-inspect: %s holds no sector of a flash_log\n", path);
        return 2;
    }
    const geometry& g = of.shape;
    const std::byte version{flash::format_version(g.granule)};
    std::printf("flash_log, format %u: %u sectors of %u bytes, granule %u, fingerprint %08x\n",
                static_cast<unsigned>(version), g.sector_count, g.sector_size, g.granule,
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
        if (whole && header[4] != version) {
            std::printf("of format %u, which this program doesn't read\n",
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
        const bool last = sequence == newest - (collecting ? 1 : 0);
        list_records(of, base, sequence, last, sum);
    }
    u32 live = 0;
    for (const auto& row : sum.live) live += row.second;
    std::printf("%zu rows in %u bytes; %u records in %u bytes; %u torn; %u damaged\n",
                sum.live.size(), live, sum.records, sum.bytes, sum.torn, sum.damaged);
    std::printf("wear: %u sectors opened, %u erasures of each\n", newest - 63,
                (newest - 63) / g.sector_count);
    return sum.damaged != 0 ? 1 : 0;
}
