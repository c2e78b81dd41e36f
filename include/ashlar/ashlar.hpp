// SPDX-License-Identifier: BSL-1.0
/// @file Includes what most programs choose among: backends in memory, codecs and versions, as far
/// as they need the standard library alone (and POSIX, for its files).
///
/// Convenient for programs; libraries include what they use. Everything else has a header of its
/// own: logs, expiry, quotas, feeds, metrics (checkpoint/logged.hpp and so on), tiered, flash_log,
/// and what stands on other libraries: lmdb, rocksdb, sqlite, cereal, composite, reflected, packed,
/// slot, hana.
#pragma once

#include <ashlar/backend/hash_map.hpp>
#include <ashlar/backend/sorted_map.hpp>
#include <ashlar/backend/static_map.hpp>
#include <ashlar/codec/big_endian.hpp>
#include <ashlar/codec/checksummed.hpp>
#include <ashlar/codec/namespaced.hpp>
#include <ashlar/codec/native.hpp>
#include <ashlar/codec/normalized.hpp>
#include <ashlar/codec/object_entry.hpp>
#include <ashlar/codec/raw.hpp>
#include <ashlar/codec/tagged.hpp>
#include <ashlar/codec/text.hpp>
#include <ashlar/concurrency/shared.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/bare.hpp>
#include <ashlar/environment/posix.hpp>
#include <ashlar/store.hpp>
#include <ashlar/versioning/shared/by_prefix.hpp>
#include <ashlar/versioning/shared_version.hpp>
#include <ashlar/versioning/stamped.hpp>
