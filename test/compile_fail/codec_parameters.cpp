// SPDX-License-Identifier: BSL-1.0
// What a codec is given that it can't be made of; each sentence stands alone.
// EXPECT: ashlar: slot<N, Inner> numbers its slots with 16 bits; N must be 1 to 65536
// EXPECT: ashlar: object_entry needs room for an id; give it a MaxSize
// EXPECT: ashlar: packed<Bits...> holds 1 to 128 bits in all
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/object_entry.hpp>
#include <ashlar/codec/packed.hpp>
#include <ashlar/codec/slot.hpp>

#ifdef PASSING_TWIN
constexpr unsigned slots = 65'536, bits = 28;
constexpr std::size_t longest_id = 1;
#else
constexpr unsigned slots = 65'537, bits = 29;
constexpr std::size_t longest_id = 0;
#endif
constexpr std::size_t sizes[] = {
    sizeof(ashlar::slot<slots, ashlar::native_key>),
    sizeof(ashlar::basic_object_entry<longest_id>),
    sizeof(ashlar::packed<100, bits>),
};
