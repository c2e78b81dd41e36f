// SPDX-License-Identifier: BSL-1.0
/// @file Declares tls_context and tls_session: encryption that does no input or output.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace cache {

/// A certificate chain and its key. Immutable, so any thread may use it; outlives its sessions.
class tls_context {
  public:
    /// Reads PEM files. Null for failure: `error` says which file and why.
    [[nodiscard]] static std::unique_ptr<tls_context>
    load(const std::string& certificate, const std::string& key, std::string& error);
    ~tls_context();
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

  private:
    friend class tls_session;
    struct parts;
    explicit tls_context(std::unique_ptr<parts> made);
    std::unique_ptr<parts> parts_;
};

/// The server's side of one connection: bytes of the network in, what they say out, and the other
/// way round. TLS 1.2 and later, no renegotiation. Belongs to one thread; holds no more than what
/// it was given. Throws std::bad_alloc when OpenSSL has no memory to begin with.
class tls_session {
  public:
    explicit tls_session(const tls_context& context);
    ~tls_session();
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;

    /// Appends to `plain` what the peer says. False: it has ended, or is no TLS; what take() still
    /// gives says why and should be sent.
    [[nodiscard]] bool receive(std::string_view from_network, std::string& plain);
    /// What is to be said to the peer; before the handshake has ended it waits.
    void send(std::string_view plain);
    /// Moves bytes for the network behind `to_network`.
    void take(std::string& to_network);
    /// Says that nothing comes any more.
    void end();

  private:
    struct parts;
    void flush_early();
    std::unique_ptr<parts> parts_;
};

} // namespace cache
