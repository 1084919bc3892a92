import { type Contract, ContractSpec, contract } from '../../api/contract.ts';
import { serviceCalendar } from '../../api/servicecalendar.ts';
import { type ServicePlan, servicePlan } from '../../api/serviceplan.ts';
import { assessServicePlan } from '../../domain/policies/planstatus.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { plansOf, readOnce } from '../contracts.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';
import { unreadableAt } from '../unreadable.ts';

const CALENDAR_INDEX = 'calendar';
const USED_INDEX = 'using';

const agreementOf = readOnce(ContractSpec);

/** Says of each ServicePlan whether it can be worked by, by which revision it is pinned, and who uses it (GE-1). */
export function servicePlanController(reporter: Reporter): ControllerDefinition<ServicePlan & KubeObject> {
  return defineController<ServicePlan & KubeObject>({
    name: 'serviceplan',
    kind: servicePlan,
    statusIntervals: STATUS_INTERVALS,
    indexes: { [CALENDAR_INDEX]: calendarOf },
    owns: [],
    watches: [
      {
        kind: contract,
        indexes: { [USED_INDEX]: plansOf },
        part: ({ spec }) => spec,
        toKeys: object => plansOf(object).map(name => ({ namespace: '', name })),
      },
      {
        kind: serviceCalendar,
        part: () => true,
        toKeys: ({ metadata: { name } }, read) => read.byIndex(servicePlan, CALENDAR_INDEX, name).map(keyOf),
      },
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read } = context;
      const { name } = object.metadata;
      const assessment = assessServicePlan({
        plan: object,
        uses: read.byIndex<Contract & KubeObject>(contract, USED_INDEX, name).map(({ spec }) => {
          return agreementOf(spec).spec?.plans.filter(({ plan }) => plan === name) ?? [];
        }),
        calendarExists: calendar => read.get(serviceCalendar, { namespace: '', name: calendar }) !== undefined,
        unreadable: unreadableAt(read, [
          [serviceCalendar, ''],
          [contract, ''],
        ])[0],
      });
      await reporter.report(context, assessment);
    },
  });
}

function calendarOf(object: KubeObject): readonly string[] {
  const name: unknown = Reflect.get(Object(object.spec), 'calendarRef');
  return typeof name === 'string' ? [name] : [];
}
