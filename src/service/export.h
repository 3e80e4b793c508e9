#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/monitor.h"
#include "service/context.h"

namespace pharos::service {

enum class ExportKind : uint8_t {
  kMinutes,      // one sample per minute, as the APIs show them
  kChecks,       // each check, receipts of heartbeats too
  kTransitions,  // changes of the shown status
};
enum class ExportFormat : uint8_t { kCsv, kJson };
// "minutes", "checks", "transitions"; "csv", "json".
std::optional<ExportKind> ParseExportKind(std::string_view word);
std::optional<ExportFormat> ParseExportFormat(std::string_view word);

struct ExportQuery {
  ExportKind kind = ExportKind::kMinutes;
  ExportFormat format = ExportFormat::kCsv;
  Timestamp from{};
  Timestamp to{};
};

// A part of an export, oldest first.
struct ExportPart {
  std::string text;  // whole rows; CSV with its header line, JSON a whole list
  int64_t rows = 0;
  std::optional<Timestamp> next;  // `from` of the next part; nullopt at the end
};
inline constexpr int64_t kMaxExportRows = 50'000;

// History for other programs: CSV as RFC 4180 says, with texts that no spreadsheet takes for a
// formula, or JSON. Never more than one part is in memory. The monitor must come from
// MonitorService of the asking organisation. Thread-safe; blocks on the store.
class ExportService {
 public:
  explicit ExportService(const Context& context) : context_(context) {}
  // At most `limit` rows. Error: kInvalid naming `limit` or `to`.
  Result<ExportPart> Part(const model::Monitor& monitor, const ExportQuery& query,
                          int64_t limit) const;
  // Everything, in pieces. Stops at the first error of `sink`.
  using Sink = std::function<Status(std::string_view)>;
  Status Write(const model::Monitor& monitor, const ExportQuery& query, const Sink& sink) const;

 private:
  Result<ExportPart> Rows(const model::Monitor& monitor, const ExportQuery& query,
                          int64_t limit) const;

  Context context_;
};

// A field of a line of CSV: quoted where RFC 4180 wants it; a text that begins like a formula gets
// an apostrophe before it.
void AppendCsvText(std::string& out, std::string_view text);

}  // namespace pharos::service
