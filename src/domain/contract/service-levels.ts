import type { ServiceLevel } from '../../api/common.ts';
import type { OperatingSystemSpec } from '../../api/operatingsystem.ts';

/** What a Managed OS service level includes: one row of the matrix MO-1 to MO-6. */
export type Entitlements = {
  /** MO-1: the VM is provisioned with a supported operating system. */
  readonly provisioning: boolean;
  /** MO-2: services on demand, ordered and billed one by one. */
  readonly onDemand: boolean;
  /** MO-3: security and OS patches are installed without anyone asking. */
  readonly patching: boolean;
  /** MO-4: patching is fitted to the customer's maintenance windows. */
  readonly patchPlanning: boolean;
  /** MO-5: the system sensors are watched around the clock. */
  readonly monitoring: boolean;
  /** MO-6: when the provider handles incidents unasked. Core hours: GE-5. */
  readonly incidentHandling: 'None' | 'CoreHours' | 'Always';
};

const MATRIX: Readonly<Record<ServiceLevel, Entitlements>> = {
  Admin: {
    provisioning: true,
    onDemand: true,
    patching: false,
    patchPlanning: false,
    monitoring: false,
    incidentHandling: 'None',
  },
  MonitoringAndPatching: {
    provisioning: true,
    onDemand: true,
    patching: true,
    patchPlanning: false,
    monitoring: true,
    incidentHandling: 'CoreHours',
  },
  AdvancedMonitoringAndPatching: {
    provisioning: true,
    onDemand: true,
    patching: true,
    patchPlanning: true,
    monitoring: true,
    incidentHandling: 'Always',
  },
};

export function entitlements(level: ServiceLevel): Entitlements {
  return MATRIX[level];
}

/** Whether a level may be ordered for a family of operating systems at all (MO-7). */
export function levelSuitsFamily(level: ServiceLevel, family: OperatingSystemSpec['family']): boolean {
  return family === 'Linux' || level !== 'MonitoringAndPatching';
}
