#pragma once

#include "model/page.h"

namespace pharos::service {

// Reads of a page's settings tree with the documented defaults (kener-v4.md 12.2).
struct ListRule {
  bool show = true;
  int max_count = 5;
  int days = 7;
};

// Days of history on a wide screen, 1-365.
int HistoryDaysOf(const model::Page& page);
bool HasHistoryDays(const model::Page& page);
void SetHistoryDays(model::Page& page, int days);

bool ShowsOngoingIncidents(const model::Page& page);
ListRule ResolvedIncidentsOf(const model::Page& page);
bool ShowsOngoingMaintenances(const model::Page& page);
ListRule PastMaintenancesOf(const model::Page& page);
ListRule UpcomingMaintenancesOf(const model::Page& page);

}  // namespace pharos::service
