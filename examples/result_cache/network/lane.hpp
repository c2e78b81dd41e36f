// SPDX-License-Identifier: BSL-1.0
/// @file Defines lane: what the connections of one thread share.
#pragma once

#include "keyspace/durability.hpp"
#include "resp/request_run.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>
#include <set>
#include <vector>

namespace cache {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class connection;

/// What the connections of one thread share. Belongs to that thread: what others want of it they
/// post to its context.
struct lane {
    explicit lane(disk_gate& disk) noexcept : gate{disk} {}

    disk_gate& gate;
    asio::io_context context{1};
    std::set<std::shared_ptr<connection>> connections;
    std::vector<std::shared_ptr<connection>> held; ///< replies that wait for the disk
    std::size_t held_before = 0;                   ///< how many did at the last look
    std::vector<char> input = std::vector<char>(std::size_t{64} * 1024);
    resp::request_run run; ///< of the connection that is being answered
};

} // namespace cache
