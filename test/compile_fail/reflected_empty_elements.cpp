// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: elements of a stored sequence need at least one byte each
#include <ashlar/codec/reflected.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <vector>

#ifdef PASSING_TWIN
struct element {
    int x;
};
BOOST_HANA_ADAPT_STRUCT(element, x);
#else
struct element {};
BOOST_HANA_ADAPT_STRUCT(element);
#endif
struct outer {
    std::vector<element> all;
};
BOOST_HANA_ADAPT_STRUCT(outer, all);

auto size_of(const outer& v) { return ashlar::reflected::codec<outer>::size(v); }
