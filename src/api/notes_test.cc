#include "api/notes.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace pharos::api {
namespace {

TEST(Notes, AreKeptByDialect) {
  Value notes;
  SetNote(notes, "one", "a", 1);
  SetNote(notes, "two", "a", 2);
  SetNote(notes, "one", "b", Value());
  EXPECT_EQ(WriteJson(notes), R"({"one":{"a":1,"b":null},"two":{"a":2}})");
  ASSERT_NE(FindNote(notes, "two", "a"), nullptr);
  EXPECT_EQ(FindNote(notes, "two", "a")->AsInt(), 2);
  EXPECT_EQ(FindNote(notes, "two", "b"), nullptr);
  EXPECT_EQ(FindNote(notes, "three", "a"), nullptr);
  DropNote(notes, "one", "a");
  DropNote(notes, "three", "a");
  EXPECT_EQ(WriteJson(notes), R"({"one":{"b":null},"two":{"a":2}})");
}

TEST(Notes, WhatIsNoObjectGivesWay) {
  Value notes("text");
  EXPECT_EQ(FindNote(notes, "one", "a"), nullptr);
  SetNote(notes, "one", "a", 1);
  notes.Set("two", 5);
  DropNote(notes, "two", "a");
  SetNote(notes, "two", "a", 2);
  EXPECT_EQ(WriteJson(notes), R"({"one":{"a":1},"two":{"a":2}})");
}

}  // namespace
}  // namespace pharos::api
