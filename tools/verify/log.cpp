// SPDX-License-Identifier: BSL-1.0
#include "check.hpp"

#include <ashlar/environment/posix.hpp>
#include <ashlar/verify.hpp>

verify::verdict verify::check_log(const subject& of, report& out) {
    const ashlar::posix environment;
    bool damaged = false;
    ashlar::error_detail detail;
    const auto census = ashlar::verify_log(
        environment, of.directory, of.uuid,
        [&](const ashlar::flaw& flaw) {
            damaged = damaged || flaw.code != ashlar::errc::unsupported_version;
            out.problem({flaw.file.data(), flaw.file.size()}, flaw.position,
                        {flaw.reason.data(), flaw.reason.size()});
        },
        &detail);
    if (!census) {
        out.problem("", 0,
                    std::string{name_of(census.error().code)} + ": " + detail.message.c_str());
        return damaged ? verdict::damaged : verdict::unavailable;
    }
    out.found["segments"] = census->segments;
    out.found["snapshots"] = census->snapshots;
    out.found["records"] = census->records;
    out.found["snapshot_rows"] = census->rows;
    out.found["sequence"] = census->sequence;
    out.found["torn_bytes"] = census->torn;
    out.found["closed"] = census->closed;
    if (damaged) return verdict::damaged;
    return census->flaws == 0 ? verdict::sound : verdict::unavailable;
}
