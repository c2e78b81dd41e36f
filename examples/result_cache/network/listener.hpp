// SPDX-License-Identifier: BSL-1.0
/// @file Defines listener: how clients come in.
#pragma once

#include "network/connection.hpp"
#include "network/listen_on.hpp"
#include "network/network.hpp"

namespace cache {

/// Takes clients on one port and deals them out to the lanes; encrypts where it has a context.
class listener {
  public:
    listener(server& host, std::vector<std::unique_ptr<lane>>& lanes)
        : host_{host}, lanes_{lanes}, acceptor_{lanes.front()->context} {}

    /// Answers whether it listens; `error` says why not.
    [[nodiscard]] bool open(const std::string& address, unsigned short port, std::string& error) {
        return listen_on(acceptor_, address, port, error);
    }
    [[nodiscard]] bool open_encrypted(const listening& where, std::string& error) {
        tls_ = tls_context::load(where.tls_certificate, where.tls_key, error);
        return tls_ != nullptr && open(where.address, *where.tls_port, error);
    }
    [[nodiscard]] unsigned short port() const {
        error_code bad;
        return acceptor_.local_endpoint(bad).port();
    }
    void accept() {
        lane& to = *lanes_[next_++ % lanes_.size()];
        acceptor_.async_accept(to.context, [this, &to](const error_code& bad, tcp::socket socket) {
            if (bad == asio::error::operation_aborted) return;
            if (!bad) welcome(to, std::move(socket));
            accept();
        });
    }
    void stop() {
        error_code bad;
        acceptor_.close(bad);
    }

  private:
    void welcome(lane& to, tcp::socket socket) {
        if (host_.client_count() >= host_.most_clients) {
            ++host_.counts.rejected;
            error_code bad;
            socket.non_blocking(true, bad);
            constexpr std::string_view full = "-ERR max number of clients reached\r\n";
            if (!tls_) static_cast<void>(socket.write_some(asio::buffer(full), bad));
            return;
        }
        auto one = std::make_shared<connection>(host_, to, std::move(socket), tls_.get());
        asio::post(to.context, [&to, one = std::move(one)] {
            to.connections.insert(one);
            one->start();
        });
    }

    server& host_;
    std::vector<std::unique_ptr<lane>>& lanes_;
    tcp::acceptor acceptor_;
    std::unique_ptr<tls_context> tls_;
    std::size_t next_ = 0;
};

} // namespace cache
