// SPDX-License-Identifier: BSL-1.0
// Key codecs that wrap another, given something else; each sentence stands alone.
// EXPECT: ashlar: slot<N, Inner> wraps a key codec and Inner is none
// EXPECT: ashlar: namespaced<Inner> wraps a key codec and Inner is none
// EXPECT: ashlar: normalized<Inner, Rule> wraps a key codec and Inner is none
#include <ashlar/codec/namespaced.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/slot.hpp>

#ifdef PASSING_TWIN
using inner = ashlar::native_key;
#else
using inner = ashlar::native_value;
#endif
constexpr std::size_t sizes[] = {
    sizeof(ashlar::slot<2048, inner>),
    sizeof(ashlar::namespaced<inner>),
    sizeof(ashlar::normalized<inner, ashlar::utf8_rule<>>),
};
