import { managedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { assessOperatingSystem } from '../../domain/policies/policystatus.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';

const IN_USE_INDEX = 'operatingSystem';

/** Says of each catalogue entry whether its vendor supports it (GE-9, GE-12) and how many ManagedVMs run it. */
export function operatingSystemController(reporter: Reporter): ControllerDefinition<OperatingSystem & KubeObject> {
  return defineController<OperatingSystem & KubeObject>({
    name: 'operatingsystem',
    kind: operatingSystem,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    owns: [],
    watches: [
      {
        kind: managedVM,
        indexes: { [IN_USE_INDEX]: systemOf },
        part: systemOf,
        toKeys: object => systemOf(object).map(name => ({ namespace: '', name })),
      },
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read, now } = context;
      const before = read.available(managedVM) ? undefined : object.status?.managedVMs;
      const inUse = before ?? read.count(managedVM, IN_USE_INDEX, object.metadata.name);
      const assessment = assessOperatingSystem(object, inUse, now);
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

function systemOf(object: KubeObject): readonly string[] {
  const name = systemNameOf(object as KubeObject & Parameters<typeof systemNameOf>[0]);
  return name === '' ? [] : [name];
}
