// SPDX-License-Identifier: BSL-1.0
#include "check.hpp"

#include <ashlar/environment/posix.hpp>
#include <ashlar/verify.hpp>

verify::verdict verify::check_log(const subject& of, report& out) {
    const ashlar::posix environment;
    const auto census =
        ashlar::verify_log(environment, of.directory, of.uuid, [&](const ashlar::flaw& flaw) {
            out.problem({flaw.file.data(), flaw.file.size()}, flaw.position,
                        {flaw.reason.data(), flaw.reason.size()});
        });
    if (!census) {
        out.problem("", 0, std::string{"a file can't be read: "} + name_of(census.error().code));
        return verdict::unavailable;
    }
    out.found["segments"] = census->segments;
    out.found["snapshots"] = census->snapshots;
    out.found["records"] = census->records;
    out.found["snapshot_rows"] = census->rows;
    out.found["sequence"] = census->sequence;
    out.found["torn_bytes"] = census->torn;
    out.found["closed"] = census->closed;
    return census->flaws == 0 ? verdict::sound : verdict::damaged;
}
