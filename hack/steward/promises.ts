/** What a sample promises in its annotation, held against what its conditions say. */

export type ObservedCondition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
};

export type Sample = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly ObservedCondition[] };
};

export const PROMISES_ANNOTATION = 'managed.systems/sample-promises';

/** `Ready=True` or `PatchCompliant=Unknown/NoPatchPolicy`. */
type Promised = { readonly type: string; readonly status: string; readonly reason: string | undefined };

/** Throws when the annotation is not a comma list of `Type=Status` or `Type=Status/Reason`. */
export function promisesOf(sample: Sample): readonly Promised[] {
  const text = sample.metadata.annotations?.[PROMISES_ANNOTATION] ?? '';
  return text
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
    .map(entry => {
      const [, type, status, reason] = /^(\w+)=(True|False|Unknown)(?:\/(\w+))?$/.exec(entry) ?? [];
      if (type === undefined || status === undefined)
        throw new Error(`${nameOf(sample)}: cannot read the promise “${entry}”`);
      return { type, status, reason };
    });
}

/** One sentence per promise that is not (yet) kept; empty when all are. */
export function unkept(sample: Sample): readonly string[] {
  const promised = promisesOf(sample);
  if (promised.length > 0 && sample.status?.observedGeneration !== sample.metadata.generation) {
    return [`${nameOf(sample)}: generation ${sample.metadata.generation} is not observed yet`];
  }
  return promised.flatMap(({ type, status, reason }) => {
    const condition = sample.status?.conditions?.find(candidate => candidate.type === type);
    const kept = condition?.status === status && (reason === undefined || condition.reason === reason);
    if (kept) return [];
    const actual = condition ? `${condition.status}/${condition.reason}: ${condition.message}` : 'absent';
    return [`${nameOf(sample)}: ${type} should be ${status}${reason ? `/${reason}` : ''} and is ${actual}`];
  });
}

export function nameOf({ kind, metadata }: Sample): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}
