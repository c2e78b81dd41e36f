// SPDX-License-Identifier: BSL-1.0
/// @file Defines an open file of a POSIX system.
#pragma once

#include <ashlar/environment/posix/failure.hpp>
#include <ashlar/environment/posix/residence.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ashlar::inline v0_1::posix_parts {

/// Owns a descriptor. Reading and writing at positions is thread-safe, moving and closing is not.
class file {
  public:
    file() noexcept = default;
    file(file&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
    file& operator=(file&& other) noexcept {
        if (this == &other) return *this;
        static_cast<void>(close());
        descriptor_ = std::exchange(other.descriptor_, -1);
        return *this;
    }
    ~file() { static_cast<void>(close()); }

    /// Refuses what is no file (EISDIR, ESPIPE) instead of waiting for a pipe's other end.
    [[nodiscard]] static result<file> open(text_view path, file_mode mode) noexcept {
        int flags = O_CLOEXEC | O_NONBLOCK; // which files don't mind
        switch (mode) {
        case file_mode::read: flags |= O_RDONLY; break;
        case file_mode::update: flags |= O_RDWR; break;
        case file_mode::create: flags |= O_RDWR | O_CREAT; break;
        case file_mode::create_new: flags |= O_RDWR | O_CREAT | O_EXCL; break;
        }
        auto opened = open_any(path, flags);
        struct ::stat facts{};
        if (!opened || ::fstat(opened->descriptor_, &facts) != 0 || S_ISREG(facts.st_mode))
            return opened;
        return failure(S_ISDIR(facts.st_mode) ? EISDIR : ESPIPE);
    }
    /// For syncing it.
    [[nodiscard]] static result<file> open_directory(text_view path) noexcept {
        return open_any(path, O_CLOEXEC | O_RDONLY | O_DIRECTORY);
    }

    [[nodiscard]] result<std::size_t> read_at(std::uint64_t at, std::byte* to,
                                              std::size_t size) const noexcept {
        if (at > max_offset) return error{errc::io, EOVERFLOW};
        return count(::pread(descriptor_, to, size, static_cast<::off_t>(at)));
    }
#if defined(__linux__) && defined(O_DIRECT)
    /// As direct_reader has it.
    bool read_directly(bool wanted) noexcept {
        const auto bytes = size();
        const bool can = wanted && bytes && !mostly_in_memory(descriptor_, *bytes);
        return set_direct(can);
    }
    /// As direct_writer has it.
    bool write_directly(bool wanted) noexcept { return set_direct(wanted); }
#endif
    result<std::size_t> write_at(std::uint64_t at, bytes_view bytes) noexcept {
        if (at > max_offset) return error{errc::io, EOVERFLOW};
        return count(::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<::off_t>(at)));
    }
    result<std::size_t> append(bytes_view bytes) noexcept {
        if (::lseek(descriptor_, 0, SEEK_END) < 0) return failure();
        return count(::write(descriptor_, bytes.data(), bytes.size()));
    }
    result<void> sync() noexcept { return status(::fdatasync(descriptor_)); }
#ifdef SYNC_FILE_RANGE_WRITE
    result<void> begin_write_back(std::uint64_t from, std::uint64_t size) noexcept {
        return write_back(from, size, SYNC_FILE_RANGE_WRITE);
    }
    result<void> end_write_back(std::uint64_t from, std::uint64_t size) noexcept {
        const auto done = write_back(from, size, SYNC_FILE_RANGE_WAIT_BEFORE);
        if (done) // it is advice: what is not followed does no harm
            static_cast<void>(::posix_fadvise(descriptor_, static_cast<::off_t>(from),
                                              static_cast<::off_t>(size), POSIX_FADV_DONTNEED));
        return done;
    }
#endif
    result<void> truncate(std::uint64_t size) noexcept {
        if (size > max_offset) return error{errc::io, EOVERFLOW};
        return status(::ftruncate(descriptor_, static_cast<::off_t>(size)));
    }
    [[nodiscard]] result<std::uint64_t> size() const noexcept {
        struct ::stat facts{};
        if (::fstat(descriptor_, &facts) != 0) return failure();
        return static_cast<std::uint64_t>(facts.st_size);
    }
    [[nodiscard]] result<std::uint64_t> names() const noexcept {
        struct ::stat facts{};
        if (::fstat(descriptor_, &facts) != 0) return failure();
        return static_cast<std::uint64_t>(facts.st_nlink);
    }
    /// flock: held by the open file and not by the process, so that a second open within one
    /// process is refused as well. (fcntl's process-owned locks would let it in, and would be
    /// dropped when any descriptor of the file is closed.)
    [[nodiscard]] result<bool> try_lock(file_lock kind) noexcept {
        const int wanted = kind == file_lock::shared ? LOCK_SH : LOCK_EX;
        int done = 0;
        do done = ::flock(descriptor_, wanted | LOCK_NB);
        while (done != 0 && errno == EINTR);
        if (done == 0) return true;
        if (errno == EWOULDBLOCK) return false;
        return failure();
    }
    /// Idempotent. close() is not repeated after EINTR: the descriptor is gone, and its number may
    /// belong to another thread's file by now.
    result<void> close() noexcept {
        const int descriptor = std::exchange(descriptor_, -1);
        if (descriptor < 0) return {};
        return status(::close(descriptor));
    }

  private:
    static constexpr std::uint64_t max_offset = 0x7FFF'FFFF'FFFF'FFFF;
    static_assert(sizeof(::off_t) == 8, "ashlar: files need 64-bit offsets; build with "
                                        "-D_FILE_OFFSET_BITS=64");

    [[nodiscard]] static result<file> open_any(text_view path, int flags) noexcept {
        const path_buffer name{path};
        if (!name) return path_buffer::too_long();
        file opened;
        do opened.descriptor_ = ::open(name.c_str(), flags, 0666);
        while (opened.descriptor_ < 0 && errno == EINTR);
        if (opened.descriptor_ < 0) return failure();
        if (opened.descriptor_ > STDERR_FILENO) return opened;
        return above_standard_streams(opened);
    }
    /// A program that was started without standard streams would print into what has their number.
    [[nodiscard]] static result<file> above_standard_streams(const file& low) noexcept {
        file high;
        high.descriptor_ = ::fcntl(low.descriptor_, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (high.descriptor_ < 0) return failure();
        return high;
    }
#ifdef SYNC_FILE_RANGE_WRITE
    [[nodiscard]] result<void> write_back(std::uint64_t from, std::uint64_t size,
                                          unsigned how) noexcept {
        if (from > max_offset || size > max_offset - from) return error{errc::io, EOVERFLOW};
        int done = 0;
        do
            done = ::sync_file_range(descriptor_, static_cast<::off_t>(from),
                                     static_cast<::off_t>(size), how);
        while (done != 0 && errno == EINTR);
        return status(done);
    }
#endif
#if defined(__linux__) && defined(O_DIRECT)
    /// Whether it is, then.
    bool set_direct(bool wanted) noexcept {
        const int flags = ::fcntl(descriptor_, F_GETFL);
        if (flags < 0) return false;
        const int asked = wanted ? flags | O_DIRECT : flags & ~O_DIRECT;
        return (::fcntl(descriptor_, F_SETFL, asked) == 0) == wanted;
    }
#endif
    [[nodiscard]] static result<std::size_t> count(::ssize_t n) noexcept {
        if (n < 0) return failure();
        return static_cast<std::size_t>(n);
    }
    [[nodiscard]] static result<void> status(int done) noexcept {
        if (done != 0) return failure();
        return {};
    }

    int descriptor_ = -1;
};
static_assert(file_handle<file>);

} // namespace ashlar::inline v0_1::posix_parts
