// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
//
// A backend of your own, in one screen, over std::map: then the shipped laws prove it, and a store
// is composed on it as on any other.
#include <ashlar/apply.hpp>
#include <ashlar/ashlar.hpp>
#include <ashlar/testing/engine_laws.hpp>
#include <ashlar/walk.hpp>

#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace mine {

using rows = std::map<std::string, std::string>;

// What a batch is carried out on: `admit` evaluates checks and sums, `carry_out` does the rest.
struct table {
    rows& all;
    ashlar::result<bool> find(ashlar::bytes_view key, ashlar::bytes_view& row) {
        const auto at = all.find(key.as<std::string>());
        if (at == all.end()) return false;
        row = at->second;
        return true;
    }
    void assign(ashlar::bytes_view key, ashlar::bytes_view row) {
        all[key.as<std::string>()] = row.as<std::string>();
    }
    void remove(ashlar::bytes_view key) { all.erase(key.as<std::string>()); }
};

template <class Row>
class engine {
  public:
    using row = Row;
    using position = ashlar::key_buffer;

    static ashlar::result<engine> open(const auto&, const ashlar::no_options&) { return engine{}; }

    template <class Visit>
    ashlar::result<bool> read(ashlar::bytes_view key, Visit&& visit) const {
        const std::scoped_lock lock{state_->mutex};
        ashlar::bytes_view found;
        if (!*table{state_->all}.find(key, found)) return false;
        visit(found);
        return true;
    }
    template <class Visit> // visits copies, so that the visitor may call the store
    ashlar::result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        while (limit-- != 0) {
            const auto next = row_behind(at);
            if (!next) return false;
            if (!at.assign(ashlar::bytes_view{next->first + '\0'}))
                return ashlar::errc::out_of_memory;
            if (!ashlar::visit_row(visit, ashlar::bytes_view{next->first},
                                   ashlar::bytes_view{next->second}))
                return true;
        }
        return true;
    }
    template <class Hook = ashlar::no_hook, class OnConflict = ashlar::ignore_conflict>
    typename Row::receipt apply(ashlar::batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        if (auto room = hook.reserve(batch.operations.bytes().size()); !room) return room.error();
        ashlar::commit_seq seq{};
        {
            const std::scoped_lock lock{state_->mutex};
            table all{state_->all};
            if (auto ok = ashlar::admit<Row>(batch, all, on_conflict); !ok) return ok.error();
            seq = ashlar::commit_seq{++state_->last};
            ashlar::fill_sequence(batch.operations, seq);
            if (auto ok = ashlar::carry_out(batch.operations, all); !ok) return ok.error();
            hook.commit(seq, batch.operations);
        }
        if (auto durable = hook.wait(seq); !durable) return durable.error();
        return Row::receipt_for(seq);
    }
    ashlar::result<void> apply_at(ashlar::commit_seq seq, ashlar::operation_list operations) {
        const std::scoped_lock lock{state_->mutex};
        if (state_->last < static_cast<std::uint64_t>(seq))
            state_->last = static_cast<std::uint64_t>(seq);
        ashlar::fill_sequence(operations, seq);
        table all{state_->all};
        return ashlar::carry_out(operations, all);
    }

  private:
    std::optional<rows::value_type> row_behind(const position& at) const {
        const std::scoped_lock lock{state_->mutex};
        const auto next = state_->all.lower_bound(at.view().template as<std::string>());
        if (next == state_->all.end()) return {};
        return *next;
    }
    struct state {
        std::mutex mutex;
        rows all;
        std::uint64_t last = 0;
    };
    std::unique_ptr<state> state_ = std::make_unique<state>();
};

struct map_backend {
    using axis = ashlar::backend_axis;
    using options = ashlar::no_options;
    static constexpr bool ordered = false; // it has no scan, only walk
    static constexpr bool persistent = false;
    static constexpr bool needs_fixed_extents = false;
    static constexpr std::size_t max_key_size = ashlar::dynamic_extent;
    static constexpr std::size_t max_row_size = ashlar::dynamic_extent;
    static void describe(ashlar::sentence& text) { text << "map_backend/1"; }

    template <class Row, class Environment, class Concurrency>
    using engine = mine::engine<Row>;
};
static_assert(ashlar::backend_policy<map_backend>);

} // namespace mine

int main() {
    using layout = ashlar::row_layout<ashlar::dynamic_extent, ashlar::dynamic_extent,
                                      ashlar::row_fields{.version = true, .sequenced = true}>;
    std::size_t laws = 0, broken = 0;
    ashlar::testing::engine_laws([] { return mine::engine<layout>::open(0, {}); },
                                 [&](bool held, const char* law) {
                                     ++laws;
                                     if (!held) std::printf("BROKEN: %s\n", law), ++broken;
                                 });
    std::printf("%zu checks of the laws, %zu broken\n", laws, broken);

    auto db = ashlar::store<std::string, std::uint32_t, mine::map_backend, ashlar::stamped>::open();
    const bool composed = db && db->put("a", 1) && db->get("a").value_or(0U) == 1;
    std::printf("a stamped store on it: %s\n", composed ? "works" : "FAILED");
    return broken == 0 && composed ? 0 : 1;
}
