// SPDX-License-Identifier: BSL-1.0
/// @file Defines what every store can be told when it is opened.
#pragma once

#include <ashlar/result.hpp>

namespace ashlar::inline v0_1 {

/// For `store::open({.directory = "ledger"})`. Views: they need to live for the call only.
struct open_options {
    text_view directory{};          ///< where a persistent backend rests; ignored by the others
    bool read_only = false;         ///< nothing is written, not even a lock file
    bool create = true;             ///< otherwise no_such_store when there is none
    bool must_be_new = false;       ///< already_exists when there is one
    error_detail* detail = nullptr; ///< filled with a sentence when opening fails
};

/// What a backend's engine is opened with: the user's options, the store's formats in words (they
/// stand in the manifest, so that a store made with others is refused), and the environment.
template <class Environment>
struct opening {
    open_options options;
    text_view formats;
    [[no_unique_address]] Environment environment{};

    [[nodiscard]] error fail(error e, text_view message) const noexcept {
        return ashlar::fail(options.detail, e, message);
    }
};

/// The options type of policies that have none.
struct no_options {};

} // namespace ashlar::inline v0_1
