// SPDX-License-Identifier: BSL-1.0
// What nearly every case includes, compiled once; nothing that a case needs to be without.
#include <ashlar/store.hpp>

#include "support/toy_backend.hpp"
