// SPDX-License-Identifier: BSL-1.0
/// @file Defines WiredTiger's B-tree behind the verbs of this bench: one thread, a log, no syncs.
#pragma once

#include "../measure/keys.hpp"

#include <wiredtiger.h>

#include <stdexcept>

namespace bench {

class wiredtiger_store {
  public:
    static constexpr bool concurrent = false;

    explicit wiredtiger_store(const std::string& directory) {
        check(wiredtiger_open(
            directory.c_str(), nullptr,
            "create,cache_size=1GB,log=(enabled),transaction_sync=(enabled=false)", &connection_));
        check(connection_->open_session(connection_, nullptr, nullptr, &session_));
        check(session_->create(session_, "table:rows", "key_format=u,value_format=u"));
        check(session_->open_cursor(session_, "table:rows", nullptr, nullptr, &at_));
    }
    wiredtiger_store(const wiredtiger_store&) = delete;
    wiredtiger_store& operator=(const wiredtiger_store&) = delete;
    ~wiredtiger_store() { connection_->close(connection_, nullptr); }

    template <class F>
    bool read(const std::string& k, F f) const {
        set_key(k);
        if (at_->search(at_) != 0) return false;
        f(value());
        at_->reset(at_);
        return true;
    }
    template <class F>
    void scan(const std::string& from, const std::string& end, std::size_t n, F f) const {
        set_key(from);
        int where = 0;
        int ok = at_->search_near(at_, &where);
        if (ok == 0 && where < 0) ok = at_->next(at_);
        for (; ok == 0 && n > 0; ok = at_->next(at_), --n) {
            WT_ITEM key;
            at_->get_key(at_, &key);
            if (std::string_view{static_cast<const char*>(key.data), key.size} >= end) break;
            f(value());
        }
        at_->reset(at_);
    }
    void put(const std::string& k, const std::string& v) {
        set_key(k);
        WT_ITEM item{};
        item.data = v.data();
        item.size = v.size();
        at_->set_value(at_, &item);
        check(at_->insert(at_));
    }
    [[nodiscard]] std::size_t size() const {
        std::size_t n = 0;
        scan(" ", "~", ~std::size_t{0}, [&](std::string_view) { ++n; });
        return n;
    }

  private:
    static void check(int done) {
        if (done != 0)
            throw std::runtime_error{std::string{"wiredtiger: "} + wiredtiger_strerror(done)};
    }
    void set_key(const std::string& k) const {
        WT_ITEM item{};
        item.data = k.data();
        item.size = k.size();
        at_->set_key(at_, &item);
    }
    [[nodiscard]] std::string_view value() const {
        WT_ITEM item;
        at_->get_value(at_, &item);
        return {static_cast<const char*>(item.data), item.size};
    }
    WT_CONNECTION* connection_ = nullptr;
    WT_SESSION* session_ = nullptr;
    WT_CURSOR* at_ = nullptr;
};

} // namespace bench
