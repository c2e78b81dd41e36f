// SPDX-License-Identifier: BSL-1.0
/// @file Defines posix: the operating system's own files, clocks and random numbers.
#pragma once

#include <ashlar/environment/posix/file.hpp>

#include <cstdio>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <time.h>

namespace ashlar::inline v0_1 {

/// The default. An empty type whose calls are the system's calls, one to one; thread-safe.
/// Errors carry errno in error::native.
struct posix {
    using axis = environment_axis;
    static constexpr bool has_files = true;
    static constexpr bool has_system_files = true; ///< a path names the same file to libraries
    static constexpr bool has_clock = true;
    static constexpr bool has_random = true;
    static constexpr bool has_threads = true;

    using file = posix_parts::file;

    // --- files -----------------------------------------------------------------------------------

    [[nodiscard]] static result<file> open_file(text_view path, file_mode mode) noexcept {
        return file::open(path, mode);
    }
    /// file_kind::none when nothing is there.
    [[nodiscard]] static result<file_kind> kind_of(text_view path) noexcept {
        const posix_parts::path_buffer name{path};
        if (!name) return name.too_long();
        struct ::stat facts{};
        if (::stat(name.c_str(), &facts) != 0) {
            if (errno == ENOENT) return file_kind::none;
            return posix_parts::failure();
        }
        if (S_ISREG(facts.st_mode)) return file_kind::file;
        return S_ISDIR(facts.st_mode) ? file_kind::directory : file_kind::other;
    }
    static result<void> make_directory(text_view path) noexcept {
        const posix_parts::path_buffer name{path};
        if (!name) return name.too_long();
        return status(::mkdir(name.c_str(), 0777));
    }
    static result<void> sync_directory(text_view path) noexcept {
        auto directory = file::open_directory(path);
        if (!directory) return directory.error();
        return directory->sync();
    }
    static result<void> rename(text_view from, text_view to) noexcept {
        const posix_parts::path_buffer old_name{from};
        const posix_parts::path_buffer new_name{to};
        if (!old_name || !new_name) return posix_parts::path_buffer::too_long();
        return status(::rename(old_name.c_str(), new_name.c_str()));
    }
    /// A file, or an empty directory.
    static result<void> remove(text_view path) noexcept {
        const posix_parts::path_buffer name{path};
        if (!name) return name.too_long();
        if (::unlink(name.c_str()) == 0) return {};
        const int why = errno; // EPERM is the answer for directories, and for files that must stay
        if (why != EISDIR && why != EPERM) return posix_parts::failure(why);
        const auto done = status(::rmdir(name.c_str()));
        if (!done && done.error().native == ENOTDIR) return posix_parts::failure(why);
        return done;
    }
    template <class Visit>
    static result<void> list(text_view path, Visit&& visit) {
        const posix_parts::path_buffer name{path};
        if (!name) return name.too_long();
        ::DIR* directory = ::opendir(name.c_str());
        if (directory == nullptr) return posix_parts::failure();
        int problem = 0;
        for (;;) {
            errno = 0;
            // Only a stream that is shared would be unsafe.
            const ::dirent* entry = ::readdir(directory); // NOLINT(concurrency-mt-unsafe)
            if (entry == nullptr) {
                problem = errno;
                break;
            }
            const text_view found{static_cast<const char*>(entry->d_name)};
            if (!(found == text_view{"."}) && !(found == text_view{".."})) visit(found);
        }
        static_cast<void>(::closedir(directory));
        if (problem != 0) return posix_parts::failure(problem);
        return {};
    }
    /// What an unprivileged process may still write.
    [[nodiscard]] static result<std::uint64_t> space_left(text_view path) noexcept {
        const posix_parts::path_buffer name{path};
        if (!name) return name.too_long();
        struct ::statvfs facts{};
        if (::statvfs(name.c_str(), &facts) != 0) return posix_parts::failure();
        return std::uint64_t{facts.f_bavail} * facts.f_frsize;
    }
    [[nodiscard]] static std::uint64_t process_id() noexcept {
        return static_cast<std::uint64_t>(::getpid());
    }

    // --- time ------------------------------------------------------------------------------------

    /// Saturates at 1970 and at 2554, the range of 64 bits.
    [[nodiscard]] static wall_time wall_now() noexcept {
        return static_cast<wall_time>(nanoseconds(CLOCK_REALTIME));
    }
    /// Whole seconds as the kernel's last tick left them: a load, where the clock itself is some
    /// hundred cycles. A tick that is overdue by seconds, on a system that runs, would be a fault.
    [[nodiscard]] static wall_time wall_at_least() noexcept {
        const ::time_t seconds = ::time(nullptr);
        std::uint64_t total = 0;
        if (seconds < 0) return wall_time{};
        if (__builtin_mul_overflow(static_cast<std::uint64_t>(seconds), 1'000'000'000U, &total))
            total = ~std::uint64_t{};
        return static_cast<wall_time>(total);
    }
    using bounded_clock = posix; ///< bounded_clock_source of expiry/ttl/clock.hpp
    static constexpr std::uint64_t wall_lag = 4'000'000'000;
    [[nodiscard]] static monotonic_time monotonic_now() noexcept {
        return static_cast<monotonic_time>(nanoseconds(CLOCK_MONOTONIC));
    }

    // --- memory ----------------------------------------------------------------------------------

    /// Asks for large pages: fewer of the translations that random access waits for. Advice only.
    static void prefer_large_pages(void* at, std::size_t size) noexcept {
#ifdef MADV_HUGEPAGE
        static_cast<void>(::madvise(at, size, MADV_HUGEPAGE));
#else
        static_cast<void>(at), static_cast<void>(size);
#endif
    }

    // --- random numbers --------------------------------------------------------------------------

    [[nodiscard]] static std::uint64_t random_seed() noexcept {
        std::byte bytes[8]{};
        // Early at boot the kernel may have no entropy to give; time and process are good enough
        // for what need not be secret.
        if (::getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != ::ssize_t{sizeof bytes})
            return nanoseconds(CLOCK_REALTIME) * 0x9E37'79B9'7F4A'7C15U ^ process_id() << 32;
        return load_little<std::uint64_t>(bytes);
    }
    /// The kernel's generator; waits for it to be seeded. Never answers partly random bytes.
    static result<void> secret_random(std::byte* to, std::size_t size) noexcept {
        for (std::size_t done = 0; done < size;) {
            const ::ssize_t n = ::getrandom(to + done, size - done, 0);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return posix_parts::failure();
            done += static_cast<std::size_t>(n);
        }
        return {};
    }

  private:
    [[nodiscard]] static result<void> status(int done) noexcept {
        if (done != 0) return posix_parts::failure();
        return {};
    }
    [[nodiscard]] static std::uint64_t nanoseconds(::clockid_t clock) noexcept {
        struct ::timespec now{};
        static_cast<void>(::clock_gettime(clock, &now));
        if (now.tv_sec < 0) return 0;
        std::uint64_t total = 0;
        const auto seconds = static_cast<std::uint64_t>(now.tv_sec);
        if (__builtin_mul_overflow(seconds, 1'000'000'000U, &total) ||
            __builtin_add_overflow(total, static_cast<std::uint64_t>(now.tv_nsec), &total))
            return ~std::uint64_t{};
        return total;
    }
};
static_assert(environment_policy<posix> && secret_random_source<posix> && page_adviser<posix>);
static_assert(std::is_empty_v<posix>);

} // namespace ashlar::inline v0_1
