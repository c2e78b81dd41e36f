// SPDX-License-Identifier: BSL-1.0
/// @file Includes all ready compositions; they stand in presets/, each named after its purpose.
#pragma once

#include <ashlar/presets/result_cache.hpp>
#include <ashlar/presets/sensor_log.hpp>
#include <ashlar/presets/spilling_result_cache.hpp>
