// SPDX-License-Identifier: BSL-1.0
// The one file that knows Beast.
#include "network/probes.hpp"

#include "network/exposition.hpp"
#include "network/listen_on.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <thread>

namespace cache {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

enum class phase : std::uint8_t { recovering, recovered, serving, draining, closing };

struct shared_state {
    server& host;
    std::atomic<phase> now{phase::recovering};
    std::atomic<double> recovery_seconds{0};
};

http::response<http::string_body> answer(const http::request<http::empty_body>& request,
                                         shared_state& state) {
    http::response<http::string_body> reply{http::status::ok, request.version()};
    reply.set(http::field::content_type, "text/plain; charset=utf-8");
    reply.keep_alive(request.keep_alive());
    const std::string_view target{request.target().data(), request.target().size()};
    const std::string_view path = target.substr(0, target.find('?'));
    const bool verbose = target.find("?verbose") != std::string_view::npos;
    const phase now = state.now;
    if (request.method() != http::verb::get) {
        reply.result(http::status::method_not_allowed);
        reply.set(http::field::allow, "GET");
        reply.body() = "only GET\n";
    } else if (path == "/livez") {
        reply.body() = verbose ? "[+]process ok\n" : "ok\n";
    } else if (path == "/readyz") {
        const bool recovered = now != phase::recovering;
        const bool writes = now != phase::serving || !state.host.space.rows().has_failed();
        const bool open = now == phase::serving && writes;
        const bool ends = now == phase::draining || now == phase::closing;
        if (!open) reply.result(http::status::service_unavailable);
        if (verbose)
            reply.body() = std::string{recovered ? "[+]recovered ok\n" : "[-]recovered not yet\n"} +
                           (writes ? "[+]disk ok\n" : "[-]disk refuses writes\n") +
                           (now == phase::serving ? "[+]serving ok\n"
                            : ends                ? "[-]serving draining\n"
                                                  : "[-]serving not yet\n");
        else
            reply.body() = open      ? "ok\n"
                           : ends    ? "draining\n"
                           : !writes ? "the disk refuses writes\n"
                                     : "recovering\n";
    } else if (path == "/metrics" && (now == phase::recovering || now == phase::closing)) {
        reply.result(http::status::service_unavailable);
        reply.body() = "the store is not open\n";
    } else if (path == "/metrics") {
        reply.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
        reply.body() = exposition(state.host, state.recovery_seconds);
    } else {
        reply.result(http::status::not_found);
        reply.body() = "there are /livez, /readyz and /metrics\n";
    }
    reply.prepare_payload();
    return reply;
}

/// One connection; requests one after the other, without bodies, each within a few seconds.
class visitor : public std::enable_shared_from_this<visitor> {
  public:
    visitor(tcp::socket socket, shared_state& state) : stream_{std::move(socket)}, state_{state} {}

    void read() {
        constexpr std::uint32_t most_header_bytes = 8 * 1024;
        parser_.emplace();
        parser_->header_limit(most_header_bytes);
        parser_->body_limit(0);
        stream_.expires_after(std::chrono::seconds{10});
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](const error_code& bad, std::size_t) {
                             if (!bad) self->write();
                         });
    }

  private:
    void write() {
        reply_ = answer(parser_->get(), state_);
        http::async_write(stream_, reply_,
                          [self = shared_from_this()](const error_code& bad, std::size_t) {
                              if (!bad && self->reply_.keep_alive()) self->read();
                          });
    }

    beast::tcp_stream stream_;
    shared_state& state_;
    beast::flat_buffer buffer_{std::size_t{16} * 1024};
    std::optional<http::request_parser<http::empty_body>> parser_;
    http::response<http::string_body> reply_;
};

} // namespace

struct probes::parts {
    explicit parts(server& host) : state{host} {}

    void accept() {
        acceptor.async_accept([this](const error_code& bad, tcp::socket socket) {
            if (bad == asio::error::operation_aborted) return;
            if (!bad) std::make_shared<visitor>(std::move(socket), state)->read();
            accept();
        });
    }

    shared_state state;
    asio::io_context context{1};
    tcp::acceptor acceptor{context};
    std::thread thread;
};

probes::probes(server& host) : parts_{std::make_unique<parts>(host)} {}
probes::~probes() {
    parts_->context.stop();
    if (parts_->thread.joinable()) parts_->thread.join();
}

unsigned short probes::open(const std::string& address, unsigned short port, std::string& error) {
    tcp::acceptor& door = parts_->acceptor;
    if (!listen_on(door, address, port, error)) return 0;
    error_code bad;
    const unsigned short got = door.local_endpoint(bad).port();
    parts_->accept();
    parts_->thread = std::thread{[&context = parts_->context] { context.run(); }};
    return got;
}

void probes::recovered(double seconds) {
    parts_->state.recovery_seconds = seconds;
    parts_->state.now = phase::recovered;
}
void probes::serving() { parts_->state.now = phase::serving; }
void probes::draining() { parts_->state.now = phase::draining; }
void probes::closing() { parts_->state.now = phase::closing; }

} // namespace cache
