// SPDX-License-Identifier: BSL-1.0
/// @file Defines Tkrzw's file B+ tree behind the verbs of this bench: one thread, no syncs.
#pragma once

#include "../measure/keys.hpp"

#include <stdexcept>
#include <tkrzw_dbm_tree.h>

namespace bench {

class tkrzw_store {
  public:
    static constexpr bool concurrent = false;

    explicit tkrzw_store(const std::string& directory) {
        tkrzw::TreeDBM::TuningParameters how;
        how.max_cached_pages = 100'000; // all of them: others have a gigabyte of cache
        check(tree_.OpenAdvanced(directory + "/rows.tkt", true, tkrzw::File::OPEN_DEFAULT, how));
    }

    template <class F>
    bool read(const std::string& k, F f) const {
        if (!tree_.Get(k, &found_).IsOK()) return false;
        f(std::string_view{found_});
        return true;
    }
    template <class F>
    void scan(const std::string& from, const std::string& end, std::size_t n, F f) const {
        const auto at = tree_.MakeIterator();
        check(at->Jump(from));
        std::string key;
        for (; n > 0 && at->Get(&key, &found_).IsOK() && key < end; --n, at->Next())
            f(std::string_view{found_});
    }
    void put(const std::string& k, const std::string& v) { check(tree_.Set(k, v)); }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(tree_.CountSimple()); }

  private:
    static void check(const tkrzw::Status& done) {
        if (!done.IsOK()) throw std::runtime_error{"tkrzw: " + std::string{done}};
    }
    mutable tkrzw::TreeDBM tree_;
    mutable std::string found_;
};

} // namespace bench
