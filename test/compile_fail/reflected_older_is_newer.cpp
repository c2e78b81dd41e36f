// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: an older_record has the version of its successor or a later one
#include <ashlar/codec/reflected.hpp>
#include <boost/hana/adapt_struct.hpp>

struct before {
    int x;
};
struct after {
    int x;
};
BOOST_HANA_ADAPT_STRUCT(before, x);
BOOST_HANA_ADAPT_STRUCT(after, x);
#ifdef PASSING_TWIN
template <> inline constexpr std::uint16_t ashlar::record_version<after> = 2;
#endif
template <> struct ashlar::older_record<after> {
    using type = before;
    static after migrate(before&& old) { return {old.x}; }
};

auto read(ashlar::bytes_view in) { return ashlar::reflected::codec<after>::decode_some(in); }
