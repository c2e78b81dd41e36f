// SPDX-License-Identifier: BSL-1.0
#include <ashlar/backend/lmdb.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>

#include "check.hpp"

verify::verdict verify::check_lmdb(const subject& of, report& out) {
    using engine = ashlar::lmdb<>::engine<any_row, ashlar::posix, ashlar::single>;
    return check_engine<engine>(of, "data.mdb", ashlar::lmdb_options{}, out);
}
