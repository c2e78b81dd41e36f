// SPDX-License-Identifier: BSL-1.0
// A seeded workload on flash, cut at every step of every operation, and what must hold afterwards.
#pragma once

#include <ashlar/backend/flash/log.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <map>
#include <string>
#include <vector>

namespace flash_bench {

using ashlar::errc;
using ashlar::testing::flash_cut;
using contents = std::map<std::string, std::string>;

/// What a workload asks for, at once.
struct step {
    std::vector<std::pair<std::string, std::string>> puts;
    std::vector<std::string> erases;
    void on(contents& rows) const {
        for (const auto& [key, value] : puts) rows[key] = value;
        for (const std::string& key : erases) rows.erase(key);
    }
};

struct options {
    std::uint32_t keys = 6;
    std::uint32_t longest = 20; ///< value
    std::uint64_t seed = 1;
};

template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule,
          ashlar::flash::tuning Tuning = ashlar::flash::tuning{}>
class bench {
  public:
    using model = ashlar::testing::flash_model<SectorSize, SectorCount, Granule>;
    using chip_type = typename model::chip_type;
    using log = ashlar::flash::log<model, 8, ashlar::retain_all, Tuning>;

    explicit bench(const options& how) : how_{how}, random_{how.seed} {
        chip.random = ashlar::testing::random_source{how.seed + 1};
    }

    chip_type chip;
    contents rows; ///< what was acknowledged
    std::uint64_t images = 0;
    std::uint64_t violations = 0;
    std::string first; ///< violation

    [[nodiscard]] static std::string key_of(std::uint64_t i) { return "k" + std::to_string(i); }

    [[nodiscard]] step any_step() {
        step s;
        const std::uint64_t n = random_.one_in(4) ? 1 + random_.below(3) : 1;
        for (std::uint64_t i = 0; i < n; ++i) {
            std::string key = key_of(random_.below(how_.keys));
            if (random_.one_in(5)) {
                s.erases.push_back(key);
            } else {
                std::string value(random_.below(how_.longest + 1), '\0');
                for (char& c : value) c = static_cast<char>(random_.next() >> 56);
                if (random_.one_in(4)) value.assign(value.size(), '\xFF');
                s.puts.emplace_back(key, value);
            }
        }
        return s;
    }

    [[nodiscard]] static errc carry_out(log& on, const step& s) {
        std::vector<ashlar::flash::change> changes;
        for (const auto& [key, value] : s.puts) changes.push_back({key, value, false});
        for (const std::string& key : s.erases) changes.push_back({key, {}, true});
        if (changes.size() == 1 && s.puts.size() == 1)
            return on.put(changes[0].key, changes[0].value);
        if (changes.size() == 1) {
            bool there = false;
            return on.erase(changes[0].key, there);
        }
        return on.apply(changes, [](const ashlar::flash::change& c) { return c; });
    }

    [[nodiscard]] log mounted(errc& done) {
        log fresh{model{&chip}};
        done = fresh.mount(7);
        return fresh;
    }

    /// Everything that the log shows; false when a key answers neither ok nor not_found.
    [[nodiscard]] bool shows(const log& of, contents& all) const {
        for (std::uint64_t i = 0; i < how_.keys; ++i) {
            std::byte value[300];
            std::uint32_t size = 0;
            const errc got = of.get(key_of(i), value, sizeof value, size);
            if (got == errc::ok)
                all[key_of(i)] = ashlar::bytes_view{value, size}.template as<std::string>();
            else if (got != errc::not_found) return false;
        }
        return true;
    }
    void expect(bool held, const char* what, std::uint64_t a = 0, std::uint64_t b = 0) {
        if (held) return;
        ++violations;
        if (first.empty())
            first = std::string{what} + " [seed " + std::to_string(how_.seed) + ", " +
                    std::to_string(a) + ", " + std::to_string(b) + "]";
    }

    /// Runs `count` steps; each is also cut everywhere, on copies of the chip.
    void cut_everywhere(std::size_t count) {
        errc done = errc::ok;
        log on = mounted(done);
        expect(done == errc::ok, "blank flash mounts");
        for (index_ = 0; index_ < count && violations == 0; ++index_) {
            const step s = any_step();
            const std::vector<std::byte> before = chip.bytes;
            const log log_before = on;
            const contents rows_before = rows;
            const std::uint64_t steps = chip.steps;
            done = carry_out(on, s);
            expect(done == errc::ok, ashlar::name_of(done), index_);
            s.on(rows);
            const std::uint64_t length = chip.steps - steps;
            const std::vector<std::byte> after = chip.bytes;
            for (std::uint64_t at = 1; at <= length && violations == 0; ++at)
                for (int kind = 0; kind < 4; ++kind) {
                    chip.bytes = before;
                    log cut = log_before;
                    if (cut_at(at, static_cast<flash_cut>(kind),
                               [&] { static_cast<void>(carry_out(cut, s)); }))
                        recover(rows_before, rows, 0);
                }
            chip.bytes = after;
        }
    }

    /// Runs `count` steps, without cuts; leaves the chip with their image.
    void fill(std::size_t count) {
        errc done = errc::ok;
        log on = mounted(done);
        expect(done == errc::ok, "mounts");
        for (index_ = 0; index_ < count; ++index_) {
            const step s = any_step();
            expect(carry_out(on, s) == errc::ok, "a step succeeds", index_);
            s.on(rows);
        }
    }

    /// What the flips of one image led to.
    struct tally {
        std::uint64_t right = 0;    ///< images that show every row
        std::uint64_t reported = 0; ///< images with a corrupt row
        std::uint64_t missing = 0;  ///< images with a row that is not_found
    };

    /// Every single flipped bit, at once and after `later` more steps, on other keys and with
    /// collections: a row is right, or is reported. `stride` 1 is every bit.
    [[nodiscard]] tally flip_everywhere(std::size_t later, std::uint32_t stride = 1) {
        tally sum;
        const std::vector<std::byte> image = chip.bytes;
        for (std::uint32_t bit = 0; bit < 8 * chip_type::size && violations == 0; bit += stride) {
            chip.bytes = image;
            chip.flip(bit);
            ++images;
            errc done = errc::ok;
            log on = mounted(done);
            expect(done == errc::ok, "an image with a flipped bit mounts", bit);
            if (done != errc::ok) break;
            bool corrupt = false, missing = false;
            judge(on, bit, corrupt, missing);
            for (std::size_t i = 0; i < later; ++i) {
                done = on.put("x" + std::to_string(i % 2), std::string(how_.longest / 2, 'x'));
                expect(done == errc::ok, "a flipped bit does not hinder writes", bit, i);
            }
            if (later != 0) judge(on, bit, corrupt, missing);
            on = mounted(done);
            expect(done == errc::ok, "an image with a flipped bit mounts again", bit);
            judge(on, bit, corrupt, missing);
            sum.reported += corrupt;
            sum.missing += missing;
            sum.right += !corrupt && !missing;
        }
        chip.bytes = image;
        return sum;
    }

  private:
    void judge(const log& on, std::uint32_t bit, bool& corrupt, bool& missing) {
        for (std::uint64_t i = 0; i < how_.keys; ++i) {
            std::byte value[300];
            std::uint32_t size = 0;
            const errc got = on.get(key_of(i), value, sizeof value, size);
            const auto row = rows.find(key_of(i));
            if (got == errc::ok)
                expect(row != rows.end() &&
                           ashlar::bytes_view{value, size} == ashlar::bytes_view{row->second},
                       "a flipped bit shows no stale or wrong row", bit, i);
            else expect(got == errc::corrupt || got == errc::not_found, "reported", bit, i);
            corrupt = corrupt || got == errc::corrupt;
            missing = missing || (got == errc::not_found && row != rows.end());
        }
    }

    /// False when this kind of cut is the same as a clean one there.
    template <class Body>
    bool cut_at(std::uint64_t at, flash_cut kind, Body body) {
        chip.power = at;
        chip.cut = kind;
        chip.cut_erase = false;
        body();
        chip.power_on();
        return kind == flash_cut::clean || kind == flash_cut::torn || chip.cut_erase;
    }

    /// The first mount after a cut, and the second after a cut in what follows.
    void recover(const contents& old_rows, const contents& new_rows, int depth) {
        ++images;
        const std::vector<std::byte> image = chip.bytes;
        const std::uint64_t steps = chip.steps;
        errc done = errc::ok;
        log on = mounted(done);
        expect(done == errc::ok, "an image after a cut mounts", index_, images);
        contents shown;
        const bool sound = shows(on, shown);
        expect(sound, "an image after a cut has no damage", index_, images);
        expect(!sound || shown == old_rows || shown == new_rows,
               "after a cut all rows are old or all are new", index_, images);
        if (violations != 0) return;
        // Life goes on: one more write, and what it does is cut as well.
        const step more = any_step();
        const std::uint64_t mount_steps = chip.steps - steps;
        done = carry_out(on, more);
        expect(done == errc::ok, "after a cut the log can be written", index_, images);
        contents next = shown;
        more.on(next);
        contents shown_next;
        expect(shows(on, shown_next) && shown_next == next, "what is written then is shown", index_,
               images);
        const std::uint64_t all_steps = chip.steps - steps;
        if (depth == 0) {
            const auto again = [&](std::uint64_t at, flash_cut kind) {
                chip.bytes = image;
                if (cut_at(at, kind, [&] {
                        errc ignored = errc::ok;
                        log second = mounted(ignored);
                        if (ignored == errc::ok) static_cast<void>(carry_out(second, more));
                    }))
                    recover(shown, next, 1);
            };
            for (std::uint64_t at = 1; at <= mount_steps; ++at)
                for (int kind = 0; kind < 4; ++kind) again(at, static_cast<flash_cut>(kind));
            if (all_steps > mount_steps) {
                const std::uint64_t at = mount_steps + 1 + random_.below(all_steps - mount_steps);
                again(at, static_cast<flash_cut>(random_.below(4)));
            }
        }
        chip.bytes = image;
    }

    options how_;
    ashlar::testing::random_source random_;
    std::size_t index_ = 0;
};

} // namespace flash_bench
