// SPDX-License-Identifier: BSL-1.0
// NEEDS: cereal hana xxhash optimizer
// Every committed input of every fuzz target, without a fuzzer: what was found once stays fixed.
#include "../fuzz/durable_targets.hpp"
#include "../fuzz/index_targets.hpp"
#include "../fuzz/key_targets.hpp"
#include "../fuzz/resp_request.hpp"
#include "../fuzz/targets.hpp"
#include "catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

TEST_CASE("the committed fuzz inputs break nothing") {
    const struct {
        const char* name;
        void (*run)(ashlar::bytes_view);
    } targets[] = {
        {"tagged", fuzz::tagged},
        {"reflected", fuzz::reflected},
        {"cereal_value", fuzz::cereal_value},
        {"checksummed", fuzz::checksummed},
        {"text", fuzz::text},
        {"composite", fuzz::composite},
        {"object_entry", fuzz::object_entry},
        {"namespaced", fuzz::namespaced},
        {"resp_request", fuzz::resp_request},
        {"plain_keys", fuzz::plain_keys},
        {"manifest", fuzz::manifest},
        {"batch", fuzz::batch},
        {"flash_image", fuzz::flash_image},
        {"log", fuzz::log},
        {"log_change", fuzz::log_change},
        {"snapshot", fuzz::snapshot},
        {"snapshot_index", fuzz::snapshot_index},
        {"cursor", fuzz::cursor},
        {"feed_cursors", fuzz::feed_cursors},
    };
    const auto folder = std::filesystem::path(__FILE__).parent_path() / ".." / "fuzz";
    std::size_t sources = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder))
        sources += file.path().filename().string().ends_with("_fuzz.cpp");
    CHECK(sources == std::size(targets)); // a new target is to be named above too
    for (const auto& target : targets) {
        CAPTURE(target.name);
        std::size_t inputs = 0;
        for (const auto& file :
             std::filesystem::directory_iterator(folder / "corpus" / target.name)) {
            std::ifstream in(file.path(), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(in)), {});
            CAPTURE(file.path().filename().string());
            // Each input, each of its truncations, and each with one bit flipped.
            for (std::size_t n = 0; n <= bytes.size(); ++n) target.run(bytes.substr(0, n));
            for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
                std::string flipped = bytes;
                flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
                target.run(flipped);
            }
            ++inputs;
        }
        CHECK(inputs >= 3);
    }
}
