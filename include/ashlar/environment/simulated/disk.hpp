// SPDX-License-Identifier: BSL-1.0
/// @file Defines a simulated disk: what programs see of it, and what survives a loss of power.
#pragma once

#include <ashlar/environment/concept.hpp>
#include <ashlar/environment/simulated/random.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace ashlar::inline v0_1 {

/// What a loss of power leaves of everything that was not synced. A change is one write, one
/// truncation, or one change of a name; a rename is never half done.
enum class power_loss : std::uint8_t {
    everything, ///< all of it is gone
    nothing,    ///< all of it had reached the disk
    latest,     ///< what came after some moment is gone
    earliest,   ///< what came before some moment is gone: the disk wrote in another order
    some,       ///< each change survives or not
    sectors,    ///< each sector of 512 bytes of each write survives or not
    torn,       ///< what came after some byte of some write is gone
    zeros,      ///< files have their new lengths; what was not written reads as zeros
    garbage,    ///< files have their new lengths; what was not written reads as anything
};
inline constexpr power_loss all_power_losses[] = {
    power_loss::everything, power_loss::nothing, power_loss::latest,
    power_loss::earliest,   power_loss::some,    power_loss::sectors,
    power_loss::torn,       power_loss::zeros,   power_loss::garbage};

namespace simulated_parts {

using byte_list = std::vector<std::byte>;
inline constexpr std::size_t no_node = static_cast<std::size_t>(-1);

/// A write, or a truncation to `at`, that no sync has confirmed yet.
struct data_change {
    std::uint64_t number;
    std::uint64_t at;
    byte_list bytes;
    bool truncates;
};

/// A file, whatever its name.
struct file_node {
    byte_list now;     ///< what reads see
    byte_list durable; ///< what survives
    std::vector<data_change> unsynced;
    std::size_t shared_locks = 0;
    bool exclusive_lock = false;
    std::uint64_t failed_syncs = 0; ///< each open file is told of a new one by its own next sync
};

struct name_entry {
    file_kind kind;
    std::size_t node;
};
using name_map = std::map<std::string, name_entry>;

/// `to` is set to `entry`, or erased; a rename also erases `from`.
struct name_change {
    std::uint64_t number;
    std::string to;
    std::string from;
    name_entry entry;
    bool erases;
};

/// Files, directories and what of them is durable. A value: a copy is an image of the disk.
/// `.` and `/` are always there. Not thread-safe.
class disk {
  public:
    [[nodiscard]] static std::string parent_of(const std::string& path) {
        const auto slash = path.rfind('/');
        if (slash == std::string::npos) return ".";
        return slash == 0 ? "/" : path.substr(0, slash);
    }
    [[nodiscard]] file_kind kind_of(const std::string& path) const {
        if (path == "." || path == "/") return file_kind::directory;
        const auto at = names_.find(path);
        return at == names_.end() ? file_kind::none : at->second.kind;
    }
    [[nodiscard]] const name_map& names() const noexcept { return names_; }
    [[nodiscard]] std::size_t node_of(const std::string& path) const {
        const auto at = names_.find(path);
        return at == names_.end() ? no_node : at->second.node;
    }
    [[nodiscard]] file_node& node(std::size_t n) { return nodes_[n]; }
    [[nodiscard]] const file_node& node(std::size_t n) const { return nodes_[n]; }
    [[nodiscard]] std::uint64_t used() const {
        std::uint64_t total = 0;
        for (const auto& [name, entry] : names_)
            if (entry.kind == file_kind::file) total += nodes_[entry.node].now.size();
        return total;
    }

    /// REQUIRES of the following: the parent is a directory; names exist where they must.
    std::size_t make(const std::string& path, file_kind kind) {
        const name_entry entry{kind, kind == file_kind::file ? nodes_.size() : no_node};
        if (kind == file_kind::file) nodes_.emplace_back();
        change_name({next_++, path, {}, entry, false});
        return entry.node;
    }
    void erase(const std::string& path) {
        change_name({next_++, path, {}, {file_kind::none, no_node}, true});
    }
    void rename(const std::string& from, const std::string& to) {
        change_name({next_++, to, from, names_.at(from), false});
    }
    void write(std::size_t n, std::uint64_t at, bytes_view bytes) {
        nodes_[n].unsynced.push_back({next_++, at, {bytes.begin(), bytes.end()}, false});
        carry_out(nodes_[n].now, nodes_[n].unsynced.back());
    }
    void truncate(std::size_t n, std::uint64_t size) {
        nodes_[n].unsynced.push_back({next_++, size, {}, true});
        carry_out(nodes_[n].now, nodes_[n].unsynced.back());
    }
    void sync(std::size_t n) {
        for (const data_change& change : nodes_[n].unsynced) carry_out(nodes_[n].durable, change);
        nodes_[n].unsynced.clear();
    }
    void sync_directory(const std::string& path) {
        std::vector<name_change> others;
        for (name_change& change : renamed_)
            if (parent_of(change.to) == path) carry_out(durable_names_, change);
            else others.push_back(std::move(change));
        renamed_ = std::move(others);
    }
    /// A sync that fails: what it was to confirm survives or not, and no later sync repeats it, as
    /// in the page caches of ext4, XFS and Btrfs (Rebello and others, "Can applications recover
    /// from fsync failures?", ATC 2020).
    void fail_sync(std::size_t n, random& dice) {
        for (const data_change& change : nodes_[n].unsynced)
            if (dice.one_in(2)) carry_out(nodes_[n].durable, change);
        nodes_[n].unsynced.clear();
        ++nodes_[n].failed_syncs;
    }

    /// The power goes and comes back: open files and locks are gone.
    void lose_power(power_loss model, random& dice) {
        const std::uint64_t moment = moment_of(dice);
        const auto survives = [&](std::uint64_t number) {
            switch (model) {
            case power_loss::everything: return false;
            case power_loss::nothing: return true;
            case power_loss::latest:
            case power_loss::torn: return number < moment;
            case power_loss::earliest: return number >= moment;
            default: return dice.one_in(2);
            }
        };
        for (const name_change& change : renamed_)
            if (survives(change.number)) carry_out(durable_names_, change);
        renamed_.clear();
        names_ = durable_names_;
        for (auto at = names_.begin(); at != names_.end();)
            if (kind_of(parent_of(at->first)) == file_kind::directory) ++at;
            else at = names_.erase(at);
        durable_names_ = names_;
        for (file_node& each : nodes_) {
            for (const data_change& change : each.unsynced)
                if (change.truncates || model < power_loss::sectors) {
                    if (survives(change.number)) carry_out(each.durable, change);
                } else if (model == power_loss::torn) {
                    tear(each.durable, change, moment, dice);
                } else {
                    scatter(each.durable, change, model, dice);
                }
            each = file_node{each.durable, each.durable, {}, 0, false, 0};
        }
        forget_nameless();
    }

    /// A hash of all names and of what their files hold, durably and not: that of two disks is the
    /// same when nothing can tell them apart but chance, and else hardly ever.
    [[nodiscard]] std::uint64_t digest() const {
        std::uint64_t sum = 0xCBF2'9CE4'8422'2325U;
        const auto add = [&](std::uint64_t word) {
            sum = (sum ^ word) * 0x9E37'79B9'7F4A'7C15U;
            sum ^= sum >> 32;
        };
        const auto add_all = [&](const void* from, std::size_t size) {
            add(size);
            const auto* at = static_cast<const std::byte*>(from);
            std::uint64_t word = 0;
            for (; size >= sizeof word; at += sizeof word, size -= sizeof word) {
                std::memcpy(&word, at, sizeof word);
                add(word);
            }
            word = 0;
            if (size != 0) std::memcpy(&word, at, size);
            add(word);
        };
        const auto add_names = [&](const name_map& names) {
            add(names.size());
            for (const auto& [name, entry] : names) {
                add_all(name.data(), name.size());
                add(static_cast<std::uint64_t>(entry.kind));
                if (entry.node == no_node) continue;
                const file_node& file = nodes_[entry.node];
                add_all(file.now.data(), file.now.size());
                add(file.unsynced.size());
                if (!file.unsynced.empty()) add_all(file.durable.data(), file.durable.size());
            }
        };
        add_names(names_);
        if (!renamed_.empty()) add_names(durable_names_);
        return sum;
    }

    /// Every open file has ended.
    void drop_locks() noexcept {
        for (file_node& each : nodes_) each.shared_locks = 0, each.exclusive_lock = false;
    }

  private:
    static constexpr std::uint64_t sector = 512;

    static void carry_out(byte_list& bytes, const data_change& change) {
        if (change.truncates) return bytes.resize(change.at);
        put(bytes, change.at, change.bytes.data(), change.bytes.size());
    }
    static void put(byte_list& bytes, std::uint64_t at, const std::byte* from, std::size_t size) {
        if (size == 0) return;
        if (bytes.size() < at + size) bytes.resize(at + size);
        std::copy(from, from + size, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    }
    static void carry_out(name_map& names, const name_change& change) {
        if (!change.from.empty()) names.erase(change.from);
        if (change.erases) names.erase(change.to);
        else names[change.to] = change.entry;
    }
    void change_name(name_change change) {
        carry_out(names_, change);
        renamed_.push_back(std::move(change));
    }

    /// The number of some unsynced change, or one above them all.
    [[nodiscard]] std::uint64_t moment_of(random& dice) const {
        std::vector<std::uint64_t> numbers{next_};
        for (const name_change& change : renamed_) numbers.push_back(change.number);
        for (const file_node& each : nodes_)
            for (const data_change& change : each.unsynced) numbers.push_back(change.number);
        std::sort(numbers.begin(), numbers.end());
        return numbers[dice.below(numbers.size())];
    }
    static void tear(byte_list& bytes, const data_change& change, std::uint64_t moment,
                     random& dice) {
        if (change.number > moment) return;
        const std::size_t whole = change.bytes.size();
        const std::size_t kept =
            change.number < moment ? whole : static_cast<std::size_t>(dice.below(whole + 1));
        put(bytes, change.at, change.bytes.data(), kept);
    }
    static void scatter(byte_list& bytes, const data_change& change, power_loss model,
                        random& dice) {
        const std::uint64_t end = change.at + change.bytes.size();
        const std::size_t old = bytes.size();
        if (model != power_loss::sectors && old < end) bytes.resize(end);
        for (std::uint64_t at = change.at; at < end;) {
            const std::uint64_t next = (std::min)(end, (at / sector + 1) * sector);
            const bool written = dice.one_in(2);
            if (written)
                put(bytes, at, change.bytes.data() + (at - change.at),
                    static_cast<std::size_t>(next - at));
            for (std::uint64_t i = at; !written && model == power_loss::garbage && i < next; ++i)
                bytes[i] = static_cast<std::byte>(dice.next() >> 56);
            at = next;
        }
    }
    void forget_nameless() {
        std::vector<bool> named(nodes_.size());
        for (const auto& [name, entry] : names_)
            if (entry.node != no_node) named[entry.node] = true;
        for (std::size_t n = 0; n < nodes_.size(); ++n)
            if (!named[n]) nodes_[n] = {};
    }

    name_map names_;
    name_map durable_names_;
    std::vector<name_change> renamed_; ///< not synced yet, in their order
    std::vector<file_node> nodes_;
    std::uint64_t next_ = 0; ///< number of the next change
};

} // namespace simulated_parts
} // namespace ashlar::inline v0_1
