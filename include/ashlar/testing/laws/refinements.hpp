// SPDX-License-Identifier: BSL-1.0
/// @file Defines the laws of in-place, direct, batched, sized and snapshot engines.
#pragma once

#include <ashlar/testing/laws/order.hpp>

namespace ashlar::inline v0_1::testing {

namespace detail {

/// Calls update with a function that notes what it was shown and answers with `next` (null: keep).
template <class Bench>
struct update_probe {
    std::size_t calls = 0;
    bool found = false;
    bool apart = true; ///< `out` and the old row share no byte
    std::string old{};
    commit_seq seq{};

    template <class Engine>
    auto write(Engine& e, const std::string& key, std::size_t capacity, const std::string* next) {
        return run(e, key, capacity, [next](std::byte* out) noexcept {
            if (next == nullptr) return update_action::keep();
            copy_bytes(out, *next);
            return update_action::write(next->size());
        });
    }
    template <class Engine>
    auto erase(Engine& e, const std::string& key, std::size_t capacity) {
        return run(e, key, capacity, [](std::byte*) noexcept { return update_action::erase(); });
    }

  private:
    template <class Engine, class Answer>
    auto run(Engine& e, const std::string& key, std::size_t capacity, Answer answer) {
        return e.update(key, capacity,
                        [&](commit_seq at, const bytes_view* row, std::byte* out) noexcept {
                            ++calls;
                            seq = at;
                            found = row != nullptr;
                            if (row != nullptr) {
                                old = row->template as<std::string>();
                                const auto o = reinterpret_cast<std::uintptr_t>(out);
                                const auto r = reinterpret_cast<std::uintptr_t>(row->data());
                                apart = row->empty() || o + capacity <= r || r + row->size() <= o;
                                for (std::size_t i = 0; i < capacity; ++i) out[i] = std::byte{0xEE};
                                apart = apart && *row == bytes_view{old};
                            }
                            return answer(out);
                        });
    }
};

} // namespace detail

template <class Bench>
void in_place_laws(const Bench& bench) {
    using row = typename Bench::row;
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        rows_map rows = bench.fill(e, 4);
        commit_seq last{};
        const auto updates = [&](const std::string& key, std::size_t capacity, const char* law,
                                 bool commits, auto step) {
            detail::update_probe<Bench> probe;
            const auto done = step(probe, capacity);
            bench.law(bool(done), law);
            const auto at = rows.find(key);
            bench.law(probe.calls == 1, "update: calls the function once");
            bench.law(probe.found == (at != rows.end()) &&
                          (!probe.found || probe.old == at->second),
                      "update: shows the row there is, or none");
            bench.law(probe.apart, "update: the new row's place never overlaps the old row");
            if constexpr (row::fields.sequenced) {
                bench.law(probe.seq > last, "update: is given a sequence above all before");
                if (commits) last = probe.seq;
            } else static_cast<void>(commits);
        };
        const auto writes = [&](std::size_t i, const std::string& next, std::size_t capacity) {
            updates(keys[i], capacity, "update: writes", true, [&](auto& probe, std::size_t room) {
                return probe.write(e, keys[i], room, &next);
            });
            rows[keys[i]] = next;
            bench.law(bench.holds(e, rows), "update: the row is what the function wrote");
        };
        for (std::size_t i = 0; i < 6; ++i) {
            const std::string next = bench.row_of(i + 6);
            writes(i, next, next.size());
            const std::string again = bench.row_of(i + 13);
            writes(i, again, row::row_extent == dynamic_extent ? again.size() + 100 : again.size());
        }
        for (const std::size_t i : {std::size_t{1}, std::size_t{7}}) {
            updates(keys[i], row::row_extent == dynamic_extent ? 64 : row::row_extent,
                    "update: may keep", false, [&](auto& probe, std::size_t room) {
                        return probe.write(e, keys[i], room, nullptr);
                    });
            bench.law(bench.holds(e, rows), "update: keep changes nothing");
            updates(keys[i], row::row_extent == dynamic_extent ? 0 : row::row_extent,
                    "update: may erase", rows.contains(keys[i]),
                    [&](auto& probe, std::size_t room) { return probe.erase(e, keys[i], room); });
            rows.erase(keys[i]);
            bench.law(bench.holds(e, rows), "update: erase takes the row, if there is one");
        }
    });
}

template <class Bench>
void direct_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        rows_map rows;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            bench.law(bool(e.put(keys[i], bench.row_of(i))), "put: succeeds");
            rows[keys[i]] = bench.row_of(i);
        }
        bench.law(bench.holds(e, rows), "put: the row is there");
        for (std::size_t i = 0; i < keys.size(); i += 2) {
            bench.law(bool(e.put(keys[i], bench.row_of(i + 1))), "put: replaces");
            rows[keys[i]] = bench.row_of(i + 1);
        }
        bench.law(bench.holds(e, rows), "put: replaces the row, whatever its length");
        for (std::size_t i = 0; i < keys.size(); i += 3)
            for (const bool there : {true, false}) {
                const auto erased = e.erase(keys[i]);
                bench.law(erased.has_value() && *erased == there,
                          "erase: answers whether there was a row");
                rows.erase(keys[i]);
            }
        bench.law(bench.holds(e, rows), "erase: takes its own row and no other");
    });
}

template <class Bench>
void read_many_laws(const Bench& bench) {
    bench.with_engine([&](auto& e) {
        rows_map rows;
        for (std::size_t i = 0; i < bench.keys.size(); i += 2)
            bench.put(e, rows, bench.keys[i], bench.row_of(i));
        for (const std::size_t count :
             {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{33}, std::size_t{300}}) {
            std::vector<bytes_view> wanted;
            wanted.reserve(count);
            for (std::size_t i = 0; i < count; ++i)
                wanted.push_back(bench.keys[i * 7 % bench.keys.size()]);
            std::vector<std::size_t> visits(count);
            bool same = true;
            const auto done =
                read_many(e, wanted.data(), count, [&](std::size_t i, bytes_view bytes) noexcept {
                    if (i >= count) return static_cast<void>(same = false);
                    ++visits[i];
                    const auto at = rows.find(wanted[i].as<std::string>());
                    same = same && at != rows.end() && bytes == bytes_view{at->second};
                });
            for (std::size_t i = 0; i < count; ++i)
                same = same && visits[i] == rows.count(wanted[i].as<std::string>());
            bench.law(bool(done) && same,
                      "read_many: visits each key that is there once, with its own index and row");
        }
    });
}

template <class Bench>
void size_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        bench.law(e.size() == 0, "size: is 0 at first");
        rows_map rows = bench.fill(e, keys.size());
        bench.law(e.size() == rows.size(), "size: counts puts");
        write_batch b;
        b.put(keys[0], bench.row_of(3)).erase(keys[1]).erase(keys[1]).put(keys[1], bench.row_of(1));
        b.erase(keys[2]).put(keys[3], bench.row_of(9)).erase(keys[3]).erase(keys[3]);
        bench.law(bool(e.apply(b)), "apply: succeeds");
        bench.law(e.size() == rows.size() - 2, "size: counts rows, not operations");
        b.clear();
        b.absent(keys[0]).erase(keys[0]);
        bench.law(!e.apply(b) && e.size() == rows.size() - 2, "size: a conflict leaves it");
    });
}

template <class Bench>
void snapshot_laws(const Bench& bench) {
    const auto& keys = bench.keys;
    bench.with_engine([&](auto& e) {
        using view_type = typename decltype(e.snapshot())::value_type;
        struct moment {
            view_type view;
            rows_map rows;
        };
        const auto shows = [&](const moment& then) {
            rows_map all;
            bool same = bench.walks(then.view, all) && all == then.rows;
            for (const std::string& key : keys) {
                const auto at = then.rows.find(key);
                same = same &&
                       bench.reads(then.view, key, at == then.rows.end() ? nullptr : &at->second);
            }
            if constexpr (ordered_engine<typename Bench::engine_type>)
                same = same && scans(then.view, then.rows, {}) &&
                       scans(then.view, then.rows, {.reverse = true, .limit = 70}) &&
                       (keys[2].empty() || scans(then.view, then.rows, {.hi = keys[2]}));
            return same;
        };
        std::vector<moment> moments;
        rows_map rows;
        const auto take = [&] {
            auto view = e.snapshot();
            bench.law(view.has_value(), "snapshot: succeeds");
            if (!view) return;
            moments.push_back({std::move(*view), rows});
            bench.law(shows(moments.back()), "snapshot: shows the present moment");
        };
        take();
        rows = bench.fill(e, keys.size() / 2);
        take();
        for (std::size_t i = 0; i < keys.size(); ++i)
            bench.put(e, rows, keys[i], bench.row_of(i + 1));
        take();
        for (std::size_t i = 0; i < keys.size(); i += 2) {
            write_batch b;
            b.erase(keys[i]).put(keys[i + 1], bench.row_of(i + 2));
            bench.law(bool(e.apply(b)), "snapshot: writers go on");
            rows.erase(keys[i]);
            rows[keys[i + 1]] = bench.row_of(i + 2);
        }
        take();
        for (const moment& then : moments)
            bench.law(shows(then), "snapshot: keeps showing its moment while rows change");
        bench.law(bench.holds(e, rows), "snapshot: the engine itself shows the present");
        moments.erase(moments.begin(), moments.begin() + 2);
        bench.law(bench.put(e, rows, keys[0], bench.row_of(8)) && bench.holds(e, rows),
                  "snapshot: the engine outlives its views");
        for (const moment& then : moments)
            bench.law(shows(then), "snapshot: others may end before");
    });
}

} // namespace ashlar::inline v0_1::testing
