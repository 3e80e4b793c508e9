#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/sqlite/byte_codec.h"

namespace pharos::store::sqlite {

// `value` times 10^`digits` when that is a whole number whose quotient gives back exactly `value`.
std::optional<int64_t> ExactDecimal(double value, int digits);
inline constexpr int kMaxDecimalDigits = 3;
// The number that ExactDecimal came from.
double FromDecimal(int64_t scaled, int digits);

// Packs a column of numbers with Rice codes of the differences, either from the number before or
// from the mean, whichever is smaller. Exact for every input with |value| <= 2^61. The count is not
// stored. Nothing is written for an empty column.
void PutIntegers(std::string& out, std::span<const int64_t> values);
// Reads `count` numbers into `values` (replacing it). False when malformed; takes no more memory
// than 64 times the bytes that are left.
bool GetIntegers(ByteReader& in, size_t count, std::vector<int64_t>& values);

// The same for real numbers: integers at the coarsest of 1, 0.1, 0.01, 0.001 that represents all of
// them exactly, otherwise their raw bits.
void PutDecimals(std::string& out, std::span<const double> values);
bool GetDecimals(ByteReader& in, size_t count, std::vector<double>& values);

}  // namespace pharos::store::sqlite
