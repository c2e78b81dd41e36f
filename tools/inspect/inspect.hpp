// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

namespace inspect {

/// Values are exit codes.
enum verdict : int { whole = 0, damaged = 1, unknown = 2 };

/// Sectors, records, wear and damage of a flash_log image.
int flash(const char* path);
/// Headers, records and blocks of a manifest, a log segment or a snapshot, or of all of them in a
/// store directory; each in a line, or as JSON.
int files(const std::string& path, bool as_json);

} // namespace inspect
