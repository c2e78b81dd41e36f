// SPDX-License-Identifier: BSL-1.0
/// @file Defines write_behind: a long file reaches the disk while it is written, not at its end.
#pragma once

#include <ashlar/environment/early_writer.hpp>

namespace ashlar::inline v0_1::log_parts {

/// Bounds what a file that grows at its end holds in memory only, so that neither its own sync nor
/// that of a file beside it, which may have to wait for it, takes long: of the last two windows one
/// is on its way to the disk and one is being filled. Does nothing where files can't be told.
/// Not thread-safe.
template <class File>
class write_behind {
  public:
    /// One millisecond of a disk that writes a gigabyte a second.
    static constexpr std::uint64_t window = std::uint64_t{1} << 20;

    /// The file has grown to `size`. Errors: those of its writes so far.
    [[nodiscard]] result<void> grown(File& file, std::uint64_t size) noexcept {
        if constexpr (early_writer<File>) {
            if (size - begun_ < window) return {};
            // The system may write the earlier window while this one waits in its queue.
            result<void> done = file.begin_write_back(begun_, size - begun_);
            if (done && ended_ != begun_) done = file.end_write_back(ended_, begun_ - ended_);
            ended_ = begun_;
            begun_ = size;
            return done;
        } else {
            return static_cast<void>(file), static_cast<void>(size), result<void>{};
        }
    }

  private:
    std::uint64_t begun_ = 0; ///< up to here the file is on its way to the disk
    std::uint64_t ended_ = 0; ///< up to here it has arrived
};

} // namespace ashlar::inline v0_1::log_parts
