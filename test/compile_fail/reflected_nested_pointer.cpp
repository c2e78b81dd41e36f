// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: reflected can't store a member of this struct
#include <ashlar/codec/reflected.hpp>
#include <boost/hana/adapt_struct.hpp>

struct inner {
#ifdef PASSING_TWIN
    int x;
#else
    int* x;
#endif
};
struct outer {
    inner in;
};
BOOST_HANA_ADAPT_STRUCT(inner, x);
BOOST_HANA_ADAPT_STRUCT(outer, in);

constexpr auto extent = ashlar::reflected::codec<outer>::extent;
