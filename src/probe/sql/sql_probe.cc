#include "probe/sql/sql_probe.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.h"
#include "net/sql_client.h"
#include "probe/common_fields.h"
#include "probe/dial_common.h"
#include "probe/evidence.h"
#include "probe/secrets.h"

namespace pharos::probe {
namespace {

using model::CheckOutcome;
using model::FieldSpec;
using model::FieldType;
using model::Status;
using net::SqlFailure;

constexpr int64_t kDefaultTimeoutMs = 5000;  // product.md 2.9
constexpr size_t kShownValueBytes = 60;

std::vector<FieldSpec> MakeSqlFields() {
  std::vector<FieldSpec> rows = WithCommonFields({
      {.name = "connection_string",
       .required = true,
       .min = 1,
       .max = 8192,
       .secret = true,
       .help = "postgres://user:password@host:port/database or mysql://... $NAME is replaced by "
               "the secret of that name."},
      {.name = "query",
       .fallback = "SELECT 1",
       .min = 1,
       .max = 16384,
       .help = "One statement. Use an account that may read only what it needs."},
      {.name = "min_rows",
       .type = FieldType::kInt,
       .min = 0,
       .max = static_cast<double>(net::kMaxSqlRows),
       .help = "Fewer rows than this are down. Empty: not looked at."},
      {.name = "max_rows",
       .type = FieldType::kInt,
       .min = 0,
       .max = static_cast<double>(net::kMaxSqlRows),
       .help = "More rows than this are down. Empty: not looked at."},
      {.name = "value_op",
       .type = FieldType::kChoice,
       .fallback = "",
       .choices = {"", "equals", "not_equals", "greater", "less"},
       .help = "How the first value of the first row must compare with value; greater and less "
               "compare numbers."},
      {.name = "value",
       .fallback = "",
       .max = 1024,
       .help = "What the first value is compared with."},
      {.name = "ca_pem",
       .fallback = "",
       .max = 65536,
       .help = "Certificates to trust instead of the system's, PEM. With them the server's "
               "certificate and name are verified unless sslmode says less."},
      IpVersionRow(),
  });
  for (FieldSpec& row : rows) {
    if (row.name == "timeout_ms") row.fallback = kDefaultTimeoutMs;
  }
  return rows;
}

const std::vector<FieldSpec>& SqlFields() {
  static const std::vector<FieldSpec> rows = MakeSqlFields();
  return rows;
}

std::optional<double> NumberOf(std::string_view text) {
  const std::string_view trimmed = Trim(text);
  double number = 0;
  const auto [end, failed] =
      std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
  if (failed != std::errc() || end != trimmed.data() + trimmed.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::string Quoted(std::string_view text) {
  return "\"" + Ellipsize(SanitizeUtf8(text), kShownValueBytes) + "\"";
}

std::string RowsText(uint64_t rows, bool more) {
  return (more ? "more than " : "") + std::to_string(rows) +
         (rows == 1 && !more ? " row" : " rows");
}

struct SqlSpec {
  CommonSpec common;
  std::string timeout_text;
  std::optional<double> min_rows;
  std::optional<double> max_rows;
  std::string value_op;
  std::string value;
};

// What is wrong with the rows; empty = nothing.
std::string RowsProblem(const SqlSpec& spec, const net::SqlAnswer& answer) {
  const auto rows = static_cast<double>(answer.rows);
  const std::string returned = "the query returned " + RowsText(answer.rows, answer.more_rows);
  if (spec.min_rows && rows < *spec.min_rows) {
    return returned + ", at least " + std::to_string(static_cast<int64_t>(*spec.min_rows)) +
           " expected";
  }
  if (spec.max_rows && (answer.more_rows || rows > *spec.max_rows)) {
    return returned + ", at most " + std::to_string(static_cast<int64_t>(*spec.max_rows)) +
           " expected";
  }
  return "";
}

std::string ValueProblem(const SqlSpec& spec, const net::SqlAnswer& answer) {
  if (spec.value_op.empty()) return "";
  if (!answer.first_value) {
    return answer.rows == 0 ? "the query returned no row to take a value from"
                            : "the first value is NULL";
  }
  const std::string& seen = *answer.first_value;
  const std::string is = "the first value is " + Quoted(seen) + ", expected ";
  if (spec.value_op == "equals") {
    return seen == spec.value ? "" : is + Quoted(spec.value);
  }
  if (spec.value_op == "not_equals") {
    return seen != spec.value ? "" : is + "anything else";
  }
  const std::optional<double> number = NumberOf(seen);
  const std::optional<double> limit = NumberOf(spec.value);
  if (!number || !limit) return "the first value is " + Quoted(seen) + ", which is not a number";
  const bool wants_greater = spec.value_op == "greater";
  if (wants_greater ? *number > *limit : *number < *limit) return "";
  return is + (wants_greater ? "more than " : "less than ") + Quoted(spec.value);
}

Observation JudgeSqlFailure(const SqlSpec& spec, const net::SqlAnswer& answer) {
  switch (answer.failure) {
    case SqlFailure::kBlocked:
      return MakeObservation(CheckOutcome::kBlocked, Status::kNoData, answer.message);
    case SqlFailure::kOverload:
      return MakeObservation(CheckOutcome::kBlind, Status::kNoData, answer.message);
    case SqlFailure::kTimeout:
      // The text of product.md 2.9; where it stuck stands in the evidence.
      return MakeObservation(CheckOutcome::kTimeout, Status::kDown,
                             "Query execution exceeded timeout of " + spec.timeout_text + "ms");
    case SqlFailure::kNone:
    case SqlFailure::kResolve:
    case SqlFailure::kRefused:
    case SqlFailure::kUnreachable:
    case SqlFailure::kTls:
    case SqlFailure::kLogin:
    case SqlFailure::kQuery:
    case SqlFailure::kProtocol:
    case SqlFailure::kTooLarge:
      break;
  }
  return MakeObservation(CheckOutcome::kError, Status::kDown, answer.message);
}

Evidence SqlEvidence(const net::SqlAnswer& answer) {
  Evidence evidence;
  if (!answer.remote_address.empty())
    evidence.emplace_back("remote address", answer.remote_address);
  const auto add_phase = [&evidence](const char* name, int64_t us) {
    if (us >= 0) evidence.emplace_back(name, MillisText(RoundedMillis(us)));
  };
  add_phase("resolve", answer.phases.resolve_us);
  add_phase("connect", answer.phases.connect_us);
  add_phase("login", answer.phases.login_us);
  add_phase("query", answer.phases.query_us);
  add_phase("total", answer.phases.total_us);
  if (!answer.server_version.empty()) evidence.emplace_back("server", answer.server_version);
  if (answer.phases.login_us >= 0) {
    evidence.emplace_back("encryption", answer.tls.empty() ? "none" : answer.tls);
  }
  if (answer.failure == SqlFailure::kNone) {
    evidence.emplace_back("rows", RowsText(answer.rows, answer.more_rows));
  } else {
    evidence.emplace_back("failure", std::string(net::SqlFailureName(answer.failure)));
    evidence.emplace_back("detail", answer.message);
  }
  return evidence;
}

std::shared_ptr<model::CheckEvidence> SeenOf(const net::SqlAnswer& answer) {
  auto seen = std::make_shared<model::CheckEvidence>();
  seen->remote_address = answer.remote_address;
  const auto add_phase = [&seen](const char* name, int64_t us) {
    if (us >= 0) seen->phases.emplace_back(name, us);
  };
  add_phase("resolve", answer.phases.resolve_us);
  add_phase("connect", answer.phases.connect_us);
  add_phase("login", answer.phases.login_us);
  add_phase("query", answer.phases.query_us);
  return seen;
}

Observation JudgeSql(const SqlSpec& spec, const net::SqlAnswer& answer) {
  if (answer.failure != SqlFailure::kNone) return JudgeSqlFailure(spec, answer);
  std::string problem = RowsProblem(spec, answer);
  if (problem.empty()) problem = ValueProblem(spec, answer);
  Observation observation = MakeObservation(CheckOutcome::kAnswered,
                                            problem.empty() ? Status::kUp : Status::kDown, problem);
  observation.latency_ms = RoundedMillis(answer.phases.total_us);
  JudgeLatency(spec.common, observation);
  return observation;
}

SqlSpec ReadSqlSpec(const Value& spec) {
  const SpecReader reader(spec, SqlFields());
  SqlSpec wanted;
  wanted.common = ReadCommon(spec);
  wanted.common.timeout = Milliseconds(reader.Int("timeout_ms"));
  wanted.timeout_text = std::to_string(reader.Int("timeout_ms"));
  wanted.min_rows = reader.Number("min_rows");
  wanted.max_rows = reader.Number("max_rows");
  wanted.value_op = reader.Text("value_op");
  wanted.value = reader.Text("value");
  return wanted;
}

// What people may see of one check.
class Judge {
 public:
  Judge(SqlSpec spec, SecretExpander secrets, bool keep_good_evidence)
      : spec_(std::move(spec)), secrets_(std::move(secrets)), keeps_good_(keep_good_evidence) {}

  Observation operator()(net::SqlAnswer answer) const {
    answer.message = secrets_.Redact(std::move(answer.message));
    if (answer.first_value) answer.first_value = secrets_.Redact(*answer.first_value);
    Observation observation = JudgeSql(spec_, answer);
    observation.evidence = SqlEvidence(answer);
    if (keeps_good_ || IsFailure(observation)) observation.seen = SeenOf(answer);
    return observation;
  }

 private:
  SqlSpec spec_;
  SecretExpander secrets_;
  bool keeps_good_;
};

class SqlProbe : public Probe {
 public:
  SqlProbe() {
    descriptor_.kind = "sql";
    descriptor_.title = "Database";
    descriptor_.posture =
        "The target controls every byte that the client libraries of PostgreSQL and MariaDB parse, "
        "and may order expensive key stretching: they run on a bounded pool of threads, and a "
        "check "
        "ends in time even if its thread does not. Four MiB and 10,000 rows are read. The server "
        "cannot ask for files (LOCAL INFILE), for a password in clear text (MySQL) or for another "
        "host; the string cannot name files or sockets. The address passes the outbound policy; "
        "passwords are taken out of all messages and evidence.";
    descriptor_.fields = SqlFields();
  }

  const Descriptor& descriptor() const override { return descriptor_; }

  void Validate(const Value& spec, std::vector<FieldError>& problems) const override {
    ValidateCommon(spec, problems);
    const SpecReader reader(spec, SqlFields());
    ValidateTarget(reader.Text("connection_string"), problems);
    const auto min_rows = reader.Number("min_rows");
    const auto max_rows = reader.Number("max_rows");
    if (min_rows && max_rows && *min_rows > *max_rows) {
      problems.push_back({"max_rows", "must not be less than min_rows"});
    }
    const std::string op = reader.Text("value_op");
    if ((op == "greater" || op == "less") && !NumberOf(reader.Text("value"))) {
      problems.push_back({"value", "must be a number, to be compared with"});
    }
    if (reader.Text("query").find('\0') != std::string::npos) {
      problems.push_back({"query", "must not hold a zero byte"});
    }
    const std::string anchors = reader.Text("ca_pem");
    if (!anchors.empty() && anchors.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      problems.push_back({"ca_pem", "must be PEM text (-----BEGIN CERTIFICATE-----)"});
    }
  }

  void Start(const Value& spec, net::Purpose purpose, const Tools& tools,
             Done done) const override {
    if (tools.sql == nullptr) {
      return done(MakeObservation(CheckOutcome::kBlind, Status::kNoData,
                                  "this server has no connections to databases"));
    }
    const SpecReader reader(spec, SqlFields());
    SecretExpander secrets(tools.secrets);
    auto target = net::SqlTarget::Parse(secrets.Expand(reader.Text("connection_string")));
    if (!target) {
      return done(MakeObservation(CheckOutcome::kError, Status::kDown,
                                  "the connection string " + target.error().message));
    }
    net::SqlRequest request;
    request.target = std::move(*target);
    request.query = reader.Text("query");
    request.ca_pem = reader.Text("ca_pem");
    request.ip_version = IpVersionOf(reader);
    request.purpose = purpose;
    SqlSpec wanted = ReadSqlSpec(spec);
    request.timeout = wanted.common.timeout;
    tools.sql->Start(
        std::move(request),
        [judge = Judge(std::move(wanted), std::move(secrets), tools.keep_good_evidence),
         done = std::move(done)](net::SqlAnswer answer) { done(judge(std::move(answer))); });
  }

 private:
  static void ValidateTarget(const std::string& text, std::vector<FieldError>& problems) {
    if (text.empty()) return;
    const auto complain = [&problems](const Error& error) {
      problems.push_back({"connection_string", error.message});
    };
    if (!MayExpand(text)) {
      if (auto target = net::SqlTarget::Parse(text); !target) complain(target.error());
      return;
    }
    // With a secret inside, the final form is only known when the check runs.
    if (text[0] == '$') return;
    if (auto product = net::SqlProductOf(text); !product) complain(product.error());
  }

  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Probe> MakeSqlProbe() { return std::make_unique<SqlProbe>(); }

}  // namespace pharos::probe
