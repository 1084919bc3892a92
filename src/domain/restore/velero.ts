/** Velero v1.18 as an engine (pkg/controller/restore_controller.go, pkg/restore/restore.go, pkg/restore/actions/csi/pvc_action.go). */
import type { Restore } from '../../api/restore.ts';
import { excerpt } from '../contract/excerpt.ts';
import { at, type Fields, numberAt, textAt, textsAt, timeAt } from '../contract/json.ts';
import type { Engine, EngineResult } from './engine.ts';

/** Velero's label on what it restores, for the Restore that does. */
export const RESTORE_LABEL = 'velero.io/restore-name';
/** On the selector of a claim whose volume a data mover fills: without one nothing else provisions it. */
const DATA_MOVER_LABEL = 'velero.io/dynamic-pv-restore';

const PREFIX = 'steward-';

/** The uid makes it the name of exactly one order. */
export function veleroRestoreName({ metadata: { uid = '' } }: Pick<Restore, 'metadata'>): string {
  return `${PREFIX}${uid}`;
}

/** UID of the Restore that a Velero Restore of that name is for; undefined: it is none of ours. */
export function orderedBy(veleroRestore: string): string | undefined {
  return veleroRestore.startsWith(PREFIX) ? veleroRestore.slice(PREFIX.length) : undefined;
}

/**
 * Into another namespace, and never under another name: where the claim of the backup is still there, Velero leaves its data away, and a claim that a resource
 * modifier renames then asks for the very volume that the old one has (docs/adr/0164).
 */
export const velero: Engine = {
  request: (restore, point, into, home) => ({
    apiVersion: 'velero.io/v1',
    kind: 'Restore',
    metadata: { name: veleroRestoreName(restore), namespace: home },
    spec: {
      backupName: point.name,
      includedNamespaces: [restore.metadata.namespace ?? ''],
      includedResources: ['persistentvolumeclaims'],
      namespaceMapping: { [restore.metadata.namespace ?? '']: into },
      restorePVs: true,
      // Else a data mover writes out the empty part of a disk too, and what took 8 MiB takes its whole size.
      uploaderConfig: { writeSparseFiles: true },
    },
  }),
  result,
  defect,
};

function result(request: Fields): EngineResult {
  const phase = textAt(request, 'status', 'phase') ?? 'New';
  const errors = numberAt(request, 'status', 'errors') ?? 0;
  switch (phase) {
    case 'Completed':
      return errors === 0
        ? { state: 'Completed' }
        : { state: 'Failed', says: `Velero's Restore is Completed with ${errors} errors` };
    case 'PartiallyFailed':
    case 'Failed':
    case 'FailedValidation':
      return { state: 'Failed', says: `Velero's Restore is ${phase}${whyOf(request, errors)}` };
    default:
      return { state: 'UnderWay' };
  }
}

function whyOf(request: Fields, errors: number): string {
  const [invalid] = textsAt(request, 'status', 'validationErrors');
  const why = textAt(request, 'status', 'failureReason') ?? invalid;
  const count = errors > 0 ? ` with ${errors} errors` : '';
  return `${count}${why === undefined ? '' : `: ${excerpt(why, 200)}`}`;
}

/** Velero calls a Restore Completed that has met a claim of the name, and one whose claim nothing fills: then storage makes an empty disk. */
function defect(claim: Fields, request: Fields): string | undefined {
  if (textAt(claim, 'metadata', 'labels', RESTORE_LABEL) !== textAt(request, 'metadata', 'name'))
    return 'was there before, so that Velero left it as it was';
  const [made, asked] = [
    timeAt(claim, 'metadata', 'creationTimestamp'),
    timeAt(request, 'metadata', 'creationTimestamp'),
  ];
  if (made === undefined || asked === undefined || made < asked) return 'is older than the order that it names';
  const isFromSnapshot = textAt(claim, 'spec', 'dataSource', 'kind') === 'VolumeSnapshot';
  const isMoved = at(claim, 'spec', 'selector', 'matchLabels', DATA_MOVER_LABEL) !== undefined;
  return isFromSnapshot || isMoved ? undefined : 'came without data: nothing in the backup fills it';
}
