#include "service/evidence.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "store/evidence_store.h"
#include "store/organisation_store.h"

namespace pharos::service {
namespace {

using model::CheckEvidence;

constexpr int kPrunedAtOnce = 500;
constexpr size_t kMaxChanges = 20;
constexpr size_t kShownText = 80;
constexpr int64_t kSlowerByUs = 100'000;
constexpr int64_t kSlowerTimes = 3;

// Headers that differ from answer to answer without saying anything.
bool IsRestless(std::string_view name) {
  constexpr std::array<std::string_view, 10> kNames = {
      "date",           "age",    "expires",      "etag",     "last-modified", "set-cookie",
      "content-length", "cf-ray", "x-request-id", "x-runtime"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view one) { return EqualsIgnoreCase(one, name); });
}

std::string Short(const std::string& text) { return Ellipsize(text, kShownText); }

std::string Was(const std::string& what, const std::string& now, const std::string& before) {
  return what + " is " + (now.empty() ? "empty" : Short(now)) + ", was " +
         (before.empty() ? "empty" : Short(before));
}

std::string TimeText(int64_t us) {
  char text[32];
  if (us >= 1'000'000) {
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(us) / 1e6);
  } else {
    std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(us) / 1e3);
  }
  return text;
}

std::string AddressList(const CheckEvidence& e) {
  std::vector<std::string> all;
  for (const auto& one : e.addresses) all.push_back(one.address);
  std::sort(all.begin(), all.end());
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

void CompareWay(const CheckEvidence& good, const CheckEvidence& seen,
                std::vector<std::string>& out) {
  const std::string now = AddressList(seen);
  const std::string before = AddressList(good);
  if (!now.empty() && !before.empty() && now != before) {
    out.push_back("the host stands for " + Short(now) + ", was " + Short(before));
  }
  if (now.empty() && !before.empty()) {
    out.push_back("no address was tried, the host stood for " + Short(before));
  }
  if (!seen.remote_address.empty() && !good.remote_address.empty() &&
      seen.remote_address != good.remote_address && now == before) {
    out.push_back(Was("the address that answered", seen.remote_address, good.remote_address));
  }
}

void CompareChain(const CheckEvidence& good, const CheckEvidence& seen,
                  std::vector<std::string>& out) {
  if (good.chain.empty() || seen.chain.empty()) return;
  const auto& now = seen.chain.front();
  const auto& before = good.chain.front();
  if (now.fingerprint == before.fingerprint) {
    if (now.valid_to != before.valid_to) return;
  } else {
    out.push_back("the server shows another certificate");
  }
  if (now.subject != before.subject) {
    out.push_back(Was("the certificate's subject", now.subject, before.subject));
  }
  if (now.issuer != before.issuer) {
    out.push_back(Was("the certificate's issuer", now.issuer, before.issuer));
  }
  if (now.valid_to != before.valid_to) {
    out.push_back(Was("the certificate's end", FormatIsoSeconds(now.valid_to),
                      FormatIsoSeconds(before.valid_to)));
  }
  if (seen.chain.size() != good.chain.size()) {
    out.push_back("the server sends " + std::to_string(seen.chain.size()) + " certificates, were " +
                  std::to_string(good.chain.size()));
  }
}

const std::string* FindHeader(const CheckEvidence& e, std::string_view name) {
  for (const auto& [key, value] : e.headers) {
    if (EqualsIgnoreCase(key, name)) return &value;
  }
  return nullptr;
}

void CompareHeaders(const CheckEvidence& good, const CheckEvidence& seen,
                    std::vector<std::string>& out) {
  if (seen.status == 0 || good.status == 0) return;
  for (const auto& [name, value] : seen.headers) {
    if (IsRestless(name)) continue;
    const std::string* before = FindHeader(good, name);
    if (before == nullptr) {
      out.push_back("header " + Short(name) + " is new: " + Short(value));
    } else if (*before != value) {
      out.push_back(Was("header " + Short(name), value, *before));
    }
  }
  for (const auto& [name, value] : good.headers) {
    if (!IsRestless(name) && FindHeader(seen, name) == nullptr) {
      out.push_back("header " + Short(name) + " is gone, was " + Short(value));
    }
  }
}

void CompareAnswer(const CheckEvidence& good, const CheckEvidence& seen,
                   std::vector<std::string>& out) {
  if (good.status != 0 && seen.status == 0) {
    out.push_back("no HTTP answer, was " + std::to_string(good.status));
  } else if (good.status != seen.status) {
    out.push_back("status is " + std::to_string(seen.status) + ", was " +
                  std::to_string(good.status));
  }
  const std::string to = seen.redirects.empty() ? "" : seen.redirects.back().location;
  const std::string was_to = good.redirects.empty() ? "" : good.redirects.back().location;
  if (to != was_to && seen.status != 0) {
    out.push_back(to.empty()       ? "not redirected, was to " + Short(was_to)
                  : was_to.empty() ? "redirected to " + Short(to) + ", was not redirected"
                                   : "redirected to " + Short(to) + ", was to " + Short(was_to));
  }
  if (seen.body_bytes < 0 || good.body_bytes < 0) return;
  if (seen.body_bytes != good.body_bytes) {
    out.push_back("body is " + std::to_string(seen.body_bytes) + " bytes, was " +
                  std::to_string(good.body_bytes));
  } else if (seen.body_digest != good.body_digest) {
    out.push_back("body begins differently");
  }
}

void CompareTimes(const CheckEvidence& good, const CheckEvidence& seen,
                  std::vector<std::string>& out) {
  for (const auto& [name, us] : seen.phases) {
    for (const auto& [before, before_us] : good.phases) {
      if (name != before || us - before_us < kSlowerByUs || us < kSlowerTimes * before_us) continue;
      std::string words = name;
      std::replace(words.begin(), words.end(), '_', ' ');
      out.push_back(words + " took " + TimeText(us) + ", was " + TimeText(before_us));
    }
  }
}

}  // namespace

std::vector<std::string> Differences(const CheckEvidence& good, const CheckEvidence& seen) {
  std::vector<std::string> out;
  CompareWay(good, seen, out);
  CompareChain(good, seen, out);
  CompareAnswer(good, seen, out);
  CompareTimes(good, seen, out);
  CompareHeaders(good, seen, out);
  if (out.size() > kMaxChanges) out.resize(kMaxChanges);
  return out;
}

Result<MonitorEvidence> EvidenceService::Read(const model::Monitor& monitor, int64_t limit) const {
  if (limit < 1 || limit > kEvidencePerMonitor) {
    return Error::Field("limit", "limit must be from 1 to " + std::to_string(kEvidencePerMonitor));
  }
  store::EvidenceStore& evidence = context_.store.evidence();
  PHAROS_ASSIGN_OR_RETURN(const auto session, context_.store.Read());
  MonitorEvidence out;
  PHAROS_ASSIGN_OR_RETURN(out.good, evidence.LastGood(*session, monitor.org, monitor.id));
  PHAROS_ASSIGN_OR_RETURN(auto failures, evidence.ListFailures(*session, monitor.org, monitor.id,
                                                               static_cast<int>(limit)));
  for (model::EvidenceRecord& record : failures) {
    FailureSeen one;
    if (out.good) one.changes = Differences(out.good->seen, record.seen);
    one.record = std::move(record);
    out.failures.push_back(std::move(one));
  }
  return out;
}

Result<bool> EvidenceService::Prune(
    const std::function<Timestamp(model::OrgId org)>& cutoff) const {
  PHAROS_ASSIGN_OR_RETURN(auto session, context_.store.Read());
  PHAROS_ASSIGN_OR_RETURN(const auto orgs, context_.store.organisations().List(*session));
  session.reset();
  for (const model::Organisation& org : orgs) {
    int64_t gone = 0;
    PHAROS_RETURN_IF_ERROR(context_.store.Write([&](store::Transaction& tx) -> Status {
      PHAROS_ASSIGN_OR_RETURN(
          gone, context_.store.evidence().Prune(tx, org.id, cutoff(org.id), kMaxEvidenceRows,
                                                kPrunedAtOnce));
      return Ok();
    }));
    if (gone > 0) return true;
  }
  return false;
}

}  // namespace pharos::service
