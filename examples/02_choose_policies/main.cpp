// SPDX-License-Identifier: BSL-1.0
// NEEDS: hana threads
//
// One program, several stores: the code that uses a store does not know which one it is.
#include <ashlar/ashlar.hpp>
#include <ashlar/codec/composite.hpp>
#include <ashlar/codec/reflected.hpp>

#include <boost/hana/define_struct.hpp>
#include <cstdio>
#include <string>

namespace {

struct city {
    BOOST_HANA_DEFINE_STRUCT(city, (std::string, country), (std::string, name));
};
struct facts {
    BOOST_HANA_DEFINE_STRUCT(facts, (std::uint32_t, inhabitants), (std::uint16_t, founded));
};

// Three choices. Order does not matter; what is left out has a default.
using plain = ashlar::store<city, facts, ashlar::composite, ashlar::reflected>;
using ordered =
    ashlar::store<city, facts, ashlar::sorted_map<>, ashlar::reflected, ashlar::composite>;
using versioned = ashlar::store<city, facts, ashlar::composite, ashlar::reflected,
                                ashlar::sorted_map<>, ashlar::shared_version<ashlar::by_prefix>>;

static_assert(std::is_same_v<ordered, ashlar::store<city, facts, ashlar::composite,
                                                    ashlar::sorted_map<>, ashlar::reflected>>,
              "two spellings of one choice are one type");

// A verb that a choice can't honour is not there, and a concept can ask for it.
template <class Store>
concept scans = requires(Store& s) { s.scan(); };
template <class Store>
concept has_versions = requires(Store& s, const city& key) { s.version_of(key); };

template <class Store>
bool fill(Store& cities) {
    return cities.put({"Japan", "Kyoto"}, {1'460'000, 794}) &&
           cities.put({"Italy", "Roma"}, {2'750'000, 0}) &&
           cities.put({"Japan", "Tokyo"}, {14'000'000, 1457});
}

bool show(const char* what, bool held) {
    std::printf("%-60s %s\n", what, held ? "yes" : "NO");
    return held;
}

} // namespace

int main() {
    auto a = plain::open();
    auto b = ordered::open();
    auto c = versioned::open();
    if (!a || !b || !c || !fill(*a) || !fill(*b) || !fill(*c)) return 1;

    bool all = show("each store finds what was put",
                    a->contains(city{"Japan", "Kyoto"}).value_or(false) &&
                        b->contains(city{"Japan", "Kyoto"}).value_or(false));
    std::string order;
    for (const auto& [key, value] : b->scan()) order += key.name + " ";
    all &= show("the ordered one scans by country, then by name", order == "Roma Kyoto Tokyo ");

    all &= show("the unordered one offers no scan", !scans<plain> && scans<ordered>);
    all &= show("only the versioned one has versions",
                has_versions<versioned> && !has_versions<ordered>);

    // One version per country: two writes to Japan moved it twice, Italy's stands at one.
    all &= show("Japan stands at version 2, Italy at 1",
                c->version_of(city{"Japan", ""}).value_or(0U) == 2 &&
                    c->version_of(city{"Italy", ""}).value_or(0U) == 1);
    auto late = c->batch();
    late.expect_version(city{"Japan", ""}, 1).erase(city{"Japan", "Kyoto"});
    versioned::conflict seen;
    const bool refused = c->apply(late, &seen).error() == ashlar::errc::conflict;
    all &= show("who still believes in version 1 is told of 2", refused && seen.actual == 2);
    return all ? 0 : 1;
}
