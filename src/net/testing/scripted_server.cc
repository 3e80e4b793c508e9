#include "net/testing/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace pharos::net {
namespace {

constexpr size_t kMaxRequestBytes = 1024 * 1024;
constexpr int kBacklog = 1024;

SSL_CTX* MakeTlsContext(const std::string& chain_pem, const std::string& key_pem) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  const int usual = SSL_CTX_get_security_level(context);
  SSL_CTX_set_security_level(context, 0);  // weak certificates can be loaded, too
  BIO* chain = BIO_new_mem_buf(chain_pem.data(), static_cast<int>(chain_pem.size()));
  bool is_first = true;
  while (X509* certificate = PEM_read_bio_X509(chain, nullptr, nullptr, nullptr)) {
    if (is_first) {
      SSL_CTX_use_certificate(context, certificate);
      X509_free(certificate);
    } else {
      SSL_CTX_add_extra_chain_cert(context, certificate);  // takes it over
    }
    is_first = false;
  }
  BIO_free(chain);
  BIO* key_bio = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_PrivateKey(context, key);
  EVP_PKEY_free(key);
  BIO_free(key_bio);
  SSL_CTX_set_security_level(context, usual);
  ERR_clear_error();
  return context;
}

// The length that a request's Content-Length announces; 0 without one.
size_t BodyLength(std::string_view head) {
  for (std::string_view line : Split(head, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!EqualsIgnoreCase(Trim(line.substr(0, colon)), "Content-Length")) continue;
    return static_cast<size_t>(ParseInt(Trim(line.substr(colon + 1))).value_or(0));
  }
  return 0;
}

}  // namespace

bool ScriptedConnection::WaitFor(short events, int timeout_ms) {
  std::array<pollfd, 2> watched{{{fd_, events, 0}, {server_.stop_fd_, POLLIN, 0}}};
  if (fd_ < 0) return false;
  const int count = poll(watched.data(), watched.size(), timeout_ms);
  return count > 0 && watched[1].revents == 0;
}

long ScriptedConnection::ReadSome(char* data, size_t size) {
  while (fd_ >= 0) {
    if (ssl_ != nullptr) {
      const int got = SSL_read(ssl_, data, static_cast<int>(size));
      if (got > 0) return got;
      const int error = SSL_get_error(ssl_, got);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return -1;
    } else {
      const ssize_t got = recv(fd_, data, size, 0);
      if (got > 0) return got;
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) return -1;
    }
    if (!WaitFor(POLLIN, -1)) return -1;
  }
  return -1;
}

long ScriptedConnection::WriteSome(const char* data, size_t size) {
  while (fd_ >= 0) {
    if (ssl_ != nullptr) {
      const int sent = SSL_write(ssl_, data, static_cast<int>(size));
      if (sent > 0) return sent;
      const int error = SSL_get_error(ssl_, sent);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return -1;
    } else {
      const ssize_t sent = send(fd_, data, size, MSG_NOSIGNAL);
      if (sent > 0) return sent;
      if (errno != EAGAIN && errno != EINTR) return -1;
    }
    if (!WaitFor(POLLOUT, -1)) return -1;
  }
  return -1;
}

bool ScriptedConnection::ShakeHands() {
  if (server_.tls_ == nullptr) return true;
  ssl_ = SSL_new(server_.tls_);
  SSL_set_fd(ssl_, fd_);
  SSL_set_mode(ssl_, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  while (true) {
    const int status = SSL_accept(ssl_);
    if (status == 1) return true;
    const int error = SSL_get_error(ssl_, status);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return false;
    if (!WaitFor(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, -1)) return false;
  }
}

void ScriptedConnection::Close() {
  if (ssl_ != nullptr) {
    if (fd_ >= 0) SSL_shutdown(ssl_);
    SSL_free(ssl_);
    ssl_ = nullptr;
    ERR_clear_error();
  }
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

std::string ScriptedConnection::ReadLine() {
  std::string line;
  while (line.empty() || line.back() != '\n') {
    char c = 0;
    if (line.size() > 64 * 1024 || ReadSome(&c, 1) != 1) return {};
    line += c;
  }
  server_.Record(line);
  return line;
}

std::string ScriptedConnection::ReadBytes(size_t count) {
  std::string bytes(count, '\0');
  size_t have = 0;
  while (have < count) {
    const long got = ReadSome(bytes.data() + have, count - have);
    if (got <= 0) return {};
    have += static_cast<size_t>(got);
  }
  return bytes;
}

std::string ScriptedConnection::ReadRequest() {
  std::string request;
  std::array<char, 4096> buffer;
  size_t wanted = 0;  // 0 until the head is complete
  while (wanted == 0 || request.size() < wanted) {
    const long got = ReadSome(buffer.data(), buffer.size());
    if (got <= 0 || request.size() > kMaxRequestBytes) return {};
    request.append(buffer.data(), static_cast<size_t>(got));
    const size_t end = request.find("\r\n\r\n");
    if (wanted == 0 && end != std::string::npos) {
      wanted = end + 4 + BodyLength(std::string_view(request).substr(0, end));
    }
  }
  server_.Record(request);
  return request;
}

bool ScriptedConnection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = WriteSome(bytes.data(), std::min<size_t>(bytes.size(), 1 << 20));
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool ScriptedConnection::SendPlain(std::string_view bytes) {
  ssl_st* const ssl = std::exchange(ssl_, nullptr);
  const bool sent = Send(bytes);
  ssl_ = ssl;
  return sent;
}

void ScriptedConnection::Drop() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

bool ScriptedConnection::SendSlowly(std::string_view bytes, Duration pause) {
  const int pause_ms = static_cast<int>(pause / Milliseconds(1));
  for (char c : bytes) {
    if (!Send({&c, 1})) return false;
    std::array<pollfd, 2> watched{{{fd_, POLLRDHUP, 0}, {server_.stop_fd_, POLLIN, 0}}};
    if (poll(watched.data(), watched.size(), pause_ms) != 0) return false;
  }
  return true;
}

void ScriptedConnection::SendForever(std::string_view bytes) {
  while (Send(bytes)) {
  }
}

void ScriptedConnection::WaitForClose() {
  std::array<char, 4096> buffer;
  while (ReadSome(buffer.data(), buffer.size()) > 0) {
  }
}

void ScriptedConnection::Reset() {
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd_);
  fd_ = -1;
}

ScriptedServer::ScriptedServer(Script script, const std::string& chain_pem,
                               const std::string& key_pem)
    : script_(std::move(script)) {
  if (!chain_pem.empty()) tls_ = MakeTlsContext(chain_pem, key_pem);
  listen_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  stop_fd_ = eventfd(0, EFD_CLOEXEC);
  if (bind(listen_fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listen_fd_, kBacklog) != 0 ||
      getsockname(listen_fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();  // a test without its server says nothing
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedServer::~ScriptedServer() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_fd_, &one, sizeof(one));
  acceptor_.join();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  for (const auto& [fd, index] : accepted_) close(fd);
  close(listen_fd_);
  close(stop_fd_);
  SSL_CTX_free(tls_);
}

ScriptedServer::Script ScriptedServer::Answer(std::string answer) {
  return [answer = std::move(answer)](ScriptedConnection& connection) {
    if (connection.ReadRequest().empty()) return;
    connection.Send(answer);
  };
}

std::string ScriptedServer::Ok(std::string_view body, std::string_view extra_headers) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(extra_headers) + "\r\n" + std::string(body);
}

std::string ScriptedServer::Url(std::string_view path, std::string_view host) const {
  return std::string(tls_ != nullptr ? "https" : "http") + "://" + std::string(host) + ":" +
         std::to_string(port_) + std::string(path);
}

std::vector<std::string> ScriptedServer::Requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

bool ScriptedServer::WaitForConnections(size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, Seconds(10), [&] { return connection_count_ >= count; });
}

void ScriptedServer::Accept() {
  while (true) {
    std::array<pollfd, 2> watched{{{listen_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
    poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return;
    const int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) continue;
    std::lock_guard lock(mutex_);
    accepted_.emplace_back(fd, connection_count_++);
    if (accepted_.size() > idle_workers_ && workers_.size() < kMaxThreads) {
      workers_.emplace_back([this] { Work(); });
    }
    changed_.notify_all();
  }
}

void ScriptedServer::Work() {
  sigset_t pipe;  // TLS writes to connections that the client has closed
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_workers_;
    changed_.wait(lock, [&] { return stopping_ || !accepted_.empty(); });
    --idle_workers_;
    if (stopping_) return;
    const auto [fd, index] = accepted_.front();
    accepted_.pop_front();
    lock.unlock();
    Serve(fd, index);
    lock.lock();
  }
}

void ScriptedServer::Serve(int fd, size_t index) {
  ScriptedConnection connection(*this, fd, index);
  if (tls_waits_ || connection.ShakeHands()) script_(connection);
  connection.Close();
}

void ScriptedServer::Record(std::string request) {
  std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
}

}  // namespace pharos::net
