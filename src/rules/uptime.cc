#include "rules/uptime.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace pharos::rules {
namespace {

constexpr size_t kMaxFormulaBytes = 1000;

// Reads "variable (operator variable)*" in one pass: a running sum, and the product that is open.
class FormulaReader {
 public:
  FormulaReader(std::string_view text, const model::StatusCounts& counts)
      : rest_(text), counts_(counts) {}

  std::optional<double> Read() {
    std::optional<double> product = TakeVariable();
    if (!product) return std::nullopt;
    double sum = 0;
    for (char op = TakeOperator(); op != '\0'; op = TakeOperator()) {
      const std::optional<double> operand = TakeVariable();
      if (!operand) return std::nullopt;
      switch (op) {
        case '*':
          *product *= *operand;
          break;
        case '/':
          *product = *operand == 0 ? 0 : *product / *operand;
          break;
        case '+':
          sum += *product, *product = *operand;
          break;
        case '-':
          sum += *product, *product = -*operand;
          break;
        default:
          return std::nullopt;
      }
    }
    return sum + *product;
  }

 private:
  void SkipSpace() {
    const size_t start = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
  }

  // 0 at the end of the text.
  char TakeOperator() {
    SkipSpace();
    if (rest_.empty()) return '\0';
    const char op = rest_.front();
    rest_.remove_prefix(1);
    return op == '\0' ? '?' : op;
  }

  std::optional<double> TakeVariable() {
    SkipSpace();
    const size_t length =
        std::min(rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), rest_.size());
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    using model::Status;
    if (word == "up") return counts_.Of(Status::kUp);
    if (word == "down") return counts_.Of(Status::kDown);
    if (word == "maintenance") return counts_.Of(Status::kMaintenance);
    if (word == "degraded") {
      return static_cast<double>(counts_.Of(Status::kDegraded)) +
             counts_.Of(Status::kPartialOutage);
    }
    return std::nullopt;
  }

  std::string_view rest_;
  const model::StatusCounts& counts_;
};

std::string WithUnit(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

Result<double> EvaluateFormula(std::string_view formula, const model::StatusCounts& counts) {
  if (formula.size() <= kMaxFormulaBytes) {
    if (const std::optional<double> value = FormulaReader(formula, counts).Read()) return *value;
  }
  return Error(ErrorKind::kInvalid,
               "must be up, down, degraded or maintenance, joined by +, -, * or /");
}

std::optional<double> UptimePercent(const model::UptimeFormula& formula,
                                    const model::StatusCounts& counts) {
  const auto or_default = [](const std::string& text, std::string_view fallback) {
    return text.empty() ? fallback : std::string_view(text);
  };
  Result<double> numerator =
      EvaluateFormula(or_default(formula.numerator, kDefaultUptimeNumerator), counts);
  Result<double> denominator =
      EvaluateFormula(or_default(formula.denominator, kDefaultUptimeDenominator), counts);
  if (!numerator || !denominator) {
    // The two belong together: half of a broken pair would be a ratio that nobody asked for.
    numerator = EvaluateFormula(kDefaultUptimeNumerator, counts);
    denominator = EvaluateFormula(kDefaultUptimeDenominator, counts);
  }
  if (!(*denominator > 0)) return std::nullopt;
  const double percent = *numerator / *denominator * 100;
  if (!std::isfinite(percent)) return std::nullopt;
  return std::clamp(percent, 0.0, 100.0);
}

std::string FormatUptime(std::optional<double> percent) {
  if (!percent) return "-";
  std::string text = WithUnit("%.4f", *percent);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string FormatLatency(double ms) {
  if (!(ms > 0) || !std::isfinite(ms)) return "";
  if (std::round(ms) < 1000) return WithUnit("%.0fms", std::round(ms));
  if (ms < 60'000) return WithUnit("%.2fs", ms / 1000);
  if (ms < 3'600'000) return WithUnit("%.2fm", ms / 60'000);
  return WithUnit("%.2fh", ms / 3'600'000);
}

}  // namespace pharos::rules
