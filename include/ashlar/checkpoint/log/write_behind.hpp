// SPDX-License-Identifier: BSL-1.0
/// @file Defines write_behind: a long file reaches the disk while it is written, not at its end.
#pragma once

#include <ashlar/environment/early_writer.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Bounds what a file that grows at its end holds in memory only, so that neither its own sync nor
/// that of a file beside it, which may have to wait for it, takes long. Each window is on its way
/// to the disk as soon as it is full; several may be, so that a disk that pauses for a moment
/// holds nobody up. Does nothing where files can't be told. Not thread-safe.
template <class File>
class write_behind {
  public:
    /// Half a millisecond of a disk that writes two gigabytes a second.
    static constexpr std::uint64_t window = std::uint64_t{1} << 20;
    /// What may be on its way when one more window is.
    static constexpr std::uint64_t most = 8 * window;

    /// The file has grown to `size`. Errors: those of its writes so far.
    [[nodiscard]] result<void> grown(File& file, std::uint64_t size) noexcept {
        if constexpr (early_writer<File>) {
            if (size - begun_ < window) return {};
            const auto done = file.begin_write_back(begun_, size - begun_);
            const std::uint64_t awaited = begun_ > most ? begun_ - most : 0;
            begun_ = size;
            if (!done || awaited <= ended_) return done;
            const std::uint64_t from = std::exchange(ended_, awaited);
            return file.end_write_back(from, awaited - from);
        } else {
            return static_cast<void>(file), static_cast<void>(size), result<void>{};
        }
    }

  private:
    std::uint64_t begun_ = 0; ///< up to here the file is on its way to the disk
    std::uint64_t ended_ = 0; ///< up to here it has arrived
};

} // namespace ashlar::inline v0_1::log_parts
