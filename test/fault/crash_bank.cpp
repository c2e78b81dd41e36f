// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads optimizer
#include "catch.hpp"
#include "fault/crash_campaign.hpp"
#include "fault/crash_mistakes.hpp"

#include <ashlar/backend/sorted_map.hpp>

namespace {

using namespace ashlar_fault;
using kind = mistake_kind;
using part = part_of_store;

struct entry {
    mistake what;
    const char* name;
};

// What the store gets over by design is not here: a truncation of what can't be longer, a snapshot
// that is not found, the text of the lock once the store is made.
constexpr entry bank[] = {
    {{kind::sync_left_out, part::segment}, "a segment is not synced"},
    {{kind::sync_left_out, part::successor}, "the segment after recovery is not synced"},
    {{kind::sync_left_out, part::snapshot}, "a snapshot is not synced"},
    {{kind::sync_left_out, part::manifest}, "the manifest is not synced"},
    {{kind::sync_left_out, part::lock}, "the mark of creation is not synced"},
    {{kind::sync_failure_overlooked, part::segment}, "a segment's failed sync is overlooked"},
    {{kind::sync_failure_overlooked, part::successor}, "a successor's failed sync is overlooked"},
    {{kind::sync_failure_overlooked, part::snapshot}, "a snapshot's failed sync is overlooked"},
    {{kind::sync_failure_overlooked, part::manifest}, "the manifest's failed sync is overlooked"},
    {{kind::interrupted_sync_taken_for_done, part::segment}, "a segment's sync is interrupted"},
    {{kind::interrupted_sync_taken_for_done, part::successor}, "a successor's sync is interrupted"},
    {{kind::interrupted_sync_taken_for_done, part::manifest}, "the manifest's sync is interrupted"},
    {{kind::write_failure_overlooked, part::segment}, "a segment's failed write is overlooked"},
    {{kind::write_failure_overlooked, part::successor}, "a successor's failed write is overlooked"},
    {{kind::write_failure_overlooked, part::snapshot}, "a snapshot's failed write is overlooked"},
    {{kind::write_failure_overlooked, part::manifest}, "the manifest's failed write is overlooked"},
    {{kind::short_write_taken_for_whole, part::segment}, "a segment's short write"},
    {{kind::short_write_taken_for_whole, part::successor}, "a successor's short write"},
    {{kind::short_write_taken_for_whole, part::snapshot}, "a snapshot's short write"},
    {{kind::short_write_taken_for_whole, part::manifest}, "the manifest's short write"},
    {{kind::interrupted_write_taken_for_done, part::segment}, "a segment's interrupted write"},
    {{kind::interrupted_write_taken_for_done, part::successor}, "a successor's interrupted write"},
    {{kind::interrupted_write_taken_for_done, part::snapshot}, "a snapshot's interrupted write"},
    {{kind::interrupted_write_taken_for_done, part::manifest}, "the manifest's interrupted write"},
    {{kind::short_read_taken_for_end, part::segment}, "a segment's short read"},
    {{kind::short_read_taken_for_end, part::snapshot}, "a snapshot's short read"},
    {{kind::short_read_taken_for_end, part::manifest}, "the manifest's short read"},
    {{kind::write_lost_now_and_then, part::segment}, "a write to a segment is lost"},
    {{kind::write_lost_now_and_then, part::successor}, "a write to a successor is lost"},
    {{kind::write_lost_now_and_then, part::snapshot}, "writes to snapshots are lost"},
    {{kind::write_one_byte_off, part::segment}, "a write to a segment is a byte off"},
    {{kind::write_one_byte_off, part::snapshot}, "writes to snapshots are a byte off"},
    {{kind::write_bit_flipped, part::segment}, "a bit flips on the way to a segment"},
    {{kind::write_bit_flipped, part::successor}, "a bit flips on the way to a successor"},
    {{kind::write_bit_flipped, part::snapshot}, "bits flip on the way to snapshots"},
    {{kind::read_bit_flipped, part::segment}, "a bit flips on the way from a segment"},
    {{kind::read_bit_flipped, part::snapshot}, "bits flip on the way from snapshots"},
    {{kind::read_bit_flipped, part::manifest}, "a bit flips on the way from the manifest"},
    {{kind::remains_left, part::snapshot}, "what a cut-off snapshot left stays"},
    {{kind::rename_left_out, part::successor}, "the successor keeps its first name"},
    {{kind::rename_left_out, part::manifest}, "the manifest keeps its first name"},
    {{kind::rename_failure_overlooked, part::successor}, "the successor's failed rename"},
    {{kind::rename_failure_overlooked, part::manifest}, "the manifest's failed rename"},
    {{kind::directory_sync_left_out, part::segment}, "a new segment's name is not synced"},
    {{kind::directory_sync_left_out, part::successor}, "a successor's name is not synced"},
    {{kind::directory_sync_left_out, part::manifest}, "the manifest's name is not synced"},
    {{kind::directory_sync_left_out, part::lock}, "the mark's name is not synced"},
    {{kind::directory_sync_left_out, part::other}, "the directory's own name is not synced"},
    {{kind::directory_sync_failure_overlooked, part::manifest}, "the manifest's name, sync failed"},
    {{kind::directory_sync_failure_overlooked, part::segment}, "a segment's name, sync failed"},
    {{kind::missing_from_list, part::segment}, "the last segment is not found"},
    {{kind::write_lost_now_and_then, part::manifest}, "the manifest is lost"},
    {{kind::write_one_byte_off, part::successor}, "a write to a successor is a byte off"},
    {{kind::write_one_byte_off, part::manifest}, "the manifest is a byte off"},
    {{kind::write_bit_flipped, part::manifest}, "a bit flips on the way to the manifest"},
    {{kind::missing_from_list, part::manifest}, "the manifest is not found"},
    {{kind::sync_failure_overlooked, part::lock}, "the mark's failed sync is overlooked"},
    {{kind::write_failure_overlooked, part::lock}, "the mark's failed write is overlooked"},
    {{kind::directory_sync_failure_overlooked, part::other}, "the directory's name, sync failed"},
    {{kind::newest_removed_instead, part::segment}, "the newest segment is removed"},
    {{kind::directory_sync_failure_overlooked, part::lock}, "the mark's name, sync failed"},
    {{kind::directory_sync_failure_overlooked, part::successor}, "a successor's name, sync failed"},
    {{kind::rename_left_out, part::index}, "the index keeps its first name"},
    {{kind::write_lost_now_and_then, part::spare}, "a spare keeps records that it held"},
};

/// What goes wrong with an index shows in nothing but that it is not read: all is loaded instead.
const char* caught_by_reads(const mistake& what, tally& all) {
    planted = {.what = what};
    all += campaign<sorted_map<>, sync::group, mistaken, log_start::early>{1}.crash(1, 30);
    return all.early == 0 && all.images != 0 ? "nothing is read early" : nullptr;
}

/// What catches it, and after how much; null when nothing does.
const char* caught_by(const mistake& what, tally& all) {
    if (what.part == part::index) return caught_by_reads(what, all);
    using under_test = campaign<sorted_map<>, sync::group, mistaken>;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        planted = {.what = what};
        tally crash = under_test{seed}.crash(1, 60);
        const bool crashes = !crash.good();
        all += crash;
        if (crashes) return "a loss of power";
        planted = {.what = what};
        tally hiccups = under_test{seed}.hiccups();
        const bool stumbles = !hiccups.good();
        all += hiccups;
        if (stumbles) return "hiccups";
        if (seed > 4) continue;
        planted = {.what = what};
        tally faults = under_test{seed}.faults();
        const bool fails = !faults.good();
        all += faults;
        if (fails) return "a failed call";
        planted = {.what = what};
        tally pairs = under_test{seed}.faults_before_cuts(14);
        const bool pair = !pairs.good();
        all += pairs;
        if (pair) return "a failed call and a loss of power";
    }
    return nullptr;
}

} // namespace

// G19: tests that have never caught anything prove nothing.
TEST_CASE("crash: every mistake of the bank is caught") {
    std::size_t caught = 0;
    tally all;
    for (const entry& each : bank) {
        tally one;
        const char* by = caught_by(each.what, one);
        std::printf("bank: %s: %s after %llu images\n", each.name, by == nullptr ? "MISSED" : by,
                    static_cast<unsigned long long>(one.images));
        INFO(each.name);
        CHECK(by != nullptr);
        if (by != nullptr) ++caught;
    }
    planted = {};
    const tally sound = campaign<sorted_map<>, sync::group, mistaken>{1}.crash(1, 100);
    CHECK(sound.failure == ""); // without a mistake this environment is none
    tally early;
    CHECK(caught_by_reads({}, early) == nullptr);
    std::printf("bank: %zu of %zu mistakes caught\n", caught, std::size(bank));
}
