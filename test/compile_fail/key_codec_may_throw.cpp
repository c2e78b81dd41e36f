// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: the key codec can't encode this Key
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"

struct big : ashlar::native_key {
    template <class Key>
    struct codec : ashlar::native_key::codec<Key> {
#ifndef PASSING_TWIN
        static std::byte* encode(const Key& key, std::byte* out) {
            return ashlar::native_key::codec<Key>::encode(key, out);
        }
#endif
    };
};
ashlar::store<int, int, big, ashlar_test::toy_backend, ashlar_test::toy_environment> db;
