#include "shape_check.h"

#include <gtest/gtest.h>

#include "api/catalog.h"

namespace pharos::talk {
namespace {

WireReply Reply(int status, std::string body) {
  WireReply reply;
  reply.status = status;
  reply.headers = {{"content-type", "application/json"}};
  reply.body = std::move(body);
  return reply;
}

TEST(ShapeCheck, KnowsWhoseTheRequestIs) {
  const ShapeCheck check([](std::string_view) { return std::string(); });
  const api::Resolved resolved = check.Resolve(ToHttp({"GET", "/api/v4/monitors?x=1", {}, ""}));
  ASSERT_NE(resolved.match.endpoint, nullptr);
  EXPECT_EQ(resolved.match.endpoint->operation, "monitor.list");
  EXPECT_TRUE(check.Judge({"GET", "/nobody", {}, ""}, Reply(200, "!")).empty());
  EXPECT_TRUE(check.Judge({"HEAD", "/api/v4/monitors", {}, ""}, Reply(200, "")).empty());
}

// The list of those who may is to be empty at the end; until then nobody is on it for nothing.
TEST(ShapeCheck, OnlyDialectsThatNeedItMayLackShapes) {
  for (const api::Dialect& dialect : api::AllDialects()) {
    if (!MayLackShapes(dialect.name)) {
      EXPECT_NE(dialect.error_shape, nullptr) << dialect.name << " has no error shape";
      continue;
    }
    bool lacks = dialect.error_shape == nullptr;
    for (const api::Endpoint& row : dialect.endpoints) {
      lacks = lacks || (row.response == nullptr && row.area.empty());
    }
    EXPECT_TRUE(lacks) << dialect.name << " has its shapes and should leave the list";
  }
}

}  // namespace
}  // namespace pharos::talk
