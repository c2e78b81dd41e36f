// SPDX-License-Identifier: BSL-1.0
// A program for a store of numbers in SQLite, with checkpoints of its own.
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/checkpoint/native.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>

#include "cli.hpp"

#include <array>

/// Not a number, not a text: shown as the bytes that are stored.
using reading = std::array<std::uint16_t, 3>;
using meter = ashlar::store<std::uint64_t, reading, ashlar::big_endian, ashlar::sqlite<>,
                            ashlar::native, ashlar::single>;

int main(int count, char** words) { return ashlar::cli_main<meter>(count, words); }
