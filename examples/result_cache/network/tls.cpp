// SPDX-License-Identifier: BSL-1.0
// The one file that knows OpenSSL. Memory stands where OpenSSL expects sockets, so the connection's
// own way of reading and writing serves both kinds of port.
#include "network/tls.hpp"

#include <climits>
#include <new>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace cache {

namespace {

struct free_context {
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
struct free_session {
    void operator()(SSL* session) const noexcept { SSL_free(session); }
};

std::string reason() {
    char text[256] = "unknown";
    if (const unsigned long code = ERR_get_error(); code != 0)
        ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return text;
}

} // namespace

struct tls_context::parts {
    std::unique_ptr<SSL_CTX, free_context> context;
};

tls_context::tls_context(std::unique_ptr<parts> made) : parts_{std::move(made)} {}
tls_context::~tls_context() = default;

std::unique_ptr<tls_context> tls_context::load(const std::string& certificate,
                                               const std::string& key, std::string& error) {
    auto made = std::make_unique<parts>();
    made->context.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* const context = made->context.get();
    if (context == nullptr) return error = "TLS: " + reason(), nullptr;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); // an idle client owns no buffer
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        return error = "can't use the certificate '" + certificate + "': " + reason(), nullptr;
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return error = "can't use the key '" + key + "': " + reason(), nullptr;
    if (SSL_CTX_check_private_key(context) != 1)
        return error = "'" + key + "' is not the key of '" + certificate + "'", nullptr;
    return std::unique_ptr<tls_context>{new tls_context{std::move(made)}};
}

struct tls_session::parts {
    std::unique_ptr<SSL, free_session> ssl;
    BIO* from_network = nullptr; ///< owned by ssl
    BIO* to_network = nullptr;
    std::string early; ///< to be said after the handshake
};

tls_session::tls_session(const tls_context& context) : parts_{std::make_unique<parts>()} {
    parts_->ssl.reset(SSL_new(context.parts_->context.get()));
    parts_->from_network = BIO_new(BIO_s_mem());
    parts_->to_network = BIO_new(BIO_s_mem());
    if (!parts_->ssl || parts_->from_network == nullptr || parts_->to_network == nullptr) {
        BIO_free(parts_->from_network);
        BIO_free(parts_->to_network);
        throw std::bad_alloc{};
    }
    SSL_set_bio(parts_->ssl.get(), parts_->from_network, parts_->to_network);
    SSL_set_accept_state(parts_->ssl.get());
}
tls_session::~tls_session() = default;

bool tls_session::receive(std::string_view bytes, std::string& plain) {
    constexpr std::size_t largest_record = std::size_t{16} << 10;
    ERR_clear_error();
    while (!bytes.empty()) {
        const int size = bytes.size() > INT_MAX ? INT_MAX : static_cast<int>(bytes.size());
        const int taken = BIO_write(parts_->from_network, bytes.data(), size);
        if (taken <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(taken));
    }
    for (;;) {
        const std::size_t begin = plain.size();
        plain.resize(begin + largest_record);
        const int got = SSL_read(parts_->ssl.get(), plain.data() + begin, largest_record);
        plain.resize(begin + static_cast<std::size_t>(got > 0 ? got : 0));
        if (got > 0) continue;
        flush_early();
        return SSL_get_error(parts_->ssl.get(), got) == SSL_ERROR_WANT_READ;
    }
}

void tls_session::flush_early() {
    if (parts_->early.empty() || SSL_is_init_finished(parts_->ssl.get()) == 0) return;
    const std::string waiting = std::move(parts_->early);
    parts_->early.clear();
    send(waiting);
}

void tls_session::send(std::string_view plain) {
    if (SSL_is_init_finished(parts_->ssl.get()) == 0) {
        parts_->early.append(plain);
        return;
    }
    ERR_clear_error();
    while (!plain.empty()) {
        const int size = plain.size() > INT_MAX ? INT_MAX : static_cast<int>(plain.size());
        const int written = SSL_write(parts_->ssl.get(), plain.data(), size);
        if (written <= 0) return; // broken: the next receive() says so
        plain.remove_prefix(static_cast<std::size_t>(written));
    }
}

void tls_session::take(std::string& to_network) {
    const std::size_t waiting = BIO_ctrl_pending(parts_->to_network);
    if (waiting == 0) return;
    const std::size_t begin = to_network.size();
    to_network.resize(begin + waiting);
    const int got =
        BIO_read(parts_->to_network, to_network.data() + begin, static_cast<int>(waiting));
    to_network.resize(begin + static_cast<std::size_t>(got > 0 ? got : 0));
}

void tls_session::end() {
    ERR_clear_error();
    if (SSL_is_init_finished(parts_->ssl.get()) != 0) SSL_shutdown(parts_->ssl.get());
}

} // namespace cache
