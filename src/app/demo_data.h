#pragma once

#include "app/demo_targets.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace pharos::app {

// Fills an empty store with the demo's monitors, history, incidents and channel. The same history
// for the same day, whoever runs it: the generator is seeded.
Status FillDemoStore(store::Store& store, const DemoTargets& targets, const Clock& clock);
// Gives the monitors and the channel of an earlier demo the servers' new addresses.
Status RefreshDemoUrls(store::Store& store, const DemoTargets& targets);

}  // namespace pharos::app
