// SPDX-License-Identifier: BSL-1.0
#include "keyspace/keyspace.hpp"

#include "keyspace/packed_json.hpp"
#include "text/numbers.hpp"

#include <algorithm>
#include <cstring>

namespace cache {

namespace {
[[nodiscard]] std::size_t database_of(string_view row_key) noexcept {
    return static_cast<unsigned char>(row_key[0]) % database_count;
}
[[nodiscard]] stripe_mask stripe_of_head(string_view row_key) noexcept {
    return stripe_mask{1} << (load_big_at<std::uint32_t>(row_key, 2) % 64);
}
} // namespace

keyspace::keyspace() : rows_{rows_in_memory()} {
    for (std::size_t db = 0; db < places_.size(); ++db) places_[db] = static_cast<std::uint8_t>(db);
}

void keyspace::use(std::unique_ptr<row_store> rows) {
    rows_ = std::move(rows);
    std::uint64_t last = 0;
    for (int db = 0; db < database_count; ++db) {
        key_totals keys;
        const auto count = [&](string_view, string_view, std::uint64_t at) {
            keys.add(at, 1);
            return true;
        };
        const std::string heads = heads_prefix(db);
        const std::string heads_end = behind(heads);
        rows_->scan({.lo = heads, .hi = heads_end, .expired_too = true, .keys_only = true},
                    rows_visitor{count});
        counts_[static_cast<std::size_t>(db)].add(keys);
        const auto look = [&](string_view row_key, string_view) {
            last = std::max(last, load_big_at<std::uint64_t>(row_key, 2));
            return false;
        };
        const std::string elements = elements_prefix(db);
        const std::string end = behind(elements);
        rows_->scan({.lo = elements, .hi = end, .reverse = true, .expired_too = true, .at_most = 1},
                    rows_visitor{look});
    }
    next_id_ = last + 1;
    const auto keep = [&](string_view row) {
        for (std::size_t db = 0; db < places_.size() && db < row.size(); ++db)
            places_[db] = static_cast<std::uint8_t>(row[db]) % database_count;
    };
    static_cast<void>(rows_->read(places_key, row_visitor{keep}));
}

void keyspace::follow(memory_policy policy) {
    order_.follow(policy);
    if (!order_.is_on()) return;
    for (int db = 0; db < database_count; ++db) {
        const std::string lo = heads_prefix(db);
        const std::string hi = behind(lo);
        const auto note = [&](string_view head, string_view row, std::uint64_t at) {
            order_.put(head, row.size(), at);
            return true;
        };
        rows_->scan({.lo = lo, .hi = hi, .expired_too = true}, rows_visitor{note});
    }
}

ashlar::result<std::uint64_t> keyspace::rewrite_string(string_view head, std::size_t most,
                                                       row_rewriter rewrite) {
    key_totals change;
    std::size_t size = 0;
    std::uint64_t end = 0;
    const auto counted = [&](const string_view* old, std::uint64_t& at, char* out) -> std::size_t {
        if (old != nullptr && !is_string(*old)) return 0;
        if (old != nullptr) change.add(at, -1);
        if (at != 0 && at <= now()) {
            old = nullptr;
            at = 0;
        }
        size = rewrite(old, at, out);
        if (size != 0) change.add(at, 1);
        end = at;
        return size;
    };
    const auto done = rows_->update(head, most, row_rewriter{counted});
    if (!done || *done == 0) return done;
    size += row_layout::header_size;
    if (order_.is_on()) order_.put(head, size, end);
    committed_.fetch_add(head.size() + size, std::memory_order_relaxed);
    counts_[database_of(head)].add(change);
    return done;
}

ashlar::result<std::uint64_t> keyspace::assign(string_view head, string_view value,
                                               std::uint64_t at) {
    packed_json::room room;
    const string_view packed = packed_json::pack(key_of(head), value, room);
    const string_view kept = packed.empty() ? value : packed;
    const auto put = [&](const string_view*, std::uint64_t& end, char* out) {
        end = at;
        *out = packed.empty() ? 's' : packed_letter;
        return 1 + kept.copy(out + 1, kept.size());
    };
    return rewrite_string(head, 1 + kept.size(), row_rewriter{put});
}

ashlar::result<std::uint64_t> keyspace::add(string_view head, std::int64_t delta,
                                            std::int64_t& sum) {
    constexpr std::size_t most_digits = 20;
    const auto put = [&](const string_view* old, std::uint64_t&, char* out) -> std::size_t {
        if (old != nullptr && (*old)[0] == packed_letter) return 0; // an object of JSON
        const auto before = parse_integer(old == nullptr ? string_view{"0"} : old->substr(1));
        if (!before || __builtin_add_overflow(*before, delta, &sum)) return 0;
        *out = 's';
        return static_cast<std::size_t>(std::to_chars(out + 1, out + 1 + most_digits, sum).ptr -
                                        out);
    };
    return rewrite_string(head, 1 + most_digits, row_rewriter{put});
}

std::uint64_t keyspace::version(int db, string_view key) const {
    return rows_->version(head_key_buffer{db, key}.view());
}

bool keyspace::sweep_some() {
    constexpr std::size_t at_once = 32; // some 40 us where all of them go
    constexpr std::size_t looks = 8;    // where none does
    constexpr std::size_t round = 2048; // rows
    std::size_t found = 0;
    for (std::size_t i = 0; i < looks && found == 0; ++i) {
        expired_.clear();
        rows_->collect_expired(expired_, at_once);
        found = expired_.operation_count();
        round_.looked_at += at_once;
    }
    round_.found += found;
    const bool fails = found != 0 && !try_erase_expired();
    if (!fails && round_.looked_at < round) return true;
    const auto ended = std::exchange(round_, {});
    return !fails && ended.found * 4 >= ended.looked_at;
}

/// What the disk does not give back is looked for again on the next round.
bool keyspace::try_erase_expired() {
    try {
        erase_expired(expired_);
        return true;
    } catch (const storage_failure&) {
        return false;
    }
}

void keyspace::erase_expired(ashlar::write_batch& over) {
    stripe_mask mask = 0;
    for (const ashlar::operation op : over.operations())
        if (const auto key = op.key.as<string_view>(); is_head(key)) mask |= stripe_of_head(key);
    const hold stripes{*this, mask};
    std::array<key_totals, database_count> gone{};
    ashlar::write_batch batch;
    bool certain = false;
    // Elements may get a new life meanwhile; then those that did are left out.
    for (int attempt = 0; attempt < 2; ++attempt, certain = true) {
        batch.clear();
        gone = {};
        for (const ashlar::operation op : over.operations()) {
            const auto key = op.key.as<string_view>();
            const auto nothing = [](string_view) {};
            if (certain && rows_->read(key, row_visitor{nothing})) continue;
            if (is_head(key)) {
                const auto end = rows_->end_of(key);
                if (!end) continue; // erased by somebody else
                gone[database_of(key)].add(*end, -1);
            }
            batch.absent(op.key).erase(op.key);
        }
        if (batch.operation_count() == 0) return;
        if (const auto done = rows_->apply(batch); done) break;
        else if (attempt == 1 || done.error() != ashlar::errc::conflict) return;
    }
    for (std::size_t db = 0; db < gone.size(); ++db) {
        counts_[db].add(gone[db]);
        expired += static_cast<std::uint64_t>(-gone[db].keys);
    }
    for (const ashlar::operation op : batch.operations())
        if (const auto key = op.key.as<string_view>(); is_head(key)) {
            order_.erase(key);
            note_erasure(key);
            when_gone(key, true);
        }
}

void unit::put(string_view row_key, string_view begin, string_view rest, std::uint64_t at) {
    const bool whole = begin.empty() && !rest.empty() && rest[0] == 's';
    if (!is_head(row_key) || (begin != "s" && !whole)) return put_kept(row_key, begin, rest, at);
    const string_view text = whole ? rest.substr(1) : rest;
    packed_json::room room;
    const string_view packed = packed_json::pack(key_of(row_key), text, room);
    if (packed.empty()) put_kept(row_key, "s", text, at);
    else put_kept(row_key, {&packed_letter, 1}, packed, at);
}

void unit::put_kept(string_view row_key, string_view begin, string_view rest, std::uint64_t at) {
    const std::size_t size = row_layout::header_size + begin.size() + rest.size();
    char* bytes = room(size);
    std::memset(bytes, 0, row_layout::header_size);
    row_layout::set_expiry(reinterpret_cast<std::byte*>(bytes), at);
    begin.copy(bytes + row_layout::header_size, begin.size());
    rest.copy(bytes + row_layout::header_size + begin.size(), rest.size());
    write(row_key, {bytes, size});
}
void unit::erase(string_view row_key) { write(row_key, {}); }

void unit::write(string_view row_key, string_view bytes) {
    if (notes_changes_ && is_head(row_key))
        changed_.push_back(
            {std::string{row_key}, bytes.empty(), bytes.empty() ? 0 : written{bytes}.at()});
    if (const auto own = writes_.find(row_key); own != writes_.end()) {
        own->second = {bytes};
        return;
    }
    char* key = room(row_key.size());
    row_key.copy(key, row_key.size());
    writes_.emplace(string_view{key, row_key.size()}, written{bytes});
}

bool unit::read_row(string_view row_key, row_visitor visit) const {
    if (!writes_.empty())
        if (const auto own = writes_.find(row_key); own != writes_.end()) {
            const bool there = !own->second.erased() && !is_over(own->second.at());
            if (there) visit(own->second.row(), own->second.at());
            return there;
        }
    if (is_dropped(row_key)) return false;
    if (!is_head(row_key)) return space_.rows().read(row_key, visit);
    const auto see = [&](string_view row, std::uint64_t at) {
        remember(row_key, at);
        visit(row, at);
    };
    space_.order_.use(row_key);
    return space_.rows().read(row_key, row_visitor{see});
}

bool unit::show_unpacked(string_view row_key, string_view row, std::uint64_t at,
                         row_visitor visit) {
    packed_json::unpacked value;
    if (!value.read(key_of(row_key), row.substr(1))) return false;
    visit(value.text_behind('s'), at);
    return true;
}

void unit::remember(string_view head, std::uint64_t at) const noexcept {
    seen_size_ = head.size() <= sizeof seen_ ? head.size() : 0;
    std::memcpy(seen_, head.data(), seen_size_);
    seen_at_ = at;
}

void unit::scan_rows(const row_range& range, rows_visitor visit) const {
    const bool reverse = range.reverse;
    auto own = writes_.lower_bound(reverse ? range.hi : range.lo);
    const auto own_end = writes_.lower_bound(reverse ? range.lo : range.hi);
    bool more = true;
    // Shows this unit's rows that come before `key`; all that are left when there is none. Answers
    // whether the store's row of that key is hidden by one of them.
    const auto show_own = [&](const string_view* key) {
        while (more && own != own_end) {
            const auto& [mine, row] = reverse ? *std::prev(own) : *own;
            if (key != nullptr && (reverse ? mine < *key : mine > *key)) return false;
            const bool same = key != nullptr && mine == *key;
            if (!row.erased() && !is_over(row.at())) more = visit(mine, row.row(), row.at());
            reverse ? --own : ++own;
            if (same) return true;
        }
        return false;
    };
    row_range stored = range;
    if (!writes_.empty() || !dropped_.empty()) stored.at_most = static_cast<std::size_t>(-1);
    const auto show = [&](string_view key, string_view row, std::uint64_t at) {
        if (show_own(&key) || !more || is_dropped(key)) return more;
        return more = visit(key, row, at);
    };
    space_.rows().scan(stored, rows_visitor{show});
    show_own(nullptr);
}

/// What a unit changes is known when it has seen the head; else the store is asked, also for heads
/// whose time has come: they count until they are swept.
unit::changes unit::counted() const {
    changes delta;
    for (const auto& [lo, hi] : dropped_)
        if (lo.size() == 1) {
            const key_totals all = space_.totals(lo[0]);
            delta.by_db[database_of(lo)] = {-all.keys, -all.mortal, -all.end_seconds};
            delta.touched |= 1U << database_of(lo);
        }
    for (const auto& [key, row] : writes_) {
        if (!is_head(key)) continue;
        key_totals& of = delta.by_db[database_of(key)];
        delta.touched |= 1U << database_of(key);
        if (!row.erased()) of.add(row.at(), 1);
        if (is_dropped(key)) continue;
        if (key == string_view{seen_, seen_size_}) of.add(seen_at_, -1);
        else if (const auto end = space_.rows().end_of(key)) of.add(*end, -1);
    }
    return delta;
}

void unit::swap_databases(int a, int b) {
    if (!places_) {
        places_.emplace();
        for (int db = 0; db < database_count; ++db)
            (*places_)[static_cast<std::size_t>(db)] =
                static_cast<std::uint8_t>(space_.place_of(db));
        old_places_ = places_;
    }
    std::swap((*places_)[static_cast<std::size_t>(a)], (*places_)[static_cast<std::size_t>(b)]);
    put(places_key, {reinterpret_cast<const char*>(places_->data()), places_->size()}, 0);
}

std::optional<database_places> unit::moved_databases() const {
    if (!places_) return std::nullopt;
    database_places moved{};
    for (std::size_t db = 0; db < moved.size(); ++db) moved[(*old_places_)[db]] = (*places_)[db];
    return moved;
}

std::int64_t unit::count(int db) const {
    const std::int64_t stored = space_.count(db);
    if (writes_.empty() && dropped_.empty()) return stored;
    return stored + counted().by_db[static_cast<std::size_t>(db)].keys;
}

/// REQUIRES: the stripes are held until the commit.
void unit::note_erasures() const {
    const auto note = [&](string_view head, string_view, std::uint64_t) {
        space_.note_erasure(head);
        return true;
    };
    for (const auto& [lo, hi] : dropped_) {
        if (lo.size() != 1) continue;
        const std::string heads = heads_prefix(lo[0]);
        space_.rows().scan({.lo = heads, .hi = behind(heads), .keys_only = true},
                           rows_visitor{note});
    }
    for (const auto& [key, row] : writes_)
        if (row.erased() && is_head(key)) space_.note_erasure(key);
}

ashlar::result<std::uint64_t> unit::commit() {
    if (writes_.empty() && dropped_.empty()) return std::uint64_t{0};
    note_erasures();
    const changes delta = counted();
    std::size_t size = 0;
    const auto done = write_out(size);
    if (!done) return done;
    if (space_.order_.is_on()) note_order();
    space_.committed_.fetch_add(size, std::memory_order_relaxed);
    if (places_) space_.set_places(*places_);
    for (std::uint32_t left = delta.touched; left != 0; left &= left - 1) {
        const auto db = static_cast<std::size_t>(std::countr_zero(left));
        space_.counts_[db].add(delta.by_db[db]);
    }
    return done;
}

void unit::note_order() const noexcept {
    for (const auto& [lo, hi] : dropped_)
        if (lo.size() == 1) space_.order_.erase_database(lo[0]);
    for (const auto& [key, row] : writes_) {
        if (!is_head(key)) continue;
        if (row.erased()) space_.order_.erase(key);
        else space_.order_.put(key, row.bytes.size(), row.at());
    }
}

ashlar::result<std::uint64_t> unit::write_out(std::size_t& size) {
    thread_local ashlar::write_batch batch;
    batch.clear();
    for (const auto& [key, version] : expected_) batch.version_is(ashlar::bytes_view{key}, version);
    for (const auto& [lo, hi] : dropped_)
        batch.erase_range(ashlar::bytes_view{lo}, ashlar::bytes_view{hi});
    for (const auto& [key, row] : writes_) {
        if (row.erased()) batch.erase(ashlar::bytes_view{key});
        else batch.put(ashlar::bytes_view{key}, ashlar::bytes_view{row.bytes});
    }
    const auto done = space_.rows().apply(batch);
    size = batch.operations().bytes().size();
    constexpr std::size_t much = std::size_t{1} << 20;
    if (size > much) batch = {};
    return done;
}

} // namespace cache
