import { type Contract, ContractSpec, contract as contractKind } from '../../api/contract.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type ServicePlan, ServicePlanSpec, servicePlan } from '../../api/serviceplan.ts';
import { holderOf } from '../../domain/contract/customer.ts';
import type { ServiceFacts } from '../../domain/service/facts.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { namespacesOf, plansOf, readOnce } from '../contracts.ts';
import { unreadableAt } from '../unreadable.ts';
import { type Reading, type Sources, specOf, thoseThat } from './reading.ts';

const NAMESPACE_INDEX = 'contractOf';
const PLAN_INDEX = 'contractsOf';

/** How Contracts are found for {@link agreementOn}, by whichever controller asks. */
export const AGREEMENT_INDEXES = { [NAMESPACE_INDEX]: namespacesOf, [PLAN_INDEX]: plansOf };

const agreementOf = readOnce(ContractSpec);
const saidBy = readOnce(ServicePlanSpec);

/** What is read for it, and what it is found by. */
export const SERVICE_WATCHES: readonly WatchedKind[] = [
  {
    kind: contractKind,
    indexes: AGREEMENT_INDEXES,
    part: ({ spec, status }) => [spec, (status as Contract['status'])?.plans],
    toKeys: ofCustomer,
  },
  {
    kind: servicePlan,
    part: specOf,
    toKeys: ({ metadata: { name } }, read) => contractsWith(name, read).flatMap(each => ofCustomer(each, read)),
  },
];

/** Reads the terms by which the service is given. */
export const service: Reading<ServiceFacts> = {
  gather,
  indexes: {},
  owns: () => [],
  watches: () => SERVICE_WATCHES,
  permissions: [],
};

function gather({ metadata: { namespace = '' } }: ManagedVM, { read }: Sources): ServiceFacts {
  return {
    installed: [contractKind, servicePlan].every(kind => read.state(kind) !== 'missing'),
    ...agreementOn(namespace, read),
    unreadable: unreadableAt(read, [
      [contractKind, ''],
      [servicePlan, ''],
    ]),
  };
}

/** What was agreed on the systems of a namespace. */
export function agreementOn(namespace: string, read: Reader): Pick<ServiceFacts, 'contract' | 'plan'> {
  const claimants = read.byIndex<Contract & KubeObject>(contractKind, NAMESPACE_INDEX, namespace);
  const holder = holderOf(claimants);
  return {
    contract: holder && {
      name: holder.metadata.name,
      agreement: agreementOf(holder.spec),
      begun: holder.status?.plans ?? [],
    },
    plan: name => {
      const plan = read.get<ServicePlan & KubeObject>(servicePlan, { namespace: '', name });
      return plan && saidBy(plan.spec);
    },
  };
}

/** The Contracts that name a plan. */
export function contractsWith(plan: string, read: Reader): readonly KubeObject[] {
  return read.byIndex(contractKind, PLAN_INDEX, plan);
}

/** The ManagedVMs of the namespaces that a Contract names. */
function ofCustomer(contract: KubeObject, read: Reader): ReturnType<typeof thoseThat> {
  return namespacesOf(contract).flatMap(namespace => thoseThat(read, () => true, { namespace }));
}
