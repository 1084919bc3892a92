import { approval } from './approval.ts';
import { backupPolicy } from './backuppolicy.ts';
import { changeRequest } from './changerequest.ts';
import { clusterBackupPolicy } from './clusterbackuppolicy.ts';
import { clusterPatchPolicy } from './clusterpatchpolicy.ts';
import { contract } from './contract.ts';
import { guestState } from './gueststate.ts';
import { incident } from './incident.ts';
import type { KindDefinition } from './kind.ts';
import { maintenanceWindow } from './maintenancewindow.ts';
import { managedApplication } from './managedapplication.ts';
import { managedVM } from './managedvm.ts';
import { notice } from './notice.ts';
import { operatingSystem } from './operatingsystem.ts';
import { patchBaseline } from './patchbaseline.ts';
import { patchPolicy } from './patchpolicy.ts';
import { patchRun } from './patchrun.ts';
import { problem } from './problem.ts';
import { product } from './product.ts';
import { recordPage } from './recordpage.ts';
import { reportPage } from './reportpage.ts';
import { restore } from './restore.ts';
import { serviceCalendar } from './servicecalendar.ts';
import { servicePlan } from './serviceplan.ts';
import { serviceReport } from './servicereport.ts';
import { serviceRequest } from './servicerequest.ts';

/** Every kind of ours, in the order in which people read about them. */
export const kinds: readonly KindDefinition[] = [
  managedVM,
  operatingSystem,
  product,
  managedApplication,
  backupPolicy,
  clusterBackupPolicy,
  restore,
  maintenanceWindow,
  patchPolicy,
  clusterPatchPolicy,
  serviceCalendar,
  servicePlan,
  contract,
  guestState,
  recordPage,
  serviceReport,
  reportPage,
  patchBaseline,
  patchRun,
  problem,
  serviceRequest,
  changeRequest,
  approval,
  incident,
  notice,
];
