// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "catch.hpp"
#include "unit/environment/scratch.hpp"

#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/testing/engine_laws.hpp>

namespace ashlar::testing {

/// The law suite over a backend that needs a directory: each engine gets a fresh one.
template <class Backend>
struct disk_laws {
    template <class Row, class Concurrency>
    static void hold(const typename Backend::options& with, law_options laws = {}) {
        using engine = typename Backend::template engine<Row, posix, Concurrency>;
        const scratch place;
        int number = 0;
        const auto open = [&](int which, bool create) {
            const std::string path = place / std::to_string(which);
            error_detail detail;
            auto opened = engine::open(
                {{.directory = path, .create = create, .detail = &detail}, "laws", {}}, with);
            INFO(detail.message.c_str());
            CHECK(opened);
            return opened;
        };
        laws.max_key_size = Backend::max_key_size;
        engine_laws([&] { return open(++number, true); }, [&] { return open(number, false); },
                    [](bool held, const char* law) {
                        INFO(law);
                        CHECK(held);
                    },
                    laws);
    }
};

} // namespace ashlar::testing
