// SPDX-License-Identifier: BSL-1.0
/// @file Defines the bench on which laws are tried: seeded keys and rows that fit the engine's
/// layout, and short spellings for what every law does.
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/testing/random.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace ashlar::inline v0_1::testing {

/// What the laws need to know of an engine beyond its type.
struct law_options {
    std::size_t keys = 200; ///< so many rows may be there at once (a small capacity)
    std::size_t max_key_size = dynamic_extent; ///< of the engine; longer ones are key_too_long
    std::size_t max_row_size = dynamic_extent; ///< of the engine; longer ones are value_too_long
    bool empty_keys = true;                    ///< otherwise they are refused as key_empty
    std::uint64_t seed = 1;                    ///< of the random model check
    std::size_t steps = 20'000;                ///< of the random model check

    /// The limits that a backend policy declares.
    template <class Policy>
    [[nodiscard]] static law_options of() noexcept {
        law_options options;
        options.max_key_size = Policy::max_key_size;
        options.max_row_size = Policy::max_row_size;
        return options;
    }
};

using rows_map = std::map<std::string, std::string>;

/// What a failed check said of itself, copied out of its conflict_view.
struct seen_conflict {
    std::size_t calls = 0;
    std::size_t index = 0;
    check_kind kind{};
    bool found = false;
    std::string row;

    void operator()(const conflict_view& c) {
        ++calls;
        index = c.index;
        kind = c.check.kind;
        found = c.found;
        row = c.row.as<std::string>();
    }
};

/// Makes engines by `make() -> result<Engine>`, each empty and independent of the others, and
/// reports by `check(bool held, const char* law)`. Keys and rows fit Engine::row.
template <class Factory, class Check>
class law_bench {
  public:
    using engine_type = typename decltype(std::declval<const Factory&>()())::value_type;
    using row = typename engine_type::row;

    static constexpr bool has_counters =
        row::payload_extent == dynamic_extent || row::payload_extent == 8;

    law_bench(const Factory& make, Check& check, const law_options& limits)
        : options{limits}, make_{make}, check_{check} {
        std::set<std::string> distinct;
        for (std::size_t i = 0; i < 4 * limits.keys && distinct.size() < limits.keys; ++i)
            if (std::string key = make_key(i); distinct.insert(key).second)
                keys.push_back(std::move(key));
    }

    void law(bool held, const char* name) const { check_(held, name); }

    /// Runs body(engine) on an engine of its own.
    template <class Body>
    void with_engine(Body body) const {
        auto e = make_();
        law(e.has_value(), "open: a fresh engine opens");
        if (e) body(*e);
    }

    /// The i-th payload, of varied length where lengths may vary.
    [[nodiscard]] std::string payload(std::size_t i) const {
        std::size_t size = row::payload_extent;
        if constexpr (row::payload_extent == dynamic_extent) {
            const std::size_t sizes[] = {0, 8, 1, 7, 9, 40, 255, 256, 300, 1000};
            size = sizes[i % 10];
            if (options.max_row_size < size + row::header_size)
                size = options.max_row_size - row::header_size;
        }
        random_source random{i};
        std::string bytes(size, '\0');
        for (char& c : bytes) c = static_cast<char>(random.next() & 0xFF);
        return bytes;
    }
    /// The i-th row: a header with version i % 4 and the i-th payload.
    [[nodiscard]] std::string row_of(std::size_t i) const { return row_with(i % 4, payload(i)); }
    [[nodiscard]] static std::string row_with(std::uint64_t version, const std::string& payload) {
        std::string bytes(row::header_size, '\0');
        if constexpr (row::fields.version)
            store_little(reinterpret_cast<std::byte*>(bytes.data()) + row::version_offset, version);
        return bytes + payload;
    }
    [[nodiscard]] static std::string number(std::int64_t n) {
        std::string bytes(8, '\0');
        store_little(reinterpret_cast<std::byte*>(bytes.data()), static_cast<std::uint64_t>(n));
        return bytes;
    }
    [[nodiscard]] static std::string counter_row(std::int64_t n) { return row_with(0, number(n)); }

    /// The row under a key by `read`, or null; also holds read to its word.
    template <class Readable>
    [[nodiscard]] bool reads(const Readable& from, const std::string& key,
                             const std::string* wanted) const {
        std::size_t visits = 0;
        bool same = true;
        const result<bool> found = from.read(key, [&](bytes_view bytes) noexcept {
            ++visits;
            same = wanted != nullptr && bytes == bytes_view{*wanted};
        });
        if (!found || *found != (wanted != nullptr)) return false;
        return same && visits == (wanted != nullptr ? 1U : 0U);
    }
    [[nodiscard]] bool reads(const engine_type& e, const rows_map& wanted,
                             const std::string& key) const {
        const auto at = wanted.find(key);
        return reads(e, key, at == wanted.end() ? nullptr : &at->second);
    }

    /// Everything that `walk` shows; false when it fails, shows a key with two rows, or has no end.
    template <class Readable, class Position = typename engine_type::position>
    [[nodiscard]] bool walks(const Readable& from, rows_map& all, std::size_t step = 50) const {
        Position at{};
        for (std::size_t turns = 0; turns < 8 * options.keys + 1000; ++turns) {
            std::size_t visits = 0;
            bool same = true;
            const result<bool> more = from.walk(
                at,
                [&](bytes_view key, bytes_view bytes) {
                    ++visits;
                    const auto [place, fresh] =
                        all.emplace(key.as<std::string>(), bytes.as<std::string>());
                    same = same && (fresh || bytes_view{place->second} == bytes);
                },
                step);
            if (!more || !same || visits > step) return false;
            if (!*more) return true;
        }
        return false;
    }

    /// Whether the engine holds exactly these rows: by walk, by read, and by reading absent keys.
    [[nodiscard]] bool holds(const engine_type& e, const rows_map& wanted) const {
        rows_map all;
        if (!walks(e, all) || all != wanted) return false;
        for (const auto& [key, bytes] : wanted)
            if (!reads(e, key, &bytes)) return false;
        for (const std::string& key : keys)
            if (!wanted.contains(key) && !reads(e, key, nullptr)) return false;
        return true;
    }

    /// One put through a batch, mirrored in `rows`.
    bool put(engine_type& e, rows_map& rows, const std::string& key,
             const std::string& bytes) const {
        write_batch batch;
        batch.put(key, bytes);
        if (!e.apply(batch)) return false;
        rows[key] = bytes;
        return true;
    }
    /// The first n keys with their rows.
    [[nodiscard]] rows_map fill(engine_type& e, std::size_t n) const {
        rows_map rows;
        for (std::size_t i = 0; i < n && i < keys.size(); ++i)
            law(put(e, rows, keys[i], row_of(i)), "apply: a put succeeds");
        return rows;
    }

    /// apply, with the conflict where the engine reports one (the last verbs of a stack may not).
    static auto submit(engine_type& e, write_batch& batch, seen_conflict& conflict) {
        if constexpr (reports_conflicts) return e.apply(batch, no_hook{}, conflict);
        else return e.apply(batch);
    }
    static constexpr bool reports_conflicts =
        requires(engine_type& e, write_batch& b, seen_conflict& c) { e.apply(b, no_hook{}, c); };

    law_options options;
    std::vector<std::string> keys; ///< distinct; the odd ones first

  private:
    [[nodiscard]] std::string make_key(std::size_t i) const {
        if constexpr (row::key_extent != dynamic_extent) {
            // Numbers at either end and their complements: ordering and masking mistakes show.
            std::string key(row::key_extent, i % 2 == 0 ? '\0' : '\xFF');
            const std::size_t n = i / 4;
            for (std::size_t b = 0; b < 4 && b < key.size(); ++b) {
                const std::size_t at = i / 2 % 2 == 0 ? key.size() - 1 - b : b;
                key[at] = static_cast<char>(key[at] ^ static_cast<char>(n >> (8 * b) & 0xFF));
            }
            return key;
        } else {
            const std::size_t longest = options.max_key_size < 200 ? options.max_key_size : 200;
            const std::string odd[] = {"",
                                       std::string(1, '\0'),
                                       "\xFF",
                                       "\xFF\xFF",
                                       std::string(2, '\0'),
                                       "a",
                                       std::string("a\0", 2),
                                       std::string("a\0b", 3),
                                       "aa",
                                       "\x80",
                                       "\x7F",
                                       std::string(longest, 'k'),
                                       std::string(longest, '\xFF'),
                                       std::string(longest - 1, 'k'),
                                       "12345678",
                                       "123456789",
                                       "1234567"};
            constexpr std::size_t count = sizeof odd / sizeof odd[0];
            const std::size_t first = options.empty_keys ? 0 : 1;
            if (i + first < count) return odd[i + first].substr(0, longest);
            random_source random{i};
            const char* const stems[] = {"", "user/", "user/000000", "\xFF\xFE", "z"};
            std::string key = stems[random.below(5)];
            key += static_cast<char>('!' + i / 90);
            key += static_cast<char>('!' + i % 90);
            key.resize(key.size() + random.below(3) * random.below(30), 'x');
            return key.substr(0, longest);
        }
    }

    const Factory& make_;
    Check& check_;
};

} // namespace ashlar::inline v0_1::testing
