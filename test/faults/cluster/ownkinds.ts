import { approval } from '../../../src/api/approval.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { changeRequest } from '../../../src/api/changerequest.ts';
import { clusterBackupPolicy } from '../../../src/api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../../src/api/contract.ts';
import { incident } from '../../../src/api/incident.ts';
import type { KindDefinition } from '../../../src/api/kind.ts';
import { maintenanceWindow } from '../../../src/api/maintenancewindow.ts';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { patchPolicy } from '../../../src/api/patchpolicy.ts';
import { problem } from '../../../src/api/problem.ts';
import { product } from '../../../src/api/product.ts';
import { restore } from '../../../src/api/restore.ts';
import { serviceCalendar } from '../../../src/api/servicecalendar.ts';
import { servicePlan } from '../../../src/api/serviceplan.ts';
import { serviceRequest } from '../../../src/api/servicerequest.ts';

/** What people write, each after what it is about is none of its own: of a record there is nothing that anybody could order. */
export const OWN_KINDS: readonly KindDefinition[] = [
  incident,
  problem,
  approval,
  changeRequest,
  serviceRequest,
  restore,
  managedApplication,
  managedVM,
  backupPolicy,
  contract,
  servicePlan,
  product,
  operatingSystem,
  serviceCalendar,
  maintenanceWindow,
  patchPolicy,
  clusterPatchPolicy,
  clusterBackupPolicy,
];
