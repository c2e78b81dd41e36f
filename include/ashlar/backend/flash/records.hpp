// SPDX-License-Identifier: BSL-1.0
/// @file Defines how a flash log finds the newest record of a key.
#pragma once

#include <ashlar/backend/flash/cache.hpp>
#include <ashlar/backend/flash/marked_records.hpp>
#include <ashlar/backend/flash/voided_records.hpp>

namespace ashlar::inline v0_1::flash {

/// How records are told apart on a device.
template <flash_device Device, tuning Tuning>
using records_by_granule =
    std::conditional_t<ring<Device, Tuning>::wide, voided_records<Device, Tuning>,
                       marked_records<Device, Tuning>>;

/// The reading half of the log.
template <flash_device Device, tuning Tuning>
class records : public records_by_granule<Device, Tuning> {
    using layout = records_by_granule<Device, Tuning>;
    using sectors = ring<Device, Tuning>;

  public:
    using layout::layout, layout::sector_size;

  protected:
    using layout::check, layout::head_, layout::head_base_, layout::start, layout::step,
        layout::tail_, layout::write_;

    /// Behind the newest record.
    [[nodiscard]] place log_end() const noexcept { return {head_, write_}; }
    /// The last record in effect of what is searched; `at` is 0 when there is none. Errors:
    /// not_found; corrupt when something newer than the record (or than everything) is damaged and
    /// may have been of this key. Complexity: one read per record from the newest sector to the one
    /// it is in.
    [[nodiscard]] errc find(search& c) const noexcept {
        errc doubt = errc::not_found;
        for (;;) {
            c.at = 0;
            if (c.sector < tail_) return doubt;
            start(c);
            std::uint32_t best = 0;
            while (step(c)) {
                if ((c.head & continued) == 0) c.wanted = 0;
                if (c.tag() == c.wanted_tag && c.at < c.before) c.wanted = c.at;
                if ((c.head & more) != 0 || c.wanted == 0) continue;
                best = c.wanted;
                c.damaged = false; // what was passed is older
            }
            if (c.damaged) doubt = errc::corrupt;
            c.next = c.before = best;
            if (best == 0) {
                --c.sector;
                --c.before; // all of it
                continue;
            }
            static_cast<void>(step(c, sectors::wide));
            const errc found = check(c);
            if (found == errc::ok) break;
            if (found != errc::not_found) doubt = found;
        }
        return doubt != errc::not_found ? doubt : verdict(c);
    }
    /// The same in the whole log.
    [[nodiscard, gnu::noinline]] errc find_newest(search& c) const noexcept {
        if constexpr (address_cache<Tuning.cached>::enabled)
            if (find_cached(c)) return verdict(c);
        c.sector = head_;
        c.before = sectors::nowhere;
        const errc found = find(c);
        if (c.at != 0 && found == verdict(c)) cache_.set(c.wanted_tag, c.at);
        return found;
    }

    /// What a whole record says that nothing newer casts doubt on.
    [[nodiscard]] static errc verdict(const search& c) noexcept {
        if ((c.head & suspect) != 0) return errc::corrupt;
        return (c.head & tombstone) != 0 ? errc::not_found : errc::ok;
    }

    /// A record that the cache points to is the newest of its key: every later one would have
    /// taken the slot. What it points to may be gone, or of another key. Complexity: two reads.
    [[nodiscard]] bool find_cached(search& c) const noexcept {
        c.next = cache_[c.wanted_tag];
        const std::uint32_t base = c.next - c.next % sector_size;
        const std::uint32_t behind =
            head_base_ >= base ? head_base_ - base : head_base_ + sectors::flash_size - base;
        c.sector = head_ - behind / sector_size;
        if (c.next == 0 || c.sector < tail_) return false;
        c.end = base + sector_size;
        c.searching = false;
        const std::uint32_t at = c.next;
        return step(c, sectors::wide) && c.at == at && c.tag() == c.wanted_tag &&
               check(c) == errc::ok;
    }

    [[no_unique_address]] mutable address_cache<Tuning.cached> cache_;
};

} // namespace ashlar::inline v0_1::flash
