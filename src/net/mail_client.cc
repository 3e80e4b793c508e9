#include "net/mail_client.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "base/bounded_queue.h"
#include "base/text.h"
#include "net/address.h"

namespace pharos::net {
namespace {

constexpr size_t kThreads = 2;
constexpr size_t kMaxReceivers = 100;
constexpr size_t kMaxAddress = 254;

struct CurlEnd {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What curl calls back during one mail.
struct Talk {
  const OutboundPolicy& policy;
  const MailSettings& settings;
  const std::atomic<bool>& stopping;
  std::string_view unsent;
  std::string blocked{};  // why the policy refused; empty = it did not
};

std::optional<IpAddress> AddressOf(const curl_sockaddr& from) {
  if (from.family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &from.addr, sizeof(v4));
    return IpAddress::V4(ntohl(v4.sin_addr.s_addr));
  }
  if (from.family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6;
  if (from.addrlen < sizeof(v6)) return std::nullopt;
  std::memcpy(&v6, &from.addr, sizeof(v6));
  std::array<uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return IpAddress::V6(bytes);
}

// Whatever the name resolved to, only an address that the policy allows is connected to.
curl_socket_t OpenSocket(void* data, curlsocktype, curl_sockaddr* target) {
  auto& talk = *static_cast<Talk*>(data);
  const std::optional<IpAddress> address = AddressOf(*target);
  if (!address) return CURL_SOCKET_BAD;
  const Status allowed =
      talk.policy.CheckAddress(Purpose::kNotify, talk.settings.host, *address, talk.settings.port);
  if (!allowed) {
    talk.blocked = allowed.error().message;
    return CURL_SOCKET_BAD;
  }
  return socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

size_t ReadText(char* out, size_t size, size_t count, void* data) {
  auto& talk = *static_cast<Talk*>(data);
  const size_t taken = std::min(size * count, talk.unsent.size());
  std::memcpy(out, talk.unsent.data(), taken);
  talk.unsent.remove_prefix(taken);
  return taken;
}

// Called at least about once a second; anything but 0 ends the conversation.
int WatchForStop(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Talk*>(data)->stopping ? 1 : 0;
}

// The path is what curl calls itself in EHLO.
std::string UrlOf(const MailSettings& settings) {
  const bool is_v6 = settings.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + settings.host + "]" : settings.host;
  return (settings.security == MailSecurity::kTls ? "smtps://" : "smtp://") + host + ":" +
         std::to_string(settings.port) + "/" + settings.from.substr(settings.from.find('@') + 1);
}

void SetConnection(CURL* easy, const MailSettings& settings, Talk& talk, Duration timeout) {
  curl_easy_setopt(easy, CURLOPT_URL, UrlOf(settings).c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count() / 1000));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout.count() / 1000));
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &talk);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, WatchForStop);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &talk);
  curl_easy_setopt(easy, CURLOPT_CAINFO, settings.ca_bundle.c_str());
  curl_easy_setopt(easy, CURLOPT_USE_SSL,
                   settings.security == MailSecurity::kNone ? static_cast<long>(CURLUSESSL_NONE)
                                                            : static_cast<long>(CURLUSESSL_ALL));
  if (settings.user.empty()) return;
  curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
  curl_easy_setopt(easy, CURLOPT_USERNAME, settings.user.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, settings.password.Reveal().c_str());
}

MailAnswer Judge(CURL* easy, CURLcode code, const Talk& talk, const char* text) {
  MailAnswer answer;
  long reply = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
  answer.code = static_cast<int>(reply);
  if (code == CURLE_OK) {
    answer.accepted = true;
    return answer;
  }
  if (!talk.blocked.empty()) {
    answer.is_final = true;
    answer.error = talk.blocked;
    return answer;
  }
  // A failure of the connection after a good reply is none of the server's refusals.
  const bool refused = code == CURLE_LOGIN_DENIED || code == CURLE_SEND_ERROR ||
                       code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY;
  answer.is_final = refused && answer.code >= 500;
  answer.error = text[0] != '\0' ? text : curl_easy_strerror(code);
  if (answer.code >= 400) answer.error += " (SMTP " + std::to_string(answer.code) + ")";
  return answer;
}

class MailClientImpl : public MailClient {
 public:
  MailClientImpl(MailSettings settings, const OutboundPolicy& policy)
      : settings_(std::move(settings)), policy_(policy), queue_(settings_.max_queued) {
    for (size_t i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
  }

  ~MailClientImpl() override {
    stopping_ = true;
    queue_.Close();
    for (std::thread& thread : threads_) thread.join();
  }

  const MailSettings& settings() const override { return settings_; }

  void Send(Mail mail, MailDone done) override {
    Job job{std::move(mail), std::move(done)};
    if (queue_.TryPush(std::move(job))) return;
    MailAnswer answer;
    answer.error = "too many mails are waiting";
    job.done(std::move(answer));
  }

 private:
  struct Job {
    Mail mail;
    MailDone done;
  };

  void Run() {
    while (true) {
      std::vector<Job> jobs = queue_.PopBatch(1);
      if (jobs.empty()) return;
      MailAnswer answer;
      if (stopping_) {
        answer.error = "shutting down";
      } else {
        answer = Deliver(jobs[0].mail);
      }
      jobs[0].done(std::move(answer));
    }
  }

  MailAnswer Deliver(const Mail& mail) const {
    MailAnswer answer;
    answer.is_final = true;
    if (mail.to.empty() || mail.to.size() > kMaxReceivers) {
      answer.error = "a mail needs 1 to 100 receivers";
      return answer;
    }
    curl_slist* receivers = nullptr;
    for (const std::string& to : mail.to) {
      if (IsMailAddress(to)) receivers = curl_slist_append(receivers, ("<" + to + ">").c_str());
    }
    const std::unique_ptr<curl_slist, CurlEnd> owner(receivers);
    if (receivers == nullptr) {
      answer.error = "no receiver is a mail address";
      return answer;
    }
    if (const Status host = policy_.CheckHost(settings_.host); !host) {
      answer.error = host.error().message;
      return answer;
    }
    const std::unique_ptr<CURL, CurlEnd> easy(curl_easy_init());
    if (easy == nullptr) {
      answer.is_final = false;
      answer.error = "out of memory";
      return answer;
    }
    Talk talk{policy_, settings_, stopping_, mail.text};
    SetConnection(easy.get(), settings_, talk, mail.timeout);
    char text[CURL_ERROR_SIZE] = {};
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, text);
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, ("<" + settings_.from + ">").c_str());
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, receivers);
    curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, ReadText);
    curl_easy_setopt(easy.get(), CURLOPT_READDATA, &talk);
    const CURLcode code = curl_easy_perform(easy.get());
    return Judge(easy.get(), code, talk, text);
  }

  const MailSettings settings_;
  const OutboundPolicy& policy_;
  std::atomic<bool> stopping_ = false;
  BoundedQueue<Job> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<MailClient>> MailClient::Start(MailSettings settings,
                                                      const OutboundPolicy& policy) {
  if (settings.host.empty()) return Error::Field("mail.host", "there is no mail server");
  if (!IsMailAddress(settings.from)) {
    return Error::Field("mail.from", "the sender is not a mail address");
  }
  // Counted: the HTTP client does the same.
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Error::Internal("curl cannot be initialised");
  }
  return std::unique_ptr<MailClient>(std::make_unique<MailClientImpl>(std::move(settings), policy));
}

bool IsMailAddress(std::string_view address) {
  const size_t at = address.find('@');
  if (address.size() > kMaxAddress || at == std::string_view::npos || at == 0) return false;
  if (at + 1 >= address.size() || address.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  return std::all_of(address.begin(), address.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f &&
           std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
  });
}

}  // namespace pharos::net
