// SPDX-License-Identifier: BSL-1.0
#pragma once

// The requests in any bytes are the same however the bytes are cut, and so is the complaint; what
// is held never exceeds a small multiple of what was fed.
#include "../../examples/result_cache/resp/request_parser.hpp"
#include "targets.hpp"

#include <string>

namespace fuzz {

struct request_transcript {
    std::string requests;
    std::string complaint;
    bool operator==(const request_transcript&) const = default;
};

inline request_transcript read_requests(std::string_view bytes, std::size_t piece) {
    cache::resp::request_parser parser{{.arguments = 1000, .bulk = 100000, .request = 1 << 20}};
    request_transcript all;
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

inline void resp_request(ashlar::bytes_view input) {
    const auto bytes = std::string_view{reinterpret_cast<const char*>(input.data()), input.size()};
    if (bytes.empty()) return;
    const request_transcript whole = read_requests(bytes, bytes.size());
    demand(whole == read_requests(bytes, 1), "byte by byte it is the same");
    demand(whole == read_requests(bytes, 7), "and in pieces");
}

} // namespace fuzz
