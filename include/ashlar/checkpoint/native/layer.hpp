// SPDX-License-Identifier: BSL-1.0
/// @file Defines the layer that has an engine copy itself.
#pragma once

#include <ashlar/checkpoint/native/copies.hpp>
#include <ashlar/concurrency/concept.hpp>
#include <ashlar/engine.hpp>
#include <ashlar/forwarding.hpp>

namespace ashlar::inline v0_1 {

/// Run-time options of native.
struct native_options {
    std::size_t keep = 2; ///< checkpoints, at least 1; older ones go when a new one is published
};

/// What checkpoint() has made.
struct native_checkpoint {
    std::uint64_t number = 0; ///< stands in its directory's name
};

/// Satisfied by engines that can write a consistent copy of their files while they are used.
template <class E>
concept copying_engine = requires(const E& engine, text_view directory) {
    { engine.copy_into(directory) } -> std::same_as<result<void>>;
};

namespace native_parts {

/// What does not move when the engine does.
template <file_system Environment, concurrency_policy Concurrency>
struct place {
    [[no_unique_address]] Environment environment;
    native_options options;
    bool read_only = false;
    byte_buffer directory;
    byte_buffer formats;
    typename Concurrency::mutex one_at_a_time;
    bool closed = false; ///< what it guards, too
};

} // namespace native_parts

/// An engine with checkpoints. Everything but checkpoint() goes straight to the engine below, and
/// is as thread-safe as that one; moving is not.
template <copying_engine Next, file_system Environment, concurrency_policy Concurrency>
class native_layer : public forwarding<native_layer<Next, Environment, Concurrency>, Next,
                                       forwards::writes, forwards::replays, forwards::reads,
                                       forwards::walks, forwards::sizes, forwards::upkeep> {
    using place_type = native_parts::place<Environment, Concurrency>;
    using directory_type = store_directory<Environment>;

  public:
    using row = typename Next::row;
    using position = typename Next::position;
    using receipt = typename row::receipt;

    native_layer(native_layer&& other) noexcept
        : next_{std::move(other.next_)}, place_{std::exchange(other.place_, nullptr)} {}
    native_layer& operator=(native_layer&& other) noexcept {
        if (this == &other) return *this;
        delete place_;
        next_ = std::move(other.next_);
        place_ = std::exchange(other.place_, nullptr);
        return *this;
    }
    ~native_layer() { delete place_; }

    /// Errors: out_of_memory.
    [[nodiscard]] static result<native_layer> open(const opening<Environment>& how,
                                                   const native_options& options, Next&& opened) {
        auto* place = new (std::nothrow)
            place_type{how.environment, options, how.options.read_only, {}, {}, {}, false};
        if (place == nullptr) return errc::out_of_memory;
        native_layer self{std::move(opened), place};
        if (!place->directory.assign(bytes_view{how.options.directory}) ||
            !place->formats.assign(bytes_view{how.formats}))
            return errc::out_of_memory;
        return self;
    }

    // --- checkpoints -----------------------------------------------------------------------------

    /// Copies the store as it is at one moment while readers and writers go on. The copy is a store
    /// directory of its own, `checkpoints/checkpoint-N`, durable and whole before it has that name;
    /// then all but the newest `keep` are removed. One at a time. Errors: read_only, closed,
    /// no_space and others of engine and system, after which nothing has changed.
    [[nodiscard]] result<native_checkpoint> checkpoint() {
        if (place_ == nullptr) return errc::closed;
        if (place_->read_only) return errc::read_only;
        const guard alone{place_->one_at_a_time};
        if (place_->closed) return errc::closed;
        const Environment& environment = place_->environment;
        const auto base = joined_path::of(directory(), native_parts::folder);
        if (!base) return base.error();
        const auto draft = joined_path::of(*base, native_parts::unfinished);
        if (!draft) return draft.error();
        if (const auto ready = make_base(*base, *draft); !ready) return ready.error();
        if (const auto copied = copy_to(*draft); !copied) {
            static_cast<void>(native_parts::remove_tree(environment, *draft));
            return copied.error();
        }
        const auto there = native_parts::count_in(environment, *base);
        if (!there) return there.error();
        const native_checkpoint made{there->newest + 1};
        const auto name = native_parts::path_of(*base, made.number);
        if (!name) return name.error();
        auto done = environment.rename(*draft, *name);
        if (done) done = environment.sync_directory(*base);
        if (done) done = prune(*base, *draft);
        if (!done) return done.error();
        return made;
    }

    /// Waits for a copy that is being made: the directory is another's afterwards.
    result<void> close() {
        if (place_ == nullptr) return next_.close();
        const guard alone{place_->one_at_a_time};
        place_->closed = true;
        return next_.close();
    }

    [[nodiscard]] Next& below() noexcept { return next_; }
    [[nodiscard]] const Next& below() const noexcept { return next_; }

  private:
    native_layer(Next&& next, place_type* place) noexcept : next_{std::move(next)}, place_{place} {}

    [[nodiscard]] text_view directory() const noexcept {
        return place_->directory.view().template as<text_view>();
    }
    [[nodiscard]] result<void> make_base(text_view base, text_view draft) const noexcept {
        const Environment& environment = place_->environment;
        const auto made = environment.make_directory(base);
        if (!made && made.error() != errc::already_exists) return made;
        if (made)
            if (const auto named = environment.sync_directory(directory()); !named) return named;
        return native_parts::remove_tree(environment, draft); // of a copy that was cut off
    }
    /// A store directory with the engine's copy in it; the manifest comes last.
    [[nodiscard]] result<void> copy_to(text_view draft) const {
        const Environment& environment = place_->environment;
        const opening<Environment> how{{.directory = draft, .must_be_new = true},
                                       place_->formats.view().template as<text_view>(),
                                       environment};
        auto copy = directory_type::open(how);
        if (!copy) return copy.error();
        auto done = next_.copy_into(draft);
        if (done) done = native_parts::sync_tree(environment, draft);
        if (done) done = copy->finish(how);
        const auto closed = copy->close();
        return done ? closed : done;
    }
    /// A checkpoint loses its name before it loses anything else.
    [[nodiscard]] result<void> prune(text_view base, text_view draft) const noexcept {
        const std::size_t keep = place_->options.keep == 0 ? 1 : place_->options.keep;
        for (;;) {
            const auto there = native_parts::count_in(place_->environment, base);
            if (!there) return there.error();
            if (there->count <= keep) return {};
            const auto oldest = native_parts::path_of(base, there->oldest);
            if (!oldest) return oldest.error();
            auto gone = place_->environment.rename(*oldest, draft);
            if (gone) gone = place_->environment.sync_directory(base);
            if (gone) gone = native_parts::remove_tree(place_->environment, draft);
            if (!gone) return gone;
        }
    }

    [[no_unique_address]] Next next_;
    place_type* place_;
};

} // namespace ashlar::inline v0_1
