// SPDX-License-Identifier: BSL-1.0
/// @file Defines what is done without being asked: sweeping, closing idle clients, ending.
#pragma once

#include "network/connection.hpp"

namespace cache {

/// Gives back what has expired or is too much, also when nobody writes. A little at a time: clients
/// come between.
class janitor {
  public:
    janitor(server& host, lane& on) : host_{host}, context_{on.context}, timer_{on.context} {}
    void begin() {
        timer_.expires_after(std::chrono::milliseconds{100});
        timer_.async_wait([this](const error_code& bad) {
            if (!bad) sweep();
        });
    }

  private:
    void sweep() {
        host_.saves.tend();
        static_cast<void>(host_.memory.make_room()); // a limit may have come down
        if (host_.space.sweep_some()) asio::post(context_, [this] { sweep(); });
        else begin();
    }

    server& host_;
    asio::io_context& context_;
    asio::steady_timer timer_;
};

/// Closes the clients of a lane that have been idle for too long (row K-31), once a second.
class idle_watch {
  public:
    idle_watch(server& host, lane& on) : host_{host}, lane_{on}, timer_{on.context} {}
    void begin() {
        timer_.expires_after(std::chrono::seconds{1});
        timer_.async_wait([this](const error_code& bad) {
            if (bad) return;
            if (const unsigned limit = host_.idle_seconds; limit != 0)
                look(std::chrono::seconds{limit});
            begin();
        });
    }

  private:
    void look(std::chrono::seconds limit) {
        const auto now = std::chrono::steady_clock::now();
        for (auto i = lane_.connections.begin(); i != lane_.connections.end();) {
            const auto one = *i++; // closing takes it out
            one->close_if_idle(now, limit);
        }
    }

    server& host_;
    lane& lane_;
    asio::steady_timer timer_;
};

/// Has every client finish, and the lanes end when all are gone or the time is over.
class farewell {
  public:
    farewell(server& host, std::vector<std::unique_ptr<lane>>& lanes)
        : host_{host}, lanes_{lanes}, timer_{lanes.front()->context} {}

    void begin() {
        last_moment_ = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        for (const auto& one : lanes_)
            asio::post(one->context, [&drained = *one] {
                const auto all = drained.connections;
                for (const auto& c : all) c->drain();
            });
        look();
    }

  private:
    void look() {
        timer_.expires_after(std::chrono::milliseconds{10});
        timer_.async_wait([this](const error_code&) {
            if (host_.client_count() != 0 && std::chrono::steady_clock::now() < last_moment_)
                return look();
            for (const auto& one : lanes_) one->context.stop();
        });
    }

    server& host_;
    std::vector<std::unique_ptr<lane>>& lanes_;
    asio::steady_timer timer_;
    std::chrono::steady_clock::time_point last_moment_;
};

} // namespace cache
