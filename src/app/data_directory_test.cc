#include "app/data_directory.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace pharos::app {
namespace {

class DataDirectoryTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(root_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string root_ = testing::TempDir() + "pharos-data-XXXXXX";
};

TEST_F(DataDirectoryTest, OneServerPerDatabase) {
  const std::string path = root_ + "/new/pharos.db";
  auto first = DataLock::Take(path);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = DataLock::Take(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_NE(second.error().message.find(path), std::string::npos);
  EXPECT_TRUE(DataLock::Take(root_ + "/other.db"));
  // It moves with its holder and ends with it.
  {
    const DataLock moved = std::move(*first);
    EXPECT_FALSE(DataLock::Take(path));
  }
  EXPECT_TRUE(DataLock::Take(path));
}

TEST_F(DataDirectoryTest, WhatCannotBeUsedIsNamed) {
  const std::string file = root_ + "/file";
  std::ofstream(file) << "x";
  for (const std::string& path : {file + "/pharos.db", file + "/deeper/pharos.db"}) {
    const auto taken = DataLock::Take(path);
    ASSERT_FALSE(taken) << path;
    EXPECT_NE(taken.error().message.find(file), std::string::npos) << taken.error().message;
  }
  EXPECT_TRUE(DataLock::Take(":memory:"));
  EXPECT_TRUE(DataLock::Take(":memory:"));
}

}  // namespace
}  // namespace pharos::app
