#include "mutants.h"

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"

namespace pharos::walk {
namespace {

const api::Shape kPart = {"Part", {{.name = "impact", .choices = {"minor"}}}};
const api::Shape kThing = {"Thing",
                           {{.name = "title", .required = true, .min = 1, .max = 5},
                            {.name = "count", .type = api::FieldType::kInt, .min = 1, .max = 3},
                            {.name = "parts", .type = api::FieldType::kList, .shape = &kPart}},
                           false};

TEST(Mutants, EveryMemberIsWrongInEveryWay) {
  const Value body = ParseJson(R"({"title":"x","parts":[{"impact":"minor"}]})").value();
  ASSERT_TRUE(api::CheckShape(kThing, body).empty());
  std::set<api::Fault> faults;
  std::set<std::string> fields;
  for (const Mutant& mutant : Mutate(kThing, body)) {
    EXPECT_NE(mutant.body, body) << mutant.what;
    for (const api::Finding& finding : api::CheckShape(kThing, mutant.body)) {
      faults.insert(finding.fault);
      fields.insert(finding.path);
    }
  }
  for (const api::Fault fault :
       {api::Fault::kMissing, api::Fault::kNull, api::Fault::kWrongType, api::Fault::kNotWhole,
        api::Fault::kTooShort, api::Fault::kTooLong, api::Fault::kTooSmall, api::Fault::kTooBig,
        api::Fault::kNotAChoice, api::Fault::kControl, api::Fault::kUnknown}) {
    EXPECT_TRUE(faults.contains(fault)) << static_cast<int>(fault);
  }
  EXPECT_TRUE(fields.contains("parts[0].impact"));
  EXPECT_TRUE(fields.contains("zz_unheard_of"));
}

}  // namespace
}  // namespace pharos::walk
