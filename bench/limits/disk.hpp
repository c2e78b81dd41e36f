// SPDX-License-Identifier: BSL-1.0
/// @file Defines what a disk can do at best: durable writes one after another and side by side,
/// and large and small reads and writes past the page cache. On a virtual machine "durable" is what
/// the host promises.
#pragma once

#include "memory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace bench {

/// A file of its own in `directory`, written over once so that its blocks are there, gone with the
/// object. `flags` are added to those of opening it.
class disk_file {
  public:
    disk_file(const std::string& directory, std::size_t size, int flags)
        : path_{directory + "/limits.file"}, size_{size} {
        const int writing = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
        if (writing < 0) throw std::runtime_error{"limits: can't write in " + directory};
        const block some{1U << 20};
        for (std::size_t at = 0; at < size; at += 1U << 20)
            check(::pwrite(writing, some.bytes, 1U << 20, static_cast<off_t>(at)) == 1 << 20);
        check(::fsync(writing) == 0);
        ::close(writing);
        fd_ = ::open(path_.c_str(), O_RDWR | flags);
        if (fd_ < 0) fd_ = ::open(path_.c_str(), O_RDWR | (flags & ~O_DIRECT)); // no O_DIRECT here
        check(fd_ >= 0);
    }
    disk_file(const disk_file&) = delete;
    disk_file& operator=(const disk_file&) = delete;
    ~disk_file() {
        ::close(fd_);
        ::unlink(path_.c_str());
    }

    /// Operations a second when so many threads write or read blocks of `size` bytes at random
    /// places, or one behind the other.
    [[nodiscard]] double operations(bool write, bool random, std::size_t size, unsigned threads,
                                    std::size_t each, bool sync = false) const {
        std::uint64_t sum = 0;
        const std::size_t blocks = size_ / size;
        const double seconds = together(threads, sum, [&](unsigned thread) {
            const block some{size};
            uniform_state chance{thread + 1};
            for (std::size_t i = 0; i < each; ++i) {
                const std::size_t which =
                    random ? chance.below(blocks) : (thread * each + i) % blocks;
                const auto at = static_cast<off_t>(which * size);
                const ssize_t moved = write ? ::pwrite(fd_, some.bytes, size, at)
                                            : ::pread(fd_, some.bytes, size, at);
                check(moved == static_cast<ssize_t>(size));
                if (sync) check(::fdatasync(fd_) == 0);
            }
            return std::uint64_t{each};
        });
        return static_cast<double>(sum) / seconds;
    }

  private:
    struct block { // aligned as O_DIRECT wants it
        explicit block(std::size_t size) : bytes{std::aligned_alloc(4096, size)} {
            if (bytes == nullptr) throw std::bad_alloc{};
            for (std::size_t at = 0; at < size; at += 8)
                static_cast<std::uint64_t*>(bytes)[at / 8] = scatter(at);
        }
        block(const block&) = delete;
        block& operator=(const block&) = delete;
        ~block() { std::free(bytes); }
        void* bytes;
    };
    static void check(bool done) {
        if (!done) throw std::runtime_error{"limits: the disk did not do what it was asked to"};
    }
    std::string path_;
    std::size_t size_;
    int fd_ = -1;
};

} // namespace bench
