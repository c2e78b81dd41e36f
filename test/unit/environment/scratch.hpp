// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <stdlib.h>

namespace ashlar::inline v0_1::testing {

/// A directory of its own for one test, removed with everything in it.
class scratch {
  public:
    scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "ashlar-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(const std::string& name) const {
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

[[nodiscard]] inline std::string contents_of(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

inline void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

/// Every file below a directory with its bytes: equal before and after means untouched.
[[nodiscard]] inline std::map<std::string, std::string> picture_of(const std::string& directory) {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory})
        all[entry.path().string()] =
            entry.is_regular_file() ? contents_of(entry.path().string()) : "(no file)";
    return all;
}

} // namespace ashlar::inline v0_1::testing
