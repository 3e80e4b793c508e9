#include "service/phone_numbers.h"

#include <algorithm>
#include <utility>

namespace pharos::service {
namespace {

Value OneReceiver(Value config, std::string_view name, std::string_view receiver) {
  config.Set(name, Value::List{Value(receiver)});
  return config;
}

}  // namespace

bool IsPhoneNumber(std::string_view text) {
  if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  if (text.size() > 254 || at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view host = text.substr(at + 1);
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c != 0x7f && c != ',' && c != ';' && c != '<' && c != '>' && c != '"';
  });
  return plain && host.find('@') == std::string_view::npos && host.size() >= 3 &&
         host.find('.') != std::string_view::npos && host.front() != '.' && host.back() != '.';
}

Value WithPhoneNumber(Value config, std::string_view phone) {
  return OneReceiver(std::move(config), "to", phone);
}

Value WithMailAddress(Value config, std::string_view address) {
  return OneReceiver(std::move(config), "emails", address);
}

}  // namespace pharos::service
