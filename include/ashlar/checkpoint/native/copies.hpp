// SPDX-License-Identifier: BSL-1.0
/// @file Defines where native checkpoints stand, how they are published, listed and restored.
#pragma once

#include <ashlar/checkpoint/native/tree.hpp>

namespace ashlar::inline v0_1 {
namespace native_parts {

inline constexpr text_view folder{"checkpoints"};
inline constexpr text_view unfinished{"new"};
inline constexpr text_view prefix{"checkpoint-"};

/// 0 for what is no checkpoint's name.
[[nodiscard]] inline std::uint64_t number_in(text_view name) noexcept {
    if (name.size() <= prefix.size() || name.size() > prefix.size() + 18) return 0;
    if (!(text_view{name.data(), prefix.size()} == prefix)) return 0;
    std::uint64_t number = 0;
    for (std::size_t i = prefix.size(); i < name.size(); ++i) {
        const auto digit = static_cast<unsigned>(name.data()[i]) - unsigned{'0'};
        if (digit > 9 || (digit == 0 && i == prefix.size())) return 0;
        number = number * 10 + digit;
    }
    return number;
}

[[nodiscard]] inline result<joined_path> path_of(text_view base, std::uint64_t number) noexcept {
    sentence name;
    name << prefix << number;
    return joined_path::of(base, name.view());
}

/// visit(number, is_one) for each name of a checkpoint. What holds no manifest, which comes last,
/// is none: it must not be kept in place of one.
template <file_system Environment, class Visit>
[[nodiscard]] result<void> for_each_number(const Environment& environment, text_view base,
                                           Visit visit) noexcept {
    return for_each_in(environment, base,
                       [&](text_view name, text_view path, file_kind kind) -> result<void> {
                           const std::uint64_t number = number_in(name);
                           if (number == 0) return {};
                           if (kind != file_kind::directory)
                               return visit(number, false), result<void>{};
                           const auto manifest =
                               joined_path::of(path, store_directory<Environment>::manifest_name);
                           if (!manifest) return manifest.error();
                           const auto there = environment.kind_of(*manifest);
                           if (!there) return there.error();
                           return visit(number, *there == file_kind::file), result<void>{};
                       });
}

/// The smallest number and how many there are, and the greatest that is taken.
struct census {
    std::uint64_t oldest = 0;
    std::uint64_t newest = 0;
    std::size_t count = 0;
};
template <file_system Environment>
[[nodiscard]] result<census> count_in(const Environment& environment, text_view base) noexcept {
    census found;
    const auto listed =
        for_each_number(environment, base, [&](std::uint64_t n, bool is_one) noexcept {
            if (n > found.newest) found.newest = n;
            if (is_one && (found.count++ == 0 || n < found.oldest)) found.oldest = n;
        });
    if (!listed) return listed.error();
    return found;
}

} // namespace native_parts

/// visit(number) for each checkpoint of a store directory, in no order; nothing when there are
/// none. Errors: the system's.
template <file_system Environment, class Visit>
[[nodiscard]] result<void> list_checkpoints(const Environment& environment, text_view directory,
                                            Visit visit) noexcept {
    const auto base = joined_path::of(directory, native_parts::folder);
    if (!base) return base.error();
    const auto kind = environment.kind_of(*base);
    if (!kind) return kind.error();
    if (*kind == file_kind::none) return {};
    return native_parts::for_each_number(environment, *base, [&](std::uint64_t n, bool is_one) {
        if (is_one) visit(n);
    });
}

/// Makes a new store at `to` of the files of checkpoint `number` of the store at `directory`, which
/// may be open meanwhile. The new store has an identity of its own, so cursors of the old one are
/// refused. `to` must be absent or empty; a restore that was cut off is begun anew.
/// Errors: no_such_store (no such checkpoint), already_exists and foreign (`to` is taken), corrupt
/// (the checkpoint's manifest), and the system's; `detail` gets a sentence.
template <file_system Environment>
[[nodiscard]] result<void> restore_checkpoint(const Environment& environment, text_view directory,
                                              std::uint64_t number, text_view to,
                                              error_detail* detail = nullptr) noexcept {
    const auto base = joined_path::of(directory, native_parts::folder);
    if (!base) return base.error();
    const auto from = native_parts::path_of(*base, number);
    if (!from) return from.error();
    const auto kind = environment.kind_of(*from);
    if (!kind) return kind.error();
    if (*kind != file_kind::directory)
        return fail(detail, {errc::no_such_store}, "there is no checkpoint of that number");
    byte_buffer bytes;
    const auto manifest = read_manifest(environment, text_view{*from}, bytes, detail);
    if (!manifest) return manifest.error();

    const opening<Environment> target{
        {.directory = to, .must_be_new = true, .detail = detail}, manifest->formats, environment};
    auto made = store_directory<Environment>::open(target);
    if (!made) return made.error();
    const auto is_ours = [](text_view name) {
        return name == store_directory<Environment>::lock_name ||
               name == store_directory<Environment>::manifest_name;
    };
    // Remains of a restore that was cut off.
    result<void> done = native_parts::for_each_in(
        environment, to, [&](text_view name, text_view path, file_kind what) -> result<void> {
            if (is_ours(name)) return {};
            return what == file_kind::directory ? native_parts::remove_tree(environment, path)
                                                : environment.remove(path);
        });
    if (done) done = native_parts::copy_tree(environment, *from, to, is_ours);
    if (done) done = native_parts::sync_tree(environment, to);
    if (!done) {
        sentence text;
        text << "the checkpoint can't be copied to '" << to << "'";
        append_remedy(text, done.error());
        return fail(detail, done.error(), text.view());
    }
    done = made->finish(target);
    const auto closed = made->close();
    return done ? closed : done;
}

} // namespace ashlar::inline v0_1
