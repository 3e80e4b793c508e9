#include "http/internal/response_head.h"

#include <charconv>

namespace pharos::http::internal {
namespace {

void AppendNumber(std::string& out, size_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void AppendClean(std::string& out, std::string_view text) {
  const size_t from = out.size();
  out.append(text);
  for (size_t i = from; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  }
}

void AppendStatusLine(std::string& out, int status) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  AppendNumber(out, static_cast<size_t>(status));
  out += ' ';
  out += ReasonPhrase(status);
  out += "\r\n";
}

}  // namespace

bool IsBodiless(int status) { return status == 204 || status == 304 || status < 200; }

void AppendHead(std::string& out, const Response& response, const HeadOptions& options) {
  AppendStatusLine(out, response.status);
  for (const Header& header : response.headers) {
    AppendClean(out, header.name);
    out += ": ";
    AppendClean(out, header.value);
    out += "\r\n";
  }
  if (options.content_length && !IsBodiless(response.status)) {
    out += "content-length: ";
    AppendNumber(out, *options.content_length);
    out += "\r\n";
  }
  if (!response.omit_date) out += options.date;
  if (!options.keep_alive) {
    out += "connection: close\r\n";
  } else if (options.http_1_0) {
    out += "connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace pharos::http::internal
