import { type MaintenanceWindow, maintenanceWindow } from '../../api/maintenancewindow.ts';
import { assessMaintenanceWindow } from '../../domain/policies/windowstatus.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';

/** Says of each MaintenanceWindow when it opens (MO-4). */
export function maintenanceWindowController(reporter: Reporter): ControllerDefinition<MaintenanceWindow & KubeObject> {
  return defineController<MaintenanceWindow & KubeObject>({
    name: 'maintenancewindow',
    kind: maintenanceWindow,
    statusIntervals: STATUS_INTERVALS,
    owns: [],
    watches: [],
    forget: reporter.forget,
    reconcile: async context => {
      const assessment = assessMaintenanceWindow(context.object, context.now);
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}
