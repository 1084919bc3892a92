import { backupPolicy } from '../api/backuppolicy.ts';
import { clusterBackupPolicy } from '../api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../api/clusterpatchpolicy.ts';
import { patchPolicy } from '../api/patchpolicy.ts';
import type { OpenRegistry } from '../runtime/observe/registry.ts';
import type { AnyController } from '../runtime/pass/controller.ts';
import { alertReceiverOf } from './alertreceiver.ts';
import { alertWatchOf } from './alertwatch.ts';
import { approvalController } from './approval/controller.ts';
import { backupPolicyController } from './backuppolicy/controller.ts';
import { changeRequestController } from './changerequest/controller.ts';
import { clusterPatchPolicyController } from './clusterpatchpolicy/controller.ts';
import { contractController } from './contract/controller.ts';
import { drillController } from './drill/controller.ts';
import { incidentController } from './incident/controller.ts';
import { maintenanceWindowController } from './maintenancewindow/controller.ts';
import { managedApplicationController } from './managedapplication/controller.ts';
import { applicationPrometheus } from './managedapplication/watch.ts';
import { backupContentsOf } from './managedvm/backupcontents.ts';
import { managedVMController, SERVICE } from './managedvm/controller.ts';
import { guestWorkersOf } from './managedvm/guestworkers.ts';
import { managedVMMetrics } from './managedvm/metrics.ts';
import { namespaceRightsOf } from './managedvm/namespacerights.ts';
import { prometheusOf } from './managedvm/prometheus.ts';
import { ownedKinds } from './managedvm/readings.ts';
import { namespaceRulesController } from './namespacerules/controller.ts';
import { OpenIncidents } from './openincidents.ts';
import { operatingSystemController } from './operatingsystem/controller.ts';
import { patchPolicyController } from './patchpolicy/controller.ts';
import { patchChangesController } from './patchrun/changes.ts';
import { patchRunController } from './patchrun/controller.ts';
import { patchJobsController } from './patchrun/jobs.ts';
import { patchOpeningController } from './patchrun/opening.ts';
import { problemController } from './problem/controller.ts';
import { problemOpeningControllers } from './problem/opening.ts';
import { productController } from './product/controller.ts';
import { Remediator } from './remediation/remediation.ts';
import { Reporter } from './report.ts';
import { restoreController } from './restore/controller.ts';
import { ringMetrics } from './ringmetrics.ts';
import { serviceCalendarController } from './servicecalendar/controller.ts';
import { servicePlanController } from './serviceplan/controller.ts';
import { serviceReportController } from './servicereport/controller.ts';
import { reportOpeningController } from './servicereport/opening.ts';
import { Preparing } from './servicereport/preparing.ts';
import { serviceRequestController } from './servicerequest/controller.ts';
import type { Settings } from './settings.ts';
import { systemOfferController } from './systemoffer/controller.ts';
import { veleroHeartbeatOf } from './veleroheartbeat.ts';
import { ownershipOf } from './whose.ts';

/** Every controller of Steward. */
export function controllersOf(settings: Settings, registry: OpenRegistry): readonly AnyController[] {
  const prometheus = settings.prometheus && prometheusOf(settings.prometheus, registry);
  const alerts = alertWatchOf(settings.prometheus);
  const reporter = new Reporter(registry);
  const remediator = new Remediator(settings.remediation);
  const ownership = ownershipOf(ownedKinds(SERVICE.readings, settings));
  const metrics = managedVMMetrics(registry);
  const rings = ringMetrics(registry);
  const guestWorkers = guestWorkersOf(settings);
  const rights = namespaceRightsOf(settings);
  const backupContents = backupContentsOf(settings);
  const veleroHeartbeat = veleroHeartbeatOf(settings);
  const alertReceiver = alertReceiverOf(settings);
  return [
    operatingSystemController(reporter),
    productController(reporter),
    backupPolicyController(backupPolicy, settings, reporter, veleroHeartbeat),
    backupPolicyController(clusterBackupPolicy, settings, reporter, veleroHeartbeat),
    maintenanceWindowController(reporter),
    patchPolicyController(reporter, rings, alerts),
    clusterPatchPolicyController(reporter, rings, alerts),
    serviceCalendarController(reporter),
    servicePlanController(reporter),
    contractController(reporter),
    ...reportControllers(settings),
    serviceRequestController(),
    changeRequestController(reporter),
    approvalController(),
    problemController(reporter, settings, registry),
    ...problemOpeningControllers(settings),
    incidentController({ settings, remediator, open: new OpenIncidents(registry) }),
    patchRunController(),
    patchChangesController(patchPolicy),
    patchChangesController(clusterPatchPolicy),
    patchOpeningController(settings),
    patchJobsController(patchPolicy, settings),
    patchJobsController(clusterPatchPolicy, settings),
    restoreController(settings),
    systemOfferController(),
    drillController(),
    managedApplicationController({
      settings,
      reporter,
      prometheus: applicationPrometheus(settings.prometheus, settings.blackbox),
      alertReceiver,
    }),
    namespaceRulesController(settings),
    managedVMController(
      {
        settings,
        reporter,
        metrics,
        prometheus,
        guestWorkers,
        rights,
        backupContents,
        veleroHeartbeat,
        alertReceiver,
        ownership,
      },
      SERVICE,
    ),
  ];
}

/** Days and months are closed from records: where nothing is recorded, nothing is closed. */
function reportControllers({ recordNamespace, prometheus }: Settings): readonly AnyController[] {
  if (recordNamespace === undefined) return [];
  return [
    reportOpeningController(recordNamespace),
    serviceReportController(new Preparing({ recordNamespace, prometheus })),
  ];
}
