// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/tiered.hpp>

namespace ashlar_tiers {

using namespace ashlar;

/// tiered, but with little memory, and every row may leave it.
template <class Hot, class Cold, std::size_t MemoryLimit = 0>
struct tight_tiers : tiered<Hot, Cold> {
    struct options {
        std::size_t memory_limit = MemoryLimit;
        std::size_t least_row = 0;
        text_view directory{};
        typename Cold::options cold{};
    };
    template <class Row, class Environment, class Concurrency>
    using engine = tiered_parts::engine<Row, tight_tiers, Environment, Concurrency>;
};

/// What a cold tier is to do wrong, and what was asked of it. For one thread.
struct cold_weather {
    bool refuses = false;                             ///< batches that put anything: no_space
    bool loses = false;                               ///< rows are not there
    std::size_t flips = static_cast<std::size_t>(-1); ///< which bit of a row reads wrong
    std::size_t puts = 0;
    std::size_t erases = 0;
};
inline cold_weather weather; // NOLINT: reset by every test that uses it

/// sorted_map, under the weather.
struct cold_in_weather : sorted_map<> {
    template <class Row, class Environment, class Concurrency>
    class engine : public sorted_map<>::engine<Row, Environment, Concurrency> {
        using base = sorted_map<>::engine<Row, Environment, Concurrency>;

      public:
        explicit engine(base&& made) noexcept : base{std::move(made)} {}
        static result<engine> open(const opening<Environment>&, const no_options&) {
            return engine{base{}};
        }
        template <class Visit>
        result<bool> read(bytes_view key, Visit&& visit) const {
            if (weather.loses) return false;
            return base::read(key, [&](bytes_view found) {
                byte_buffer copy;
                static_cast<void>(copy.assign(found));
                if (weather.flips / 8 < found.size())
                    copy.data()[weather.flips / 8] ^=
                        static_cast<std::byte>(1U << weather.flips % 8);
                visit(copy.view());
            });
        }
        typename Row::receipt apply(batch_span batch) {
            std::size_t puts = 0;
            for (const operation op : batch.operations) {
                if (op.kind == operation_kind::put) ++puts;
                else ++weather.erases;
            }
            if (puts != 0 && weather.refuses) return errc::no_space;
            weather.puts += puts;
            return base::apply(batch);
        }
    };
};

} // namespace ashlar_tiers
