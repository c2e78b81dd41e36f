// SPDX-License-Identifier: BSL-1.0
/// @file Defines request_run: requests that came together.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace cache::resp {

/// Up to most() requests of one parser, and where in its buffer each begins; views, which are valid
/// as long as that buffer is left alone. Not thread-safe. Keeps its memory over clear().
class request_run {
  public:
    [[nodiscard]] static constexpr std::size_t most() noexcept { return 32; }

    void clear() noexcept {
        words_.clear();
        requests_.clear();
    }
    /// REQUIRES: size() < most().
    void add(std::span<const std::string_view> words, std::size_t position) {
        requests_.push_back({words_.size(), words.size(), position});
        words_.insert(words_.end(), words.begin(), words.end());
    }
    [[nodiscard]] std::size_t size() const noexcept { return requests_.size(); }
    /// The words of a request. Valid until the next add().
    [[nodiscard]] std::span<const std::string_view> operator[](std::size_t i) const noexcept {
        return std::span{words_}.subspan(requests_[i].begin, requests_[i].count);
    }
    /// request_parser::go_back() to it gives the request once more.
    [[nodiscard]] std::size_t position(std::size_t i) const noexcept {
        return requests_[i].position;
    }

  private:
    struct request {
        std::size_t begin, count, position;
    };
    std::vector<std::string_view> words_;
    std::vector<request> requests_;
};

} // namespace cache::resp
