// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/engine.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/environment/store_directory.hpp>

#include <nlohmann/json.hpp>

#include <string>

// What ashlar-verify asks of each kind of store. One source file each, so that a machine without
// one of the libraries still has the rest of the tool.
namespace verify {

/// Values are exit codes.
enum class verdict { sound = 0, damaged = 3, unavailable = 4 };

/// What a check has found; printed as it is with --json.
struct report {
    nlohmann::json found = nlohmann::json::object();
    nlohmann::json problems = nlohmann::json::array();

    void problem(const std::string& file, std::uint64_t position, const std::string& reason) {
        problems.push_back({{"file", file}, {"position", position}, {"reason", reason}});
    }
};

/// A store directory whose manifest is sound, locked against writers.
struct subject {
    std::string directory;
    std::string formats;
    ashlar::bytes_view uuid;

    [[nodiscard]] ashlar::opening<ashlar::posix> opening(ashlar::error_detail& detail) const {
        return {{.directory = directory, .read_only = true, .create = false, .detail = &detail},
                formats,
                {}};
    }
};

verdict check_log(const subject& of, report& out);
verdict check_lmdb(const subject& of, report& out);
verdict check_rocksdb(const subject& of, report& out);
verdict check_sqlite(const subject& of, report& out);

/// Rows of any layout: header and payload are told apart by the store alone.
using any_row =
    ashlar::row_layout<ashlar::dynamic_extent, ashlar::dynamic_extent, ashlar::row_fields{}>;

/// Opens the engine as its store would, without knowing keys or values, and reads every row.
template <class Engine, class Options>
verdict check_engine(const subject& of, const char* file, const Options& options, report& out) {
    ashlar::error_detail detail;
    std::uint64_t rows = 0;
    const auto judge = [&](ashlar::error e) {
        const std::string sentence = detail.message.empty()
                                         ? std::string{"a row can't be read: "} + name_of(e.code)
                                         : std::string{detail.message.c_str()};
        const bool damage = e == ashlar::errc::corrupt || e == ashlar::errc::checksum_mismatch ||
                            e == ashlar::errc::io;
        out.problem(file, 0, sentence);
        return damage ? verdict::damaged : verdict::unavailable;
    };
    auto engine = Engine::open(of.opening(detail), options);
    if (!engine) return judge(engine.error());
    typename Engine::position at{};
    const auto walked = engine->walk(
        at, [&](ashlar::bytes_view, ashlar::bytes_view) { return ++rows != 0; },
        static_cast<std::size_t>(-1));
    out.found["rows"] = rows;
    if (!walked) return judge(walked.error());
    return verdict::sound;
}

} // namespace verify
