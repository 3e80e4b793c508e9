#pragma once

#include <utility>

#include "api/endpoint.h"
#include "notify/catalog.h"
#include "service/alerts.h"
#include "service/audit_log.h"
#include "service/beacons.h"
#include "service/channels.h"
#include "service/check_log.h"
#include "service/checks.h"
#include "service/context.h"
#include "service/designs.h"
#include "service/evidence.h"
#include "service/export.h"
#include "service/heartbeats.h"
#include "service/incidents.h"
#include "service/keys.h"
#include "service/maintenances.h"
#include "service/metrics.h"
#include "service/monitor_actions.h"
#include "service/monitors.h"
#include "service/on_call.h"
#include "service/organisations.h"
#include "service/overview.h"
#include "service/pages.h"
#include "service/phones.h"
#include "service/retention.h"
#include "service/samples.h"
#include "service/secrets.h"
#include "service/site.h"
#include "service/stats.h"
#include "service/subscriber_messages.h"
#include "service/workflows.h"

namespace pharos::app {

// Every use case of a running Pharos, in dependency order. Not movable: they refer to each other.
struct UseCases {
  UseCases(const service::Context& given, const notify::Catalog& channel_kinds,
           const notify::Tools& notify_tools, const probe::Tools& probe_tools,
           service::SecretKeys& secret_keys, probe::SecretLookup environment)
      : context(given),
        vault(given.store, secret_keys, std::move(environment)),
        secrets(given.store, given.clock, secret_keys, &vault),
        verifier(given.store, given.clock),
        keys(given.store, given.clock, &verifier),
        monitors(context),
        samples(context),
        heartbeats(context),
        site(context),
        overview(context),
        incidents(context),
        maintenances(context),
        pages(context),
        channels(context, channel_kinds, notify_tools),
        stats(context),
        checks(context, WithSecretsOf(vault, probe_tools)),
        actions(context, monitors, checks, channels, pages),
        audit(context),
        organisations(context),
        designs(context),
        beacons(context, organisations),
        metrics(context, monitors, organisations),
        workflows(context, monitors, service::MakeDirectSend(channel_kinds, notify_tools)),
        alerts(context),
        on_call(context, service::MakeDirectSend(channel_kinds, notify_tools)),
        phones(context, service::MakeDirectSend(channel_kinds, notify_tools)),
        subscribers(context, service::MakeDirectSend(channel_kinds, notify_tools)),
        check_log(context),
        exports(context),
        retention(context),
        evidence(context) {}
  UseCases(const UseCases&) = delete;
  UseCases& operator=(const UseCases&) = delete;

  // What the interfaces may call.
  api::Services ForApi() {
    return {monitors,     samples, heartbeats, site,      verifier,  keys,    incidents,
            maintenances, pages,   channels,   stats,     checks,    audit,   organisations,
            designs,      beacons, metrics,    workflows, alerts,    on_call, phones,
            secrets,      actions, check_log,  exports,   retention, evidence};
  }

  static probe::Tools WithSecretsOf(const service::SecretVault& vault, probe::Tools tools) {
    tools.secret_source = &vault;
    return tools;
  }

  const service::Context context;
  service::SecretVault vault;
  service::SecretService secrets;
  service::KeyVerifier verifier;
  service::KeyService keys;
  service::MonitorService monitors;
  service::SampleService samples;
  service::HeartbeatService heartbeats;
  service::SiteService site;
  service::OverviewService overview;
  service::IncidentService incidents;
  service::MaintenanceService maintenances;
  service::PageService pages;
  service::ChannelService channels;
  service::StatsService stats;
  service::CheckService checks;
  service::MonitorActions actions;
  service::AuditService audit;
  service::OrganisationService organisations;
  service::DesignService designs;
  service::BeaconService beacons;
  service::MetricsService metrics;
  service::WorkflowService workflows;
  service::AlertService alerts;
  service::OnCallService on_call;
  service::PhoneSubscriberService phones;
  service::SubscriberMessages subscribers;
  service::CheckLogService check_log;
  service::ExportService exports;
  service::RetentionService retention;
  service::EvidenceService evidence;
};

}  // namespace pharos::app
