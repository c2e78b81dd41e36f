// SPDX-License-Identifier: BSL-1.0
/// @file Defines the directory of a persistent store: what is taken for one, what is refused.
#pragma once

#include <ashlar/environment/store_directory/lock_file.hpp>
#include <ashlar/environment/store_directory/manifest_file.hpp>
#include <ashlar/environment/store_directory/path.hpp>
#include <ashlar/options.hpp>

namespace ashlar::inline v0_1 {

/// Owns the lock on a store's directory for as long as the store is open. A directory is taken for
/// a store when it holds a manifest; it is made one when it is absent, empty, or the remains of a
/// creation that was cut off. Everything else is refused, and refusals touch nothing. One process
/// and one engine at a time may write; any number may read while none writes. Not thread-safe.
///
/// An engine opens the directory, then its own files (new ones when `created()`, missing ones are
/// damage otherwise), then calls `finish`, which publishes the manifest of a new store.
template <file_system Environment>
class store_directory {
  public:
    static constexpr text_view lock_name = lock_file<Environment>::name;
    static constexpr text_view manifest_name = manifest_file::name;

    /// Errors, each with a sentence that names the directory: invalid_argument (no directory
    /// named), no_such_store, already_exists, foreign (files of someone else, or a store of other
    /// formats), corrupt, unsupported_version, locked (naming the process), and the system's own.
    [[nodiscard]] static result<store_directory> open(const opening<Environment>& how) noexcept {
        if (how.options.directory.empty())
            return how.fail({errc::invalid_argument},
                            "this store rests on disk; name a directory in open_options");
        store_directory self;
        self.environment_ = how.environment;
        self.read_only_ = how.options.read_only;
        const auto there = self.survey(how);
        if (!there) return there.error();
        const auto path = joined_path::of(how.options.directory, lock_name);
        if (!path) return path.error();
        if (const auto locked = self.lock(how, *path); !locked) return locked.error();
        // Another process may have made the store between the survey and the lock.
        const result<bool> sound = *there ? true : self.check_manifest(how);
        if (!sound) return sound.error();
        if (*sound) {
            if (!self.read_only_) self.name_owner();
        } else if (const auto begun = self.begin_creation(how); !begun) {
            return begun.error();
        }
        return self;
    }

    /// Publishes the manifest of a store that this open has created; nothing otherwise.
    result<void> finish(const opening<Environment>& how) noexcept {
        if (!created_) return {};
        if (how.formats.size() > max_manifest_text) return errc::invalid_argument;
        const auto done =
            manifest_file::publish(environment_, how.options.directory, uuid(), how.formats);
        if (!done) return refuse(how, done.error(), "can't be written to");
        created_ = false;
        name_owner();
        return {};
    }

    store_directory(store_directory&& other) noexcept { *this = std::move(other); }
    store_directory& operator=(store_directory&& other) noexcept {
        if (this == &other) return *this;
        static_cast<void>(close());
        environment_ = other.environment_;
        lock_ = std::move(other.lock_);
        locked_ = std::exchange(other.locked_, false);
        read_only_ = other.read_only_;
        created_ = other.created_;
        named_ = std::exchange(other.named_, false);
        owner_ = other.owner_;
        copy_bytes(uuid_, {other.uuid_, sizeof uuid_});
        return *this;
    }
    ~store_directory() { static_cast<void>(close()); }

    /// Whether the engine's files are still to be made.
    [[nodiscard]] bool created() const noexcept { return created_; }
    [[nodiscard]] bool read_only() const noexcept { return read_only_; }
    /// 16 bytes that name this store and no other, from its creation on.
    [[nodiscard]] bytes_view uuid() const noexcept { return {uuid_, sizeof uuid_}; }
    /// The part of the uuid that cursors are marked with.
    [[nodiscard]] std::uint64_t identity() const noexcept {
        return load_little<std::uint64_t>(uuid_);
    }

    /// Gives the lock back. Idempotent. In a process that was forked since it lets go of nothing.
    result<void> close() noexcept {
        if (!std::exchange(locked_, false)) return {};
        const bool is_own = environment_.process_id() == owner_;
        if (is_own && named_) lock_.erase_owner(); // else it may be the mark of a creation
        return lock_.close();
    }

  private:
    store_directory() noexcept = default;

    /// The first sentence that fits: "the directory 'x' ...".
    template <class... Parts>
    [[nodiscard]] static error refuse(const opening<Environment>& how, error e,
                                      const Parts&... parts) noexcept {
        sentence text;
        text << "the directory '" << how.options.directory << "' ";
        (void)(text << ... << parts);
        append_remedy(text, e);
        return how.fail(e, text.view());
    }

    /// Looks, changes nothing but an absent directory; answers whether a sound manifest of the
    /// right formats is there.
    [[nodiscard]] result<bool> survey(const opening<Environment>& how) noexcept {
        const auto kind = environment_.kind_of(how.options.directory);
        if (!kind) return refuse(how, kind.error(), "can't be looked at");
        const bool may_create = how.options.create && !read_only_;
        if (*kind == file_kind::none) {
            if (!may_create)
                return refuse(how, {errc::no_such_store},
                              "does not exist; allow create, or name another");
            const auto made = environment_.make_directory(how.options.directory);
            if (!made && made.error() != errc::already_exists)
                return refuse(how, made.error(), "can't be made in its parent");
            const auto now = environment_.kind_of(how.options.directory);
            if (now && *now == file_kind::none)
                return refuse(how, {errc::no_such_store},
                              "is a symbolic link to nothing; make what it names, or remove it");
            return false;
        }
        if (*kind != file_kind::directory)
            return refuse(how, {errc::foreign}, "is no directory but a file; name a directory");
        bool has_manifest = false;
        bool has_others = false;
        const auto listed = environment_.list(how.options.directory, [&](text_view name) {
            if (name == manifest_name) has_manifest = true;
            else if (!(name == lock_name) && !(name == manifest_file::new_name)) has_others = true;
        });
        if (!listed) return refuse(how, listed.error(), "can't be listed");
        if (!has_manifest && has_others && !creation_was_cut_off(how))
            return refuse(how, {errc::foreign},
                          "holds files but no ashlar.manifest, so it is no store; name an empty or "
                          "a new one");
        if (!has_manifest && !may_create)
            return refuse(how, {errc::no_such_store},
                          "holds no store; allow create, or name another");
        if (!has_manifest) return false;
        if (how.options.must_be_new)
            return refuse(how, {errc::already_exists},
                          "holds a store already; leave must_be_new out, or name another");
        return check_manifest(how);
    }

    /// False when there is none.
    [[nodiscard]] result<bool> check_manifest(const opening<Environment>& how) noexcept {
        const auto path = joined_path::of(how.options.directory, manifest_name);
        if (!path) return path.error();
        const auto kind = environment_.kind_of(*path);
        if (!kind) return refuse(how, kind.error(), "has a manifest that can't be looked at");
        if (*kind == file_kind::none) return false;
        auto from = environment_.open_file(*path, file_mode::read);
        if (!from) return refuse(how, from.error(), "has a manifest that can't be opened");
        byte_buffer bytes;
        const auto read = manifest_file::load(*from, bytes);
        if (!read) return refuse(how, read.error(), "has a manifest that can't be read");
        const auto manifest = decode_manifest(*read, how.options.detail);
        if (!manifest && how.options.detail == nullptr) return manifest.error();
        if (!manifest) {
            const sentence why = how.options.detail->message;
            const bool damaged = manifest.error() == errc::corrupt;
            return refuse(how, manifest.error(), "can't be opened: ashlar.manifest at byte ",
                          how.options.detail->position, ": ", why.view(),
                          damaged ? text_view{"; restore that file from a copy"} : text_view{});
        }
        if (!(manifest->formats == how.formats))
            return refuse(how, {errc::foreign}, "holds a store of other formats: it has [",
                          manifest->formats, "], this program's type has [", how.formats,
                          "]; open it by the type that made it");
        copy_bytes(uuid_, manifest->uuid);
        return true;
    }

    [[nodiscard]] result<void> lock(const opening<Environment>& how, text_view path) noexcept {
        // A reader must not write, so it does without a lock where there is no lock file.
        const auto mode = read_only_ ? file_mode::read : file_mode::create;
        if (const auto opened = lock_.open(environment_, path, mode); !opened) {
            const auto kind = environment_.kind_of(path);
            if (read_only_ && kind && *kind == file_kind::none) return {};
            return refuse(how, opened.error(), "has a lock file that can't be opened");
        }
        const auto got = lock_.try_lock(read_only_ ? file_lock::shared : file_lock::exclusive);
        if (!got) return refuse(how, got.error(), "can't be locked");
        if (!*got) return refuse_locked(how);
        locked_ = true;
        owner_ = environment_.process_id();
        return {};
    }
    [[nodiscard]] error refuse_locked(const opening<Environment>& how) const noexcept {
        const std::uint64_t owner = lock_.owner();
        if (owner == environment_.process_id())
            return refuse(how, {errc::locked}, "is already open in this process, ", owner,
                          "; close it there first");
        if (owner == 0)
            return refuse(how, {errc::locked},
                          "is in use by other readers; wait until they close it");
        return refuse(how, {errc::locked}, "is in use by process ", owner,
                      "; wait until that closes it");
    }

    /// Marks the directory, so that an open after a crash knows whose files these are.
    void name_owner() noexcept {
        lock_.write_owner(environment_.process_id());
        named_ = true;
    }
    [[nodiscard]] result<void> begin_creation(const opening<Environment>& how) noexcept {
        for (std::size_t i = 0; i < sizeof uuid_; i += 8)
            store_little(uuid_ + i, environment_.random_seed());
        created_ = true;
        auto done = lock_.mark(environment_.process_id());
        // The mark's name has to last before any of the engine's files can.
        if (done) done = environment_.sync_directory(how.options.directory);
        if (!done) return refuse(how, done.error(), "can't be written to");
        return {};
    }
    [[nodiscard]] bool creation_was_cut_off(const opening<Environment>& how) const noexcept {
        const auto path = joined_path::of(how.options.directory, lock_name);
        if (!path) return false;
        lock_file<Environment> left_behind;
        return left_behind.open(environment_, *path, file_mode::read) && left_behind.is_marked();
    }

    [[no_unique_address]] Environment environment_{};
    lock_file<Environment> lock_{};
    bool locked_ = false;
    bool read_only_ = false;
    bool created_ = false;
    bool named_ = false;      ///< the lock's text is this process
    std::uint64_t owner_ = 0; ///< the process that has locked it
    std::byte uuid_[16]{};
};

} // namespace ashlar::inline v0_1
