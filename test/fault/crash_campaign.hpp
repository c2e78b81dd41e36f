// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/simulated.hpp>

#include <cstdio>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

// Campaigns against a logged store in simulated worlds: the power fails at every change of the
// disk, also during recovery; calls fail; files are altered. The same code runs briefly in the
// tests and for hours in a soak. Everything follows from one seed.
namespace ashlar_fault {

using namespace ashlar;
using simulated_parts::random;

using rows_map = std::map<std::string, std::string>;
using row = row_layout<dynamic_extent, dynamic_extent, row_fields{.sequenced = true}>;

/// What a campaign has done, and the first thing that went wrong.
struct tally {
    std::uint64_t images =
        0; ///< of a disk after a loss of power, each compared with what it must be
    std::uint64_t distinct = 0; ///< of them, recovered: the others were as one that had been
    std::uint64_t nested = 0;   ///< of the images, after the power failed during a recovery
    std::uint64_t faults = 0;   ///< runs in which a call failed
    std::uint64_t altered = 0;  ///< directories with an altered file, each opened
    std::uint64_t refused = 0;  ///< of them, refused as damaged
    std::uint64_t early = 0;    ///< openings whose store was read before it was loaded
    std::string failure;        ///< empty, or one line to replay it by

    [[nodiscard]] bool good() const { return failure.empty(); }
    void operator+=(const tally& other) {
        images += other.images;
        distinct += other.distinct;
        nested += other.nested;
        faults += other.faults;
        altered += other.altered;
        refused += other.refused;
        early += other.early;
        if (failure.empty()) failure = other.failure;
    }
    void print(const char* what) const {
        std::printf(
            "%s: %llu crash images (%llu distinct, %llu in recoveries), %llu runs with faults, "
            "%llu altered "
            "stores (%llu refused)%s%s\n",
            what, static_cast<unsigned long long>(images),
            static_cast<unsigned long long>(distinct), static_cast<unsigned long long>(nested),
            static_cast<unsigned long long>(faults), static_cast<unsigned long long>(altered),
            static_cast<unsigned long long>(refused), good() ? "" : ": ", failure.c_str());
    }
};

/// Steps of one life of a store: batches whose effects tell them apart, and what happens between.
class script {
  public:
    enum class kind : std::uint8_t { batch, checkpoint, sync, close };
    struct step {
        kind what;
        std::size_t batch; ///< which, for a batch
    };

    explicit script(std::uint64_t seed, std::size_t length = 14) {
        random dice{seed};
        states_.emplace_back();
        for (std::size_t i = 0; i < length; ++i) {
            const std::uint64_t what = dice.below(10);
            if (what == 8) steps_.push_back({kind::checkpoint, 0});
            else if (what == 9) steps_.push_back({dice.one_in(2) ? kind::sync : kind::close, 0});
            else add_batch(dice);
        }
    }
    [[nodiscard]] const std::vector<step>& steps() const { return steps_; }
    [[nodiscard]] const rows_map& state(std::size_t batches) const { return states_[batches]; }
    [[nodiscard]] std::size_t batches() const { return batches_.size(); }
    void fill(std::size_t n, write_batch& out) const {
        for (const auto& [key, value] : batches_[n])
            if (value.empty()) out.erase(bytes_view{key});
            else out.put(bytes_view{key}, bytes_view{value});
    }

  private:
    void add_batch(random& dice) {
        const std::size_t n = batches_.size();
        rows_map state = states_.back();
        // The count tells which prefix a state must be of; two rows always have the same value.
        rows_map batch{{"count", std::to_string(n + 1)},
                       {"left", "v" + std::to_string(n)},
                       {"right", "v" + std::to_string(n)}};
        for (std::uint64_t more = dice.below(4); more != 0; --more) {
            std::string value;
            if (!dice.one_in(4)) value.assign(1 + dice.below(dice.one_in(6) ? 700 : 30), 'a');
            batch["key" + std::to_string(dice.below(6))] = value;
        }
        for (const auto& [key, value] : batch)
            if (value.empty()) state.erase(key);
            else state[key] = value;
        steps_.push_back({kind::batch, n});
        batches_.push_back(std::move(batch));
        states_.push_back(std::move(state));
    }

    std::vector<step> steps_;
    std::vector<rows_map> batches_;
    std::vector<rows_map> states_;
};

template <class Backend, class Sync, class Environment = simulated,
          log_start Start = log_start::loaded>
class campaign {
    using next = typename Backend::template engine<row, Environment, single>;
    using engine = logged_engine<next, Environment, single, Sync, Start>;

  public:
    /// Every fourth one has spare segments, and half of these are longer than a page.
    explicit campaign(std::uint64_t seed)
        : seed_{seed}, spares_{seed % 4 == 3 ? std::size_t{2} : 0}, plan_{seed} {}

    /// How far a run came.
    struct outcome {
        std::size_t attempted = 0; ///< batches
        std::size_t promised = 0;  ///< of them, durable by what the store has answered
    };

    // --- the power fails at every change ---------------------------------------------------------

    /// `dice_per_model` images for each moment and model; one in `nest` of them is recovered with
    /// the power failing at every change of the recovery, too.
    tally crash(std::size_t dice_per_model, std::uint64_t nest) {
        tally done;
        simulated_world world{seed_};
        outcome came;
        random dice{seed_ ^ 0xC0FFEE};
        std::uint64_t change = 0;
        auto cut = [&] {
            ++change;
            if (!done.good()) return;
            [[maybe_unused]] const auto kept = aside();
            for (const power_loss model : all_power_losses)
                for (std::size_t i = 0; i < dice_per_model && done.good(); ++i) {
                    simulated_world image{world};
                    const std::uint64_t chance = dice.next();
                    image.lose_power(model, chance);
                    if (dice.one_in(nest)) crash_again(image, came, done, model);
                    else check_image(image, came, done);
                    if (!done.good())
                        done.failure += " [seed " + std::to_string(seed_) + " change " +
                                        std::to_string(change) + " model " +
                                        std::to_string(static_cast<int>(model)) + " dice " +
                                        std::to_string(chance) + "]";
                    if (model <= power_loss::nothing) break; // no chance in these
                }
        };
        world.plan.before_change = simulated_plan::observer::of(cut);
        run(world, came);
        cut();
        return done;
    }

    // --- calls fail ------------------------------------------------------------------------------

    /// Every n-th call, of the run or of the recovery behind it, fails once and for ever.
    tally faults() {
        tally done;
        const error kinds[] = {{errc::io, EIO},
                               {errc::no_space, ENOSPC},
                               {errc::read_only, EROFS},
                               {errc::io, interrupted}};
        simulated_world whole{seed_};
        static_cast<void>(run(whole));
        for (std::uint64_t n = 1; n <= whole.calls() && done.good(); ++n)
            for (const error kind : kinds)
                for (const bool sticky : {false, true}) {
                    if (!done.good() || (kind.native == interrupted && sticky)) continue;
                    simulated_world world{seed_};
                    world.plan.fail_at_call = n;
                    world.plan.failure = kind;
                    world.plan.sticky = sticky;
                    const outcome came = run(world);
                    ++done.faults;
                    simulated_world killed{world};
                    killed.kill_process();
                    check_image(killed, came, done);
                    world.lose_power(power_loss::everything, n);
                    fail_in_recovery(world, came, done, n);
                    if (!done.good())
                        done.failure += " [seed " + std::to_string(seed_) + " call " +
                                        std::to_string(n) + " errno " +
                                        std::to_string(kind.native) + (sticky ? " sticky]" : "]");
                }
        return done;
    }
    /// Every n-th call fails, and the power does before each of the `cuts` changes that follow, and
    /// at the end, under every model.
    tally faults_before_cuts(std::uint64_t cuts) {
        tally done;
        simulated_world whole{seed_};
        static_cast<void>(run(whole));
        random dice{seed_ ^ 0xFA017};
        for (std::uint64_t n = 1; n <= whole.calls() && done.good(); ++n) {
            simulated_world world{seed_};
            outcome came;
            std::uint64_t cut_at = 0;
            auto cut = [&] {
                if (world.calls() <= n || cut_at >= cuts) return;
                ++cut_at;
                [[maybe_unused]] const auto kept = aside();
                for (const power_loss model : all_power_losses) {
                    if (!done.good()) return;
                    simulated_world image{world};
                    image.lose_power(model, dice.next());
                    check_image(image, came, done);
                    if (!done.good())
                        done.failure += " [seed " + std::to_string(seed_) + " call " +
                                        std::to_string(n) + " cut " + std::to_string(cut_at) +
                                        " model " + std::to_string(static_cast<int>(model)) + "]";
                }
            };
            world.plan.fail_at_call = n;
            world.plan.before_change = simulated_plan::observer::of(cut);
            run(world, came);
            ++done.faults;
            cut_at = 0;
            cut();
        }
        return done;
    }
    /// Short counts and interruptions everywhere change nothing.
    tally hiccups() {
        tally done;
        simulated_world world{seed_};
        world.plan.short_counts_one_in = 2;
        world.plan.interrupted_one_in = 3;
        const outcome came = run(world);
        ++done.faults;
        if (came.attempted != plan_.batches()) done.failure = "a hiccup stopped the store";
        world.lose_power(power_loss::everything, 1);
        seen_.clear(); // a recovery that stumbles is another, also of an image that was seen
        world.plan.short_counts_one_in = 2;
        world.plan.interrupted_one_in = 3;
        check_image(world, came, done);
        return done;
    }

    // --- files are altered -----------------------------------------------------------------------

    /// Every bit of every file of a closed store flipped, every length cut, sectors lost, swapped
    /// and brought back from earlier: the store shows the same rows, or refuses.
    tally rot(std::size_t stride) {
        tally done;
        simulated_world closed{seed_};
        simulated_world earlier{seed_};
        {
            const simulated_world::presence here{closed};
            auto e = open();
            if (!e) return done.failure = "a new store can't be opened", done;
            const std::size_t half = plan_.steps().size() / 2;
            outcome came;
            for (std::size_t i = 0; i < half; ++i) static_cast<void>(act(*e, i, came));
            static_cast<void>(e->checkpoint());
            earlier.~simulated_world();
            ::new (&earlier) simulated_world{closed};
            for (std::size_t i = half; i < plan_.steps().size(); ++i)
                static_cast<void>(act(*e, i, came));
            if (!e->close()) done.failure = "closing failed";
        }
        for (const std::string& file : closed.files()) {
            if (file.find("ashlar.lock") != std::string::npos) continue;
            const auto bytes = closed.contents(file);
            const auto attempt = [&](simulated_parts::byte_list altered, const char* how,
                                     std::size_t where) {
                if (!done.good() || altered == bytes) return;
                simulated_world world{closed};
                world.overwrite(file, std::move(altered));
                check_altered(world, done);
                if (!done.good())
                    done.failure += std::string{" ["} + file + " " + how + " " +
                                    std::to_string(where) + " seed " + std::to_string(seed_) + "]";
            };
            for (std::size_t bit = seed_ % stride; bit < bytes.size() * 8; bit += stride) {
                auto altered = bytes;
                altered[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
                attempt(std::move(altered), "bit", bit);
            }
            for (std::size_t size = 0; size < bytes.size(); ++size)
                attempt({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}, "cut",
                        size);
            const auto old = earlier.contents(file);
            for (std::size_t at = 0; at < bytes.size(); at += 512) {
                const std::size_t end = at + 512 < bytes.size() ? at + 512 : bytes.size();
                auto zeroed = bytes;
                auto stale = bytes;
                auto moved = bytes;
                for (std::size_t i = at; i < end; ++i) {
                    zeroed[i] = std::byte{};
                    if (i < old.size()) stale[i] = old[i];
                    moved[i] = bytes[i < 512 ? (i + 512) % bytes.size() : i - 512];
                }
                attempt(std::move(zeroed), "zeroed", at);
                attempt(std::move(stale), "stale", at);
                attempt(std::move(moved), "moved", at);
                for (const std::string& other : closed.files()) {
                    const auto foreign = closed.contents(other);
                    auto mixed = bytes;
                    for (std::size_t i = at; i < end && i < foreign.size(); ++i)
                        mixed[i] = foreign[i];
                    attempt(std::move(mixed), "foreign", at);
                }
            }
        }
        return done;
    }

  private:
    /// What an environment remembers of a run, kept while other runs are within it.
    [[nodiscard]] static auto aside() {
        if constexpr (requires { Environment::aside(); }) return Environment::aside();
        else return 0;
    }
    result<engine> open() const {
        const opening<Environment> how{{.directory = "db"}, "campaign=1", {}};
        auto empty = next::open(opening<Environment>{{}, "", {}}, {});
        if (!empty) return empty.error();
        return engine::open(
            how, {.segment_size = segment_size_, .queue_size = 2000, .spare_segments = spares_},
            std::move(*empty));
    }
    /// False when the store is of no use any more.
    bool act(engine& e, std::size_t index, outcome& came) const {
        const auto [what, number] = plan_.steps()[index];
        switch (what) {
        case script::kind::batch: {
            write_batch batch;
            plan_.fill(number, batch);
            came.attempted = number + 1;
            if (!e.apply(batch)) return false;
            if (Sync::waits) came.promised = number + 1;
            return true;
        }
        case script::kind::checkpoint:
            // One that fails need not be the end, unless it is the log that has failed.
            return e.checkpoint().has_value() || e.log().poison().code == errc::ok;
        case script::kind::sync:
            if (!e.sync()) return false;
            came.promised = came.attempted;
            return true;
        case script::kind::close: return true;
        }
        return false;
    }
    outcome run(simulated_world& world) const {
        outcome came;
        run(world, came);
        return came;
    }
    void run(simulated_world& world, outcome& came) const {
        const simulated_world::presence here{world};
        auto e = open();
        for (std::size_t i = 0; e && i < plan_.steps().size(); ++i) {
            if (plan_.steps()[i].what == script::kind::close) {
                if (!e->close()) return;
                came.promised = came.attempted;
                e = open();
            } else if (!act(*e, i, came)) {
                static_cast<void>(e->close());
                return;
            }
        }
        if (e && e->close()) came.promised = came.attempted;
    }
    template <class Engine>
    [[nodiscard]] static rows_map rows_of(const Engine& e) {
        rows_map rows;
        typename Engine::position at{};
        const auto walked = e.walk(
            at,
            [&](bytes_view key, bytes_view value) {
                rows[key.template as<std::string>()] = value.template as<std::string>();
            },
            static_cast<std::size_t>(-1));
        if (!walked) rows["walk failed"] = name_of(walked.error().code);
        return rows;
    }
    /// What reading each key that was ever used answers, before anything else is asked: with
    /// log_start::early, of the files.
    struct answers {
        rows_map rows;
        std::size_t failed = 0;

        /// Those that are there, and only those.
        [[nodiscard]] bool are_those_of(const rows_map& wanted) const {
            for (const auto& [key, value] : rows) {
                const auto at = wanted.find(key);
                if (at == wanted.end() ? value != "" : at->second != value) return false;
            }
            return true;
        }
    };
    [[nodiscard]] answers answers_of(const engine& e) const {
        answers given;
        if (Start == log_start::loaded) return given;
        for (std::size_t batches = 0; batches <= plan_.batches(); ++batches)
            for (const auto& [key, value] : plan_.state(batches)) {
                if (given.rows.count(key) != 0) continue;
                std::string value_there;
                const auto found = e.read(bytes_view{text_view{key}}, [&](bytes_view bytes) {
                    value_there = bytes.template as<std::string>();
                });
                if (found) given.rows[key] = value_there;
                else ++given.failed;
            }
        return given;
    }
    /// Recovered is a prefix, of what was promised at least.
    [[nodiscard]] bool is_sound(const engine& e, const outcome& came, std::size_t& count,
                                std::string& why) const {
        const answers early = answers_of(e);
        const rows_map rows = rows_of(e);
        if (early.failed != 0 || !early.are_those_of(rows)) {
            why = "what was read early is not what was loaded";
            return false;
        }
        const auto at = rows.find("count");
        count = at == rows.end() ? 0 : static_cast<std::size_t>(std::stoul(at->second));
        if (count > came.attempted) why = "more than was ever written";
        else if (count < came.promised)
            why = "lost: " + std::to_string(count) + " of " + std::to_string(came.promised) +
                  " promised batches";
        else if (rows != plan_.state(count)) why = "no prefix: a batch is there in part";
        return why.empty();
    }
    void check_image(simulated_world& image, const outcome& came, tally& done) const {
        ++done.images;
        // What was promised and tried is the same from one change to the next, mostly.
        if (!seen_.insert(image.digest() ^ (came.promised << 32 | came.attempted)).second) return;
        ++done.distinct;
        const simulated_world::presence here{image};
        std::size_t count = 0;
        bool unfinished = false;
        for (const std::string& name : image.files())
            unfinished = unfinished || name == "db/snapshot.new";
        {
            auto e = open();
            if (!e) {
                done.failure = std::string{"recovery answers "} + name_of(e.error().code);
                return;
            }
            if (!e->loaded()) ++done.early;
            if (!is_sound(*e, came, count, done.failure)) return;
            if (e->recovered().bad_snapshots != 0) {
                done.failure = "a snapshot had its name before it was whole";
                return;
            }
            // What was recovered must last, and take more.
            if (count < plan_.batches()) {
                write_batch batch;
                plan_.fill(count, batch);
                if (!e->apply(batch) || !e->sync()) {
                    done.failure = "a recovered store takes no batch";
                    return;
                }
                ++count;
            }
            // The next snapshot is written where this one was left.
            if (unfinished && !e->checkpoint() && e->log().poison().code == errc::ok) {
                done.failure = "an unfinished snapshot is in the way of the next";
                return;
            }
        }
        image.lose_power(power_loss::everything, 1);
        auto e = open();
        if (!e) done.failure = std::string{"second recovery answers "} + name_of(e.error().code);
        else if (rows_of(*e) != plan_.state(count))
            done.failure = "what was recovered did not last";
        else if (e->recovered().bad_snapshots != 0)
            done.failure = "a snapshot after a recovery is not whole";
    }
    /// The power fails at every change of the recovery of this image.
    void crash_again(const simulated_world& image, const outcome& came, tally& done,
                     power_loss model) const {
        simulated_world world{image};
        std::uint64_t change = 0;
        auto cut = [&] {
            ++change;
            [[maybe_unused]] const auto kept = aside();
            for (const power_loss second : {model, power_loss::everything, power_loss::some}) {
                if (!done.good()) return;
                simulated_world again{world};
                again.lose_power(second, change);
                ++done.nested;
                check_image(again, came, done);
            }
        };
        world.plan.before_change = simulated_plan::observer::of(cut);
        const simulated_world::presence here{world};
        const auto e = open();
        if (!e && done.good())
            done.failure = std::string{"recovery answers "} + name_of(e.error().code);
        world.plan.before_change = {};
    }
    void fail_in_recovery(const simulated_world& image, const outcome& came, tally& done,
                          std::uint64_t n) const {
        simulated_world world{image};
        {
            const simulated_world::presence here{world};
            world.plan.fail_at_call = world.calls() + 1 + n % 40;
            auto e = open();
            ++done.faults;
            std::size_t count = 0;
            if (e && !is_sound(*e, came, count, done.failure)) return;
        }
        world.lose_power(power_loss::everything, n);
        check_image(world, came, done);
    }
    void check_altered(simulated_world& world, tally& done) const {
        const simulated_world::presence here{world};
        ++done.altered;
        auto e = open();
        if (e && !e->loaded()) ++done.early;
        if (e && !answers_of(*e).are_those_of(plan_.state(plan_.batches())))
            done.failure = "rows that were read early changed in silence";
        const auto loaded = e ? e->load() : e.error();
        if (loaded) {
            if (rows_of(*e) != plan_.state(plan_.batches()))
                done.failure = "rows changed in silence";
            return;
        }
        ++done.refused;
        switch (loaded.error().code) {
        case errc::corrupt:
        case errc::foreign:
        case errc::unsupported_version: return;
        default:
            done.failure =
                std::string{"an altered file is answered by "} + name_of(loaded.error().code);
        }
    }

    std::uint64_t seed_;
    std::size_t spares_;
    std::size_t segment_size_ = seed_ % 8 == 7 ? 9'000 : 400;
    script plan_;
    mutable std::unordered_set<std::uint64_t> seen_; ///< images that were found to be good
};

} // namespace ashlar_fault
