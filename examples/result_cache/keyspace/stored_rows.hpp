// SPDX-License-Identifier: BSL-1.0
/// @file Defines stored_rows, a row_store over a store of any type. Each such type is compiled in a
/// file of its own.
#pragma once

#include "keyspace/row_store.hpp"

#include <ashlar/presets.hpp>

#include <algorithm>

namespace cache {

template <class Store>
class stored_rows final : public row_store {
    static_assert(Store::row::header_size == row_layout::header_size &&
                  Store::row::expiry_offset == row_layout::expiry_offset);

  public:
    explicit stored_rows(Store&& store) : store_{std::move(store)} {}

    bool read(string_view key, row_visitor visit) const override {
        const auto there = stack().read(ashlar::bytes_view{key}, [&](ashlar::bytes_view row) {
            visit(payload(row), row_layout::expiry(row));
        });
        return checked(there);
    }
    void read_many(const string_view* keys, std::size_t count,
                   row_at_visitor visit) const override {
        ashlar::bytes_view views[most_together];
        for (std::size_t first = 0; first < count; first += most_together) {
            const std::size_t n = std::min(count - first, most_together);
            for (std::size_t i = 0; i < n; ++i) views[i] = ashlar::bytes_view{keys[first + i]};
            checked(ashlar::read_many(stack(), views, n,
                                      [&](std::size_t i, ashlar::bytes_view row) noexcept {
                                          visit(first + i, payload(row));
                                      }));
        }
    }
    std::optional<std::uint64_t> end_of(string_view key) const override {
        std::optional<std::uint64_t> end;
        checked(
            stack().expiring().below().read(ashlar::bytes_view{key}, [&](ashlar::bytes_view row) {
                end = row_layout::expiry(row);
            }));
        return end;
    }
    std::uint64_t version(string_view key) const override {
        std::uint64_t version = 0;
        checked(stack().read(ashlar::bytes_view{key},
                             [&](ashlar::bytes_view row) { version = row_layout::version(row); }));
        return version;
    }
    void scan(const row_range& range, rows_visitor visit) const override {
        const ashlar::scan_range wanted{.lo = ashlar::bytes_view{range.lo},
                                        .hi = ashlar::bytes_view{range.hi},
                                        .reverse = range.reverse,
                                        .limit = range.at_most};
        const auto show = [&](ashlar::bytes_view key, ashlar::bytes_view row) {
            return visit(key.as<string_view>(), payload(row), row_layout::expiry(row));
        };
        if (range.keys_only && range.expired_too)
            checked(stack().expiring().below().scan_headers(wanted, show));
        else if (range.keys_only) checked(stack().expiring().scan_headers(wanted, show));
        else if (range.expired_too) checked(stack().expiring().below().scan(wanted, show));
        else checked(stack().scan(wanted, show));
    }
    ashlar::result<std::uint64_t> apply(ashlar::write_batch& batch) override {
        if (!batch.status()) return batch.status().error();
        const auto done = store_.stack().apply(batch);
        if (!done) return done.error();
        return static_cast<std::uint64_t>(*done);
    }

    ashlar::result<std::uint64_t> update(string_view key, std::size_t most,
                                         row_rewriter rewrite) override {
        if constexpr (has_tiers) {
            return ashlar::errc::unsupported;
        } else {
            std::size_t size = 0;
            const auto write = [&](ashlar::commit_seq seq, const ashlar::bytes_view* old,
                                   std::byte* out) noexcept {
                std::uint64_t at = old == nullptr ? 0 : row_layout::expiry(*old);
                const string_view before = old == nullptr ? string_view{} : payload(*old);
                size = rewrite(old == nullptr ? nullptr : &before, at,
                               reinterpret_cast<char*>(out) + row_layout::header_size);
                if (size == 0) return ashlar::update_action::keep();
                ashlar::store_little(out + row_layout::version_offset,
                                     static_cast<std::uint64_t>(seq));
                row_layout::set_expiry(out, at);
                return ashlar::update_action::write(row_layout::header_size + size);
            };
            const auto done = store_.stack().expiring().update_expired_too(
                ashlar::bytes_view{key}, row_layout::header_size + most, write);
            if (!done) return done.error();
            return size != 0 ? static_cast<std::uint64_t>(*done) : 0;
        }
    }

    std::uint64_t now() const override { return static_cast<std::uint64_t>(store_.now()); }
    void collect_expired(ashlar::write_batch& batch, std::size_t budget) override {
        const auto more = store_.stack().expiring().collect_expired(swept_, batch, budget);
        if (!more || !*more) swept_ = {};
    }
    std::size_t memory_used() const override { return stack().memory_used(); }
    bool spills() const noexcept override { return has_tiers; }
    void limit_memory(std::size_t bytes) override {
        if constexpr (has_tiers) tiers().set_memory_limit(bytes);
        else static_cast<void>(bytes);
    }
    spill_counts spilled() const override {
        if constexpr (has_tiers) {
            const ashlar::tiered_counts now = tiers().counts();
            return {now.hits, now.fetches, now.promotions, now.spills, now.failures};
        } else {
            return {};
        }
    }

    bool is_durable() const noexcept override { return Store::is_durable; }
    ashlar::result<void> sync() override {
        if constexpr (Store::is_durable) return store_.sync();
        else return {};
    }
    ashlar::result<void> flush() override {
        if constexpr (Store::is_durable) return store_.stack().expiring().below().flush();
        else return {};
    }
    std::uint64_t unsynced() const noexcept override {
        if constexpr (Store::is_durable) {
            const std::uint64_t durable = log().durable(); // before appended(), which it follows
            return log().appended() - durable;
        } else {
            return 0;
        }
    }
    bool is_flushed() const noexcept override {
        if constexpr (Store::is_durable) return log().flushed() >= log().appended();
        else return true;
    }
    bool has_failed() const noexcept override {
        if constexpr (Store::is_durable) return log().poison().code != ashlar::errc::ok;
        else return false;
    }
    ashlar::result<snapshot_size> checkpoint() override {
        if constexpr (Store::is_durable) {
            const auto made = store_.checkpoint();
            if (!made) return made.error();
            return snapshot_size{made->rows, made->bytes};
        } else {
            return snapshot_size{};
        }
    }
    ashlar::result<void> close() override { return store_.close(); }

  private:
    static constexpr std::size_t most_together = 32;
    static constexpr bool has_tiers = requires(Store& store) {
        store.stack().expiring().below().below().set_memory_limit(std::size_t{});
    };
    [[nodiscard]] auto& tiers() noexcept { return store_.stack().expiring().below().below(); }
    [[nodiscard]] const auto& tiers() const noexcept { return stack().expiring().below().below(); }
    /// A store in memory fails to read only when it is closed.
    static bool checked(const ashlar::result<bool>& found) {
        if (has_tiers && !found) throw storage_failure{found.error()};
        return found && *found;
    }
    static void checked(const ashlar::result<void>& done) {
        if (has_tiers && !done) throw storage_failure{done.error()};
    }
    [[nodiscard]] static string_view payload(ashlar::bytes_view row) noexcept {
        return row_layout::payload(row).as<string_view>();
    }
    [[nodiscard]] const typename Store::stack_type& stack() const noexcept {
        return store_.stack();
    }
    [[nodiscard]] const auto& log() const noexcept { return stack().expiring().below().log(); }

    Store store_;
    typename Store::stack_type::position swept_{};
};

} // namespace cache
