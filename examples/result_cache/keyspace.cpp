// SPDX-License-Identifier: BSL-1.0
#include "keyspace.hpp"

namespace cache {

std::uint64_t keyspace::version(int db, string_view key) const {
    return store_.version_of(head_key(db, key)).value_or(0U);
}

bool keyspace::sweep_some() {
    constexpr std::size_t rows_at_once = 2048;
    const auto erased = store_.maintain(rows_at_once);
    return erased && *erased * 4 >= rows_at_once;
}

bool unit::read_row(string_view row_key, row_visitor visit) const {
    if (!writes_.empty())
        if (const auto own = writes_.find(row_key); own != writes_.end()) {
            const bool there = own->second && !is_over(own->second->at);
            if (there) visit(own->second->row, own->second->at);
            return there;
        }
    if (is_dropped(row_key)) return false;
    using layout = row_store::stack_type::row;
    const auto there =
        space_.store().stack().read(ashlar::bytes_view{row_key}, [&](ashlar::bytes_view row) {
            visit(layout::payload(row).as<string_view>(), layout::expiry(row));
        });
    return there && *there;
}

void unit::scan_rows(const std::string& lo, const std::string& hi, bool reverse,
                     std::size_t at_most, rows_visitor visit) const {
    auto own = reverse ? writes_.lower_bound(hi) : writes_.lower_bound(lo);
    const auto own_end = reverse ? writes_.lower_bound(lo) : writes_.lower_bound(hi);
    bool more = true;
    // Shows this unit's rows that come before `key`; all that are left when there is none. Answers
    // whether the store's row of that key is hidden by one of them.
    const auto show_own = [&](const string_view* key) {
        while (more && own != own_end) {
            const auto& [mine, row] = reverse ? *std::prev(own) : *own;
            if (key != nullptr && (reverse ? mine < *key : mine > *key)) return false;
            const bool same = key != nullptr && mine == *key;
            if (row && !is_over(row->at)) more = visit(string_view{mine}, string_view{row->row});
            reverse ? --own : ++own;
            if (same) return true;
        }
        return false;
    };
    const ashlar::scan_range range{
        .lo = lo,
        .hi = hi,
        .reverse = reverse,
        .limit = writes_.empty() && dropped_.empty() ? at_most : static_cast<std::size_t>(-1)};
    static_cast<void>(space_.store().stack().scan(range, [&](ashlar::bytes_view k,
                                                             ashlar::bytes_view r) {
        const auto key = k.as<string_view>();
        if (show_own(&key) || !more || is_dropped(key)) return more;
        return more = visit(key, row_store::stack_type::row::payload(r).template as<string_view>());
    }));
    show_own(nullptr);
}

ashlar::result<void> unit::commit() {
    if (writes_.empty() && dropped_.empty()) return {};
    auto batch = row_store::batch();
    for (const auto& [key, version] : expected_) batch.expect_version(key, version);
    for (const auto& [lo, hi] : dropped_) batch.erase_range(lo, hi);
    for (const auto& [key, row] : writes_) {
        if (!row) batch.erase(key);
        else if (row->at == 0) batch.put(key, row->row);
        else batch.put(key, row->row, ashlar::wall_time{row->at});
    }
    if (const auto done = space_.store().apply(batch); !done) return done.error();
    return {};
}

} // namespace cache
