// SPDX-License-Identifier: BSL-1.0
/// @file Defines the environment, the readers and the growth of one LMDB file.
#pragma once

#include <ashlar/backend/lmdb/cursor.hpp>
#include <ashlar/concurrency/slot_pool.hpp>
#include <ashlar/environment/store_directory.hpp>

namespace ashlar::inline v0_1 {

/// What a commit of lmdb<> waits for.
enum class lmdb_sync : std::uint8_t {
    durable,      ///< data and root are on disk: commits survive power loss
    no_meta_sync, ///< power loss may take the last commits, the file stays whole
    none,         ///< nothing until sync(); power loss before it may damage the file
};

/// Sizes in bytes. The map is address space, not memory: it begins with map_size and doubles when
/// it is full, up to max_map_size; beyond it a commit is errc::full and nothing is lost.
struct lmdb_options {
    std::uint64_t map_size = std::uint64_t{64} << 20;
    std::uint64_t max_map_size = std::uint64_t{1} << 40;
    lmdb_sync sync = lmdb_sync::durable;
    unsigned max_snapshots = 1024; ///< at a time; 64 bytes each
};

namespace lmdb_parts {

/// A read transaction that is kept and renewed: beginning a new one would look for a free place
/// among all readers and allocate. Used by one thread at a time.
struct reader {
    MDB_txn* txn = nullptr;
    MDB_cursor* at = nullptr;

    [[nodiscard]] result<void> begin(MDB_env* env) noexcept {
        if (txn != nullptr) return status(::mdb_txn_renew(txn));
        return status(::mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn));
    }
    void end() const noexcept { ::mdb_txn_reset(txn); }
    [[nodiscard]] result<void> open_cursor(MDB_dbi dbi) noexcept {
        if (at != nullptr) return status(::mdb_cursor_renew(txn, at));
        return status(::mdb_cursor_open(txn, dbi, &at));
    }
    void release() noexcept {
        if (at != nullptr) ::mdb_cursor_close(std::exchange(at, nullptr));
        if (txn != nullptr) ::mdb_txn_abort(std::exchange(txn, nullptr));
    }
};

/// Owned by an engine and its snapshots together: the file is closed by close(), or by the last
/// snapshot that is left then. Every use of the map happens in a slot of `readers`, so that whoever
/// holds all slots may move the map.
template <class Environment, class Concurrency, std::size_t Readers>
struct core {
    using directory_type = store_directory<Environment>;

    core(directory_type&& of, joined_path&& file, Environment where) noexcept
        : directory{std::move(of)}, path{std::move(file)}, environment{where} {}
    ~core() { static_cast<void>(shut()); }
    core(const core&) = delete;
    core& operator=(const core&) = delete;

    directory_type directory;
    joined_path path;
    [[no_unique_address]] Environment environment;
    MDB_env* env = nullptr;
    MDB_dbi dbi = 0;
    std::uint64_t map_size = 0;
    std::uint64_t max_map_size = 0;
    std::uint64_t offset = 0;          ///< sequence minus transaction number; under `write`
    std::uint64_t last = 0;            ///< number of the latest transaction; under `write`
    bool closed = false;               ///< changed under `write` and alone; read under either
    byte_buffer scratch;               ///< what update writes into; under `write`
    typename Concurrency::mutex write; ///< taken before a slot, a slot before `census`
    slot_pool<Concurrency, reader, Readers> readers;

    [[nodiscard]] result<void> open(const lmdb_options& options) noexcept {
        map_size = options.map_size;
        max_map_size = options.max_map_size;
        if (const auto made = status(::mdb_env_create(&env)); !made) return made;
        unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
        if (options.sync == lmdb_sync::no_meta_sync) flags |= MDB_NOMETASYNC;
        if (options.sync == lmdb_sync::none) flags |= MDB_NOSYNC;
        // The directory's lock keeps writers out, so readers need no lock file of LMDB's.
        if (directory.read_only()) flags |= MDB_RDONLY | MDB_NOLOCK;
        int code = ::mdb_env_set_mapsize(env, static_cast<std::size_t>(map_size));
        if (code == MDB_SUCCESS)
            code = ::mdb_env_set_maxreaders(env, options.max_snapshots + slots);
        if (code == MDB_SUCCESS) code = ::mdb_env_open(env, path.c_str(), flags, 0666);
        if (code != MDB_SUCCESS) return failure(code);
        MDB_txn* txn = nullptr;
        code = ::mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn);
        if (code != MDB_SUCCESS) return failure(code);
        code = ::mdb_dbi_open(txn, nullptr, 0, &dbi);
        if (code == MDB_SUCCESS) last = std::uint64_t{::mdb_txn_id(txn)};
        ::mdb_txn_abort(txn);
        ::MDB_envinfo info{};
        static_cast<void>(::mdb_env_info(env, &info));
        map_size = info.me_mapsize; // the file may need more than was asked for
        return status(code);
    }

    /// Doubles the map. Nobody is in a slot meanwhile, and a read transaction without a cursor
    /// holds no address between calls, so snapshots stay valid. REQUIRES: `write` is held, no write
    /// transaction is open.
    [[nodiscard]] result<void> grow() noexcept {
        if (map_size >= max_map_size) return error{errc::full, MDB_MAP_FULL};
        const std::uint64_t wanted = map_size > max_map_size / 2 ? max_map_size : map_size * 2;
        const int code = readers.alone(
            [&] { return ::mdb_env_set_mapsize(env, static_cast<std::size_t>(wanted)); });
        if (code == MDB_SUCCESS) map_size = wanted;
        return status(code);
    }

    /// Runs body(txn) -> result<bool> in a write transaction: true commits, false and errors undo.
    /// Grows the map and repeats when it is full. REQUIRES: `write` is held.
    template <class Body>
    [[nodiscard]] result<bool> transact(Body&& body) noexcept {
        if (directory.read_only()) return errc::read_only;
        for (;;) {
            MDB_txn* txn = nullptr;
            if (const int code = ::mdb_txn_begin(env, nullptr, 0, &txn); code != MDB_SUCCESS)
                return failure(code);
            result<bool> done = body(txn);
            if (done && *done) {
                const std::uint64_t number = ::mdb_txn_id(txn);
                if (const int code = ::mdb_txn_commit(txn); code != MDB_SUCCESS)
                    done = commit_failure(code);
                else last = number;
            } else {
                ::mdb_txn_abort(txn);
            }
            if (done || done.error().native != MDB_MAP_FULL) return done;
            if (const auto grown = grow(); !grown) return grown.error();
        }
    }

    /// The file stays open while there are snapshots. Errors: closed; those of the last sync.
    result<void> close() noexcept {
        const guard writers{write};
        if (closed) return errc::closed;
        return readers.alone([&]() -> result<void> {
            const guard lock{census};
            closed = true;
            return snapshots == 0 ? shut() : result<void>{};
        });
    }
    /// REQUIRES: the caller is in a slot.
    void enter_snapshot() noexcept {
        const guard lock{census};
        ++snapshots;
    }
    /// Ends the snapshot's transaction.
    static void leave_snapshot(core* self, MDB_txn* txn) noexcept {
        self->leave([&] {
            ::mdb_txn_abort(txn);
            if (--self->snapshots == 0 && self->closed) static_cast<void>(self->shut());
        });
    }
    /// Closes, if that was not done.
    static void leave_engine(core* self) noexcept {
        static_cast<void>(self->close());
        self->leave([&] { self->abandoned = true; });
    }

  private:
    /// Whoever leaves last deletes the core.
    template <class F>
    void leave(F f) noexcept {
        bool last_one = false;
        {
            const guard lock{census};
            f();
            last_one = abandoned && snapshots == 0;
        }
        if (last_one) delete this;
    }
    /// LMDB says EIO when the disk took only a part of a write, which is how a disk becomes full.
    [[nodiscard]] error commit_failure(int code) const noexcept {
        constexpr std::uint64_t next_to_nothing = 65536;
        if (code != EIO) return failure(code);
        const auto left = environment.space_left(path);
        return {left && *left < next_to_nothing ? errc::no_space : errc::io, code};
    }
    result<void> shut() noexcept {
        result<void> done;
        readers.for_each([](reader& r) { r.release(); });
        if (env != nullptr) {
            if (!directory.read_only()) done = status(::mdb_env_sync(env, 1));
            ::mdb_env_close(std::exchange(env, nullptr));
        }
        const auto given_back = directory.close();
        return done ? given_back : done;
    }

    static constexpr unsigned slots = slot_pool<Concurrency, reader, Readers>::count;

    typename Concurrency::mutex census;
    std::size_t snapshots = 0; ///< under `census`
    bool abandoned = false;    ///< by its engine; under `census`
};

} // namespace lmdb_parts
} // namespace ashlar::inline v0_1
