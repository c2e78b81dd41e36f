// SPDX-License-Identifier: BSL-1.0
#include <catch.hpp>

#include <ashlar/environment/simulated.hpp>
#include <ashlar/testing/file_laws.hpp>

#include <string>
#include <vector>

namespace {

using namespace ashlar;

/// An environment that says it renamed.
struct lazy : simulated {
    using simulated::simulated;
    [[nodiscard]] result<void> rename(text_view, text_view) const { return {}; }
};
/// One whose files can't be made anew where there is one, but which answers that they were.
struct lax : simulated {
    using simulated::simulated;
    [[nodiscard]] result<file> open_file(text_view path, file_mode mode) const {
        return simulated::open_file(path, mode == file_mode::create_new ? file_mode::create : mode);
    }
};

template <class Environment>
std::vector<std::string> broken_by() {
    simulated_world world{1};
    const Environment env{world};
    REQUIRE(env.make_directory("place"));
    std::vector<std::string> broken;
    testing::file_laws(env, "place", [&](bool held, const char* law) {
        if (!held) broken.emplace_back(law);
    });
    return broken;
}

} // namespace

TEST_CASE("file_laws: an environment that breaks one is told which") {
    CHECK(broken_by<simulated>().empty());
    CHECK(broken_by<lazy>() ==
          std::vector<std::string>{"rename: of nothing", "list: every name, and no other"});
    CHECK(broken_by<lax>() == std::vector<std::string>{"open_file: create_new does not"});
}
