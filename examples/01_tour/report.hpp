// SPDX-License-Identifier: BSL-1.0
/// @file The tour's output: a progress line on terminals, a table at the end, a verdict.
#pragma once

#include <ashlar/result.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <unistd.h>
#include <vector>

namespace tour {

/// Collects what one store type showed. A failed requirement fails the whole tour.
class stage {
  public:
    explicit stage(std::string type) : type_{std::move(type)} {}

    bool require(bool held, const char* what) {
        if (!held) failures_.emplace_back(what);
        return held;
    }
    /// Requires a success; says which error came instead.
    template <class T>
    bool require(const ashlar::result<T>& done, const char* what) {
        if (!done) failures_.push_back(std::string{what} + ": " + name_of(done.error().code));
        return done.has_value();
    }
    void fail(const std::string& why) { failures_.push_back(why); }

    /// Runs `operations` calls of f(i) and adds them to the stage's rate.
    template <class F>
    void timed(std::size_t operations, F&& f) {
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < operations; ++i) f(i);
        seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        operations_ += operations;
    }
    void count(std::size_t entries, std::size_t bytes) {
        entries_ = entries;
        bytes_ = bytes;
    }
    void proved(std::string what) { proof_ = std::move(what); }

    [[nodiscard]] bool passed() const { return failures_.empty(); }
    void print() const {
        std::string rate = "-";
        if (seconds_ > 0) rate = number(static_cast<double>(operations_) / seconds_);
        std::string size = "-";
        if (entries_ != 0 && bytes_ != 0) size = std::to_string(bytes_ / entries_);
        std::printf("%-48s %7zu %7s %7s  %s\n", type_.c_str(), entries_, size.c_str(), rate.c_str(),
                    passed() ? proof_.c_str() : "FAILED");
        for (const std::string& why : failures_) std::printf("    FAILED: %s\n", why.c_str());
    }
    [[nodiscard]] const std::string& type() const { return type_; }

  private:
    static std::string number(double n) {
        char text[32];
        if (n >= 1e6) std::snprintf(text, sizeof text, "%.1f M", n / 1e6);
        else if (n >= 1e3) std::snprintf(text, sizeof text, "%.0f k", n / 1e3);
        else std::snprintf(text, sizeof text, "%.0f", n);
        return text;
    }

    std::string type_;
    std::string proof_;
    std::vector<std::string> failures_;
    std::size_t entries_ = 0, bytes_ = 0, operations_ = 0;
    double seconds_ = 0;
};

/// One line on stderr, redrawn while the tour runs; nothing when stderr is no terminal.
class progress {
  public:
    explicit progress(std::size_t stages) : stages_{stages} {}
    void at(std::size_t stage, const std::string& what) const {
        if (live_) std::fprintf(stderr, "\r\033[K[%zu/%zu] %s", stage, stages_, what.c_str());
    }
    ~progress() {
        if (live_) std::fprintf(stderr, "\r\033[K");
    }
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

  private:
    std::size_t stages_;
    bool live_ = ::isatty(STDERR_FILENO) == 1;
};

} // namespace tour
