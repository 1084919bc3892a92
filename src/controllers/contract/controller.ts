import { type Contract, contract } from '../../api/contract.ts';
import { type ServicePlan, ServicePlanSpec, servicePlan } from '../../api/serviceplan.ts';
import { Namespace } from '../../api/upstream.ts';
import { assessContract } from '../../domain/policies/contractstatus.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { namespacesOf, plansOf, readOnce } from '../contracts.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';
import { unreadableAt } from '../unreadable.ts';

const NAMESPACE_INDEX = 'claimants';
const PLAN_INDEX = 'naming';

const saidBy = readOnce(ServicePlanSpec);

/** Says of each Contract whether what it names is there and its own, and notes what its plans said when they began (GE-1). */
export function contractController(reporter: Reporter): ControllerDefinition<Contract & KubeObject> {
  return defineController<Contract & KubeObject>({
    name: 'contract',
    kind: contract,
    statusIntervals: STATUS_INTERVALS,
    indexes: { [NAMESPACE_INDEX]: namespacesOf, [PLAN_INDEX]: plansOf },
    owns: [],
    watches: [
      { kind: contract, part: namespacesOf, toKeys: rivalsOf },
      {
        kind: servicePlan,
        part: ({ spec }) => spec,
        toKeys: ({ metadata: { name } }, read) => read.byIndex(contract, PLAN_INDEX, name).map(keyOf),
      },
      {
        kind: Namespace,
        part: () => true,
        toKeys: ({ metadata: { name } }, read) => read.byIndex(contract, NAMESPACE_INDEX, name).map(keyOf),
      },
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read, now } = context;
      const assessment = assessContract({
        contract: object,
        claimants: namespace => read.byIndex<Contract & KubeObject>(contract, NAMESPACE_INDEX, namespace),
        namespaceExists: name => read.get(Namespace, { namespace: '', name }) !== undefined,
        plan: name => {
          const plan = read.get<ServicePlan & KubeObject>(servicePlan, { namespace: '', name });
          return plan && saidBy(plan.spec);
        },
        unreadable: unreadableAt(read, [
          [servicePlan, ''],
          [Namespace, ''],
        ])[0],
        now,
      });
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

/** Other Contracts that name one of its namespaces. */
function rivalsOf(object: KubeObject, read: Reader): readonly ObjectKey[] {
  const claimants = namespacesOf(object).flatMap(namespace => read.byIndex(contract, NAMESPACE_INDEX, namespace));
  return claimants.filter(({ metadata }) => metadata.name !== object.metadata.name).map(keyOf);
}
