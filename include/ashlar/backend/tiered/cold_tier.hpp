// SPDX-License-Identifier: BSL-1.0
/// @file Defines cold_tier: any engine as a place for rows that no longer fit into memory.
#pragma once

#include <ashlar/backend/tiered/cell.hpp>
#include <ashlar/engine.hpp>

namespace ashlar::inline v0_1::tiered_parts {

/// Rows of the cold engine: under a number of 8 bytes, big-endian so that new ones come last.
using cold_row = row_layout<8, dynamic_extent, row_fields{}>;

/// Scratch space: what was there when it is opened belonged to a process that is gone and is
/// erased. Reading is as thread-safe as the engine; storing is for one thread at a time.
template <engine Engine>
class cold_tier {
  public:
    explicit cold_tier(Engine&& over) noexcept : engine_{std::move(over)} {}

    /// Erases every row, some thousand at a time.
    [[nodiscard]] result<void> empty() {
        byte_buffer keys;
        for (;;) {
            typename Engine::position at{};
            keys.clear();
            bool kept = true;
            const auto more = engine_.walk(
                at, [&](bytes_view key, bytes_view) { kept = kept && append(keys, key); }, 4096);
            if (!more) return more.error();
            if (!kept) return errc::out_of_memory;
            if (keys.empty()) return {};
            batch_.clear();
            for (std::size_t i = 0; i < keys.size(); i += 8) batch_.erase({keys.data() + i, 8});
            if (const auto done = submit(); !done) return done;
        }
    }

    /// The row that rests there, checked. False when nothing does.
    [[nodiscard]] result<bool> fetch(const cold_place& from, byte_buffer& to) const {
        std::byte key[8];
        store_big(key, from.id);
        errc bad = errc::ok;
        const auto there = engine_.read(bytes_view{key, 8}, [&](bytes_view row) noexcept {
            if (!from.holds(row)) bad = errc::checksum_mismatch;
            else if (!to.assign(row)) bad = errc::out_of_memory;
        });
        if (bad != errc::ok) return bad;
        return there;
    }

    // --- one batch: begin, add and forget, store -------------------------------------------------

    void begin() noexcept { batch_.clear(); }
    /// Where the row will rest; its bytes stand in the batch from `begin` on.
    [[nodiscard]] cold_place add(bytes_view row, std::size_t& begin) noexcept {
        std::byte key[8];
        store_big(key, next_);
        batch_.put({key, 8}, row);
        begin = batch_.operations().bytes().size() - row.size();
        return cold_place::of(next_++, row);
    }
    [[nodiscard]] bytes_view added(std::size_t begin, std::size_t size) noexcept {
        return batch_.operations().bytes().skip(begin).first(size);
    }
    void forget(std::uint64_t id) noexcept {
        std::byte key[8];
        store_big(key, id);
        batch_.erase({key, 8});
    }
    /// All of it, or nothing. Errors: those of the engine.
    [[nodiscard]] result<void> store() {
        if (batch_.operation_count() == 0) return {};
        return submit();
    }

    [[nodiscard]] result<void> close() {
        if constexpr (requires { engine_.close(); }) return engine_.close();
        else return {};
    }

  private:
    [[nodiscard]] result<void> submit() {
        if (!batch_.status()) return batch_.status();
        return engine_.apply(batch_);
    }

    Engine engine_;
    write_batch batch_;
    std::uint64_t next_ = 1;
};

} // namespace ashlar::inline v0_1::tiered_parts
