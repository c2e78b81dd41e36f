// SPDX-License-Identifier: BSL-1.0
// hash_map, plain and stamped, against the table core it rests on, used by hand.
#include "harness.hpp"

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/stamped.hpp>

#include <cstring>
#include <string_view>

namespace {

using ashlar::bytes_view;
using bench::point;

// `bare`, so that the hash is seeded alike in every run.
using plain = ashlar::store<std::uint64_t, point, ashlar::hash_map<>, ashlar::single, ashlar::bare>;
using stamped = ashlar::store<std::uint64_t, point, ashlar::hash_map<>, ashlar::stamped,
                              ashlar::single, ashlar::bare>;
using texts = ashlar::store<std::string, point, ashlar::hash_map<>, ashlar::single, ashlar::bare>;

/// What is loaded without need in the planted case.
[[maybe_unused]] const volatile std::uint64_t redundant = 0;

/// What one would write over the table for this one key and value type. Rows are `Row`. Readers get
/// an answer of the same type as from the store, which can say more than yes and no; `Answer` is
/// bool where that, too, is to be shown.
template <class Row, class Answer = ashlar::result<bool>>
class hand_map {
  public:
    static_assert(sizeof(Row) % 8 == 0);

    template <class Visit>
    Answer read(std::uint64_t key, Visit visit) const noexcept {
        const std::uint64_t* slot = table_.find(key, table_.kind().hash(key));
        if (slot == nullptr) return false;
        visit(reinterpret_cast<const Row*>(slot + 1));
        return true;
    }
    template <class Write>
    bool write(std::uint64_t key, Write write) noexcept {
        const std::uint64_t hash = table_.kind().hash(key);
        auto at = table_.locate(key, hash);
        if (at.found) {
            table_.rewrite(at, write);
            return true;
        }
        if (at.in == nullptr) {
            if (!table_.reserve(1)) return false;
            at = table_.locate(key, hash);
        }
        table_.insert(at, key, hash, write);
        table_.grow_after(1);
        return true;
    }
    bool put(std::uint64_t key, const Row& row) noexcept {
        return write(key, [&row](std::uint64_t* to) { std::memcpy(to, &row, sizeof row); });
    }
    Answer erase(std::uint64_t key) noexcept {
        const auto at = table_.locate(key, table_.kind().hash(key));
        if (!at.found) return false;
        table_.erase(at);
        return true;
    }
    /// Visits copies, as the store does, so that a visitor may change the map.
    template <class Visit>
    void each(Visit visit) const {
        struct copy {
            std::uint64_t key;
            Row row;
        } copies[64];
        ashlar::hash::bucket_position at{};
        for (bool end = false; !end;) {
            std::size_t n = 0;
            end = table_.walk(at, 1024, [&](const std::uint64_t* slot) {
                if (n == 64) return false;
                std::memcpy(&copies[n++], slot, sizeof(copy));
                return true;
            });
            for (std::size_t i = 0; i < n; ++i) visit(copies[i].key, copies[i].row);
        }
    }

  private:
    ashlar::hash::word_table<false> table_{ashlar::hash::word_key{}, sizeof(Row) / 8};
};

/// Text keys and points in entries of their own, owned by the map.
class hand_text_map {
    using entry = ashlar::hash::entry;
    using key_kind = ashlar::hash::entry_key;
    using entries = ashlar::slab::pool<ashlar::single>;

  public:
    hand_text_map() = default;
    hand_text_map(const hand_text_map&) = delete;
    hand_text_map& operator=(const hand_text_map&) = delete;
    ~hand_text_map() {
        table_.clear([](const std::uint64_t* slot) { entry::free<entries>(key_kind::at(slot)); });
    }
    template <class Visit>
    ashlar::result<bool> read(std::string_view key, Visit visit) const noexcept {
        const auto p = probe_of(key);
        const std::uint64_t* slot = table_.find(p, p.hash);
        if (slot == nullptr) return false;
        const entry* at = key_kind::at(slot);
        if (at->row().size() != sizeof(point)) return ashlar::errc::corrupt;
        visit(at->row());
        return true;
    }
    bool put(std::string_view key, const point& value) noexcept {
        const auto p = probe_of(key);
        auto at = table_.locate(p, p.hash);
        if (at.found && key_kind::at(table_.slot_at(at))->row().size() == sizeof value) {
            overwrite(key_kind::at(table_.slot_at(at)), value);
            return true;
        }
        if (at.found) return false;
        entry* made = entry::make(entries_, p.key.size(), sizeof value);
        if (made == nullptr) return false;
        made->set_key(p.key);
        overwrite(made, value);
        if (at.in == nullptr) {
            if (!table_.reserve(1)) return entry::free<entries>(made), false;
            at = table_.locate(p, p.hash);
        }
        table_.insert(at, p, p.hash,
                      [&](std::uint64_t* to) { *to = key_kind::word_of(made, p.hash); });
        table_.grow_after(1);
        return true;
    }
    ashlar::result<bool> erase(std::string_view key) noexcept {
        const auto p = probe_of(key);
        const auto at = table_.locate(p, p.hash);
        if (!at.found) return false;
        entry* old = key_kind::at(table_.slot_at(at));
        table_.erase(at);
        entry::free<entries>(old);
        return true;
    }

  private:
    [[nodiscard]] ashlar::hash::entry_key::probe probe_of(std::string_view key) const noexcept {
        const bytes_view bytes{key};
        return {ashlar::detail::hash_bytes(bytes, table_.kind().seed), bytes};
    }
    static void overwrite(entry* to, const point& value) noexcept {
        to->set_row(ashlar::object_bytes(value));
    }
    entries entries_;
    ashlar::hash::bucket_table<key_kind, false> table_{key_kind{}, 1};
};

/// A point behind the commit that wrote it.
struct stamped_point {
    std::uint64_t stamp;
    point value;
};

void plain_cases(const std::vector<std::uint64_t>& keys) {
    const std::size_t n = keys.size();
    const std::uint64_t* k = keys.data();
    plain db;
    hand_map<point> by_hand;
    const auto fill = [&] {
        for (const std::uint64_t key : keys)
            bench::require(db.put(key, bench::point_of(key)).has_value() &&
                               by_hand.put(key, bench::point_of(key)),
                           "could not fill the hash maps");
    };
    fill();

    bench::compare_each(
        "hash_map get, visitor", n,
        [&db, k](std::size_t i) {
            std::uint64_t seen = 0;
            if constexpr (bench::planted) seen += redundant;
            const auto there =
                db.read(k[i], [&](const point& p) noexcept { seen += bench::digest(p); });
            return there.value_or(false) ? seen : 0;
        },
        [&by_hand, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there =
                by_hand.read(k[i], [&](const point* p) noexcept { seen = bench::digest(*p); });
            return there.value_or(false) ? seen : 0;
        });
    if constexpr (bench::planted) return;
    bench::compare_each(
        "hash_map get, visitor of bytes", n,
        [&db, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there = db.read_bytes(k[i], [&](bytes_view row) noexcept {
                point p{};
                std::memcpy(&p, row.data(), sizeof p);
                seen = bench::digest(p);
            });
            return there.value_or(false) ? seen : 0;
        },
        [&by_hand, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there =
                by_hand.read(k[i], [&](const point* p) noexcept { seen = bench::digest(*p); });
            return there.value_or(false) ? seen : 0;
        });
    bench::compare_each(
        "hash_map get, out-parameter", n,
        [&db, k](std::size_t i) {
            point p{};
            const auto there = db.get(k[i], p);
            return there.value_or(false) ? bench::digest(p) : 0;
        },
        [&by_hand, k](std::size_t i) {
            point p{};
            const auto there = by_hand.read(k[i], [&p](const point* at) noexcept { p = *at; });
            return there.value_or(false) ? bench::digest(p) : 0;
        });
    hand_map<point, bool> yes_or_no;
    for (const std::uint64_t key : keys)
        bench::require(yes_or_no.put(key, bench::point_of(key)), "could not fill the third map");
    bench::compare_each(
        "hash_map get, against a twin that answers bool", n,
        [&db, k](std::size_t i) {
            point p{};
            return db.get(k[i], p).value_or(false) ? bench::digest(p) : 0;
        },
        [&yes_or_no, k](std::size_t i) {
            point p{};
            return yes_or_no.read(k[i], [&p](const point* at) noexcept { p = *at; })
                       ? bench::digest(p)
                       : 0;
        });
    bench::compare_each(
        "hash_map get, by value", n,
        [&db, k](std::size_t i) {
            const auto p = db.get(k[i]);
            return p ? bench::digest(*p) : 0;
        },
        [&by_hand, k](std::size_t i) {
            const auto p = [&]() -> ashlar::result<point> {
                ashlar::result<point> found = ashlar::errc::not_found;
                static_cast<void>(
                    by_hand.read(k[i], [&](const point* at) noexcept { found = *at; }));
                return found;
            }();
            return p ? bench::digest(*p) : 0;
        });
    bench::compare_each(
        "hash_map get, absent key", n,
        [&db, k](std::size_t i) {
            point p{};
            const auto there = db.get(k[i] + 1, p);
            return there.value_or(false) ? bench::digest(p) : 1;
        },
        [&by_hand, k](std::size_t i) {
            point p{};
            const auto there = by_hand.read(k[i] + 1, [&p](const point* at) noexcept { p = *at; });
            return there.value_or(false) ? bench::digest(p) : 1;
        });
    bench::compare_each(
        "hash_map put, overwriting", n,
        [&db, k](std::size_t i) {
            return std::uint64_t{db.put(k[i], bench::point_of(k[i])).has_value()};
        },
        [&by_hand, k](std::size_t i) {
            return std::uint64_t{by_hand.put(k[i], bench::point_of(k[i]))};
        });
    bench::compare("hash_map iterate", 1, n,
                   bench::side{bench::nothing,
                               [&db](std::size_t) {
                                   std::uint64_t sum = 0;
                                   static_cast<void>(
                                       db.for_each([&](std::uint64_t key, const point& p) {
                                           sum += key ^ bench::digest(p);
                                       }));
                                   return sum;
                               }},
                   bench::side{bench::nothing, [&by_hand](std::size_t) {
                                   std::uint64_t sum = 0;
                                   by_hand.each([&](std::uint64_t key, const point& p) {
                                       sum += key ^ bench::digest(p);
                                   });
                                   return sum;
                               }});
    bench::compare("hash_map erase", n, n,
                   bench::side{bench::nothing,
                               [&db, k](std::size_t i) {
                                   const auto gone = db.erase(k[i]);
                                   return std::uint64_t{gone.value_or(false)};
                               }},
                   bench::side{bench::nothing, [&by_hand, k](std::size_t i) {
                                   return std::uint64_t{by_hand.erase(k[i]).value_or(false)};
                               }});
    bench::compare("hash_map put, new key", n, n,
                   bench::side{bench::nothing,
                               [&db, k](std::size_t i) {
                                   return std::uint64_t{
                                       db.put(k[i], bench::point_of(k[i])).has_value()};
                               }},
                   bench::side{bench::nothing, [&by_hand, k](std::size_t i) {
                                   return std::uint64_t{by_hand.put(k[i], bench::point_of(k[i]))};
                               }});
}

void text_cases(const std::vector<std::string>& keys) {
    const std::size_t n = keys.size();
    const std::string* k = keys.data();
    texts db;
    hand_text_map by_hand;
    for (const std::string& key : keys)
        bench::require(db.put(key, bench::point_of(key.size())).has_value() &&
                           by_hand.put(key, bench::point_of(key.size())),
                       "could not fill the maps of texts");
    bench::compare_each(
        "text keys get, visitor", n,
        [&db, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there =
                db.read(k[i], [&](const point& p) noexcept { seen = bench::digest(p); });
            return there.value_or(false) ? seen : 0;
        },
        [&by_hand, k](std::size_t i) {
            std::uint64_t seen = 0;
            const auto there = by_hand.read(k[i], [&](bytes_view row) noexcept {
                point p{};
                std::memcpy(&p, row.data(), sizeof p);
                seen = bench::digest(p);
            });
            return there.value_or(false) ? seen : 0;
        });
    bench::compare_each(
        "text keys get, out-parameter", n,
        [&db, k](std::size_t i) {
            point p{};
            const auto there = db.get(k[i], p);
            return there.value_or(false) ? bench::digest(p) : 0;
        },
        [&by_hand, k](std::size_t i) {
            point p{};
            const auto there = by_hand.read(
                k[i], [&p](bytes_view row) noexcept { std::memcpy(&p, row.data(), sizeof p); });
            return there.value_or(false) ? bench::digest(p) : 0;
        });
    bench::compare_each(
        "text keys put, overwriting", n,
        [&db, k](std::size_t i) {
            return std::uint64_t{db.put(k[i], bench::point_of(i)).has_value()};
        },
        [&by_hand, k](std::size_t i) {
            return std::uint64_t{by_hand.put(k[i], bench::point_of(i))};
        });
    bench::compare("text keys erase", n, n,
                   bench::side{bench::nothing,
                               [&db, k](std::size_t i) {
                                   const auto gone = db.erase(k[i]);
                                   return std::uint64_t{gone.value_or(false)};
                               }},
                   bench::side{bench::nothing, [&by_hand, k](std::size_t i) {
                                   return std::uint64_t{by_hand.erase(k[i]).value_or(false)};
                               }});
    bench::compare("text keys put, new key", n, n,
                   bench::side{bench::nothing,
                               [&db, k](std::size_t i) {
                                   return std::uint64_t{
                                       db.put(k[i], bench::point_of(i)).has_value()};
                               }},
                   bench::side{bench::nothing, [&by_hand, k](std::size_t i) {
                                   return std::uint64_t{by_hand.put(k[i], bench::point_of(i))};
                               }});
}

void stamped_cases(const std::vector<std::uint64_t>& keys) {
    const std::size_t n = keys.size();
    const std::uint64_t* k = keys.data();
    stamped db;
    hand_map<stamped_point> by_hand;
    std::uint64_t stamp = 0;
    const auto put_by_hand = [&by_hand, &stamp](std::uint64_t key, const point& value) {
        const stamped_point row{++stamp, value};
        return by_hand.put(key, row) ? stamp : 0;
    };
    for (const std::uint64_t key : keys)
        bench::require(db.put(key, bench::point_of(key)).has_value() &&
                           put_by_hand(key, bench::point_of(key)) != 0,
                       "could not fill the stamped maps");
    bench::compare_each(
        "stamped get, out-parameter", n,
        [&db, k](std::size_t i) {
            point p{};
            const auto there = db.get(k[i], p);
            return there.value_or(false) ? bench::digest(p) : 0;
        },
        [&by_hand, k](std::size_t i) {
            point p{};
            const auto there =
                by_hand.read(k[i], [&p](const stamped_point* at) noexcept { p = at->value; });
            return there.value_or(false) ? bench::digest(p) : 0;
        });
    bench::compare_each(
        "stamped get with version", n,
        [&db, k](std::size_t i) {
            const auto p = db.get_versioned(k[i]);
            return p ? bench::digest(p->value) + p->version : 0;
        },
        [&by_hand, k](std::size_t i) {
            using both = stamped::versioned_value;
            const auto p = [&]() -> ashlar::result<both> {
                ashlar::result<both> found = ashlar::errc::not_found;
                static_cast<void>(by_hand.read(k[i], [&](const stamped_point* at) noexcept {
                    found = both{at->value, at->stamp};
                }));
                return found;
            }();
            return p ? bench::digest(p->value) + p->version : 0;
        });
    bench::compare_each(
        "stamped put, overwriting", n,
        [&db, k](std::size_t i) {
            const auto seq = db.put(k[i], bench::point_of(k[i]));
            return seq ? static_cast<std::uint64_t>(*seq) : 0;
        },
        [put_by_hand, k](std::size_t i) { return put_by_hand(k[i], bench::point_of(k[i])); });
    bench::compare("stamped iterate", 1, n,
                   bench::side{bench::nothing,
                               [&db](std::size_t) {
                                   std::uint64_t sum = 0;
                                   static_cast<void>(
                                       db.for_each([&](std::uint64_t key, const point& p) {
                                           sum += key ^ bench::digest(p);
                                       }));
                                   return sum;
                               }},
                   bench::side{bench::nothing, [&by_hand](std::size_t) {
                                   std::uint64_t sum = 0;
                                   by_hand.each([&](std::uint64_t key, const stamped_point& row) {
                                       sum += key ^ bench::digest(row.value);
                                   });
                                   return sum;
                               }});
    bench::compare("stamped erase", n, n,
                   bench::side{bench::nothing,
                               [&db, k](std::size_t i) {
                                   const auto gone = db.erase(k[i]);
                                   return std::uint64_t{gone.value_or(false)};
                               }},
                   bench::side{bench::nothing, [&by_hand, k](std::size_t i) {
                                   return std::uint64_t{by_hand.erase(k[i]).value_or(false)};
                               }});
    bench::compare("stamped put, new key", n, n,
                   bench::side{bench::nothing,
                               [&db, k](std::size_t i) {
                                   const auto seq = db.put(k[i], bench::point_of(k[i]));
                                   return std::uint64_t{seq.has_value()};
                               }},
                   bench::side{bench::nothing, [put_by_hand, k](std::size_t i) {
                                   return std::uint64_t{put_by_hand(k[i], bench::point_of(k[i])) !=
                                                        0};
                               }});
}

} // namespace

int main() {
    const auto keys = bench::make_keys(10'000);
    bench::count_loop(keys);
    plain_cases(keys);
    if constexpr (bench::planted) return 0;
    text_cases(bench::make_texts(10'000));
    stamped_cases(keys);
}
