// SPDX-License-Identifier: BSL-1.0
// The one file that knows the store's type.
#include "row_store.hpp"

#include <ashlar/presets.hpp>

namespace cache {

namespace {

/// The composition: the whole of the server's data, and what it promises, is this type. Commands
/// don't wait for the disk under their stripes; the connection does, before it sends a reply.
using durable_rows = ashlar::result_cache<std::string, std::string, ashlar::sync::none>;
using fleeting_rows = ashlar::fleeting_result_cache<std::string, std::string>;

template <class Store>
class rows final : public row_store {
    static_assert(Store::row::header_size == row_layout::header_size &&
                  Store::row::expiry_offset == row_layout::expiry_offset);

  public:
    explicit rows(Store&& store) : store_{std::move(store)} {}

    bool read(string_view key, row_visitor visit) const override {
        const auto there = stack().read(ashlar::bytes_view{key}, [&](ashlar::bytes_view row) {
            visit(payload(row), row_layout::expiry(row));
        });
        return there && *there;
    }
    bool occupies(string_view key) const override {
        const auto there =
            stack().expiring().below().read(ashlar::bytes_view{key}, [](ashlar::bytes_view) {});
        return there && *there;
    }
    std::uint64_t version(string_view key) const override {
        std::uint64_t version = 0;
        static_cast<void>(stack().read(ashlar::bytes_view{key}, [&](ashlar::bytes_view row) {
            version = row_layout::version(row);
        }));
        return version;
    }
    void scan(const row_range& range, rows_visitor visit) const override {
        const ashlar::scan_range wanted{.lo = ashlar::bytes_view{range.lo},
                                        .hi = ashlar::bytes_view{range.hi},
                                        .reverse = range.reverse,
                                        .limit = range.at_most};
        const auto show = [&](ashlar::bytes_view key, ashlar::bytes_view row) {
            return visit(key.as<string_view>(), payload(row));
        };
        if (range.expired_too) static_cast<void>(stack().expiring().below().scan(wanted, show));
        else static_cast<void>(stack().scan(wanted, show));
    }
    ashlar::result<std::uint64_t> apply(ashlar::write_batch& batch) override {
        if (!batch.status()) return batch.status().error();
        const auto done = store_.stack().apply(batch);
        if (!done) return done.error();
        return static_cast<std::uint64_t>(*done);
    }

    std::uint64_t now() const override { return static_cast<std::uint64_t>(store_.now()); }
    void collect_expired(ashlar::write_batch& batch, std::size_t budget) override {
        const auto more = store_.stack().expiring().collect_expired(swept_, batch, budget);
        if (!more || !*more) swept_ = {};
    }
    std::size_t memory_used() const override { return stack().memory_used(); }

    bool is_durable() const noexcept override { return Store::is_durable; }
    ashlar::result<void> sync() override {
        if constexpr (Store::is_durable) return store_.sync();
        else return {};
    }
    ashlar::result<void> flush() override {
        if constexpr (Store::is_durable) return store_.stack().expiring().below().flush();
        else return {};
    }
    bool is_synced() const noexcept override {
        if constexpr (Store::is_durable) return log().durable() >= log().appended();
        else return true;
    }
    bool is_flushed() const noexcept override {
        if constexpr (Store::is_durable) return log().flushed() >= log().appended();
        else return true;
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

} // namespace

std::unique_ptr<row_store> rows_in_memory() {
    return std::make_unique<rows<fleeting_rows>>(fleeting_rows{});
}

std::unique_ptr<row_store> rows_in(const std::string& directory, std::string& error) {
    ashlar::error_detail detail;
    auto opened = durable_rows::open({.directory = directory, .detail = &detail});
    if (opened) return std::make_unique<rows<durable_rows>>(std::move(*opened));
    const ashlar::text_view why = detail.message.view();
    error =
        why.empty() ? ashlar::name_of(opened.error().code) : std::string{why.data(), why.size()};
    return nullptr;
}

} // namespace cache
