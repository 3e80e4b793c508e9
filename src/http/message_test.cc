#include "http/message.h"

#include <gtest/gtest.h>

namespace pharos::http {
namespace {

TEST(Request, FindsHeadersWithoutLetterCase) {
  Request request;
  request.headers = {{"X-One", "1"}, {"x-one", "2"}, {"Empty", ""}};
  EXPECT_EQ(request.FindHeader("x-ONE"), "1");
  EXPECT_EQ(request.FindHeader("two"), "");
  EXPECT_TRUE(request.HasHeader("empty"));
  EXPECT_FALSE(request.HasHeader("two"));
}

TEST(Response, TextAndJsonSayWhatTheyAre) {
  const Response text = Response::Text(404, "no");
  EXPECT_EQ(text.status, 404);
  ASSERT_EQ(text.headers.size(), 1u);
  EXPECT_EQ(text.headers[0].value, "text/plain; charset=utf-8");
  EXPECT_EQ(Response::Json(200, "{}").headers[0].value, "application/json; charset=utf-8");
}

TEST(ReasonPhrase, KnowsTheUsualOnes) {
  EXPECT_EQ(ReasonPhrase(404), "Not Found");
  EXPECT_EQ(ReasonPhrase(429), "Too Many Requests");
  EXPECT_EQ(ReasonPhrase(599), "Unknown");
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

TEST(ParseQuery, DecodesNamesAndValuesInOrder) {
  EXPECT_EQ(
      ParseQuery("a=1&b=%C3%A4+x&a=2&flag&=v&&c%3D=%26"),
      (Parameters{
          {"a", "1"}, {"b", "\xC3\xA4 x"}, {"a", "2"}, {"flag", ""}, {"", "v"}, {"c=", "&"}}));
  EXPECT_TRUE(ParseQuery("").empty());
}

TEST(ParseQuery, KeepsMalformedEscapes) {
  EXPECT_EQ(ParseQuery("a=%&b=%4&c=%zz&d=%41%"),
            (Parameters{{"a", "%"}, {"b", "%4"}, {"c", "%zz"}, {"d", "A%"}}));
}

TEST(ParseQuery, StopsAtTwoHundred) {
  std::string query;
  for (int i = 0; i < 300; ++i) query += "p=" + std::to_string(i) + "&";
  EXPECT_EQ(ParseQuery(query).size(), 200u);
}

TEST(FindParameter, GivesTheFirst) {
  const Parameters parameters = {{"a", "1"}, {"a", "2"}};
  ASSERT_NE(FindParameter(parameters, "a"), nullptr);
  EXPECT_EQ(*FindParameter(parameters, "a"), "1");
  EXPECT_EQ(FindParameter(parameters, "b"), nullptr);
}

}  // namespace
}  // namespace pharos::http
