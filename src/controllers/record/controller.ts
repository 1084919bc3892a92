import { contract } from '../../api/contract.ts';
import { RECORDED, type RecordedKind } from '../../domain/record/recordable.ts';
import { streamName } from '../../domain/record/streamname.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { type KubeObject, keyOf, kindId } from '../../runtime/api/object.ts';
import {
  type AnyController,
  defineController,
  type PolledSource,
  type Reader,
  type WatchedKind,
} from '../../runtime/pass/controller.ts';
import { namespacesOf } from '../contracts.ts';
import type { Found, Recorder } from './recorder.ts';

/** Objects looked at together: their records are written together. */
const CONCURRENCY = 64;
/** Where it cannot be read which contract a namespace belongs to. */
const UNKNOWN_MS = 30_000;
const BY_NAMESPACE = 'namespace';

type Watched = (namespace: string) => boolean;

/** A controller for each recorded kind: it shows the recorder what is there, and what is there no more. It writes to none of these objects. */
export function recordControllers(
  recorder: Recorder,
  { clock, watched, sweepMs }: { readonly clock: Clock; readonly watched: Watched; readonly sweepMs: number },
): readonly AnyController[] {
  return RECORDED.map(recorded =>
    defineController<KubeObject>({
      ...{ name: `record-${recorded.kind.plural}`, kind: recorded.kind, owns: [], concurrency: CONCURRENCY },
      watches: recorded.kind.namespaced ? [contracts(recorded)] : [],
      polls: [{ ...leaving(recorder, recorded, watched), everyMs: sweepMs }],
      reconcile: async ({ object, read }) => {
        const stream = streamOf(read, recorded, object);
        const againMs = stream === undefined ? UNKNOWN_MS : await recorder.record(recorded, object, stream);
        return { requeueAt: againMs === undefined ? undefined : new Date(clock.now().getTime() + againMs) };
      },
    }),
  );
}

/** A Contract that comes, goes or changes concerns the objects of its namespaces: they belong to another stream then. */
function contracts({ kind }: RecordedKind): WatchedKind {
  return {
    kind: contract,
    indexes: { [BY_NAMESPACE]: namespacesOf },
    part: namespacesOf,
    toKeys: (object, read) => namespacesOf(object).flatMap(namespace => read.list(kind, { namespace }).map(keyOf)),
  };
}

/** The stream where an object belongs; undefined where that cannot be read. Of several Contracts that name a namespace, which admission refuses, the first by name. */
function streamOf(read: Reader, { kind }: RecordedKind, { metadata }: KubeObject): string | undefined {
  const { name, namespace } = metadata;
  if (kind.namespaced && !['served', 'missing'].includes(read.state(contract))) return undefined;
  const contractOf = (of: string) =>
    read
      .byIndex(contract, BY_NAMESPACE, of)
      .map(each => each.metadata.name)
      .toSorted()[0];
  return streamName({ kind: kind.kind, name, namespace }, contractOf);
}

/** Deletions are not told to a controller that holds up none, and may come while no writer runs: what is recorded is compared with what is there. */
function leaving(
  recorder: Recorder,
  recorded: RecordedKind,
  watched: Watched,
): Omit<PolledSource<KubeObject>, 'everyMs'> {
  return {
    name: `what is left of ${kindId(recorded.kind)}`,
    ask: async (_now, _signal, { read }) => {
      await recorder.sweep(recorded, ({ namespace = '', name }) => found(read, recorded, { namespace, name }, watched));
      return object => {
        const stream = streamOf(read, recorded, object);
        return stream !== undefined && recorder.isElsewhere(object, stream);
      };
    },
  };
}

/** What cannot be read, or is not looked at, is neither there nor gone. */
function found(
  read: Reader,
  recorded: RecordedKind,
  key: { namespace: string; name: string },
  watched: Watched,
): Found {
  const { kind } = recorded;
  if (kind.namespaced && !watched(key.namespace)) return 'Unknown';
  if (read.state(kind, kind.namespaced ? key.namespace : undefined) !== 'served') return 'Unknown';
  const object = read.get(kind, key);
  if (object === undefined) return 'Gone';
  const stream = streamOf(read, recorded, object);
  return stream === undefined ? 'Unknown' : { uid: object.metadata.uid, stream };
}
