// SPDX-License-Identifier: BSL-1.0
// The parser of requests and the writer of replies, by themselves and against hiredis's reader.
#include "catch.hpp"

#include "resp/reply_writer.hpp"
#include "resp/request_parser.hpp"
#include "text/glob.hpp"

#include <hiredis/hiredis.h>

#include <memory>
#include <random>

namespace {

using cache::resp::reply_writer;
using cache::resp::request_limits;
using cache::resp::request_parser;
using outcome = request_parser::outcome;
using words = std::vector<std::string>;

std::string encoded(const words& request) {
    std::string bytes = "*" + std::to_string(request.size()) + "\r\n";
    for (const std::string& word : request)
        bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return bytes;
}
words taken(const request_parser& parser) {
    return {parser.arguments().begin(), parser.arguments().end()};
}
/// All requests in `bytes`; the parser must then be neither within one nor broken.
std::vector<words> all_of(std::string_view bytes) {
    request_parser parser;
    parser.feed(bytes);
    std::vector<words> found;
    while (parser.next() == outcome::request) found.push_back(taken(parser));
    return found;
}
std::string complaint_about(std::string_view bytes, request_limits limits = {}) {
    request_parser parser{limits};
    parser.feed(bytes);
    while (parser.next() == outcome::request) {
    }
    return parser.complaint();
}

/// hiredis's view of the same bytes.
class reference {
  public:
    void feed(std::string_view bytes) {
        REQUIRE(redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) == REDIS_OK);
    }
    /// Null when it needs more.
    std::unique_ptr<redisReply, void (*)(void*)> next() {
        void* reply = nullptr;
        REQUIRE(redisReaderGetReply(reader_.get(), &reply) == REDIS_OK);
        return {static_cast<redisReply*>(reply), freeReplyObject};
    }

  private:
    std::unique_ptr<redisReader, void (*)(redisReader*)> reader_{redisReaderCreate(),
                                                                 redisReaderFree};
};
words words_of(const redisReply& reply) {
    words all;
    for (std::size_t i = 0; i < reply.elements; ++i)
        all.emplace_back(reply.element[i]->str, static_cast<std::size_t>(reply.element[i]->len));
    return all;
}

std::string random_bytes(std::mt19937& random, std::size_t most) {
    std::string bytes(std::uniform_int_distribution<std::size_t>{0, most}(random), '\0');
    for (char& c : bytes) c = "\r\n$*:+-0123456789 \"'\\x\0z"[random() % 24];
    return bytes;
}

} // namespace

TEST_CASE("requests are arrays of bulks") {
    CHECK(all_of("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n") == std::vector<words>{{"GET", "k"}});
    CHECK(all_of("*1\r\n$0\r\n\r\n*0\r\n*-1\r\n*1\r\n$2\r\n\r\n\r\n") ==
          std::vector<words>{{""}, {"\r\n"}});
    CHECK(all_of("*2\r\n$3\r\nGET\r\n$1\r\nk\r").empty());
}

TEST_CASE("requests may be lines for people") {
    CHECK(all_of("PING\r\n\r\n  get  k \n") == std::vector<words>{{"PING"}, {"get", "k"}});
    CHECK(all_of("set k \"a b\\x41\\n\\q\" 'it\\'s \\n' foo\"bar\"\r\n") ==
          std::vector<words>{{"set", "k", "a bA\nq", "it's \\n", "foobar"}});
    CHECK(complaint_about("set \"k\r\n") == "Protocol error: unbalanced quotes in request");
    CHECK(complaint_about("set 'k'x\r\n") == "Protocol error: unbalanced quotes in request");
}

TEST_CASE("what is no request is named, and ends the conversation") {
    CHECK(complaint_about("*x\r\n") == "Protocol error: invalid multibulk length");
    CHECK(complaint_about("*01\r\n") == "Protocol error: invalid multibulk length");
    CHECK(complaint_about("*2147483648\r\n") == "Protocol error: invalid multibulk length");
    CHECK(complaint_about("*1\r\n*1\r\n") == "Protocol error: expected '$', got '*'");
    CHECK(complaint_about(std::string("*1\r\n\0", 5)) == "Protocol error: expected '$', got '?'");
    CHECK(complaint_about("*1\r\n$-1\r\n") == "Protocol error: invalid bulk length");
    CHECK(complaint_about("*1\r\n$536870913\r\n") == "Protocol error: invalid bulk length");
    CHECK(complaint_about("*1\r\n$1\r\nxyz") ==
          "Protocol error: a bulk does not end where it said");
    const std::string endless(65 * 1024, '1');
    CHECK(complaint_about("*" + endless) == "Protocol error: too big mbulk count string");
    CHECK(complaint_about("*1\r\n$" + endless) == "Protocol error: too big bulk count string");
    CHECK(complaint_about(endless) == "Protocol error: too big inline request");

    request_parser parser;
    parser.feed("*x\r\n*1\r\n$4\r\nPING\r\n");
    CHECK(parser.next() == outcome::broken);
    CHECK(parser.next() == outcome::broken);
}

TEST_CASE("a request can be had once more, and words of earlier ones stay valid") {
    const std::string half = encoded({"PING"});
    request_parser parser;
    parser.feed(encoded({"GET", "a"}) + encoded({"GET", "b"}) + half.substr(0, 6));
    REQUIRE(parser.next() == outcome::request);
    CHECK(parser.is_in_buffer());
    const std::string_view first = parser.arguments()[1];
    const std::size_t begin = parser.position();
    REQUIRE(parser.next() == outcome::request);
    CHECK(first == "a");
    CHECK(parser.next() == outcome::incomplete);
    CHECK_FALSE(parser.is_drained());
    parser.go_back(parser.position()); // to the half that is there
    CHECK(parser.next() == outcome::incomplete);
    parser.go_back(begin);
    for (const char* key : {"a", "b"}) {
        REQUIRE(parser.next() == outcome::request);
        CHECK(taken(parser) == words{"GET", key});
    }
    CHECK(parser.next() == outcome::incomplete);
    parser.feed(half.substr(6) + "get c\r\n");
    REQUIRE(parser.next() == outcome::request);
    CHECK(taken(parser) == words{"PING"});
    REQUIRE(parser.next() == outcome::request);
    CHECK_FALSE(parser.is_in_buffer());
    CHECK(parser.is_drained());
}

TEST_CASE("before authentication requests are small") {
    const request_limits small = request_limits::before_authentication();
    CHECK(complaint_about("*11\r\n", small) == "Protocol error: unauthenticated multibulk length");
    CHECK(complaint_about("*2\r\n$16385\r\n", small) ==
          "Protocol error: unauthenticated bulk length");
    CHECK(complaint_about(encoded({"AUTH", std::string(16384, 'x')}), small).empty());
    CHECK(complaint_about("*10\r\n", small).empty());
}

TEST_CASE("nothing is allocated for what is only announced") {
    request_parser parser;
    parser.feed("*2000000000\r\n$536870912\r\nbegin");
    CHECK(parser.next() == outcome::incomplete);
    CHECK(parser.memory() < 4096);

    // One that was large is not remembered once it is over.
    request_parser once;
    once.feed(encoded({std::string(4 << 20, 'x')}));
    CHECK(once.next() == outcome::request);
    CHECK(once.next() == outcome::incomplete);
    CHECK(once.memory() < 64 * 1024);
}

TEST_CASE("a request that never ends is refused") {
    request_parser parser{{.arguments = 100, .bulk = 1000, .request = 5000}};
    std::string bytes = "*100\r\n";
    for (int i = 0; i < 60; ++i) bytes += "$100\r\n" + std::string(100, 'x') + "\r\n";
    parser.feed(bytes);
    CHECK(parser.next() == outcome::broken);
}

TEST_CASE("requests cut anywhere are what hiredis reads") {
    std::mt19937 random{20261121};
    for (int round = 0; round < 300; ++round) {
        std::vector<words> sent;
        std::string bytes;
        for (std::size_t i = 0; i < 1 + random() % 8; ++i) {
            words request;
            for (std::size_t j = 0; j < 1 + random() % 6; ++j)
                request.push_back(random_bytes(random, random() % 20 == 0 ? 70000 : 30));
            bytes += encoded(request);
            sent.push_back(std::move(request));
        }
        request_parser parser;
        reference hiredis;
        std::vector<words> ours;
        std::vector<words> theirs;
        const bool byte_by_byte = bytes.size() < 2000 && round % 2 == 0;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t most = byte_by_byte ? 1 : 1 + random() % 5000;
            const std::string_view piece = std::string_view{bytes}.substr(at, most);
            at += piece.size();
            parser.feed(piece);
            hiredis.feed(piece);
            while (parser.next() == outcome::request) ours.push_back(taken(parser));
            while (const auto reply = hiredis.next()) theirs.push_back(words_of(*reply));
        }
        REQUIRE(ours == sent);
        REQUIRE(ours == theirs);
        REQUIRE(parser.pending() == 0);
    }
}

TEST_CASE("replies of version 2 are what hiredis reads") {
    std::string bytes;
    reply_writer out{bytes, 2};
    out.array(9);
    out.ok();
    out.error("ERR two\r\nlines");
    out.integer(-42);
    out.bulk(std::string_view{"\0\r\n", 3});
    out.null();
    out.real(0.1);
    out.map(1);
    out.bulk("k");
    out.integer(1);
    out.set(0);
    out.null_array();
    reference hiredis;
    hiredis.feed(bytes);
    const auto reply = hiredis.next();
    REQUIRE(reply);
    REQUIRE(reply->type == REDIS_REPLY_ARRAY);
    REQUIRE(reply->elements == 9);
    const auto text = [&](std::size_t i) {
        return std::string{reply->element[i]->str,
                           static_cast<std::size_t>(reply->element[i]->len)};
    };
    CHECK((reply->element[0]->type == REDIS_REPLY_STATUS && text(0) == "OK"));
    CHECK((reply->element[1]->type == REDIS_REPLY_ERROR && text(1) == "ERR two  lines"));
    CHECK((reply->element[2]->type == REDIS_REPLY_INTEGER && reply->element[2]->integer == -42));
    CHECK((reply->element[3]->type == REDIS_REPLY_STRING && text(3) == std::string("\0\r\n", 3)));
    CHECK(reply->element[4]->type == REDIS_REPLY_NIL);
    CHECK((reply->element[5]->type == REDIS_REPLY_STRING && text(5) == "0.10000000000000001"));
    CHECK((reply->element[6]->type == REDIS_REPLY_ARRAY && reply->element[6]->elements == 2));
    CHECK((reply->element[7]->type == REDIS_REPLY_ARRAY && reply->element[7]->elements == 0));
    CHECK(reply->element[8]->type == REDIS_REPLY_NIL);
    CHECK_FALSE(hiredis.next());
}

TEST_CASE("replies of version 3 have types of their own") {
    std::string bytes;
    reply_writer out{bytes, 3};
    out.map(1);
    out.null();
    out.real(1.5);
    out.set(1);
    out.null_array();
    out.push(1);
    out.verbatim("text");
    out.real(-HUGE_VAL);
    CHECK(bytes == "%1\r\n_\r\n,1.5\r\n~1\r\n_\r\n>1\r\n=8\r\ntxt:text\r\n,-inf\r\n");
}

TEST_CASE("numbers are written the one way") {
    using cache::parse_integer;
    CHECK(parse_integer("0") == 0);
    CHECK(parse_integer("-9223372036854775808") == INT64_MIN);
    for (const char* no : {"", "-", "+1", "01", "-0", "1 ", " 1", "9223372036854775808", "1x"})
        CHECK_FALSE(parse_integer(no));
    CHECK(cache::parse_double("1e3") == 1000.0);
    CHECK(cache::parse_double("0x10") == 16.0);
    for (const char* no : {"", " 1", "1 ", "nan", "1e400", "x"})
        CHECK_FALSE(cache::parse_double(no));
    CHECK(cache::format_decimals(3.0L) == "3");
    CHECK(cache::format_decimals(-0.0L) == "0");
    CHECK(cache::format_decimals(10.5L) == "10.5");
    CHECK(cache::format_double(HUGE_VAL) == "inf");
}

TEST_CASE("patterns match as in Redis") {
    using cache::glob_match;
    CHECK(glob_match("*", ""));
    CHECK(glob_match("h?llo", "hello"));
    CHECK(glob_match("h[a-e]llo", "hello"));
    CHECK(glob_match("h[e-a]llo", "hello"));
    CHECK_FALSE(glob_match("h[^e]llo", "hello"));
    CHECK(glob_match("a\\*b", "a*b"));
    CHECK_FALSE(glob_match("a\\*b", "axb"));
    CHECK(glob_match("a*b*c", "a-b-b-c"));
    CHECK_FALSE(glob_match("a*b*c", "a-b-b"));
    CHECK(glob_match("[ab", "a")); // a class without end
    CHECK_FALSE(glob_match("", "a"));
    // The last star alone is tried again: no pattern is exponential.
    CHECK_FALSE(glob_match(std::string(2000, '*') + "b", std::string(20000, 'a')));
    std::string stars;
    for (int i = 0; i < 300; ++i) stars += "a*";
    CHECK_FALSE(glob_match(stars + "b", std::string(3000, 'a')));
}
