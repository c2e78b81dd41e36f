// SPDX-License-Identifier: BSL-1.0
#include "fault/durable_oracle.hpp"
#include "soak/ext4_disk.hpp"
#include "unit/environment/scratch.hpp"

#include <chrono>
#include <cstring>

// What was promised, held against a real kernel: processes are killed, system calls fail, and a
// real ext4 loses its power. Controls leave out what makes a promise good, and must be caught.
//   kernel [--kills N] [--cuts N] [--injections N] [--seed S]
namespace {

using namespace ashlar_fault;
using ashlar_soak::ext4_disk;
using grouped = durable_oracle<sync::group>;
using in_intervals = durable_oracle<sync::interval<3>>;

struct count {
    std::uint64_t rounds = 0;
    std::uint64_t promises = 0;
    std::uint64_t violated = 0;
    std::string first; ///< what was wrong, and in which round

    void add(const testimony& heard, const std::string& wrong) {
        promises += heard.lines;
        if (!wrong.empty() && violated++ == 0)
            first = wrong + " [round " + std::to_string(rounds) + "]";
        ++rounds;
    }
};

/// What is to be shown: that nothing is lost, or (of controls) that something is.
bool verdict(const char* what, const count& c, bool control) {
    const bool good = control ? c.violated != 0 : c.violated == 0;
    std::printf("%-42s %5llu rounds, %8llu promises, %5llu broken: %s%s%s\n", what,
                static_cast<unsigned long long>(c.rounds),
                static_cast<unsigned long long>(c.promises),
                static_cast<unsigned long long>(c.violated),
                good ? (control ? "seen, as it must be" : "good")
                     : (control ? "THE CONTROL WAS NOT SEEN" : "FAILED: "),
                control ? "" : c.first.c_str(), "");
    std::fflush(stdout);
    return good;
}

template <class Oracle>
count kills(std::uint64_t rounds, std::uint64_t seed) {
    const testing::scratch place;
    count done;
    std::minstd_rand dice{static_cast<unsigned>(seed + 1)};
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const Oracle oracle{place / ("store" + std::to_string(round / 16))};
        testimony heard;
        child writer{oracle, {.seed = seed + round}};
        if (dice() % 4 != 0) heard.listen(writer.pipe(), 1 + dice() % 200);
        std::this_thread::sleep_for(std::chrono::microseconds{dice() % 5000});
        writer.kill();
        heard.listen(writer.pipe());
        done.add(heard, oracle.judge(heard));
    }
    return done;
}

/// Control: to be killed with a queue that was never written, by somebody who calls that kept.
count kills_of_the_forgetful(std::uint64_t rounds) {
    struct forgetful : durable_oracle<sync::none> {
        using durable_oracle::durable_oracle;
    };
    const testing::scratch place;
    count done;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const forgetful oracle{place / ("store" + std::to_string(round))};
        testimony heard;
        // It rests: else it would mostly be met while it waits for a checkpoint, its queue empty.
        const way_of_life how{
            .seed = round, .writers = 1, .rest_after = 40, .takes_for_kept = true};
        child writer{oracle, how};
        heard.listen(writer.pipe(), 40);
        writer.kill();
        heard.listen(writer.pipe());
        done.add(heard, oracle.judge(heard));
    }
    return done;
}

/// The power is cut while nothing runs (a promise that races with the cut would be nobody's).
template <class Oracle>
count cuts(const ext4_disk& disk, std::uint64_t rounds, std::uint64_t seed, bool at_checkpoints) {
    count done;
    std::minstd_rand dice{static_cast<unsigned>(seed + 1)};
    for (std::uint64_t round = 0; round < rounds; ++round) {
        if (round % 8 == 0)
            for (const auto& entry : std::filesystem::directory_iterator{disk.mount_point()})
                if (entry.path().filename() != "lost+found")
                    std::filesystem::remove_all(entry.path());
        // A store of its own when what was promised may be gone: else the first loss is the last.
        const bool own = tampered.omit_syncs || tampered.omit_directory_syncs;
        const Oracle oracle{disk.mount_point() + "/store" +
                            std::to_string(own ? round : round / 8)};
        way_of_life how{.seed = seed + round};
        if (at_checkpoints) how.writers = 1, how.rest_after_checkpoint = true;
        else if (own || dice() % 2 == 0)
            how.rest_after = 1 + static_cast<std::uint32_t>(dice() % 60);
        testimony heard;
        {
            child writer{oracle, how};
            if (at_checkpoints)
                while (heard.snapshot == 0 && heard.lines < 2000) heard.listen(writer.pipe(), 1);
            else if (how.rest_after != 0) heard.listen(writer.pipe(), how.rest_after);
            else std::this_thread::sleep_for(std::chrono::microseconds{dice() % 40'000});
            writer.freeze();
            heard.listen(writer.pipe());
            if (!disk.cut()) std::abort();
        }
        if (!disk.come_back()) {
            done.add(heard, "the file system can't be mounted");
            break;
        }
        const bool omits[] = {std::exchange(tampered.omit_syncs, false),
                              std::exchange(tampered.omit_directory_syncs, false)};
        done.add(heard, oracle.judge(heard));
        tampered.omit_syncs = omits[0], tampered.omit_directory_syncs = omits[1];
    }
    return done;
}

/// The kernel's n-th call of a kind fails, for a program that is run again.
count injections(const char* self, std::uint64_t rounds) {
    static constexpr const char* calls[] = {"fdatasync", "pwrite64", "pread64", "rename",
                                            "openat",    "unlink",   "mkdir",   "fstat"};
    static constexpr const char* codes[] = {"EIO", "ENOSPC", "EINTR"};
    const testing::scratch place;
    count done;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::string directory = place / ("store" + std::to_string(round / 8));
        const std::string told_in = place / "told";
        const std::string call = calls[round % std::size(calls)];
        const std::uint64_t when = 1 + round / std::size(calls) % 40;
        const char* code = codes[round / 3 % std::size(codes)];
        const std::string command = "strace -f -qq -o /dev/null -e trace=" + call +
                                    " -e inject=" + call + ":error=" + code +
                                    ":when=" + std::to_string(when) +
                                    (round % 2 == 0 && code[1] != 'I' ? "+" : "") + " '" + self +
                                    "' --live '" + directory + "' >'" + told_in + "' 2>/dev/null";
        static_cast<void>(std::system(command.c_str())); // the loader may be what fails
        testimony heard;
        const int lines = ::open(told_in.c_str(), O_RDONLY | O_CLOEXEC);
        heard.listen(lines);
        ::close(lines);
        done.add(heard, grouped{directory}.judge(heard));
    }
    return done;
}

} // namespace

int main(int argc, char** arguments) {
    std::uint64_t kill_rounds = 200, cut_rounds = 300, injection_rounds = 200, seed = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = arguments[i];
        const std::uint64_t n = std::strtoull(arguments[i + 1], nullptr, 10);
        if (name == "--kills") kill_rounds = n;
        else if (name == "--cuts") cut_rounds = n;
        else if (name == "--injections") injection_rounds = n;
        else if (name == "--seed") seed = n;
        else if (name == "--live") {
            grouped{arguments[i + 1]}.live(
                [](told line) { static_cast<void>(!::write(1, &line, sizeof line)); },
                {.batches = 40});
            return 0;
        } else return std::fprintf(stderr, "kernel: there is no option %s\n", arguments[i]), 2;
    }
    bool good = true;
    good &= verdict("kill -9, sync::group", kills<grouped>(kill_rounds, seed), false);
    good &= verdict("kill -9, sync::interval", kills<in_intervals>(kill_rounds, seed), false);
    good &= verdict("control: kill -9, nothing written", kills_of_the_forgetful(20), true);

    if (std::system("strace -V >/dev/null 2>&1") == 0)
        good &= verdict("failing system calls", injections(arguments[0], injection_rounds), false);
    else std::printf("SKIPPED: failing system calls: strace is not installed\n");

    const ext4_disk disk;
    if (!disk.why_not().empty()) {
        std::printf("SKIPPED: power cuts of ext4: %s\n", disk.why_not().c_str());
        return good ? 0 : 1;
    }
    good &= verdict("power cuts of ext4, sync::group",
                    cuts<grouped>(disk, cut_rounds * 2 / 3, seed, false), false);
    good &= verdict("power cuts of ext4, sync::interval",
                    cuts<in_intervals>(disk, cut_rounds / 6, seed, false), false);
    good &= verdict("power cuts of ext4 behind a checkpoint",
                    cuts<grouped>(disk, cut_rounds / 6, seed, true), false);
    tampered.omit_syncs = true;
    good &= verdict("control: no sync", cuts<grouped>(disk, 20, seed, false), true);
    tampered.omit_syncs = false;
    tampered.omit_directory_syncs = true;
    good &= verdict("control: no sync of directories", cuts<grouped>(disk, 20, seed, true), true);
    return good ? 0 : 1;
}
