// SPDX-License-Identifier: BSL-1.0

// Compiled several times, with other optimisation, NDEBUG and language version: see CMakeLists.txt.
#include "odr.hpp"

#include "all.cpp"

namespace {

template <class T> const char* name_of() { return __PRETTY_FUNCTION__; }
template <class T> type_fact fact_of() { return {name_of<T>(), sizeof(T), alignof(T)}; }

} // namespace

#define ASHLAR_ODR_JOIN2(a, b) a##b
#define ASHLAR_ODR_JOIN(a, b) ASHLAR_ODR_JOIN2(a, b)

type_facts ASHLAR_ODR_JOIN(facts_, ASHLAR_ODR_HALF)();

type_facts ASHLAR_ODR_JOIN(facts_, ASHLAR_ODR_HALF)() {
    using ashlar::store;
    static const type_fact facts[] = {
        fact_of<ashlar::error>(),
        fact_of<ashlar::result<void>>(),
        fact_of<ashlar::result<unsigned long>>(),
        fact_of<ashlar::bytes_view>(),
        fact_of<ashlar::small_buffer<64>>(),
        fact_of<ashlar::basic_batch<ashlar::small_buffer<64>>>(),
        fact_of<store<unsigned, unsigned long>>(),
        fact_of<store<unsigned, unsigned long>::stack_type>(),
        fact_of<store<unsigned, unsigned long, ashlar::single>>(),
        fact_of<store<unsigned, unsigned long, ashlar::sorted_map<>, ashlar::stamped>>(),
        fact_of<store<unsigned, unsigned long, ashlar::static_map<64>>>(),
    };
    return {facts, sizeof facts / sizeof facts[0]};
}
