#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pharos {

// ASCII white space removed at both ends.
std::string_view Trim(std::string_view text);
std::string AsciiLower(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::vector<std::string_view> Split(std::string_view text, char separator);
// Escapes & < > " ' for HTML text and quoted attributes.
std::string EscapeHtml(std::string_view text);
void AppendHtml(std::string& out, std::string_view text);
// Percent-decodes; nullopt on a malformed escape or when the result is not UTF-8.
std::optional<std::string> PercentDecode(std::string_view text);
std::string PercentEncode(std::string_view text);
bool IsValidUtf8(std::string_view text);
// Each invalid byte becomes U+FFFD.
std::string SanitizeUtf8(std::string_view text);
// At most `max_bytes` bytes, cut at a character boundary, "..." appended when something was cut.
std::string Ellipsize(std::string_view text, size_t max_bytes);
std::string HexLower(std::string_view bytes);
std::string Base64Encode(std::string_view bytes);
// Whole text is a decimal integer that fits; nullopt otherwise.
std::optional<int64_t> ParseInt(std::string_view text);

}  // namespace pharos
