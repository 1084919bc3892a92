import { type ServiceCalendar, serviceCalendar } from '../../api/servicecalendar.ts';
import { assessServiceCalendar } from '../../domain/policies/calendarstatus.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';

/** Says of each calendar which holidays it observes, and by which revision it is pinned (GE-5). */
export function serviceCalendarController(reporter: Reporter): ControllerDefinition<ServiceCalendar & KubeObject> {
  return defineController<ServiceCalendar & KubeObject>({
    name: 'servicecalendar',
    kind: serviceCalendar,
    statusIntervals: STATUS_INTERVALS,
    owns: [],
    watches: [],
    forget: reporter.forget,
    reconcile: async context => {
      const assessment = assessServiceCalendar(context.object, context.now);
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}
