#include "page/page_routes.h"

#include <gtest/gtest.h>

namespace pharos::page {
namespace {

using What = PageRoute::What;

TEST(PageRoutesTest, AddressesAndWhatTheyMean) {
  struct Case {
    const char* path;
    What what;
    const char* page;
    int64_t id;
  };
  for (const Case& c : {
           Case{"/", What::kPage, "", 0},
           Case{"/partners", What::kPage, "partners", 0},
           Case{"/status/partners", What::kPage, "partners", 0},
           Case{"/status", What::kPage, "status", 0},
           Case{"/status/rss.xml", What::kRss, "status", 0},
           Case{"/status/badge.svg", What::kBadge, "status", 0},
           Case{"/status/rss", What::kPage, "rss", 0},
           Case{"/rss.xml", What::kRss, "", 0},
           Case{"/partners/rss.xml", What::kRss, "partners", 0},
           Case{"/status/partners/rss", What::kRss, "partners", 0},
           Case{"/status/partners/atom", What::kAtom, "partners", 0},
           Case{"/status/partners/badge.svg", What::kBadge, "partners", 0},
           Case{"/status/partners/unlock", What::kUnlock, "partners", 0},
           Case{"/incidents/12", What::kIncident, "", 12},
           Case{"/maintenances/3", What::kMaintenance, "", 3},
       }) {
    const auto route = ParsePageRoute(c.path);
    ASSERT_TRUE(route) << c.path;
    EXPECT_EQ(route->what, c.what) << c.path;
    EXPECT_EQ(route->page, c.page) << c.path;
    EXPECT_EQ(route->id, c.id) << c.path;
  }
}

TEST(PageRoutesTest, OtherAddressesMeanNothing) {
  for (const char* path :
       {"/Partners", "/a/b", "/a/b/c", "/status/a/b", "/incidents/x", "/incidents/0",
        "/incidents/99999999999999999999", "/..", "//", "/%61", "/status/"}) {
    EXPECT_FALSE(ParsePageRoute(path)) << path;
  }
}

}  // namespace
}  // namespace pharos::page
