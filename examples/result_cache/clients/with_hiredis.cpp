// SPDX-License-Identifier: BSL-1.0
// result_cache from C++ with hiredis: a request, a pipeline, and a value that changes only at the
// version it was read at. usage: with_hiredis PORT
#include <cstdio>
#include <cstdlib>
#include <hiredis/hiredis.h>
#include <memory>

namespace {

struct close_connection {
    void operator()(redisContext* c) const noexcept { redisFree(c); }
};
struct free_reply {
    void operator()(redisReply* r) const noexcept { freeReplyObject(r); }
};
using reply = std::unique_ptr<redisReply, free_reply>;

reply take(redisContext* c) {
    void* got = nullptr;
    if (redisGetReply(c, &got) != REDIS_OK) {
        std::fprintf(stderr, "with_hiredis: %s\n", c->errstr);
        std::exit(1); // NOLINT(concurrency-mt-unsafe): one thread
    }
    return reply{static_cast<redisReply*>(got)};
}
template <class... Words>
reply ask(redisContext* c, const char* format, Words... words) {
    redisAppendCommand(c, format, words...);
    return take(c);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) return std::fputs("usage: with_hiredis PORT\n", stderr), 2;
    const int port = static_cast<int>(std::strtol(argv[1], nullptr, 10));
    const std::unique_ptr<redisContext, close_connection> c{redisConnect("127.0.0.1", port)};
    if (c == nullptr || c->err != 0) return std::fputs("with_hiredis: no connection\n", stderr), 1;

    std::printf("SET: %s\n", ask(c.get(), "SET %s %s EX %d", "greeting", "hello", 60)->str);
    std::printf("GET: %s\n", ask(c.get(), "GET %s", "greeting")->str);

    // A thousand requests in one packet, then their answers.
    for (int i = 0; i < 1000; ++i) redisAppendCommand(c.get(), "INCR counter");
    long long last = 0;
    for (int i = 0; i < 1000; ++i) last = take(c.get())->integer;
    std::printf("counter: %lld\n", last);

    // Add 1 to a value, whoever else does: read it with its version, write it at that version.
    ask(c.get(), "SET stock 41");
    const reply seen = ask(c.get(), "GETV stock");
    const long long version = seen->element[0]->integer;
    const long stock = std::strtol(seen->element[1]->str, nullptr, 10);
    const reply set = ask(c.get(), "CASV stock %lld %ld", version, stock + 1);
    std::printf("set: %s\n", set->type == REDIS_REPLY_INTEGER ? "yes" : "no, read again");
    const reply late = ask(c.get(), "CASV stock %lld 0", version);
    std::printf("at the old version: %s\n", late->type == REDIS_REPLY_NIL ? "no" : "yes");
    return 0;
}
