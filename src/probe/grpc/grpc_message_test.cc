#include "probe/grpc/grpc_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/testing/fakes.h"

namespace pharos::probe {
namespace {

std::string Framed(std::string_view message, char flag = 0) {
  std::string out(1, flag);
  out += std::string(2, '\0');
  out.push_back(static_cast<char>(message.size() >> 8));
  out.push_back(static_cast<char>(message.size() & 0xff));
  return out + std::string(message);
}

TEST(GrpcMessage, RequestNamesTheService) {
  EXPECT_EQ(EncodeHealthRequest(""), std::string(5, '\0'));
  EXPECT_EQ(EncodeHealthRequest("shop"), std::string("\0\0\0\0\x06\x0a\x04shop", 11));
  const std::string longer = EncodeHealthRequest(std::string(300, 's'));
  EXPECT_EQ(longer.size(), 5u + 1 + 2 + 300);
  EXPECT_EQ(longer.substr(5, 3), "\x0a\xac\x02");
}

TEST(GrpcMessage, RepliesAreRead) {
  const struct {
    std::string message;
    int64_t status;
  } rows[] = {
      {"", kServingUnknown},
      {std::string("\x08\0", 2), kServingUnknown},
      {"\x08\x01", kServing},
      {"\x08\x02", kNotServing},
      {"\x08\x03", kServiceUnknown},
      {"\x08\x2a", 42},
      {"\x08\x02\x08\x01", kServing},  // the last one counts
      {std::string("\x12\x03"
                   "abc\x08\x01\x1d\x01\x02\x03\x04",
                   12),
       kServing},  // unknown fields
      {std::string("\x11\1\2\3\4\5\6\7\x08\x08\x01", 11), kServing},
  };
  for (const auto& row : rows) {
    const auto status = DecodeHealthReply(Framed(row.message));
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(*status, row.status);
  }
  EXPECT_EQ(ServingStatusName(kNotServing), "NOT_SERVING");
  EXPECT_EQ(ServingStatusName(42), "42");
}

TEST(GrpcMessage, BrokenRepliesAreTold) {
  const struct {
    std::string body;
    const char* message;
  } rows[] = {
      {"", "the answer holds no message"},
      {std::string(3, '\0'), "the answer is cut off"},
      {Framed("\x08\x01", 1), "the answer is compressed, which nobody asked for"},
      {Framed("\x08\x01", 'H'), "the answer is not a gRPC message"},
      {Framed("\x08\x01").substr(0, 6), "the answer is cut off: 1 of 2 bytes came"},
      {Framed("\x08\x01") + Framed("\x08\x01"), "the answer holds more than one message"},
      {std::string("\0\xff\xff\xff\xff", 5),
       "the answer announces 4294967295 bytes, too many for a status"},
      {Framed("\x08"), "the answer is not a health check's"},
      {Framed("\xff\xff\xff"), "the answer is not a health check's"},
      {Framed(std::string("\0\1", 2)), "the answer is not a health check's"},
      {Framed("\x12\x7f"
              "a"),
       "the answer is not a health check's"},
      {Framed("\x0b"), "the answer is not a health check's"},
      {Framed("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
       "the answer is not a health check's"},
  };
  for (const auto& row : rows) {
    const auto status = DecodeHealthReply(row.body);
    ASSERT_FALSE(status) << row.message;
    EXPECT_EQ(status.error().message, row.message);
  }
}

TEST(GrpcMessage, MessagesArePercentDecodedAsFarAsTheyGo) {
  EXPECT_EQ(DecodeGrpcMessage("50%25 of the caf%C3%A9"), "50% of the caf\u00e9");
  EXPECT_EQ(DecodeGrpcMessage("100% sure %zz %4"), "100% sure %zz %4");
  EXPECT_EQ(DecodeGrpcMessage("two%0Alines%00"), "two lines");
  EXPECT_EQ(DecodeGrpcMessage("%ff"), "\xef\xbf\xbd");
  EXPECT_LE(DecodeGrpcMessage(std::string(5000, 'x')).size(), 300u);
}

TEST(GrpcMessage, CodesHaveNames) {
  EXPECT_EQ(GrpcStatusName(0), "OK");
  EXPECT_THAT(GrpcStatusName(12), testing::EndsWith("ENTED"));
  EXPECT_EQ(GrpcStatusName(16), "UNAUTHENTICATED");
  EXPECT_EQ(GrpcStatusName(17), "");
  EXPECT_EQ(GrpcStatusName(-1), "");
}

TEST(GrpcProbe, ProblemsNameTheField) {
  const struct {
    const char* spec;
    const char* field;
  } rows[] = {
      {R"({})", "host"},
      {R"({"host":"a b"})", "host"},
      {R"({"host":"http://h"})", "host"},
      {R"({"host":"h","port":0})", "port"},
      {R"({"host":"h","authority":"a/b"})", "authority"},
      {R"({"host":"h","ca_pem":"x"})", "ca_pem"},
      {R"({"host":"h","metadata":[{"name":"Upper","value":"x"}]})", "metadata[0].name"},
      {R"({"host":"h","metadata":[{"name":"grpc-timeout","value":"1S"}]})", "metadata[0].name"},
      {R"({"host":"h","metadata":[{"name":"a","value":"x\ny"}]})", "metadata[0].value"},
  };
  const Catalog catalog;
  for (const auto& row : rows) {
    const auto spec = catalog.ValidateSpec("grpc", ParseSpec(row.spec), "");
    ASSERT_FALSE(spec) << row.spec;
    ASSERT_EQ(spec.error().fields.size(), 1u) << row.spec;
    EXPECT_EQ(spec.error().fields[0].field, row.field) << row.spec;
  }
  const auto spec = catalog.ValidateSpec("grpc", ParseSpec(R"({"host":"h"})"), "");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->IntOr("port", 0), 50051);
  EXPECT_EQ(spec->IntOr("timeout_ms", 0), 10000);
  EXPECT_FALSE(spec->BoolOr("tls", true));
  EXPECT_TRUE(spec->BoolOr("verify_tls", false));
}

}  // namespace
}  // namespace pharos::probe
