/** What the statuses of ManagedVMs have said, and whether any said the same twice. */
import type { Client, KubeObject } from '../testbed/client.ts';

type Status = { readonly conditions?: readonly object[] } & Readonly<Record<string, unknown>>;
type Watched = { readonly object: KubeObject & { readonly status?: Status } };

/** Different statuses seen of each object since it is followed, by name; times aside. */
export type Said = ReadonlyMap<string, ReadonlySet<string>>;

/** Follows a collection until `signal` aborts. */
export function follow(client: Client, path: string, signal: AbortSignal): Said {
  const said = new Map<string, Set<string>>();
  const read = async () => {
    for await (const line of client.watch(`${path}?watch=true`, signal)) {
      const { object } = JSON.parse(line) as Watched;
      if (object.status === undefined) continue;
      const statuses = said.get(object.metadata.name) ?? new Set();
      said.set(object.metadata.name, statuses.add(timeless(object.status)));
    }
  };
  read().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return said;
}

function timeless(status: Status): string {
  return JSON.stringify(status, (field, value: unknown) => (field === 'lastTransitionTime' ? undefined : value));
}
