// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: cereal_value stores no polymorphic types
#include <ashlar/codec/cereal.hpp>

struct shape {
#ifndef PASSING_TWIN
    virtual ~shape() = default;
#endif
    int x = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(x);
    }
};

auto size_of(const shape& v) { return ashlar::cereal_value<>::codec<shape>::size(v); }
