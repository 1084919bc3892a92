import { type Approval, approval } from '../../api/approval.ts';
import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { contract } from '../../api/contract.ts';
import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import { assessChange, type ChangeFacts } from '../../domain/change/changestatus.ts';
import { forgottenFrom } from '../../domain/change/patchwork.ts';
import { requestName } from '../../domain/change/requeststep.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import { textAt } from '../../domain/contract/json.ts';
import { endedBySteward } from '../../domain/contract/stewardchange.ts';
import { isApiError, isTransient } from '../../runtime/api/errors.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type ReconcileContext,
} from '../../runtime/pass/controller.ts';
import { namespacesOf } from '../contracts.ts';
import { CONTRACT_INDEXES, customerSideOf } from '../customerside.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';
import { unreadableAt } from '../unreadable.ts';
import {
  ANSWER_WATCH,
  ASKED,
  MACHINE_WATCH,
  machineOfRequest,
  OPERATION_INDEX,
  operatesOn,
  operationTarget,
  TARGET_WATCHES,
} from './operationtarget.ts';

const CHANGE_INDEX = 'changeOf';
/** PatchRuns by the UID of the change that they cite. */
const RUNS_INDEX = 'runsBy';

/** Says of each change who has agreed, whether it may be done, and whether it is done and accepted (GE-4, GE-6, GE-13). */
export function changeRequestController(reporter: Reporter): ControllerDefinition<ChangeRequest & KubeObject> {
  return defineController<ChangeRequest & KubeObject>({
    name: 'changerequest',
    kind: changeRequest,
    statusIntervals: { ...STATUS_INTERVALS, isRecord: setsOut },
    indexes: { [OPERATION_INDEX]: operatesOn },
    owns: Object.values(ASKED).map(kind => ({
      kind,
      named: (owner, { metadata }) => metadata.name === requestName(owner),
      prune: () => false,
    })),
    watches: [
      {
        kind: approval,
        indexes: { [CHANGE_INDEX]: object => [path(changeOf(object))] },
        part: ({ spec }) => spec,
        toKeys: object => [changeOf(object)],
      },
      {
        kind: contract,
        indexes: CONTRACT_INDEXES,
        part: ({ spec }) => spec,
        toKeys: (object, read) => namespacesOf(object).flatMap(namespace => changesIn(namespace, read)),
      },
      {
        kind: patchRun,
        indexes: { [RUNS_INDEX]: run => [textAt(run, 'spec', 'change', 'uid') ?? ''] },
        part: ({ status }) => textAt(status, 'phase'),
        toKeys: run => [{ namespace: run.metadata.namespace ?? '', name: textAt(run, 'spec', 'change', 'name') ?? '' }],
      },
      ...TARGET_WATCHES,
      ANSWER_WATCH,
      MACHINE_WATCH,
    ],
    reconcile: async context => {
      const { object, read, now, deleteObject } = context;
      const runs = runsOf(object, read);
      const forgotten = forgottenFrom({ spec: object.spec, runs });
      if (forgotten !== undefined && forgotten <= now) return deleteObject(changeRequest, object);
      const namespace = object.metadata.namespace ?? '';
      const facts: ChangeFacts = {
        change: object,
        approvals: read.byIndex<Approval & KubeObject>(
          approval,
          CHANGE_INDEX,
          path({ namespace, name: object.metadata.name }),
        ),
        customer: customerSideOf(read, namespace),
        unreadable: unreadableAt(read, [[approval, namespace]])[0],
        target: operationTarget(object, read),
        virtualMachine: machineOfRequest(object, read),
        ...{ runs, now },
      };
      const assessment = assessChange(facts);
      if (assessment.result !== undefined) {
        await writeResult(context, assessment.result);
        // An own write comes back by no event, and what it was done to wakes it no more.
        return { requeueAt: now };
      }
      await reporter.reportOpen(context, assessment);
      const asked = assessment.ask && (await ask(context, assessment.ask));
      // It was refused, and has a result.
      if (assessment.ask !== undefined && asked === undefined) return { requeueAt: now };
      // What it says from then on comes by events of its own.
      if (asked !== undefined && facts.target !== undefined)
        await reporter.reportOpen(context, assessChange({ ...facts, target: { ...facts.target, asked } }));
      return { requeueAt: earliest(assessment.nextEdge, forgotten) };
    },
    forget: reporter.forget,
  });
}

/** Those that cite this very change; undefined: they cannot be read, or it is none by which guests are patched. */
function runsOf({ metadata, spec }: ChangeRequest & KubeObject, read: Reader): readonly PatchRun[] | undefined {
  const { namespace = '', uid = '' } = metadata;
  if (spec?.operation !== 'PatchRun' || !read.available(patchRun, namespace)) return undefined;
  return read.byIndex<PatchRun & KubeObject>(patchRun, RUNS_INDEX, uid);
}

/** Its claim stands in the status by now: what is asked for has one name, so that whoever goes on finds it. What is refused for good ends the change. */
async function ask(
  context: ReconcileContext<ChangeRequest & KubeObject>,
  wanted: KubeObject,
): Promise<KubeObject | undefined> {
  try {
    return await context.createOnce(wanted);
  } catch (error) {
    if (isTransient(error) || !isApiError(error)) throw error;
    const why = `KubeVirt refuses it: ${excerpt(error.message, 300)}. Nothing was done.`;
    await writeResult(context, endedBySteward('Cancelled', why, context.now));
    return undefined;
  }
}

/** In the version that was judged: whoever has written another plan or result meanwhile is heard first. The next pass judges by it. */
async function writeResult(
  { object, mergePatch, event }: ReconcileContext<ChangeRequest & KubeObject>,
  result: NonNullable<ChangeRequest['spec']['result']>,
): Promise<void> {
  await mergePatch(changeRequest, object, { spec: { result } });
  event(result.outcome === 'Succeeded' ? 'Normal' : 'Warning', result.outcome, result.notes ?? result.outcome);
}

/** What Steward sets out to do stands in the status before it is done. */
type Claiming = { readonly claim?: { readonly asked?: unknown } };

function setsOut(previous: Claiming, next: Claiming): boolean {
  const isClaimed = previous.claim === undefined && next.claim !== undefined;
  return isClaimed || (previous.claim?.asked === undefined && next.claim?.asked !== undefined);
}

/** What was stored under another schema may name nothing. */
function changeOf({ metadata, spec }: KubeObject & { readonly spec?: Partial<Approval['spec']> }): ObjectKey {
  return { namespace: metadata.namespace ?? '', name: String(spec?.changeRef ?? '') };
}

function changesIn(namespace: string, read: Reader): readonly ObjectKey[] {
  return read.list(changeRequest, { namespace }).map(keyOf);
}

function path({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
