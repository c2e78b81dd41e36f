// SPDX-License-Identifier: BSL-1.0
#include <ashlar/backend/rocksdb.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>

#include "check.hpp"

verify::verdict verify::check_rocksdb(const subject& of, report& out) {
    using engine = ashlar::rocksdb<>::engine<any_row, ashlar::posix, ashlar::single>;
    return check_engine<engine>(of, "rocksdb", ashlar::rocksdb_options{}, out);
}
