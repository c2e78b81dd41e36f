// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ashlar_soak {

/// A small ext4 on a loop device over a file in memory, whose power can be cut. Needs root.
class ext4_disk {
  public:
    ext4_disk() : why_not_{make()} {}
    ext4_disk(const ext4_disk&) = delete;
    ext4_disk& operator=(const ext4_disk&) = delete;
    ~ext4_disk() {
        runs("umount " + mount_point());
        if (!loop_.empty()) runs("losetup -d " + loop_);
        std::error_code ignored;
        if (!place_.empty()) std::filesystem::remove_all(place_, ignored);
    }

    /// Empty when there is such a disk; else why not.
    [[nodiscard]] const std::string& why_not() const { return why_not_; }
    [[nodiscard]] std::string mount_point() const { return place_ + "/disk"; }

    /// From now on nothing reaches the disk any more, neither data nor the journal.
    [[nodiscard]] bool cut() const {
        constexpr unsigned long shut_down = _IOR('X', 125, std::uint32_t); // EXT4_IOC_SHUTDOWN
        std::uint32_t without_flushing_the_log = 2;
        const int root = ::open(mount_point().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (root < 0) return false;
        const bool done = ::ioctl(root, shut_down, &without_flushing_the_log) == 0;
        ::close(root);
        return done;
    }
    /// The power is back: what the journal has is replayed.
    [[nodiscard]] bool come_back() const { return runs("umount " + mount_point()) && mount(); }

  private:
    [[nodiscard]] const char* make() {
        const char* memory = std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp";
        std::string name = std::string{memory} + "/ashlar-power-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) return "there is no directory for it";
        place_ = name;
        if (::geteuid() != 0) return "it needs root, to mount a file system";
        if (!runs("truncate -s 96M " + image() + " && mkfs.ext4 -q -F " + image()))
            return "mkfs.ext4 is missing, or fails";
        std::filesystem::create_directory(mount_point());
        loop_ = answer("losetup -f --show " + image());
        if (loop_.empty()) return "there is no free loop device";
        if (!mount()) return "an ext4 can't be mounted";
        if (!cut()) return "this kernel's ext4 has no EXT4_IOC_SHUTDOWN";
        if (!come_back()) return "an ext4 that was cut can't be mounted again";
        return "";
    }
    [[nodiscard]] std::string image() const { return place_ + "/image"; }
    [[nodiscard]] bool mount() const {
        return runs("mount -t ext4 " + loop_ + " " + mount_point());
    }
    static bool runs(const std::string& command) {
        return std::system(("(" + command + ") >/dev/null 2>&1").c_str()) == 0;
    }
    static std::string answer(const std::string& command) {
        std::string line;
        if (std::FILE* out = ::popen((command + " 2>/dev/null").c_str(), "r")) {
            for (int c = std::fgetc(out); c != EOF && c != '\n'; c = std::fgetc(out))
                line += static_cast<char>(c);
            if (::pclose(out) != 0) line.clear();
        }
        return line;
    }

    std::string place_;
    std::string loop_;
    std::string why_not_;
};

} // namespace ashlar_soak
