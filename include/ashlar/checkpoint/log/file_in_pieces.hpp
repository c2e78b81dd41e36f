// SPDX-License-Identifier: BSL-1.0
/// @file Defines file_in_pieces: a whole file in memory, read by several threads.
#pragma once

#include <ashlar/checkpoint/log/files.hpp>
#include <ashlar/concurrency/concept.hpp>

namespace ashlar::inline v0_1::log_parts {

/// For files that come in from the system's memory no faster than a processor copies them. Not
/// thread-safe but for help().
template <file_system Environment, concurrency_policy Concurrency>
class file_in_pieces {
  public:
    /// Opens a file of at most `most` bytes and makes room for it; longer ones are corrupt.
    void begin(const Environment& environment, text_view directory, text_view name,
               std::uint64_t most) noexcept {
        next_.store(0);
        bytes_.clear();
        outcome_ = open(environment, directory, name, most);
    }
    /// More who help than this have nothing to do.
    [[nodiscard]] std::size_t pieces() const noexcept {
        return (bytes_.size() + piece - 1) / piece;
    }
    /// Reads pieces of it until none is left. May be called by any number of threads at a time.
    void help() noexcept {
        for (;;) {
            const auto at = static_cast<std::size_t>(next_.fetch_add(piece));
            if (at >= bytes_.size()) return;
            const std::size_t left = bytes_.size() - at;
            const std::size_t size = left < piece ? left : piece;
            const auto got = read_exactly(file_, at, bytes_.data() + at, size);
            if (!got || *got < size) fail(got ? error{errc::corrupt} : got.error());
        }
    }
    /// What was read, or why it could not be. REQUIRES: everybody who has helped is back.
    [[nodiscard]] result<bytes_view> bytes() const noexcept {
        if (!outcome_) return outcome_.error();
        return bytes_.view();
    }

  private:
    static constexpr std::size_t piece = std::size_t{1} << 20;

    [[nodiscard]] result<void> open(const Environment& environment, text_view directory,
                                    text_view name, std::uint64_t most) noexcept {
        const auto path = joined_path::of(directory, name);
        if (!path) return path.error();
        auto opened = environment.open_file(*path, file_mode::read);
        if (!opened) return opened.error();
        file_ = std::move(*opened);
        const auto size = file_.size();
        if (!size) return size.error();
        if (*size > most) return errc::corrupt;
        const bool room = bytes_.extend(static_cast<std::size_t>(*size)) != nullptr || *size == 0;
        return room ? result<void>{} : errc::out_of_memory;
    }
    void fail(error e) noexcept {
        const guard hold{mutex_};
        if (outcome_) outcome_ = e;
    }

    typename Environment::file file_{};
    byte_buffer bytes_;
    typename Concurrency::template atomic<std::uint64_t> next_{0}; ///< the first byte nobody reads
    [[no_unique_address]] typename Concurrency::mutex mutex_{};
    result<void> outcome_;
};

} // namespace ashlar::inline v0_1::log_parts
