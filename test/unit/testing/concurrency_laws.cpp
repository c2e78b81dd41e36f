// SPDX-License-Identifier: BSL-1.0
// NEEDS: threads
// The concurrency suite on trial: one mutex around a right engine passes, gaps show (G19).
#include "reference_engine.hpp"

#include <catch.hpp>

#include <ashlar/testing/concurrency_laws.hpp>

#include <mutex>

namespace {

enum class gap {
    none,
    check_then_act,  // checks under one lock, operations under another
    batch_in_pieces, // each operation under a lock of its own
    torn_rows,       // a put stores the first half, lets others in, stores the rest
    sequence_shared, // two commits get one sequence
    add_in_pieces,   // add reads under one lock and writes under another
};
gap planted = gap::none;

/// The reference engine behind one mutex, with the gap that is planted.
template <class Row>
class locked_engine {
    using inner_type = ashlar_test::reference_engine<Row>;

  public:
    using row = Row;
    using position = typename inner_type::position;

    locked_engine() : inner_{std::make_shared<typename inner_type::rest>()} {}

    template <class Visit>
    ashlar::result<bool> read(ashlar::bytes_view key, Visit visit) const {
        const std::scoped_lock hold{*mutex_};
        return inner_.read(key, visit);
    }
    template <class Visit>
    ashlar::result<bool> walk(position& at, Visit visit, std::size_t limit) const {
        const std::scoped_lock hold{*mutex_};
        return inner_.walk(at, visit, limit);
    }
    template <class Hook = ashlar::no_hook, class OnConflict = ashlar::ignore_conflict>
    typename Row::receipt apply(ashlar::batch_span batch, Hook&& hook = Hook{},
                                OnConflict&& on_conflict = OnConflict{}) {
        if (planted == gap::check_then_act) {
            if (const auto ok = locked({batch.checks, {}}, hook, on_conflict); !ok) return ok;
            std::this_thread::yield();
            return locked({{}, batch.operations}, hook, on_conflict);
        }
        if (planted == gap::batch_in_pieces || planted == gap::add_in_pieces ||
            planted == gap::torn_rows)
            return in_pieces(batch, hook, on_conflict);
        const auto receipt = locked(batch, hook, on_conflict);
        if constexpr (Row::fields.sequenced)
            if (planted == gap::sequence_shared && receipt)
                return ashlar::commit_seq{static_cast<std::uint64_t>(*receipt) / 2 + 1};
        return receipt;
    }
    ashlar::result<void> apply_at(ashlar::commit_seq seq, ashlar::operation_list operations) {
        const std::scoped_lock hold{*mutex_};
        return inner_.apply_at(seq, operations);
    }

  private:
    typename Row::receipt locked(ashlar::batch_span batch, auto& hook, auto& on_conflict) {
        const std::scoped_lock hold{*mutex_};
        return inner_.apply(batch, hook, on_conflict);
    }
    typename Row::receipt in_pieces(ashlar::batch_span batch, auto& hook, auto& on_conflict) {
        typename Row::receipt last = Row::receipt_for({});
        if (batch.operations.empty()) return locked(batch, hook, on_conflict);
        ashlar::check_list checks = batch.checks; // evaluated with the first operation
        for (const ashlar::operation op : batch.operations) {
            ashlar::write_batch one;
            std::string bytes = op.value.as<std::string>();
            if (op.kind == ashlar::operation_kind::erase) one.erase(op.key);
            else if (op.kind == ashlar::operation_kind::add && planted == gap::add_in_pieces) {
                std::int64_t sum = number(bytes);
                static_cast<void>(read(
                    op.key, [&](ashlar::bytes_view old) { sum += number(old.as<std::string>()); }));
                std::this_thread::yield();
                ashlar::store_little(reinterpret_cast<std::byte*>(bytes.data()) + bytes.size() - 8,
                                     static_cast<std::uint64_t>(sum));
                one.put(op.key, bytes);
            } else if (op.kind == ashlar::operation_kind::add) one.add(op.key, bytes);
            else {
                if (planted == gap::torn_rows && checks.empty()) {
                    ashlar::write_batch half;
                    half.put(op.key, bytes.substr(0, bytes.size() - 1) + '\x01');
                    static_cast<void>(locked(half, hook, on_conflict));
                    std::this_thread::yield();
                }
                one.put(op.key, bytes);
            }
            last = locked({checks, one.operations()}, hook, on_conflict);
            if (!last) return last;
            checks = {};
            if (planted == gap::batch_in_pieces) std::this_thread::yield();
        }
        return last;
    }
    [[nodiscard]] static std::int64_t number(const std::string& bytes) {
        return static_cast<std::int64_t>(ashlar::load_little<std::uint64_t>(
            reinterpret_cast<const std::byte*>(bytes.data()) + bytes.size() - 8));
    }

    inner_type inner_;
    std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
};

using row = ashlar::row_layout<ashlar::dynamic_extent, ashlar::dynamic_extent,
                               ashlar::row_fields{.version = true, .sequenced = true}>;

std::set<std::string> broken_with(gap which, std::size_t rounds) {
    std::set<std::string> broken;
    planted = which;
    ashlar::testing::concurrency_laws(
        []() -> ashlar::result<locked_engine<row>> { return locked_engine<row>{}; },
        [&](bool held, const char* law) {
            if (!held) broken.insert(law);
        },
        {.keys = 40}, {.threads = 3, .rounds = rounds});
    planted = gap::none;
    return broken;
}

/// A gap shows by chance: more rounds, at most 2^6 times as many, until it does.
bool is_noticed(gap which) {
    for (std::size_t rounds = 100; rounds <= 6400; rounds *= 2)
        if (!broken_with(which, rounds).empty()) return true;
    return false;
}

} // namespace

TEST_CASE("concurrency laws: a right engine passes", "[threads]") {
    const auto broken = broken_with(gap::none, 300);
    for (const std::string& law : broken) UNSCOPED_INFO(law);
    CHECK(broken.empty());
}

TEST_CASE("concurrency laws: planted gaps are noticed") {
    CHECK(is_noticed(gap::check_then_act));
    CHECK(is_noticed(gap::batch_in_pieces));
    CHECK(is_noticed(gap::torn_rows));
    CHECK(is_noticed(gap::sequence_shared));
    CHECK(is_noticed(gap::add_in_pieces));
}
