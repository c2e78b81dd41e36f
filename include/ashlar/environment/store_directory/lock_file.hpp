// SPDX-License-Identifier: BSL-1.0
/// @file Defines lock_file: who holds a store's directory, and whether a store is being made in it.
#pragma once

#include <ashlar/environment/concept.hpp>

namespace ashlar::inline v0_1 {

/// The file `ashlar.lock`. The lock itself is the system's, on the open file, so a process that
/// is killed leaves none behind. The text is for others: the id of the process that holds it, with
/// "creating " in front while a store is being made. That mark outlives a crash: an opening that
/// finds it knows that the directory's files are the remains of a store. Not thread-safe.
template <file_system Environment>
class lock_file {
  public:
    static constexpr text_view name{"ashlar.lock"};

    [[nodiscard]] result<void> open(const Environment& environment, text_view path,
                                    file_mode mode) noexcept {
        auto opened = environment.open_file(path, mode);
        if (!opened) return opened.error();
        file_ = std::move(*opened);
        return {};
    }
    /// False when somebody else holds it.
    [[nodiscard]] result<bool> try_lock(file_lock kind) noexcept { return file_.try_lock(kind); }

    /// The process in the file's text; 0 for none.
    [[nodiscard]] std::uint64_t owner() const noexcept {
        std::byte text[32]{};
        const std::size_t size = read_exactly(file_, 0, text, sizeof text).value_or(0U);
        const bool is_being_made = bytes_view{text, size}.starts_with(bytes_view{creating});
        std::uint64_t owner = 0;
        for (std::size_t i = is_being_made ? creating.size() : 0; i < size; ++i) {
            const auto digit = static_cast<unsigned>(text[i]) - unsigned{'0'};
            if (digit > 9) break;
            owner = owner * 10 + digit;
        }
        return owner;
    }
    /// For the sentence that others get; nothing depends on it.
    void write_owner(std::uint64_t process) noexcept {
        sentence owner;
        owner << process << "\n";
        static_cast<void>(file_.truncate(0));
        static_cast<void>(write_exactly(file_, 0, bytes_view{owner.view()}));
    }
    void erase_owner() noexcept { static_cast<void>(file_.truncate(0)); }

    /// Whether a store was being made when the text was written.
    [[nodiscard]] bool is_marked() const noexcept {
        std::byte text[creating.size()]{};
        const auto size = read_exactly(file_, 0, text, sizeof text);
        return size && bytes_view{text, *size} == bytes_view{creating};
    }
    /// Says durably that a store is being made. A mark of an earlier attempt is left alone: it must
    /// not be gone for a moment.
    [[nodiscard]] result<void> mark(std::uint64_t process) noexcept {
        result<void> done;
        if (!is_marked()) {
            sentence mark;
            mark << creating << process << "\n";
            done = file_.truncate(0);
            if (done) done = write_exactly(file_, 0, bytes_view{mark.view()});
        }
        return done ? sync_exactly(file_) : done;
    }

    /// Gives the lock back.
    result<void> close() noexcept { return file_.close(); }

  private:
    static constexpr text_view creating{"creating "};

    typename Environment::file file_{};
};

} // namespace ashlar::inline v0_1
