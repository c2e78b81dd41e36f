// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: cereal_value can't bound a container of empty objects
#include <ashlar/codec/cereal.hpp>
#include <cereal/types/vector.hpp>

struct element {
#ifdef PASSING_TWIN
    int x = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(x);
    }
#endif
};

using value = std::vector<element>;
auto size_of(const value& v) { return ashlar::cereal_value<>::codec<value>::size(v); }
