// SPDX-License-Identifier: BSL-1.0
// A seeded workload on flash, cut at every step of every operation, and what must hold afterwards.
// The bench is compiled once and drives logs of any geometry through `subject`.
#pragma once

#include <ashlar/backend/flash/log.hpp>
#include <ashlar/testing/flash_model.hpp>

#include <memory>
#include <string>
#include <vector>

namespace flash_bench {

using ashlar::bytes_view;
using ashlar::errc;
using ashlar::flash::change;
using ashlar::testing::flash_cut;
using ashlar::testing::simulated_flash;

/// A log as the bench sees it.
class subject {
  public:
    virtual ~subject() = default;
    /// A log on the same chip which knows what this one knows.
    [[nodiscard]] virtual std::unique_ptr<subject> clone() const = 0;
    virtual errc mount() = 0;
    virtual errc get(bytes_view key, std::byte* out, std::uint32_t n, std::uint32_t& size) = 0;
    virtual errc put(bytes_view key, bytes_view value) = 0;
    virtual errc erase(bytes_view key, bool& there) = 0;
    virtual errc apply(const std::vector<change>& changes) = 0;
};

template <class Model, ashlar::flash::tuning Tuning>
class log_subject final : public subject {
  public:
    using log = ashlar::flash::log<Model, 8, ashlar::retain_all, Tuning>;
    explicit log_subject(simulated_flash& chip) : log_{Model{&chip}} {}
    std::unique_ptr<subject> clone() const override { return std::make_unique<log_subject>(*this); }
    errc mount() override { return log_.mount(7); }
    errc get(bytes_view key, std::byte* out, std::uint32_t n, std::uint32_t& size) override {
        return log_.get(key, out, n, size);
    }
    errc put(bytes_view key, bytes_view value) override { return log_.put(key, value); }
    errc erase(bytes_view key, bool& there) override { return log_.erase(key, there); }
    errc apply(const std::vector<change>& changes) override {
        return log_.apply(changes, [](const change& c) { return c; });
    }

  private:
    log log_;
};

/// A geometry, and logs on it.
struct geometry {
    std::uint32_t sector_size, sector_count, granule;
    std::unique_ptr<subject> (*log_on)(simulated_flash&);
};
template <std::uint32_t SectorSize, std::uint32_t SectorCount, std::uint32_t Granule,
          ashlar::flash::tuning Tuning = ashlar::flash::tuning{}>
[[nodiscard]] geometry geometry_of() {
    using model = ashlar::testing::flash_model<SectorSize, SectorCount, Granule>;
    return {SectorSize, SectorCount, Granule,
            [](simulated_flash& chip) -> std::unique_ptr<subject> {
                return std::make_unique<log_subject<model, Tuning>>(chip);
            }};
}

inline constexpr std::uint32_t keys = 6;
inline constexpr std::uint32_t longest = 20; ///< value
inline constexpr std::string_view names[] = {"k0", "k1", "k2", "k3", "k4", "k5"};

/// By key: empty when it isn't there, else '+' and its value.
using contents = std::vector<std::string>;

/// What a workload asks for, at once: contents of keys, empty for those to erase.
struct step {
    std::vector<std::pair<std::uint32_t, std::string>> rows;
    void on(contents& all) const {
        for (const auto& [key, row] : rows) all[key] = row;
    }
};

class bench {
  public:
    simulated_flash chip;
    contents rows = contents(keys); ///< what was acknowledged
    std::uint64_t images = 0;
    std::uint64_t violations = 0;
    std::string first; ///< violation

    bench(const geometry& shape, std::uint64_t seed)
        : chip{shape.sector_size, shape.sector_count, shape.granule}, shape_{shape}, seed_{seed},
          random_{seed} {
        chip.random = ashlar::testing::random_source{seed + 1};
    }

    /// Runs `count` steps; each is also cut everywhere, on copies of the chip.
    void cut_everywhere(std::size_t count) {
        errc done = errc::ok;
        auto on = mounted(done);
        expect(done == errc::ok, "blank flash mounts");
        for (index_ = 0; index_ < count && violations == 0; ++index_) {
            const step s = any_step();
            const std::vector<std::byte> before = chip.bytes;
            const auto log_before = on->clone();
            const contents rows_before = rows;
            const std::uint64_t steps = chip.steps;
            done = carry_out(*on, s);
            expect(done == errc::ok, ashlar::name_of(done), index_);
            s.on(rows);
            const std::uint64_t length = chip.steps - steps;
            const std::vector<std::byte> after = chip.bytes;
            for (std::uint64_t at = 1; at <= length && violations == 0; ++at)
                for (int kind = 0; kind < 5; ++kind) {
                    chip.bytes = before;
                    const auto cut = log_before->clone();
                    if (cut_at(at, static_cast<flash_cut>(kind),
                               [&] { static_cast<void>(carry_out(*cut, s)); }))
                        recover(rows_before, rows, 0);
                }
            chip.bytes = after;
        }
    }

    /// Runs `count` steps, without cuts; leaves the chip with their image.
    void fill(std::size_t count) {
        errc done = errc::ok;
        const auto on = mounted(done);
        expect(done == errc::ok, "mounts");
        for (index_ = 0; index_ < count; ++index_) {
            const step s = any_step();
            expect(carry_out(*on, s) == errc::ok, "a step succeeds", index_);
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
        for (std::uint32_t bit = 0; bit < 8 * chip.size && violations == 0; bit += stride) {
            chip.bytes = image;
            chip.flip(bit);
            ++images;
            errc done = errc::ok;
            auto on = mounted(done);
            expect(done == errc::ok, "an image with a flipped bit mounts", bit);
            if (done != errc::ok) break;
            bool corrupt = false, missing = false;
            judge(*on, bit, corrupt, missing);
            static const std::string filler(longest / 2, 'x');
            for (std::size_t i = 0; i < later; ++i) {
                done = on->put(std::string_view{i % 2 == 0 ? "x0" : "x1"}, filler);
                expect(done == errc::ok, "a flipped bit does not hinder writes", bit, i);
            }
            if (later != 0) judge(*on, bit, corrupt, missing);
            on = mounted(done);
            expect(done == errc::ok, "an image with a flipped bit mounts again", bit);
            judge(*on, bit, corrupt, missing);
            sum.reported += corrupt;
            sum.missing += missing;
            sum.right += !corrupt && !missing;
        }
        chip.bytes = image;
        return sum;
    }

  private:
    [[nodiscard]] step any_step() {
        step s;
        const std::uint64_t n = random_.one_in(4) ? 1 + random_.below(3) : 1;
        for (std::uint64_t i = 0; i < n; ++i) {
            const auto key = static_cast<std::uint32_t>(random_.below(keys));
            std::string row;
            if (!random_.one_in(5)) {
                row.assign(1 + random_.below(longest + 1), '+');
                const bool blank = random_.one_in(4);
                for (std::size_t at = 1; at < row.size(); ++at)
                    row[at] = blank ? '\xFF' : static_cast<char>(random_.next() >> 56);
            }
            s.rows.emplace_back(key, row);
        }
        return s;
    }

    [[nodiscard]] static errc carry_out(subject& on, const step& s) {
        const auto value_of = [](const std::string& row) {
            return row.empty() ? bytes_view{} : bytes_view{row}.skip(1);
        };
        const auto& [key, row] = s.rows.front();
        if (s.rows.size() == 1 && !row.empty()) return on.put(names[key], value_of(row));
        if (s.rows.size() == 1) {
            bool there = false;
            return on.erase(names[key], there);
        }
        std::vector<change> changes;
        for (const auto& [each, content] : s.rows)
            changes.push_back({names[each], value_of(content), content.empty()});
        return on.apply(changes);
    }

    [[nodiscard]] std::unique_ptr<subject> mounted(errc& done) {
        auto fresh = shape_.log_on(chip);
        done = fresh->mount();
        return fresh;
    }

    /// Everything that the log shows; false when a key answers neither ok nor not_found.
    [[nodiscard]] static bool shows(subject& of, contents& all) {
        all.assign(keys, {});
        for (std::uint32_t i = 0; i < keys; ++i) {
            std::byte value[2 * longest];
            std::uint32_t size = 0;
            const errc got = of.get(names[i], value, sizeof value, size);
            if (got == errc::ok) {
                if (size > longest) return false;
                all[i] = "+";
                all[i].append(reinterpret_cast<const char*>(value), size);
            } else if (got != errc::not_found) {
                return false;
            }
        }
        return true;
    }
    void expect(bool held, const char* what, std::uint64_t a = 0, std::uint64_t b = 0) {
        if (held) return;
        ++violations;
        if (first.empty())
            first = std::string{what} + " [seed " + std::to_string(seed_) + ", " +
                    std::to_string(a) + ", " + std::to_string(b) + "]";
    }

    void judge(subject& on, std::uint32_t bit, bool& corrupt, bool& missing) {
        for (std::uint32_t i = 0; i < keys; ++i) {
            std::byte value[2 * longest];
            std::uint32_t size = 0;
            const errc got = on.get(names[i], value, sizeof value, size);
            if (got == errc::ok)
                expect(!rows[i].empty() && size <= sizeof value &&
                           bytes_view{value, size} == bytes_view{rows[i]}.skip(1),
                       "a flipped bit shows no stale or wrong row", bit, i);
            else expect(got == errc::corrupt || got == errc::not_found, "reported", bit, i);
            corrupt = corrupt || got == errc::corrupt;
            missing = missing || (got == errc::not_found && !rows[i].empty());
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
        if (kind == flash_cut::late) return !chip.cut_erase;
        return kind == flash_cut::clean || kind == flash_cut::torn || chip.cut_erase;
    }

    /// The first mount after a cut, and the second after a cut in what follows. Cuts in what mount
    /// itself writes are followed by more of them.
    void recover(const contents& old_rows, const contents& new_rows, int depth) {
        ++images;
        const std::vector<std::byte> image = chip.bytes;
        const std::uint32_t torn = chip.cut_at;
        const std::uint64_t steps = chip.steps;
        errc done = errc::ok;
        const auto on = mounted(done);
        expect(done == errc::ok, "an image after a cut mounts", index_, images);
        contents shown;
        const bool sound = shows(*on, shown);
        expect(sound, "an image after a cut has no damage", index_, images);
        expect(!sound || shown == old_rows || shown == new_rows,
               "after a cut all rows are old or all are new", index_, images);
        if (violations != 0) return;
        const std::uint64_t mount_steps = chip.steps - steps;
        // A void that was torn in a sector's last granule is followed by none: decision 0130.
        const bool settled =
            torn % shape_.sector_size != shape_.sector_size - shape_.granule || chip.cut_erase;
        if (settled && shape_.granule >= ashlar::flash::wide_granule) flip_once(*on, shown, torn);
        // Life goes on: one more write, and what it does is cut as well.
        const step more = any_step();
        done = carry_out(*on, more);
        expect(done == errc::ok, "after a cut the log can be written", index_, images);
        contents next = shown;
        more.on(next);
        contents shown_next;
        expect(shows(*on, shown_next) && shown_next == next, "what is written then is shown",
               index_, images);
        const std::uint64_t all_steps = chip.steps - steps;
        const auto again = [&](std::uint64_t at, flash_cut kind) {
            chip.bytes = image;
            if (cut_at(at, kind, [&] {
                    errc ignored = errc::ok;
                    const auto second = mounted(ignored);
                    if (ignored == errc::ok) static_cast<void>(carry_out(*second, more));
                }))
                recover(shown, at <= mount_steps ? shown : next, depth + 1);
        };
        for (std::uint64_t at = 1; at <= mount_steps && depth < 4; ++at)
            for (int kind = 0; kind < 5; ++kind)
                if (depth == 0 || random_.one_in(3)) again(at, static_cast<flash_cut>(kind));
        if (depth == 0 && all_steps > mount_steps) {
            const std::uint64_t at = mount_steps + 1 + random_.below(all_steps - mount_steps);
            again(at, static_cast<flash_cut>(random_.below(5)));
        }
        chip.bytes = image;
    }

    /// What was settled once stays so: a flip in the granule that was torn, or anywhere, changes no
    /// row from now on.
    void flip_once(subject& on, const contents& shown, std::uint32_t torn) {
        const std::vector<std::byte> settled = chip.bytes;
        const auto bit = static_cast<std::uint32_t>(
            random_.one_in(4) ? random_.below(8ULL * chip.size)
                              : 8 * torn + random_.below(8ULL * shape_.granule));
        chip.flip(bit);
        errc done = errc::ok;
        const auto fresh = mounted(done);
        // Flash that is blank but for one bit is taken for somebody else's.
        const bool blank = done == errc::foreign && shown == contents(keys);
        expect(done == errc::ok || blank, "a settled image with a flipped bit mounts", index_, bit);
        if (done == errc::ok) expect_rows(*fresh, shown, bit);
        expect_rows(on, shown, bit); // without a mount
        chip.bytes = settled;
    }
    void expect_rows(subject& of, const contents& all, std::uint32_t bit) {
        for (std::uint32_t i = 0; i < keys; ++i) {
            std::byte value[2 * longest];
            std::uint32_t size = 0;
            const errc got = of.get(names[i], value, sizeof value, size);
            const bool same = got == errc::ok
                                  ? !all[i].empty() && size <= longest &&
                                        bytes_view{value, size} == bytes_view{all[i]}.skip(1)
                                  : got == errc::corrupt || all[i].empty();
            expect(same, "a flip after a cut changes no row", index_, bit);
        }
    }

    geometry shape_;
    std::uint64_t seed_;
    ashlar::testing::random_source random_;
    std::size_t index_ = 0;
};

/// Four geometries by four granules, and how many steps make some thousands of images of each.
struct campaign {
    geometry shape;
    std::size_t steps;
};
/// So many sectors has the geometry that gets along with a worn one.
inline constexpr std::uint32_t worn_sectors = 6;
[[nodiscard]] inline const std::vector<campaign>& campaigns() {
    using ashlar::flash::tuning;
    static const std::vector<campaign> all = {
        {geometry_of<256, 4, 1>(), 56},
        {geometry_of<256, 4, 4>(), 90},
        {geometry_of<256, 4, 8>(), 90},
        {geometry_of<512, 4, 32>(), 100},
        {geometry_of<512, 2, 1>(), 75},
        {geometry_of<512, 2, 4>(), 140},
        {geometry_of<512, 2, 8>(), 170},
        {geometry_of<1024, 2, 32>(), 200},
        {geometry_of<512, 3, 1>(), 75},
        {geometry_of<512, 3, 4>(), 150},
        {geometry_of<512, 3, 8>(), 180},
        {geometry_of<768, 3, 32>(), 160},
        {geometry_of<320, 7, 1>(), 80},
        {geometry_of<320, 7, 4>(), 208},
        {geometry_of<320, 7, 8>(), 260},
        {geometry_of<512, 7, 32>(), 200},
        {geometry_of<320, 5, 4, tuning{.cached = 4}>(), 120},
        {geometry_of<320, 5, 16, tuning{.cached = 4}>(), 100},
        {geometry_of<320, worn_sectors, 4, tuning{.spare = 2}>(), 120},
        {geometry_of<320, worn_sectors, 16, tuning{.spare = 2}>(), 100},
    };
    return all;
}
[[nodiscard]] inline std::string name_of(const geometry& shape) {
    return std::to_string(shape.sector_size) + " x " + std::to_string(shape.sector_count) +
           ", granule " + std::to_string(shape.granule);
}

} // namespace flash_bench
