import type { Child } from '../contract/child.ts';
import type { ServerStatusRequest } from './velero.ts';

const PREFIX = 'steward-';
/** Of a version and of a plug-in's name: who may write to Velero's namespace writes them. */
const NAME = /^[\w.+/-]{1,100}$/;

/** Asks Velero for its version and its plug-ins, in the name of one policy. */
export function renderServerStatusRequest(policyUid: string, namespace: string): Child {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'ServerStatusRequest',
    metadata: { name: `${PREFIX}${policyUid}`, namespace },
    spec: {},
  };
}

/** Whether an object has the name of a request of ours: in whose name it asks, its labels say. */
export function isNamedAsStatusRequest(
  _: unknown,
  { metadata }: { readonly metadata: { readonly name: string } },
): boolean {
  return metadata.name.startsWith(PREFIX);
}

export type VeleroPlugin = { readonly kind: string; readonly name: string };

/** What Velero said of itself. */
export type Answer = {
  readonly at: Date;
  /** Undefined where it says none that could be one. */
  readonly version: string | undefined;
  readonly plugins: readonly VeleroPlugin[];
};

/** Undefined: it has not been answered. */
export function answerTo({ status }: ServerStatusRequest): Answer | undefined {
  const at = new Date(status?.processedTimestamp ?? Number.NaN);
  if (status?.phase !== 'Processed' || Number.isNaN(at.getTime())) return undefined;
  const plugins = (status.plugins ?? []).flatMap(({ kind, name }) =>
    NAME.test(kind ?? '') && NAME.test(name ?? '') ? [{ kind: kind ?? '', name: name ?? '' }] : [],
  );
  return { at, version: NAME.test(status.serverVersion ?? '') ? status.serverVersion : undefined, plugins };
}
