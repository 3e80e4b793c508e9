#include "api/kener_v4/shapes.h"

namespace pharos::api::kener_v4 {
namespace {

using enum FieldType;

// The same tree twice: complete in replies, whatever part of it in bodies.
struct Tree {
  explicit Tree(bool reply) : in_reply(reply) {}

  Field Flag(std::string_view name) const {
    return {.name = name, .type = kBool, .required = in_reply};
  }
  Field Whole(std::string_view name, double min, double max) const {
    return {.name = name, .type = kInt, .required = in_reply, .min = min, .max = max};
  }
  Field Part(std::string_view name, const Shape& shape) const {
    return {.name = name, .type = kObject, .required = in_reply, .shape = &shape};
  }
  Field Meta(std::string_view name) const { return {.name = name, .any_control = true}; }
  std::string_view Name(std::string_view reply, std::string_view body) const {
    return in_reply ? reply : body;
  }

  static constexpr double kMost = 9e15;
  const bool in_reply;
  const Shape show = {Name("PageShow", "PageShowInput"), {Flag("show")}};
  const Shape resolved = {
      Name("PageResolved", "PageResolvedInput"),
      {Flag("show"), Whole("max_count", 0, kMost), Whole("days_in_past", 0, kMost)}};
  const Shape upcoming = {
      Name("PageUpcoming", "PageUpcomingInput"),
      {Flag("show"), Whole("max_count", 0, kMost), Whole("days_in_future", 0, kMost)}};
  const Shape incidents = {Name("PageIncidents", "PageIncidentsInput"),
                           {Flag("enabled"), Part("ongoing", show), Part("resolved", resolved)}};
  const Shape running = {Name("PageOngoing", "PageOngoingInput"),
                         {Flag("show"), Part("past", resolved), Part("upcoming", upcoming)}};
  const Shape maintenances = {Name("PageMaintenances", "PageMaintenancesInput"),
                              {Flag("enabled"), Part("ongoing", running)}};
  const Shape days = {Name("PageDays", "PageDaysInput"),
                      {Whole("desktop", 1, 365), Whole("mobile", 1, 365)}};
  const Shape whole = {
      Name("PageSettings", "PageSettingsInput"),
      {Part("incidents", incidents),
       Part("include_maintenances", maintenances),
       Part("monitor_status_history_days", days),
       {.name = "monitor_layout_style",
        .required = in_reply,
        .choices = {"default-list", "default-grid", "compact-list", "compact-grid"}},
       Meta("meta_page_title"),
       Meta("meta_page_description"),
       Meta("social_page_preview_image")}};
};

}  // namespace

const Shape& PageSettingsShape(bool reply) {
  static const Tree in_body(false);
  static const Tree in_reply(true);
  return reply ? in_reply.whole : in_body.whole;
}

}  // namespace pharos::api::kener_v4
