#include "app/secret_key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace pharos::app {
namespace {

class SecretKeyFileTest : public testing::Test {
 protected:
  SecretKeyFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pharos-key-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~SecretKeyFileTest() override { std::filesystem::remove_all(folder_); }
  std::string Path() const { return folder_ + "/secret.key"; }
  void Put(const std::string& text, mode_t mode = 0600) {
    std::ofstream(Path()) << text;
    chmod(Path().c_str(), mode);
  }
  std::string Refusal() {
    SecretKeyFile file(Path());
    const auto keys = file.Load();
    return keys ? "" : keys.error().message;
  }

  std::string folder_;
};

TEST_F(SecretKeyFileTest, SavesAndLoads) {
  SecretKeyFile file(Path());
  EXPECT_TRUE(file.Load().value().empty());
  const std::string one("\0\x01\xff 3456789012345678901234567890", 32);
  ASSERT_TRUE(file.Save({Secret(one), Secret(std::string(32, 'b'))}));
  struct stat info{};
  ASSERT_EQ(stat(Path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto keys = file.Load().value();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].Reveal(), one);
  EXPECT_EQ(keys[1].Reveal(), std::string(32, 'b'));
  ASSERT_TRUE(file.Save({Secret(std::string(32, 'c'))}));
  EXPECT_EQ(file.Load().value().size(), 1u);
  EXPECT_FALSE(file.Save(std::vector<Secret>(17, Secret(std::string(32, 'd')))));
  EXPECT_FALSE(file.Save({}));
  EXPECT_EQ(file.Load().value().size(), 1u) << "what cannot be loaded is not saved";
  EXPECT_FALSE(std::filesystem::exists(Path() + ".new"));
}

TEST_F(SecretKeyFileTest, RefusesWhatOthersMayRead) {
  const std::string key(64, 'a');
  for (const mode_t mode : {0640, 0604, 0620, 0666}) {
    Put(key, mode);
    EXPECT_NE(Refusal().find("chmod 600"), std::string::npos) << mode;
  }
  Put(key, 0600);
  EXPECT_EQ(Refusal(), "");
  Put(key, 0400);
  EXPECT_EQ(Refusal(), "");
}

TEST_F(SecretKeyFileTest, RefusesWhatIsNoKeyFile) {
  for (const std::string& text :
       {std::string(), std::string("# only words\n"), std::string(63, 'a'), std::string(65, 'a'),
        std::string(64, 'G'), std::string(64, 'A'), std::string(5000, 'a')}) {
    Put(text);
    EXPECT_NE(Refusal(), "") << text.substr(0, 70);
  }
  std::filesystem::remove(Path());
  std::filesystem::create_directory(Path());
  EXPECT_NE(Refusal(), "");
  std::filesystem::remove(Path());
  std::filesystem::create_symlink("/dev/zero", Path());
  EXPECT_NE(Refusal().find("link"), std::string::npos);
}

TEST_F(SecretKeyFileTest, LiesBesideTheDatabase) {
  EXPECT_EQ(SecretKeyPath("/data/pharos.db"), "/data/secret.key");
  EXPECT_EQ(SecretKeyPath("pharos.db"), "secret.key");
  EXPECT_EQ(SecretKeysFor(":memory:")->Place(), "memory");
}

TEST(EnvironmentSecrets, OnlyNamesUnderThePrefixAndNeverOurOwn) {
  setenv("MONITOR_TEST_TOKEN", "value", 1);
  setenv("PHAROS_TEST_TOKEN", "ours", 1);
  EXPECT_EQ(EnvironmentSecrets("MONITOR_")("MONITOR_TEST_TOKEN"), "value");
  EXPECT_FALSE(EnvironmentSecrets("MONITOR_")("HOME"));
  EXPECT_FALSE(EnvironmentSecrets("MONITOR_")("PHAROS_TEST_TOKEN"));
  EXPECT_FALSE(EnvironmentSecrets("")("PHAROS_TEST_TOKEN"));
  EXPECT_TRUE(EnvironmentSecrets("")("MONITOR_TEST_TOKEN"));
  unsetenv("MONITOR_TEST_TOKEN");
  unsetenv("PHAROS_TEST_TOKEN");
}

}  // namespace
}  // namespace pharos::app
