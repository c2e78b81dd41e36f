// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <ashlar/environment/posix.hpp>

#include <atomic>
#include <cerrno>

// The real file system behind calls that fail as planned, or that leave out what a careless store
// would leave out. What the kernel does is left to the kernel.
namespace ashlar_fault {

using namespace ashlar;

/// Of the whole process; changed only while no store is open.
struct tampering {
    std::uint64_t fail_at_call = 0; ///< calls count from 1; 0 for never
    bool sticky = false;            ///< all later ones, too
    int failure = EIO;
    bool omit_syncs = false;           ///< of files
    bool omit_directory_syncs = false; ///< and names
    std::atomic<std::uint64_t> calls{0};

    void set(std::uint64_t at, bool for_ever, int code) {
        fail_at_call = at, sticky = for_ever, failure = code;
        calls = 0;
    }
    [[nodiscard]] bool fails() {
        const std::uint64_t n = ++calls;
        return fail_at_call != 0 && (n == fail_at_call || (sticky && n > fail_at_call));
    }
    [[nodiscard]] error what() const {
        return {failure == ENOSPC ? errc::no_space : errc::io, failure};
    }
};
inline tampering tampered;

struct tampered_posix : posix {
    class file {
      public:
        file() = default;
        explicit file(posix::file&& opened) : file_{std::move(opened)} {}

        [[nodiscard]] result<std::size_t> read_at(std::uint64_t at, std::byte* to,
                                                  std::size_t size) const {
            if (tampered.fails()) return tampered.what();
            return file_.read_at(at, to, size);
        }
        result<std::size_t> write_at(std::uint64_t at, bytes_view bytes) {
            if (tampered.fails()) return tampered.what();
            return file_.write_at(at, bytes);
        }
        result<std::size_t> append(bytes_view bytes) {
            if (tampered.fails()) return tampered.what();
            return file_.append(bytes);
        }
        result<void> sync() {
            if (tampered.fails()) return tampered.what();
            return tampered.omit_syncs ? result<void>{} : file_.sync();
        }
        result<void> truncate(std::uint64_t size) {
            if (tampered.fails()) return tampered.what();
            return file_.truncate(size);
        }
        [[nodiscard]] result<std::uint64_t> size() const {
            if (tampered.fails()) return tampered.what();
            return file_.size();
        }
        [[nodiscard]] result<bool> try_lock(file_lock kind) {
            if (tampered.fails()) return tampered.what();
            return file_.try_lock(kind);
        }
        result<void> close() { return file_.close(); }

      private:
        posix::file file_;
    };
    static_assert(ashlar::file_handle<file>);

    [[nodiscard]] static result<file> open_file(text_view path, file_mode mode) {
        if (tampered.fails()) return tampered.what();
        auto opened = posix::open_file(path, mode);
        if (!opened) return opened.error();
        return file{std::move(*opened)};
    }
    [[nodiscard]] static result<file_kind> kind_of(text_view path) {
        if (tampered.fails()) return tampered.what();
        return posix::kind_of(path);
    }
    static result<void> make_directory(text_view path) {
        if (tampered.fails()) return tampered.what();
        return posix::make_directory(path);
    }
    static result<void> sync_directory(text_view path) {
        if (tampered.fails()) return tampered.what();
        return tampered.omit_directory_syncs ? result<void>{} : posix::sync_directory(path);
    }
    static result<void> rename(text_view from, text_view to) {
        if (tampered.fails()) return tampered.what();
        return posix::rename(from, to);
    }
    static result<void> remove(text_view path) {
        if (tampered.fails()) return tampered.what();
        return posix::remove(path);
    }
    template <class Visit>
    static result<void> list(text_view path, Visit&& visit) {
        if (tampered.fails()) return tampered.what();
        return posix::list(path, visit);
    }
};
static_assert(environment_policy<tampered_posix>);

} // namespace ashlar_fault
