import { type MaintenanceWindow, MaintenanceWindowSpec } from '../../api/maintenancewindow.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { assessMaintenanceWindow } from '../policies/windowstatus.ts';

/** A window with the status that it has at an instant. */
export function assessWindow(spec: object, now: Date): MaintenanceWindow & KubeObject {
  const window = {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'MaintenanceWindow' },
    metadata: { namespace: 'acme', name: 'nights', uid: 'w-1', generation: 1 },
    spec: MaintenanceWindowSpec.parse({ timeZone: 'Europe/Berlin', duration: '4h', ...spec }),
  };
  return { ...window, status: assessMaintenanceWindow(window, now).status } as MaintenanceWindow & KubeObject;
}
