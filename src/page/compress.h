#pragma once

#include <string>
#include <string_view>

namespace pharos::page {

// Whole-text compression for cached replies; done once per change, so it may cost milliseconds.
// Empty when the library refuses, which callers take as "serve it uncompressed".
std::string Brotli(std::string_view text);  // quality 5
std::string Gzip(std::string_view text);    // level 6

}  // namespace pharos::page
