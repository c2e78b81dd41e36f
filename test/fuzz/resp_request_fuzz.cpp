// SPDX-License-Identifier: BSL-1.0
// The requests in any bytes are the same however the bytes are cut, and so is the complaint; what
// is held never exceeds a small multiple of what was fed.
#include "../../examples/result_cache/resp/request_parser.hpp"

#include <cstdio>

namespace {

void demand(bool holds, const char* law) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", law);
    __builtin_trap();
}

struct transcript {
    std::string requests;
    std::string complaint;
    bool operator==(const transcript&) const = default;
};

transcript read(std::string_view bytes, std::size_t piece) {
    cache::resp::request_parser parser{{.arguments = 1000, .bulk = 100000, .request = 1 << 20}};
    transcript all;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        parser.feed(bytes.substr(at, piece));
        while (parser.next() == cache::resp::request_parser::outcome::request) {
            demand(!parser.arguments().empty(), "a request has words");
            for (const std::string_view word : parser.arguments())
                all.requests.append(std::to_string(word.size()) + ":").append(word);
            all.requests += '\n';
        }
        demand(parser.memory() <= 4 * bytes.size() + 256 * 1024, "announcements cost nothing");
    }
    all.complaint = parser.complaint();
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes{reinterpret_cast<const char*>(data), size};
    if (size == 0) return 0;
    const transcript whole = read(bytes, size);
    demand(whole == read(bytes, 1), "byte by byte it is the same");
    demand(whole == read(bytes, 7), "and in pieces");
    return 0;
}
