/** One kind that the API server refuses to show while something happens: nobody takes it for missing, or for gone. */
import { managedApplication } from '../../src/api/managedapplication.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import * as upstream from '../../src/api/upstream.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { type Case, type Outcome, runCases } from './cases.ts';
import type { Live } from './cluster/world.ts';
import type { Operation } from './lives.ts';
import type { FaultRun, Running } from './run.ts';

export type UnreadableCase = Case & { readonly kind: ResourceKind };

const OF_MACHINES: readonly ResourceKind[] = [
  upstream.VirtualMachine,
  upstream.DataVolume,
  upstream.Service,
  upstream.ServiceMonitor,
  upstream.PrometheusRule,
  upstream.VeleroSchedule,
];
/** The operator has nothing left that it may do. */
const IDLE_MS = 1_000;

export function unreadableCases(): UnreadableCase[] {
  const operations = ['ManagedVM update', 'ManagedVM delete'] as const;
  return [
    ...OF_MACHINES.flatMap(kind => operations.map(operation => unreadable(operation, kind))),
    unreadable('ManagedApplication update', upstream.Probe),
    unreadable('ManagedApplication delete', upstream.Probe),
  ];
}

function unreadable(operation: Operation, kind: ResourceKind): UnreadableCase {
  return { operation, kind, name: `${operation}, 403 for every list and watch of ${kind.kind}` };
}

/** A kind can be unreadable only for all cases at once: each has an operator of its own. */
export async function runUnreadable(run: FaultRun, cases: readonly UnreadableCase[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [kind, group] of Map.groupBy(cases, each => each.kind))
    outcomes.push(...(await refusing(run, kind, group)));
  return outcomes;
}

async function refusing(run: FaultRun, kind: ResourceKind, cases: readonly UnreadableCase[]): Promise<Outcome[]> {
  const isOfKind = (path: string) => path.includes(`/${kind.plural}?`);
  const ordered = kind === upstream.Probe ? managedApplication : managedVM;
  const order = (scope: string): Live | undefined => run.world.all(ordered, scope)[0];
  const wrong = new Map<string, string>();
  const before = async ({ interception }: Running, scopes: readonly string[]) => {
    interception.refuseWatches([run.refusal(403, 'Forbidden')], isOfKind);
    interception.relist(isOfKind);
    await run.until('every order says what cannot be read', () =>
      scopes.every(scope => readyReasonOf(order(scope)) === 'KindNotReadable'),
    );
  };
  const during = async ({ interception }: Running, scopes: readonly string[]) => {
    await run.until('the operator has nothing left to do', () => interception.quietForMs > IDLE_MS);
    for (const [index, { operation, name }] of cases.entries()) {
      const left = order(scopes[index] ?? '');
      if (left === undefined) wrong.set(name, 'the order has ended although its children cannot be seen');
      else if (operation.endsWith('update') && readyReasonOf(left)?.endsWith('NotInstalled') === true)
        wrong.set(name, `Ready says ${readyReasonOf(left)}`);
    }
    interception.refuseWatches([]);
  };
  const outcomes = await runCases(run, cases, { before, during });
  return outcomes.map(outcome => {
    const failure = wrong.get(outcome.name) ?? outcome.failure;
    return failure === undefined ? outcome : { ...outcome, failure };
  });
}

function readyReasonOf(order: Live | undefined): string | undefined {
  const status = order?.status as { readonly conditions?: readonly { type: string; reason: string }[] } | undefined;
  return status?.conditions?.find(({ type }) => type === 'Ready')?.reason;
}
