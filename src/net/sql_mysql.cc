// MySQL and MariaDB by libmariadb, with its non-blocking calls.
#include <errmsg.h>
#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <sys/socket.h>

#include <ma_pvio.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/text.h"
#include "net/sql_driver.h"

// Exported by the library, declared in none of its installed headers.
extern "C" int ma_pvio_register_callback(my_bool on, void (*callback)(int mode, MYSQL* mysql,
                                                                      const unsigned char* buffer,
                                                                      size_t length));

namespace pharos::net {
namespace {

constexpr unsigned int kFirstClientError = 2000;
constexpr unsigned int kLastClientError = 2999;
constexpr unsigned long kMaxPacket = kMaxSqlBytes;
// Methods that never hand the password over in clear text to a server that asks for it, nor ask
// the terminal for it.
constexpr const char* kLoginMethods =
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,mysql_old_password";

// What the library's callback has to know of the conversation of its thread: the library has one
// list of callbacks for the process.
struct Talk {
  const MYSQL* mysql = nullptr;
  size_t bytes_left = 0;
  bool exceeded = false;
  std::string name{};  // of the host, as certificates have it
  bool is_named = false;
};
Talk& ThisThreadsTalk() {
  thread_local Talk talk;  // tidy: process-wide: one for each thread, set for one conversation
  return talk;
}

// The library looks for the host that it was told to connect to in the certificate. It was told an
// address, since we have looked the name up and checked what came; the certificate is for the name.
// Without this exchange no certificate for a name would do, so missing it lets nobody in.
void NameTheHost(MYSQL* mysql, Talk& talk) {
  if (talk.is_named || mysql->host == nullptr) return;
  char* name = strdup(talk.name.c_str());
  if (name == nullptr) return;
  std::free(mysql->host);  // as the library itself does, whoever ends the connection
  mysql->host = name;
  talk.is_named = true;
}

// After TLS is set up the library leaves the socket blocking, and then blocks.
void KeepFromBlocking(my_socket fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0 && (flags & O_NONBLOCK) == 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

// Called by the library after each read (mode 0) and write. A server that never stops sending is
// cut off: the library reads on for as long as there is something, without giving us the word.
void OnTraffic(int mode, MYSQL* mysql, const unsigned char*, size_t length) {
  Talk& talk = ThisThreadsTalk();
  if (mysql != talk.mysql) return;
  KeepFromBlocking(mysql_get_socket(mysql));
  NameTheHost(mysql, talk);  // the first write asks for TLS, and the host is known by then
  if (mode != 0) return;
  if (length <= talk.bytes_left) {
    talk.bytes_left -= length;
    return;
  }
  talk.bytes_left = 0;
  talk.exceeded = true;
  shutdown(mysql_get_socket(mysql), SHUT_RDWR);
}

// Once for the process, when the first database is checked.
bool InitLibrary() {
  static const bool ready = [] {
    ma_pvio_register_callback(1, &OnTraffic);
    return mysql_library_init(0, nullptr, nullptr) == 0;
  }();
  return ready;
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

short PollEvents(int wanted) {
  return static_cast<short>(((wanted & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) |
                            ((wanted & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0) |
                            ((wanted & MYSQL_WAIT_EXCEPT) != 0 ? POLLPRI : 0));
}

int MysqlEvents(short got) {
  return ((got & (POLLIN | POLLHUP | POLLERR)) != 0 ? MYSQL_WAIT_READ : 0) |
         ((got & (POLLOUT | POLLERR)) != 0 ? MYSQL_WAIT_WRITE : 0) |
         ((got & POLLPRI) != 0 ? MYSQL_WAIT_EXCEPT : 0);
}

class Conversation {
 public:
  Conversation(const SqlTask& task, SqlWaiter& waiter) : task_(task), waiter_(waiter) {
    if (InitLibrary()) mysql_ = mysql_init(nullptr);
    ThisThreadsTalk() = {mysql_, kMaxSqlBytes, false, task.request.target.host};
  }

  ~Conversation() {
    Talk& talk = ThisThreadsTalk();
    waiter_.interrupt().Forget();
    if (mysql_ != nullptr) {
      // Nothing may wait for a server that did not answer.
      if (!is_clean_ && mysql_get_socket(mysql_) >= 0) {
        shutdown(mysql_get_socket(mysql_), SHUT_RDWR);
      }
      mysql_close(mysql_);
    }
    talk = {};
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  SqlAnswer Run() {
    if (mysql_ == nullptr) {
      FailSql(task_, SqlFailure::kOverload, "out of memory", answer_);
      return std::move(answer_);
    }
    SetOptions();
    if (Connect() && Query()) ReadRows();
    return std::move(answer_);
  }

 private:
  void SetOptions() {
    const auto set = [this](mysql_option option, const void* value) {
      mysql_options(mysql_, option, value);
    };
    const unsigned int no = 0;
    const my_bool yes = 1;
    const my_bool off = 0;
    const unsigned int tcp = MYSQL_PROTOCOL_TCP;
    set(MYSQL_OPT_NONBLOCK, nullptr);
    set(MYSQL_OPT_LOCAL_INFILE, &no);  // else the server may ask for files of ours
    set(MYSQL_OPT_PROTOCOL, &tcp);
    set(MYSQL_OPT_RECONNECT, &off);
    set(MYSQL_OPT_MAX_ALLOWED_PACKET, &kMaxPacket);
    set(MYSQL_SET_CHARSET_NAME, "utf8mb4");
    set(MARIADB_OPT_RESTRICTED_AUTH, kLoginMethods);
    mysql_options4(mysql_, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "pharos");
    if (task_.tls == SqlTls::kDisable) return;
    set(MYSQL_OPT_SSL_ENFORCE, &yes);
    if (!task_.ca_path.empty()) set(MYSQL_OPT_SSL_CA, task_.ca_path.c_str());
    if (task_.tls >= SqlTls::kVerifyCa) set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
  }

  // Goes on with a call of the library until it is done; false when the time or the client ended.
  template <class Continue>
  bool Finish(int wanted, std::string_view doing, const Continue& go_on) {
    while (wanted != 0) {
      short got = 0;
      waiter_.interrupt().Watch(mysql_get_socket(mysql_));
      const SqlWaiter::Outcome outcome =
          waiter_.Wait(mysql_get_socket(mysql_), PollEvents(wanted), &got);
      if (outcome != SqlWaiter::Outcome::kReady) {
        FailWait(outcome, doing, answer_);
        return false;
      }
      KeepFromBlocking(mysql_get_socket(mysql_));
      wanted = go_on(MysqlEvents(got) & wanted);
    }
    return true;
  }

  bool Connect() {
    const SqlTarget& target = task_.request.target;
    const MonotonicTime begun = waiter_.Now();
    MonotonicTime connected = begun;
    const std::string address = task_.address.ToString();
    const std::string endpoint = SqlEndpoint(task_);
    MYSQL* made = nullptr;
    const int wanted = mysql_real_connect_start(
        &made, mysql_, address.c_str(), target.user.c_str(), target.password.c_str(),
        target.database.empty() ? nullptr : target.database.c_str(), target.port, nullptr, 0);
    const bool finished = Finish(wanted, "a connection to " + endpoint, [&](int got) {
      if (answer_.phases.connect_us < 0) {  // the first thing to be waited for is the connection
        connected = waiter_.Now();
        answer_.phases.connect_us = (connected - begun).count();
        waiter_.EndConnecting();
      }
      return mysql_real_connect_cont(&made, mysql_, got);
    });
    if (!finished) {
      if (answer_.phases.connect_us >= 0) Retell("the login at " + endpoint);
      return false;
    }
    if (made == nullptr) return FailConnection();
    return EndLogin(connected);
  }

  // The time-out came later than where the wait began.
  void Retell(std::string_view doing) {
    if (answer_.failure == SqlFailure::kTimeout) {
      FailWait(SqlWaiter::Outcome::kTimeout, doing, answer_);
    }
  }

  bool EndLogin(MonotonicTime connected) {
    answer_.phases.login_us = (waiter_.Now() - connected).count();
    if (const char* version = mysql_get_server_info(mysql_)) {
      answer_.server_version =
          Ellipsize(SanitizeUtf8(std::string_view(version).substr(0, 100)), 60);
    }
    if (mysql_get_ssl_cipher(mysql_) != nullptr) {
      const char* version = nullptr;
      mariadb_get_infov(mysql_, MARIADB_CONNECTION_TLS_VERSION, &version);
      answer_.tls = version != nullptr ? version : "TLS";
    } else if (task_.tls >= SqlTls::kRequire) {
      FailSql(task_, SqlFailure::kTls, "the server does not offer TLS", answer_);
      return false;
    }
    return true;
  }

  bool Query() {
    query_begun_ = waiter_.Now();
    const std::string& query = task_.request.query;
    int failed = 0;
    const int wanted = mysql_real_query_start(&failed, mysql_, query.data(), query.size());
    const bool finished = Finish(wanted, "the answer to the query", [&](int got) {
      return mysql_real_query_cont(&failed, mysql_, got);
    });
    if (!finished) return false;
    return failed == 0 || FailAnswer(SqlFailure::kQuery);
  }

  void ReadRows() {
    MYSQL_RES* result = mysql_use_result(mysql_);
    if (result == nullptr) {
      if (mysql_errno(mysql_) != 0) {
        FailAnswer(SqlFailure::kQuery);
        return;
      }
      return EndQuery(true);  // a statement without rows
    }
    const bool complete = FetchAll(result);
    if (!complete) shutdown(mysql_get_socket(mysql_), SHUT_RDWR);  // freeing reads to the end
    mysql_free_result(result);
    if (answer_.failure == SqlFailure::kNone) EndQuery(complete);
  }

  void EndQuery(bool complete) {
    answer_.phases.query_us = (waiter_.Now() - query_begun_).count();
    is_clean_ = complete;
  }

  // False when the rest was not read.
  bool FetchAll(MYSQL_RES* result) {
    while (true) {
      MYSQL_ROW row = nullptr;
      const int wanted = mysql_fetch_row_start(&row, result);
      const bool finished = Finish(wanted, "the answer to the query", [&](int got) {
        return mysql_fetch_row_cont(&row, result, got);
      });
      if (!finished) return false;
      if (row == nullptr) return mysql_errno(mysql_) == 0 || FailAnswer(SqlFailure::kQuery);
      if (answer_.rows == 0 && mysql_num_fields(result) > 0 && row[0] != nullptr) {
        KeepFirstValue(row[0], mysql_fetch_lengths(result)[0], answer_);
      }
      if (answer_.rows >= kMaxSqlRows) {
        answer_.more_rows = true;
        return false;
      }
      ++answer_.rows;
    }
  }

  // Errors from 2000 to 2999 are the library's own, all others the server's.
  bool IsServersError() const {
    const unsigned int code = mysql_errno(mysql_);
    return code != 0 && (code < kFirstClientError || code > kLastClientError);
  }

  bool FailConnection() {
    const std::string text = mysql_error(mysql_);
    const std::string endpoint = SqlEndpoint(task_);
    if (ThisThreadsTalk().exceeded) return FailAnswer(SqlFailure::kTooLarge);
    if (mysql_errno(mysql_) == CR_CONN_HOST_ERROR) answer_.phases.connect_us = -1;
    if (Has(text, "(111)")) {
      FailSql(task_, SqlFailure::kRefused, "connection refused by " + endpoint, answer_);
    } else if (mysql_errno(mysql_) == CR_CONN_HOST_ERROR) {
      FailSql(task_, SqlFailure::kUnreachable, endpoint + ": " + text, answer_);
    } else if (mysql_errno(mysql_) == CR_SSL_CONNECTION_ERROR) {
      FailSql(task_, SqlFailure::kTls, text, answer_);
    } else if (IsServersError()) {
      FailSql(task_, SqlFailure::kLogin, text, answer_);
    } else {
      FailSql(task_, SqlFailure::kProtocol, endpoint + ": " + text, answer_);
    }
    return false;
  }

  bool FailAnswer(SqlFailure servers) {
    if (ThisThreadsTalk().exceeded) {
      FailSql(task_, SqlFailure::kTooLarge,
              "the answer is larger than " + std::to_string(kMaxSqlBytes) + " bytes", answer_);
    } else if (IsServersError()) {
      FailSql(task_, servers, mysql_error(mysql_), answer_);
    } else {
      FailSql(task_, SqlFailure::kProtocol, SqlEndpoint(task_) + ": " + mysql_error(mysql_),
              answer_);
    }
    return false;
  }

  const SqlTask& task_;
  SqlWaiter& waiter_;
  MYSQL* mysql_ = nullptr;
  bool is_clean_ = false;  // the connection stands idle: it can be left with a good-bye
  MonotonicTime query_begun_;
  SqlAnswer answer_;
};

}  // namespace

SqlAnswer RunMysql(const SqlTask& task, SqlWaiter& waiter) {
  return Conversation(task, waiter).Run();
}

}  // namespace pharos::net
