#include "page/page_cache.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "page/assets.h"
#include "page/testing_fixtures.h"

namespace pharos::page {
namespace {

using testing::Get;
using testing::Reply;

CachedReply MakeReply(bool compress = true) {
  CachedReply::Kind kind;
  kind.content_type = "text/html; charset=utf-8";
  kind.headers = PageSecurityHeaders();
  kind.compress = compress;
  return CachedReply::Make(std::string(5000, 'a') + "b", kind);
}

Reply Answer(const CachedReply& cached, std::vector<http::Header> headers = {}) {
  Reply reply;
  reply.response = cached.Answer(Get("/", std::move(headers)));
  return reply;
}

TEST(NegotiateEncoding, FollowsQualityAndPreference) {
  const std::pair<const char*, Encoding> rows[] = {
      {"", Encoding::kIdentity},
      {"br", Encoding::kBrotli},
      {"gzip, deflate, br", Encoding::kBrotli},
      {"GZIP", Encoding::kGzip},
      {"gzip;q=1.0, br;q=0.5", Encoding::kGzip},
      {"br;q=0, gzip;q=0.1", Encoding::kGzip},
      {"identity", Encoding::kIdentity},
      {"identity;q=1, gzip;q=0.5", Encoding::kIdentity},
      {"*", Encoding::kBrotli},
      {"*;q=0", Encoding::kIdentity},
      {"br;q=0, *;q=1", Encoding::kGzip},
      {"br;q=banana", Encoding::kIdentity},
      {"zstd, deflate", Encoding::kIdentity},
      {" br ; q=0.8 , gzip ; q=0.2 ", Encoding::kBrotli},
      {";;;,,,=", Encoding::kIdentity},
  };
  for (const auto& [header, expected] : rows) {
    EXPECT_EQ(NegotiateEncoding(header), expected) << header;
  }
}

TEST(MatchesEtag, ComparesListsWeakly) {
  EXPECT_TRUE(MatchesEtag("\"a\"", "\"a\""));
  EXPECT_TRUE(MatchesEtag("\"x\", W/\"a\"", "\"a\""));
  EXPECT_TRUE(MatchesEtag(" * ", "\"a\""));
  EXPECT_FALSE(MatchesEtag("", "\"a\""));
  EXPECT_FALSE(MatchesEtag("a", "\"a\""));
  EXPECT_FALSE(MatchesEtag("\"a-br\"", "\"a\""));
}

TEST(CachedReply, EachEncodingHasItsOwnTagAndBytes) {
  const CachedReply cached = MakeReply();
  const Reply plain = Answer(cached);
  const Reply gzip = Answer(cached, {{"Accept-Encoding", "gzip"}});
  const Reply brotli = Answer(cached, {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(plain.Header("content-encoding"), "");
  EXPECT_EQ(gzip.Header("content-encoding"), "gzip");
  EXPECT_EQ(brotli.Header("content-encoding"), "br");
  EXPECT_NE(plain.Header("etag"), gzip.Header("etag"));
  EXPECT_NE(gzip.Header("etag"), brotli.Header("etag"));
  EXPECT_LT(gzip.body().size(), plain.body().size());
  EXPECT_LT(brotli.body().size(), plain.body().size());
  for (const Reply* reply : {&plain, &gzip, &brotli}) {
    EXPECT_EQ(reply->response.status, 200);
    EXPECT_EQ(reply->Header("vary"), "Accept-Encoding");
    EXPECT_EQ(reply->Header("cache-control"), "no-cache");
    EXPECT_EQ(reply->Header("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply->Header("content-security-policy").find("unsafe"), std::string::npos);
  }
}

TEST(CachedReply, GzipUnpacksToTheText) {
  const CachedReply cached = MakeReply();
  const std::string packed = Answer(cached, {{"accept-encoding", "gzip"}}).body();
  std::string text(10'000, '\0');
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  EXPECT_EQ(text, cached.text());
}

TEST(CachedReply, KnownTagGets304WithoutBody) {
  const CachedReply cached = MakeReply();
  const Reply reply = Answer(
      cached, {{"accept-encoding", "br"}, {"if-none-match", cached.etag(Encoding::kBrotli)}});
  EXPECT_EQ(reply.response.status, 304);
  EXPECT_EQ(reply.body(), "");
  EXPECT_EQ(reply.Header("etag"), cached.etag(Encoding::kBrotli));
  EXPECT_EQ(reply.Header("vary"), "Accept-Encoding");
  EXPECT_EQ(reply.Header("content-type"), "");
  // The tag of another encoding is not this one's.
  EXPECT_EQ(Answer(cached,
                   {{"accept-encoding", "gzip"}, {"if-none-match", cached.etag(Encoding::kBrotli)}})
                .response.status,
            200);
}

TEST(CachedReply, BodiesAreSharedAndNotCopied) {
  const CachedReply cached = MakeReply();
  EXPECT_EQ(Answer(cached).response.shared_body.get(), Answer(cached).response.shared_body.get());
}

TEST(CachedReply, UncompressedKindsIgnoreTheHeader) {
  const CachedReply cached = MakeReply(false);
  const Reply reply = Answer(cached, {{"accept-encoding", "br"}});
  EXPECT_EQ(reply.Header("content-encoding"), "");
  EXPECT_EQ(reply.Header("vary"), "");
}

TEST(Assets, AreEmbeddedHashedAndImmutable) {
  const Assets assets;
  const CachedReply* css = assets.Find(assets.links().css);
  const CachedReply* js = assets.Find(assets.links().js);
  ASSERT_NE(css, nullptr);
  ASSERT_NE(js, nullptr);
  EXPECT_NE(css->text().find("prefers-reduced-motion"), std::string_view::npos);
  EXPECT_NE(js->text().find("EventSource"), std::string_view::npos);
  EXPECT_EQ(Answer(*css).Header("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(Answer(*css).Header("content-type"), "text/css; charset=utf-8");
  ASSERT_NE(assets.Find("/favicon.svg"), nullptr);
  ASSERT_NE(assets.Find("/robots.txt"), nullptr);
  EXPECT_EQ(assets.Find("/assets/page.css"), nullptr);
}

TEST(Assets, NameNoOutsideHost) {
  const Assets assets;
  for (const std::string& path : {assets.links().css, assets.links().js}) {
    EXPECT_EQ(assets.Find(path)->text().find("://"), std::string_view::npos) << path;
  }
}

}  // namespace
}  // namespace pharos::page
