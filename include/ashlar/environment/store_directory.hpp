// SPDX-License-Identifier: BSL-1.0
/// @file Defines the directory of a persistent store: its lock, its manifest, its refusals.
#pragma once

#include <ashlar/buffer.hpp>
#include <ashlar/environment/concept.hpp>
#include <ashlar/format/manifest.hpp>
#include <ashlar/options.hpp>

namespace ashlar::inline v0_1 {

/// A path that a C library can take. Owns its text.
class joined_path {
  public:
    /// Errors: out_of_memory.
    [[nodiscard]] static result<joined_path> of(text_view directory, text_view name) noexcept {
        joined_path path;
        static constexpr char end[2] = {'/', '\0'};
        const bool done = append(path.text_, bytes_view{directory}) &&
                          append(path.text_, bytes_view{text_view{end, 1}}) &&
                          append(path.text_, bytes_view{name}) &&
                          append(path.text_, bytes_view{text_view{end + 1, 1}});
        if (!done) return errc::out_of_memory;
        return path;
    }
    [[nodiscard]] const char* c_str() const noexcept {
        return reinterpret_cast<const char*>(text_.data());
    }
    operator text_view() const noexcept { return {c_str(), text_.size() - 1}; } // NOLINT: a path

  private:
    small_buffer<128> text_;
};

/// What to do about an error of the system's, to end a sentence with: "; make room ... (errno 28)".
inline void append_remedy(sentence& to, error e) noexcept {
    if (e == errc::no_space) to << "; make room on its disk";
    if (e == errc::permission_denied) to << "; see to its owner and permissions";
    if (e == errc::read_only) to << "; mount its disk for writing, or open it read-only";
    if (is_out_of_files(e)) to << "; let there be more open files (ulimit -n)";
    else if (e == errc::io && e.native != 0) to << "; see to what its path names, and to its disk";
    if (e.native != 0) to << " (errno " << static_cast<std::uint64_t>(e.native) << ")";
}

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
    static constexpr text_view lock_name{"ashlar.lock"};
    static constexpr text_view manifest_name{"ashlar.manifest"};
    static constexpr text_view new_manifest_name{"ashlar.manifest.new"};

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
            if (!self.read_only_) self.write_owner();
        } else if (const auto begun = self.begin_creation(how); !begun) {
            return begun.error();
        }
        return self;
    }

    /// Publishes the manifest of a store that this open has created; nothing otherwise.
    result<void> finish(const opening<Environment>& how) noexcept {
        if (!created_) return {};
        if (const auto done = create_manifest(how); !done) return done;
        created_ = false;
        write_owner();
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
        if (is_own && !read_only_ && !created_) static_cast<void>(lock_.truncate(0));
        return lock_.close();
    }

  private:
    using file = typename Environment::file;

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
            if (!may_create) return refuse(how, {errc::no_such_store}, "does not exist");
            const auto made = environment_.make_directory(how.options.directory);
            if (!made && made.error() != errc::already_exists)
                return refuse(how, made.error(), "can't be made in its parent");
            const auto now = environment_.kind_of(how.options.directory);
            if (now && *now == file_kind::none)
                return refuse(how, {errc::no_such_store},
                              "is a symbolic link to nothing; make what "
                              "it names, or remove it");
            return false;
        }
        if (*kind != file_kind::directory)
            return refuse(how, {errc::foreign}, "is no directory but a file; name a directory");
        bool has_manifest = false;
        bool has_others = false;
        const auto listed = environment_.list(how.options.directory, [&](text_view name) {
            if (name == manifest_name) has_manifest = true;
            else if (!(name == lock_name) && !(name == new_manifest_name)) has_others = true;
        });
        if (!listed) return refuse(how, listed.error(), "can't be listed");
        if (!has_manifest && has_others && !creation_was_cut_off(how))
            return refuse(how, {errc::foreign},
                          "holds files but no ashlar.manifest, so it is no store; name an empty or "
                          "a new one");
        if (!has_manifest && !may_create)
            return refuse(how, {errc::no_such_store}, "holds no store, and none may be created");
        if (!has_manifest) return false;
        if (how.options.must_be_new)
            return refuse(how, {errc::already_exists}, "holds a store, but it was to be new");
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
        constexpr std::size_t most = sizeof(manifest_header) + max_manifest_text + 1;
        std::byte* to = bytes.extend(most);
        if (to == nullptr) return errc::out_of_memory;
        const auto size = read_exactly(*from, 0, to, most);
        if (!size) return refuse(how, size.error(), "has a manifest that can't be read");
        const auto manifest = decode_manifest({to, *size}, how.options.detail);
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
                          manifest->formats, "], this program's type has [", how.formats, "]");
        copy_bytes(uuid_, manifest->uuid);
        return true;
    }

    [[nodiscard]] result<void> lock(const opening<Environment>& how, text_view path) noexcept {
        // A reader must not write, so it does without a lock where there is no lock file.
        const auto mode = read_only_ ? file_mode::read : file_mode::create;
        auto opened = environment_.open_file(path, mode);
        if (!opened) {
            const auto kind = environment_.kind_of(path);
            if (read_only_ && kind && *kind == file_kind::none) return {};
            return refuse(how, opened.error(), "has a lock file that can't be opened");
        }
        const auto got = opened->try_lock(read_only_ ? file_lock::shared : file_lock::exclusive);
        if (!got) return refuse(how, got.error(), "can't be locked");
        if (!*got) return refuse_locked(how, *opened);
        lock_ = std::move(*opened);
        locked_ = true;
        owner_ = environment_.process_id();
        return {};
    }
    [[nodiscard]] error refuse_locked(const opening<Environment>& how,
                                      const file& holder) const noexcept {
        std::byte digits[32]{};
        const std::size_t size = read_exactly(holder, 0, digits, sizeof digits).value_or(0U);
        std::uint64_t owner = 0;
        const bool is_being_made = bytes_view{digits, size}.starts_with(bytes_view{creating});
        for (std::size_t i = is_being_made ? creating.size() : 0; i < size; ++i) {
            const auto digit = static_cast<unsigned>(digits[i]) - unsigned{'0'};
            if (digit > 9) break;
            owner = owner * 10 + digit;
        }
        if (owner == environment_.process_id())
            return refuse(how, {errc::locked}, "is already open in this process, ", owner);
        if (owner == 0) return refuse(how, {errc::locked}, "is in use by other readers");
        return refuse(how, {errc::locked}, "is in use by process ", owner);
    }
    /// The lock file's text while a store is being made; a process id follows.
    static constexpr text_view creating{"creating "};

    /// Marks the directory, so that an open after a crash knows whose files these are.
    [[nodiscard]] result<void> begin_creation(const opening<Environment>& how) noexcept {
        for (std::size_t i = 0; i < sizeof uuid_; i += 8)
            store_little(uuid_ + i, environment_.random_seed());
        created_ = true;
        result<void> done;
        // A mark of an earlier attempt is left alone: it must not be gone for a moment.
        if (!is_marked(lock_)) {
            sentence mark;
            mark << creating << environment_.process_id() << "\n";
            done = lock_.truncate(0);
            if (done) done = write_exactly(lock_, 0, bytes_view{mark.view()});
        }
        if (done) done = sync_exactly(lock_);
        // The mark's name has to last before any of the engine's files can.
        if (done) done = environment_.sync_directory(how.options.directory);
        if (!done) return refuse(how, done.error(), "can't be written to");
        return {};
    }
    [[nodiscard]] bool creation_was_cut_off(const opening<Environment>& how) const noexcept {
        const auto path = joined_path::of(how.options.directory, lock_name);
        if (!path) return false;
        const auto lock = environment_.open_file(*path, file_mode::read);
        if (!lock) return false;
        return is_marked(*lock);
    }
    [[nodiscard]] static bool is_marked(const file& lock) noexcept {
        std::byte text[creating.size()]{};
        const auto size = read_exactly(lock, 0, text, sizeof text);
        return size && bytes_view{text, *size} == bytes_view{creating};
    }

    /// For the sentence that others get; nothing depends on it.
    void write_owner() noexcept {
        sentence owner;
        owner << environment_.process_id() << "\n";
        static_cast<void>(lock_.truncate(0));
        static_cast<void>(write_exactly(lock_, 0, bytes_view{owner.view()}));
    }

    /// Published by temporary file, sync, rename, sync of the directory: it is whole or absent.
    [[nodiscard]] result<void> create_manifest(const opening<Environment>& how) noexcept {
        if (how.formats.size() > max_manifest_text) return errc::invalid_argument;
        byte_buffer bytes;
        std::byte* to = bytes.extend(sizeof(manifest_header) + how.formats.size());
        if (to == nullptr) return errc::out_of_memory;
        encode_manifest(to, uuid(), how.formats);
        const auto temporary = joined_path::of(how.options.directory, new_manifest_name);
        const auto final = joined_path::of(how.options.directory, manifest_name);
        if (!temporary || !final) return errc::out_of_memory;
        const auto published = publish(how, bytes.view(), *temporary, *final);
        if (published) return {};
        static_cast<void>(environment_.remove(*temporary));
        return refuse(how, published.error(), "can't be written to");
    }
    [[nodiscard]] result<void> publish(const opening<Environment>& how, bytes_view bytes,
                                       text_view temporary, text_view final) noexcept {
        auto out = environment_.open_file(temporary, file_mode::create);
        if (!out) return out.error();
        if (const auto cut = out->truncate(0); !cut) return cut;
        if (const auto written = write_exactly(*out, 0, bytes); !written) return written;
        if (const auto synced = sync_exactly(*out); !synced) return synced;
        if (const auto closed = out->close(); !closed) return closed;
        // The directory's own name may be new as well, and has to last before the manifest can. The
        // parent may be unreadable; then nothing can be done for it.
        const auto named = environment_.sync_directory(parent_of(how.options.directory));
        if (!named && named.error() != errc::permission_denied) return named;
        if (const auto moved = environment_.rename(temporary, final); !moved) return moved;
        if (const auto synced = environment_.sync_directory(how.options.directory); !synced)
            return synced;
        return {};
    }
    [[nodiscard]] static text_view parent_of(text_view path) noexcept {
        std::size_t end = path.size();
        while (end > 1 && path.data()[end - 1] == '/') --end;
        while (end > 0 && path.data()[end - 1] != '/') --end;
        return end == 0 ? text_view{"."} : text_view{path.data(), end};
    }

    [[no_unique_address]] Environment environment_{};
    file lock_{};
    bool locked_ = false;
    bool read_only_ = false;
    bool created_ = false;
    std::uint64_t owner_ = 0; ///< the process that has locked it
    std::byte uuid_[16]{};
};

/// Reads a store's manifest without opening the store; the answer's views are into `bytes`.
/// Errors: no_such_store, corrupt, unsupported_version, out_of_memory, and the system's; `detail`
/// gets sentence and offset.
template <file_system Environment>
[[nodiscard]] result<manifest_view> read_manifest(const Environment& environment,
                                                  text_view directory, byte_buffer& bytes,
                                                  error_detail* detail = nullptr) noexcept {
    const auto path = joined_path::of(directory, store_directory<Environment>::manifest_name);
    if (!path) return path.error();
    const auto kind = environment.kind_of(*path);
    const auto refuse = [&](error e) {
        sentence text{};
        text << "the manifest can't be read";
        append_remedy(text, e);
        return fail(detail, e, text.view());
    };
    if (!kind) return refuse(kind.error());
    if (*kind == file_kind::none)
        return fail(detail, {errc::no_such_store},
                    "there is no ashlar.manifest, so this is no store");
    auto from = environment.open_file(*path, file_mode::read);
    if (!from) return refuse(from.error());
    constexpr std::size_t most = sizeof(manifest_header) + max_manifest_text + 1;
    bytes.clear();
    std::byte* const to = bytes.extend(most);
    if (to == nullptr) return errc::out_of_memory;
    const auto size = read_exactly(*from, 0, to, most);
    if (!size) return refuse(size.error());
    return decode_manifest({to, *size}, detail);
}

} // namespace ashlar::inline v0_1
