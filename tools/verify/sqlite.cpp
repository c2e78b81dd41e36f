// SPDX-License-Identifier: BSL-1.0
#include <ashlar/backend/sqlite.hpp>
#include <ashlar/concurrency/single.hpp>
#include <ashlar/environment/posix.hpp>

#include "check.hpp"

verify::verdict verify::check_sqlite(const subject& of, report& out) {
    using engine = ashlar::sqlite<>::engine<any_row, ashlar::posix, ashlar::single>;
    return check_engine<engine>(of, "rows.sqlite", ashlar::sqlite_options{.check = true}, out);
}
