#include "notify/email/mail_text.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"

namespace pharos::notify {
namespace {

constexpr size_t kLine = 76;
constexpr size_t kEncodedWord = 45;  // bytes whose base64 fits into one encoded word
constexpr const char* kEnd = "\r\n";

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
}

// A header's text: as it is, or as encoded words (RFC 2047) cut between characters. Line ends never
// get into a header.
std::string HeaderText(std::string_view text) {
  std::string clean(text.substr(0, 800));
  for (char& c : clean) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  clean = SanitizeUtf8(clean);
  if (IsPlain(clean) && clean.size() < 200 && clean.find("=?") == std::string::npos) return clean;
  std::string out;
  for (size_t at = 0; at < clean.size();) {
    size_t end = std::min(at + kEncodedWord, clean.size());
    while (end < clean.size() && (static_cast<unsigned char>(clean[end]) & 0xc0) == 0x80) --end;
    out += (out.empty() ? "" : "\r\n ") +
           ("=?UTF-8?B?" + Base64Encode(clean.substr(at, end - at)) + "?=");
    at = end;
  }
  return out;
}

std::string QuotedName(std::string_view name) {
  if (!IsPlain(name)) return HeaderText(name);
  std::string out = "\"";
  for (const char c : name.substr(0, 100)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string WrappedBase64(std::string_view bytes) {
  const std::string all = Base64Encode(bytes);
  std::string out;
  for (size_t at = 0; at < all.size(); at += kLine) out += all.substr(at, kLine) + kEnd;
  return out;
}

// "Wed, 04 Mar 2026 05:06:07 +0000"
std::string MailDate(Timestamp at) {
  std::string date = FormatHttpDate(at);
  return date.substr(0, date.size() - 3) + "+0000";
}

std::string Part(const char* type, const std::string& boundary, const std::string& content) {
  return "--" + boundary + kEnd + "Content-Type: " + type + "; charset=utf-8" + kEnd +
         "Content-Transfer-Encoding: base64" + kEnd + kEnd + WrappedBase64(content);
}

std::string Colour(Mood mood) {
  const int rgb = ColourOf(mood);
  const std::string bytes = {static_cast<char>(rgb >> 16 & 255), static_cast<char>(rgb >> 8 & 255),
                             static_cast<char>(rgb & 255)};
  return "#" + HexLower(bytes);
}

}  // namespace

std::string PlainPartOf(const Wording& wording) {
  std::string text = wording.headline + "\n";
  if (!wording.detail.empty()) text += "\n" + wording.detail + "\n";
  text += "\n";
  for (const auto& [name, value] : wording.facts) text += name + ": " + value + "\n";
  if (!wording.link.empty()) text += "\n" + wording.link_text + ": " + wording.link + "\n";
  return text + "\n-- \n" + wording.sender + "\n";
}

std::string HtmlPartOf(const Wording& wording) {
  std::string html =
      "<!DOCTYPE html><html><body style=\"font-family:sans-serif;color:#1e293b\">"
      "<div style=\"border-left:6px solid " +
      Colour(wording.mood) + ";padding:4px 16px\"><h2 style=\"margin:8px 0\">" +
      EscapeHtml(wording.headline) + "</h2>";
  if (!wording.detail.empty()) html += "<p>" + EscapeHtml(wording.detail) + "</p>";
  html += "<table>";
  for (const auto& [name, value] : wording.facts) {
    html += "<tr><td style=\"padding-right:16px;color:#64748b\">" + EscapeHtml(name) + "</td><td>" +
            EscapeHtml(value) + "</td></tr>";
  }
  html += "</table>";
  if (!wording.link.empty()) {
    html += "<p><a href=\"" + EscapeHtml(wording.link) + "\">" + EscapeHtml(wording.link_text) +
            "</a></p>";
  }
  return html + "</div><p style=\"color:#64748b\">" + EscapeHtml(wording.sender) +
         "</p></body></html>\n";
}

std::string MailTextOf(const Wording& wording, const Envelope& envelope) {
  std::string receivers;
  for (const std::string& to : envelope.to) receivers += (receivers.empty() ? "" : ",\r\n ") + to;
  // Made of the message, so that every attempt sends the same bytes.
  const std::string boundary = "=_" + HexLower(Sha256(envelope.message_id)).substr(0, 32);
  std::string mail = "Date: " + MailDate(envelope.at) + kEnd;
  mail += "From: " + QuotedName(wording.sender) + " <" + envelope.from + ">" + kEnd;
  mail += "To: " + receivers + kEnd;
  mail += "Subject: " + HeaderText(SubjectLine(wording)) + kEnd;
  mail += "Message-ID: <" + envelope.message_id + ">" + kEnd;
  mail += std::string("Auto-Submitted: auto-generated") + kEnd + "MIME-Version: 1.0" + kEnd;
  mail += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"" + kEnd + kEnd;
  mail += Part("text/plain", boundary, PlainPartOf(wording));
  mail += Part("text/html", boundary, HtmlPartOf(wording));
  return mail + "--" + boundary + "--" + kEnd;
}

}  // namespace pharos::notify
