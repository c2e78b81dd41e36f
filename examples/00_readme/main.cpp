// SPDX-License-Identifier: BSL-1.0
// NEEDS: lmdb threads
// README.md quotes this program; test/docs compares.
// clang-format off: the readme shows it as it stands here
#include <ashlar/ashlar.hpp>
#include <ashlar/backend/lmdb.hpp>
#include <cstdio>
#include <string>

struct account { std::int64_t cents; std::uint64_t owner; };

using ledger = ashlar::store<std::string, account, ashlar::lmdb<>, ashlar::stamped>;

int main() {
    auto db = ledger::open({.directory = "ledger"});     // result<ledger>: opening can fail
    if (!db || !db->put("alice", {.cents = 100, .owner = 7})) return 1;

    const auto seen = db->get_versioned("alice");        // a value and its version
    if (!seen) return 1;
    auto move = db->batch();                             // all of it happens, or nothing
    move.expect_version("alice", seen->version)
        .put("alice", {.cents = seen->value.cents - 40, .owner = 7})
        .put("bob", {.cents = 40, .owner = 8});
    if (!db->apply(move)) return 1;                      // somebody else was faster

    for (const auto& [name, balance] : db->scan())       // ordered, because LMDB is
        std::printf("%s has %lld\n", name.c_str(), static_cast<long long>(balance.cents));
    return db->close() ? 0 : 1;
}
