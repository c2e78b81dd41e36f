// SPDX-License-Identifier: BSL-1.0
/// @file The tour's data: the packages that dpkg knows on this machine.
#pragma once

#include <boost/hana/define_struct.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace tour {

/// One installed package.
struct package {
    std::string name;
    std::string section;
    std::string version;
    std::string architecture;
    std::string summary;
    std::uint32_t installed_kib = 0;
    std::vector<std::string> depends;

    friend bool operator==(const package&, const package&) = default;
};

template <class Archive>
void serialize(Archive& archive, package& p) {
    archive(p.name, p.section, p.version, p.architecture, p.summary, p.installed_kib, p.depends);
}

/// A key of two parts: packages sort by section, then by name.
struct shelf {
    BOOST_HANA_DEFINE_STRUCT(shelf, (std::string, section), (std::string, name));
};

/// What fits a fixed slot: no pointer, no heap.
struct brief {
    BOOST_HANA_DEFINE_STRUCT(brief, (std::uint32_t, installed_kib), (std::uint16_t, depends),
                             (std::uint16_t, name_length));
    friend bool operator==(const brief&, const brief&) = default;
};

inline brief brief_of(const package& p) {
    brief b;
    b.installed_kib = p.installed_kib;
    b.depends = static_cast<std::uint16_t>(p.depends.size());
    b.name_length = static_cast<std::uint16_t>(p.name.size());
    return b;
}

namespace detail {

inline std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

inline std::vector<std::string> names_of(std::string_view list) {
    std::vector<std::string> names;
    while (!list.empty()) {
        const auto comma = list.find(',');
        const std::string_view one = trimmed(list.substr(0, comma));
        names.emplace_back(one.substr(0, one.find_first_of(" |(:")));
        list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
    }
    return names;
}

inline void take_field(package& p, bool& installed, std::string_view field,
                       std::string_view value) {
    if (field == "Package") p.name = value;
    else if (field == "Status") installed = value.ends_with(" installed");
    else if (field == "Section") p.section = value;
    else if (field == "Version") p.version = value;
    else if (field == "Architecture") p.architecture = value;
    else if (field == "Description") p.summary = value;
    else if (field == "Depends") p.depends = names_of(value);
    else if (field == "Installed-Size")
        std::from_chars(value.data(), value.data() + value.size(), p.installed_kib);
}

} // namespace detail

/// Reads a dpkg status file: stanzas of `Field: value`, an empty line between them. Packages that
/// are not installed, and second architectures of one name, are left out. Empty when the file
/// can't be read or is no status file.
inline std::vector<package> read_catalogue(const std::string& path) {
    std::vector<package> all;
    std::ifstream in{path};
    package next;
    bool installed = false;
    const auto finish = [&] {
        if (installed && !next.name.empty()) all.push_back(std::move(next));
        next = {};
        installed = false;
    };
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) {
            finish();
        } else if (const auto colon = line.find(':'); line.front() != ' ' && colon != line.npos) {
            const std::string_view text = line;
            detail::take_field(next, installed, text.substr(0, colon),
                               detail::trimmed(text.substr(colon + 1)));
        }
    }
    finish();
    std::ranges::sort(all, {}, &package::name);
    const auto twice = std::ranges::unique(all, {}, &package::name);
    all.erase(twice.begin(), twice.end());
    return all;
}

} // namespace tour
