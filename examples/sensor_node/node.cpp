// SPDX-License-Identifier: BSL-1.0
// A sensor node on a Cortex-M3: configuration, counters and a time series on flash. It is reset at
// any moment (test.py does so through QEMU's monitor) and must come back with everything that it
// said "ack" to.
#include "board.hpp"

#include <ashlar/presets/sensor_log.hpp>

#include <cstring>

extern "C" void board_save(const char* path, const void* from, std::uint32_t size);

namespace {

using ashlar::bytes_view;
using ashlar::errc;
using ashlar::literals::operator""_b;

/// NOR flash as QEMU lacks it: memory that no reset and no start-up code touches, and that is only
/// ever cleared bit by bit, slowly, so that resets meet it at work.
struct nor_flash {
    static constexpr std::uint32_t sector_size = 2048;
    static constexpr std::uint32_t sector_count = 8;
    static constexpr std::uint32_t granule = 4;
    static constexpr std::uint32_t size = sector_size * sector_count;

    static volatile std::uint8_t* at(std::uint32_t address) {
        return reinterpret_cast<volatile std::uint8_t*>(0x20100000U + address);
    }
    static errc read(std::uint32_t address, std::byte* to, std::uint32_t n) {
        for (std::uint32_t i = 0; i < n; ++i) to[i] = static_cast<std::byte>(*at(address + i));
        return errc::ok;
    }
    static errc program(std::uint32_t address, const std::byte* from, std::uint32_t n) {
        for (std::uint32_t i = 0; i < n; ++i) {
            *at(address + i) = *at(address + i) & static_cast<std::uint8_t>(from[i]);
            wait();
        }
        return errc::ok;
    }
    static errc erase(std::uint32_t address) {
        for (std::uint32_t i = 0; i < sector_size; ++i) {
            *at(address + i) = 0xFF;
            wait();
        }
        return errc::ok;
    }
    static void wait() {
        for (int i = 0; i < 50; ++i) __asm__ volatile("");
    }
};
static_assert(ashlar::flash_device<nor_flash>);

struct settings {
    static constexpr std::uint8_t version = 2;
    std::uint32_t period_ms;
    std::uint32_t last; // the reading that was counted together with this

    /// Version 1 had no `last`.
    static ashlar::result<settings> migrate(std::uint8_t from, bytes_view bytes) {
        if (from != 1 || bytes.size() != 4) return errc::unsupported_version;
        return settings{ashlar::load_little<std::uint32_t>(bytes.data()), 0};
    }
};

using preset = ashlar::sensor_log<nor_flash>;
constinit preset::log log;
constinit preset::readings readings{log};

void say(const char* what, std::uint32_t number) {
    char text[40];
    char* to = text;
    while (*what != '\0') *to++ = *what++;
    char digits[10];
    int n = 0;
    do {
        digits[n++] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (n != 0) *to++ = digits[--n];
    *to++ = '\n';
    *to = '\0';
    board_write(text);
}
[[noreturn]] void stop(const char* what, errc why) {
    say(what, static_cast<std::uint32_t>(why));
    board_exit(1);
}

std::uint32_t counter() {
    std::byte value[4];
    std::uint32_t size = 0;
    const errc got = log.get("counter"_b, value, sizeof value, size);
    if (got == errc::not_found) return 0;
    if (got != errc::ok) stop("LOST the counter ", got);
    return ashlar::load_little<std::uint32_t>(value);
}

/// One reading: counter and settings change together, then the series grows.
void measure(std::uint32_t n) {
    std::byte count[4], config[1 + sizeof(settings)];
    ashlar::store_little(count, n);
    const settings now{1000, n};
    config[0] = static_cast<std::byte>(settings::version);
    std::memcpy(config + 1, &now, sizeof now);
    const ashlar::flash::change both[] = {{"counter"_b, {count, 4}, false},
                                          {"settings"_b, {config, sizeof config}, false}};
    errc done = log.apply(both, [](const ashlar::flash::change& c) { return c; });
    if (done != errc::ok) stop("FAILED to count ", done);
    say("ack ", n);
    std::byte reading[8];
    ashlar::store_little(reading, std::uint64_t{n} * n);
    done = readings.append(n, {reading, 8});
    if (done != errc::ok) stop("FAILED to append ", done);
    say("read ", n);
}

/// What the counter says must be what the settings and the series say.
void check(std::uint32_t n) {
    const auto config = ashlar::flash::get_typed<settings>(log, "settings"_b);
    if (n != 0 && (!config || config->last != n)) stop("TORN batch ", config.error().code);
    std::uint64_t latest = 0;
    std::byte reading[8];
    std::uint32_t size = 0;
    const errc got = readings.latest(latest, reading, sizeof reading, size);
    if (got != errc::ok && !(got == errc::not_found && n <= 1)) stop("LOST the series ", got);
    say("series ", static_cast<std::uint32_t>(latest));
    std::uint64_t before = 0;
    bool whole = true;
    const errc all = readings.range(
        0, ~std::uint64_t{0}, reading, sizeof reading, [&](std::uint64_t time, bytes_view bytes) {
            whole = whole && (before == 0 || time == before + 1) &&
                    ashlar::load_little<std::uint64_t>(bytes.data()) == time * time;
            before = time;
        });
    if (all != errc::ok || !whole || before != latest) stop("WRONG series ", all);
}

} // namespace

int main() {
    // Flash comes erased from the factory; memory doesn't.
    volatile std::uint32_t* const factory = reinterpret_cast<volatile std::uint32_t*>(0x200FFF00U);
    if (*factory != 0x0FF1CE) {
        for (std::uint32_t i = 0; i < nor_flash::size; ++i) *nor_flash::at(i) = 0xFF;
        *factory = 0x0FF1CE;
    }
    if (const errc bad = log.mount(); bad != errc::ok) stop("FAILED to mount ", bad);
    std::uint32_t n = counter();
    say("boot ", n);
    check(n);
    // A reading that was counted but not appended before the reset is appended now.
    std::uint64_t latest = 0;
    std::byte reading[8];
    std::uint32_t size = 0;
    static_cast<void>(readings.latest(latest, reading, sizeof reading, size));
    if (latest < n) {
        ashlar::store_little(reading, std::uint64_t{n} * n);
        if (readings.append(n, {reading, 8}) != errc::ok) stop("FAILED to append ", errc::io);
        say("read ", n); // else the next boot could show two that nobody was told of
    }
    while (n < 3000) measure(++n);
    check(n);
    board_save("sensor_node.image", reinterpret_cast<const void*>(0x20100000U), nor_flash::size);
    say("done ", log.sectors_opened());
    return 0;
}
