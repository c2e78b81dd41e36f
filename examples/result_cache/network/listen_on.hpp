// SPDX-License-Identifier: BSL-1.0
/// @file Defines listen_on, which opens a door for those who connect.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>

namespace cache {

/// Has `door` listen at an address, or at what a name stands for: in IPv4 where it has such an
/// address, as Redis does. "*" is every address of IPv4; port 0 is any that is free. Answers
/// whether it listens; `error` says why not.
[[nodiscard]] inline bool listen_on(boost::asio::ip::tcp::acceptor& door,
                                    const std::string& address, unsigned short port,
                                    std::string& error) {
    using boost::asio::ip::tcp;
    boost::system::error_code bad;
    tcp::resolver names{door.get_executor()};
    const std::string name = address == "*" ? "0.0.0.0" : address;
    const std::string number = std::to_string(port);
    const auto how = tcp::resolver::passive | tcp::resolver::numeric_service;
    auto found = names.resolve(tcp::v4(), name, number, how, bad);
    if (bad) found = names.resolve(name, number, how, bad);
    if (!bad) door.open(found->endpoint().protocol(), bad);
    if (!bad) door.set_option(tcp::acceptor::reuse_address{true}, bad);
    if (!bad) door.bind(*found, bad);
    if (!bad) door.listen(tcp::acceptor::max_listen_connections, bad);
    if (bad) error = "can't listen on " + address + ':' + number + ": " + bad.message();
    return !bad;
}

} // namespace cache
