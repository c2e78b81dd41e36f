// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/checkpoint/native/copies.hpp>
#include <ashlar/store.hpp>
#include <ashlar/verify.hpp>

#include "forms.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>

namespace ashlar {
namespace cli {

/// What a command ends with (docs/tools.md).
enum class outcome { ok = 0, not_found = 1, usage = 2, corrupt = 3, unavailable = 4 };

[[nodiscard]] inline outcome outcome_of(error e) {
    switch (e.code) {
    case errc::ok: return outcome::ok;
    case errc::not_found:
    case errc::gone: return outcome::not_found;
    case errc::invalid_argument:
    case errc::type_mismatch:
    case errc::key_empty:
    case errc::key_too_long:
    case errc::key_bad_characters:
    case errc::value_too_long: return outcome::usage;
    case errc::corrupt:
    case errc::checksum_mismatch: return outcome::corrupt;
    default: return outcome::unavailable;
    }
}

/// One run of the program. Commands answer an outcome; what they say goes to stdout, as one line or
/// as JSON, and complaints go to stderr.
template <class Store>
class session {
    using key_type = typename Store::key_type;
    using mapped_type = typename Store::mapped_type;
    using keys = form<typename Store::key_codec, key_type>;
    using values = form<typename Store::value_codec, mapped_type>;
    using composition = typename Store::composition;
    using environment = typename composition::environment;

  public:
    std::string directory;
    bool as_json = false;
    bool create = false;
    std::string key, value, from, to, file;
    std::uint64_t limit = ~std::uint64_t{};
    std::uint64_t number = 0;
    bool dry_run = false;

    outcome stat() {
        return reading([&](Store& db) {
            const auto rows = count_rows(db);
            if (!rows) return failed(rows.error());
            json out = about();
            out["rows"] = *rows;
            if constexpr (Store::keeps_log) {
                out["snapshot"] = db.recovered().snapshot;
                out["records_behind_it"] = db.recovered().records;
                out["torn_bytes"] = db.recovered().torn;
                out["closed"] = db.recovered().closed_well;
            }
            return say(out);
        });
    }
    outcome explain() {
        json out = about();
        out["key_size"] = extent(Store::key_codec::extent);
        out["value_size"] = extent(Store::value_codec::extent);
        out["row_header_bytes"] = Store::row::header_size;
        out["max_key_size"] = extent(Store::max_key_size);
        out["max_row_size"] = extent(Store::max_row_size);
        out["ordered"] = Store::is_ordered;
        out["durable"] = Store::is_durable;
        out["expires"] = Store::expires;
        out["versions"] = bool(Store::row::fields.version);
        out["checkpoints"] = Store::makes_checkpoints;
        return say(out);
    }
    outcome get() {
        const auto k = keys::parse(key);
        if (!k) return failed({errc::invalid_argument}, "KEY is no key of this store");
        return reading([&](Store& db) {
            const auto found = db.get(*k);
            if (!found) return failed(found.error());
            const json shown = values::show(*found);
            if (as_json) return say({{"key", keys::show(*k)}, {"value", shown}});
            print(shown);
            return outcome::ok;
        });
    }
    outcome put() {
        const auto k = keys::parse(key);
        const auto v = values::parse(value);
        if (!k) return failed({errc::invalid_argument}, "KEY is no key of this store");
        if (!v) return failed({errc::invalid_argument}, "VALUE is no value of this store");
        return writing([&](Store& db) {
            const auto done = db.put(*k, *v);
            return done ? outcome::ok : failed(done.error());
        });
    }
    outcome del() {
        const auto k = keys::parse(key);
        if (!k) return failed({errc::invalid_argument}, "KEY is no key of this store");
        return writing([&](Store& db) {
            if (dry_run) {
                const auto there = db.contains(*k);
                if (!there) return failed(there.error());
                return *there ? outcome::ok : outcome::not_found;
            }
            const auto there = db.erase(*k);
            if (!there) return failed(there.error());
            return *there ? outcome::ok : outcome::not_found;
        });
    }
    outcome count() {
        return reading([&](Store& db) {
            const auto rows = count_rows(db);
            if (!rows) return failed(rows.error());
            return say({{"rows", *rows}});
        });
    }
    /// Rows from `from` up to, and without, `to`; in order where the store has one.
    outcome scan() {
        return reading([&](Store& db) { return list(db, std::cout, as_json); });
    }
    /// Every row as one line of JSON, which `load` takes.
    outcome dump() {
        if (file.empty()) return reading([&](Store& db) { return list(db, std::cout, true); });
        return reading([&](Store& db) { // an earlier dump is written over by rows only
            std::ofstream out{file, std::ios::binary | std::ios::trunc};
            const outcome done = list(db, out, true);
            out.close();
            return out ? done : failed({errc::io}, "the file can't be written");
        });
    }
    /// Nothing is put when a line is none of `dump`'s; rows that are there are put over.
    outcome load() {
        std::ifstream named;
        if (!file.empty()) named.open(file, std::ios::binary);
        if (!file.empty() && !named) return failed({errc::io}, "the file can't be opened");
        std::istream& in = file.empty() ? std::cin : named;
        std::vector<std::pair<key_type, mapped_type>> rows;
        std::string line;
        for (std::uint64_t n = 1; std::getline(in, line); ++n) {
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            const json row = json::parse(line, nullptr, false);
            const bool whole = row.is_object() && row.contains("key") && row.contains("value");
            auto k = whole ? keys::read(row["key"]) : result<key_type>{errc::type_mismatch};
            auto v = whole ? values::read(row["value"]) : result<mapped_type>{errc::type_mismatch};
            if (!k || !v)
                return failed({errc::type_mismatch},
                              "line " + std::to_string(n) + " is no row of this store");
            rows.emplace_back(*std::move(k), *std::move(v));
        }
        // What ends with an error is not the end of the rows.
        if (in.bad() || (file.empty() && std::ferror(stdin) != 0))
            return failed({errc::io}, "the rows can't be read to their end");
        if (dry_run) return say({{"rows", rows.size()}});
        return writing([&](Store& db) {
            const auto loaded = db.bulk_load(rows);
            if (!loaded) return failed(loaded.error());
            return say({{"rows", *loaded}});
        });
    }
    /// Reads every byte that the store is made of, and decodes every row.
    outcome verify() {
        json problems = json::array();
        if constexpr (Store::keeps_log)
            if (const auto read = flaws(problems); !read) return refused(read.error());
        std::uint64_t rows = 0;
        if (problems.empty()) {
            const outcome read = reading([&](Store& db) {
                const auto counted = count_rows(db);
                if (!counted) return failed(counted.error());
                rows = *counted;
                return outcome::ok;
            });
            if (read != outcome::ok) return read;
        }
        static_cast<void>(say({{"rows", rows}, {"problems", problems}}));
        return worst_;
    }
    /// Goes back to what stands before damage in the log; --dry-run only says what is damaged.
    outcome repair() {
        if constexpr (Store::keeps_log) {
            json problems = json::array();
            if (const auto read = flaws(problems); !read) return refused(read.error());
            if (dry_run || problems.empty()) {
                static_cast<void>(say({{"problems", problems}}));
                return worst_;
            }
            typename composition::checkpoint::options options{};
            options.repair = true;
            auto db = open(false, options);
            if (!db) return refused(db.error());
            const bool repaired = db->recovered().repaired;
            static_cast<void>(say({{"problems", problems}, {"repaired", repaired}}));
            const outcome done = closed(*db);
            return done == outcome::ok && !repaired ? worst_ : done;
        } else {
            return failed({errc::unsupported},
                          "this store can't be repaired; restore a checkpoint");
        }
    }
    outcome list_checkpoints() {
        std::vector<std::uint64_t> numbers;
        byte_buffer bytes;
        const auto store = read_manifest(environment{}, text_view{directory}, bytes, &detail_);
        if (!store) return refused(store.error());
        if constexpr (Store::keeps_log) {
            const auto there = log_parts::listing::of(environment{}, directory);
            if (!there) return failed(there.error(), "the directory can't be listed");
            for (std::size_t i = 0; i < there->snapshots.size(); ++i)
                numbers.push_back(there->snapshots[i]);
        } else if constexpr (Store::makes_checkpoints) {
            const auto done =
                ashlar::list_checkpoints(environment{}, text_view{directory},
                                         [&](std::uint64_t n) { numbers.push_back(n); });
            if (!done) return failed(done.error());
        }
        std::sort(numbers.begin(), numbers.end());
        return say({{"checkpoints", numbers}});
    }
    outcome create_checkpoint() {
        if constexpr (Store::makes_checkpoints)
            return writing([&](Store& db) {
                const auto made = db.checkpoint();
                if (!made) return failed(made.error());
                if constexpr (requires { made->snapshot; })
                    return say({{"checkpoint", made->snapshot}, {"rows", made->rows}});
                else return say({{"checkpoint", made->number}});
            });
        else return failed({errc::unsupported}, "this store makes no checkpoints");
    }
    outcome restore() {
        if constexpr (Store::makes_checkpoints && !Store::keeps_log) {
            error_detail detail;
            const auto done = restore_checkpoint(environment{}, text_view{directory}, number,
                                                 text_view{to}, &detail);
            if (!done) return failed(done.error(), detail.message.c_str());
            return say({{"restored", to}});
        } else {
            return failed({errc::unsupported},
                          "this store opens with its newest checkpoint by itself");
        }
    }

    outcome misspelt(const std::string& why) { return failed({errc::invalid_argument}, why); }
    /// What was said counts when it was heard.
    outcome heard(outcome done) {
        if (std::cout.flush() || done != outcome::ok) return done;
        return failed({errc::io}, "standard output can't be written");
    }

  private:
    template <class... Options>
    [[nodiscard]] result<Store> open(bool read_only, const Options&... more) {
        return Store::open({.directory = directory,
                            .read_only = read_only,
                            .create = create && !read_only,
                            .detail = &detail_},
                           more...);
    }
    template <class F>
    outcome reading(F f) {
        auto db = open(true);
        if (!db) return refused(db.error());
        const outcome done = f(*db);
        static_cast<void>(db->close());
        return done;
    }
    template <class F>
    outcome writing(F f) {
        auto db = open(false);
        if (!db) return refused(db.error());
        // A store that reads early would load at the first change, and could not say what is amiss.
        if constexpr (requires { db->stack().load(&detail_); })
            if (const auto all = db->stack().load(&detail_); !all) return refused(all.error());
        const outcome done = f(*db);
        return done == outcome::ok ? closed(*db) : done;
    }
    outcome closed(Store& db) {
        const auto done = db.close();
        return done ? outcome::ok : failed(done.error());
    }
    outcome refused(error e) { return failed(e, detail_.message.c_str()); }
    outcome failed(error e, std::string why = {}) {
        if (why.empty() && e.native != 0) {
            sentence text;
            text << "the system would not, in '" << text_view{directory} << "'";
            append_remedy(text, e);
            why = text.c_str();
        }
        if (as_json) std::cerr << text_of({{"error", name_of(e.code)}, {"reason", why}}) << "\n";
        else std::cerr << name_of(e.code) << (why.empty() ? "" : ": ") << why << "\n";
        return outcome_of(e);
    }
    /// In JSON all is UTF-8, also where a directory's name is not.
    [[nodiscard]] static std::string text_of(const json& value) {
        return value.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    static void print(const json& value) {
        std::cout << (value.is_string() ? value.template get<std::string>() : text_of(value))
                  << "\n";
    }
    outcome say(const json& out) {
        if (as_json) std::cout << text_of(out) << "\n";
        else
            for (const auto& [name, each] : out.items()) {
                std::cout << name << ": ";
                print(each);
            }
        return outcome::ok;
    }
    [[nodiscard]] static json extent(std::size_t size) {
        return size == dynamic_extent ? json("any") : json(size);
    }
    [[nodiscard]] json about() {
        json out = {{"directory", directory}};
        byte_buffer bytes;
        const auto manifest = read_manifest(environment{}, text_view{directory}, bytes);
        if (!manifest) return out;
        out["formats"] = std::string{manifest->formats.data(), manifest->formats.size()};
        out["uuid"] = to_hex(manifest->uuid);
        return out;
    }
    [[nodiscard]] result<void> flaws(json& problems) {
        byte_buffer bytes;
        const auto manifest = read_manifest(environment{}, text_view{directory}, bytes, &detail_);
        if (!manifest) return manifest.error();
        // What somebody writes to looks damaged while it changes.
        const opening<environment> how{
            {.directory = directory, .read_only = true, .create = false, .detail = &detail_},
            manifest->formats,
            {}};
        const auto locked = store_directory<environment>::open(how);
        if (!locked) return locked.error();
        const auto census = verify_log(
            environment{}, text_view{directory}, manifest->uuid,
            [&](const flaw& f) {
                if (f.code != errc::unsupported_version) worst_ = outcome::corrupt;
                else if (worst_ == outcome::ok) worst_ = outcome::unavailable;
                problems.push_back({{"file", std::string{f.file.data(), f.file.size()}},
                                    {"position", f.position},
                                    {"reason", std::string{f.reason.data(), f.reason.size()}}});
            },
            &detail_);
        if (!census) return census.error();
        return {};
    }
    [[nodiscard]] static result<std::uint64_t> count_rows(const Store& db) {
        std::uint64_t rows = 0;
        const auto done = db.for_each([&](const key_type&, const mapped_type&) { ++rows; });
        if (!done) return done.error();
        return rows;
    }
    [[nodiscard]] static bool is_before(const key_type& one, const key_type& other) {
        if constexpr (std::totally_ordered<key_type>) return one < other;
        else return keys::bytes_of(one) < keys::bytes_of(other);
    }
    outcome list(Store& db, std::ostream& out, bool as_rows) {
        const auto lo = from.empty() ? result<key_type>{key_type{}} : keys::parse(from);
        const auto hi = to.empty() ? result<key_type>{key_type{}} : keys::parse(to);
        if (!lo || !hi) return failed({errc::invalid_argument}, "a bound is no key of this store");
        std::uint64_t left = limit;
        const auto done = db.for_each([&](const key_type& k, const mapped_type& v) {
            if (!from.empty() && is_before(k, *lo)) return true;
            if (!to.empty() && !is_before(k, *hi)) return true;
            if (left == 0 || !out) return false;
            --left;
            const json shown_key = keys::show(k), shown_value = values::show(v);
            if (as_rows) out << json{{"key", shown_key}, {"value", shown_value}}.dump() << "\n";
            else out << shown_key.dump() << "\t" << shown_value.dump() << "\n";
            return true;
        });
        return done ? outcome::ok : failed(done.error());
    }

    error_detail detail_;
    outcome worst_ = outcome::ok; ///< of the flaws that were shown
};

} // namespace cli

/// A program over one type of store: `int main(int n, char** words) { return
/// ashlar::cli_main<my_store>(n, words); }`. docs/tools.md has commands and exit codes. Reads
/// std::cin and writes std::cout and std::cerr.
template <class Store>
[[nodiscard]] int cli_main(int count, const char* const* words) {
    cli::session<Store> s;
    cli::outcome done = cli::outcome::ok;
    CLI::App app{"looks into a store, and changes it"};
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("-d,--directory", s.directory, "of the store")->required();
    app.add_flag("--json", s.as_json, "answers as JSON");
    const auto command = [&](CLI::App& of, const char* name, const char* what, auto run) {
        CLI::App* const made = of.add_subcommand(name, what);
        made->callback([&, run] { done = (s.*run)(); });
        return made;
    };
    using session = cli::session<Store>;
    command(app, "stat", "rows, formats, what opening has found", &session::stat);
    command(app, "explain", "what the store is composed of", &session::explain);
    command(app, "get", "the value under a key", &session::get)
        ->add_option("KEY", s.key)
        ->required();
    auto* const put = command(app, "put", "a value under a key", &session::put);
    put->add_option("KEY", s.key)->required();
    put->add_option("VALUE", s.value)->required();
    put->add_flag("--create", s.create, "make the store if there is none");
    auto* const del = command(app, "del", "erase a key", &session::del);
    del->add_option("KEY", s.key)->required();
    del->add_flag("--dry-run", s.dry_run, "only say whether it is there");
    command(app, "count", "rows", &session::count);
    auto* const scan = command(app, "scan", "keys and values", &session::scan);
    scan->add_option("--from", s.from, "the first key");
    scan->add_option("--to", s.to, "the first key that is left out");
    scan->add_option("--limit", s.limit, "rows at most")->check(CLI::NonNegativeNumber);
    command(app, "dump", "all rows as lines of JSON", &session::dump)
        ->add_option("FILE", s.file, "instead of standard output");
    auto* const load = command(app, "load", "puts the rows of a dump", &session::load);
    load->add_option("FILE", s.file, "instead of standard input");
    load->add_flag("--create", s.create, "make the store if there is none");
    load->add_flag("--dry-run", s.dry_run, "only read them");
    command(app, "verify", "reads and decodes everything", &session::verify);
    command(app, "repair", "goes back to before damage in the log", &session::repair)
        ->add_flag("--dry-run", s.dry_run, "only say what is damaged");
    CLI::App& points = *app.add_subcommand("checkpoint", "ls, create, restore");
    points.require_subcommand(1);
    command(points, "ls", "numbers of the checkpoints", &session::list_checkpoints);
    command(points, "create", "one more", &session::create_checkpoint);
    auto* const restore = command(points, "restore", "a new store of one", &session::restore);
    restore->add_option("NUMBER", s.number)->required()->check(CLI::NonNegativeNumber);
    restore->add_option("TO", s.to, "a directory that is not there")->required();
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& wrong) {
        const bool asks_for_json = // which the parser may not have come to
            std::any_of(words, words + count, [](text_view word) { return word == "--json"; });
        if (asks_for_json && wrong.get_exit_code() != 0) {
            s.as_json = true;
            return static_cast<int>(s.misspelt(wrong.what()));
        }
        return app.exit(wrong) == 0 ? 0 : static_cast<int>(cli::outcome::usage);
    }
    return static_cast<int>(s.heard(done));
}

} // namespace ashlar
