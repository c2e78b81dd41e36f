// SPDX-License-Identifier: BSL-1.0
// EXPECT: ashlar: this backend keeps its rows itself, and logged would log what is durable already
#include <ashlar/backend/flash/ram_device.hpp>
#include <ashlar/backend/flash_log.hpp>
#include <ashlar/checkpoint/logged.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>

// Flash needs no directory, and is durable all the same.
using on_flash = ashlar::flash_log<ashlar::flash::ram_device<256, 4>>;
#ifdef PASSING_TWIN
using db = ashlar::store<int, int, on_flash, ashlar::single>;
#else
using db = ashlar::store<int, int, on_flash, ashlar::logged<>, ashlar::single>;
#endif
static_assert(sizeof(db) != 0);
