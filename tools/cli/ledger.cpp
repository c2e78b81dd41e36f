// SPDX-License-Identifier: BSL-1.0
// A program for a store of texts that keeps a log.
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>

#include "cli.hpp"

using ledger = ashlar::store<std::string, std::string, ashlar::raw, ashlar::sorted_map<>,
                             ashlar::logged<>, ashlar::single>;

int main(int count, char** words) { return ashlar::cli_main<ledger>(count, words); }
