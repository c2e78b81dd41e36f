// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/backend/concept.hpp>
#include <ashlar/expiry/lazy_ttl.hpp>

namespace ashlar_test {

using namespace ashlar;

/// A backend whose engines are those of another under the layer of expiry.
template <class Backend>
struct expiring_on : Backend {
    template <class Row, class Environment, class Concurrency>
    class engine
        : public ttl_layer<typename Backend::template engine<Row, Environment, Concurrency>,
                           Environment, Concurrency> {
        using below = typename Backend::template engine<Row, Environment, Concurrency>;
        using layer = ttl_layer<below, Environment, Concurrency>;

      public:
        explicit engine(below&& inner) noexcept : layer{std::move(inner)} {}
        [[nodiscard]] static result<engine> open(const opening<Environment>& how,
                                                 const typename Backend::options& options) {
            auto inner = below::open(how, options);
            if (!inner) return inner.error();
            return engine{std::move(*inner)};
        }
    };
};

} // namespace ashlar_test
