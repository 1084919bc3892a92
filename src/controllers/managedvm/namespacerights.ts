import { isDeepStrictEqual } from 'node:util';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../api/upstream.ts';
import { type Grant, type Grants, type Rule, type Subject, telling } from '../../domain/guest/rootways.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import { MOST_LISTED } from '../../runtime/children/client.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import type { Asked, PolledSource } from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';

/** Questions in an interval at which guests are looked into, and the longest time between two. */
const LOOKS = 40;
const LONGEST_MS = 15_000;
/** Questions from one reading of a namespace to the next: a minute at the most, as long as their number allows. */
const EVERY_LOOKS = 4;
/** Namespaces that are read at once, those first that were read longest ago: 1 000 of them take two and a half minutes. */
const AT_ONCE = 100;

/** Who may do what in the namespaces of guests in which the provider alone holds root (AP-9). */
export type NamespaceRights = {
  /** Lists bindings and roles from time to time, where there are such guests: of a whole cluster they are too many to be watched. */
  readonly source: PolledSource<ManagedVM & KubeObject>;
  /** Undefined: not read yet. */
  of(namespace: string): Bound | undefined;
};

/** What is bound in a namespace and for the whole cluster; or why that cannot be read. */
export type Bound = { readonly grants: Grants } | { readonly why: string };

type Known = { readonly rights: Bound; readonly readAt: number };

export function namespaceRightsOf({ guestIntervalMs }: Pick<Settings, 'guestIntervalMs'>): NamespaceRights {
  const everyMs = Math.min(guestIntervalMs / LOOKS, LONGEST_MS);
  let known: ReadonlyMap<string, Known> = new Map();
  const readAt = (namespace: string) => known.get(namespace)?.readAt ?? Number.NEGATIVE_INFINITY;
  return {
    of: namespace => known.get(namespace)?.rights,
    source: {
      ...{ name: 'rights in namespaces', everyMs },
      ask: async (_now, _signal, asked) => {
        const machines = asked.read.list<ManagedVM & KubeObject>(managedVM).filter(isSoleRoot);
        const namespaces = [...new Set(machines.map(({ metadata }) => metadata.namespace ?? ''))];
        const now = asked.monotonic();
        const due = namespaces
          .filter(namespace => now - readAt(namespace) >= EVERY_LOOKS * everyMs)
          .toSorted((a, b) => readAt(a) - readAt(b))
          .slice(0, AT_ONCE);
        if (due.length === 0) return () => false;
        const before = known;
        const read = await rightsIn(due, asked);
        const all = new Map([...before, ...[...read].map(([at, rights]) => [at, { rights, readAt: now }] as const)]);
        known = new Map([...all].filter(([namespace]) => namespaces.includes(namespace)));
        const news = due.filter(each => !isDeepStrictEqual(before.get(each)?.rights, known.get(each)?.rights));
        return machine => news.includes(machine.metadata.namespace ?? '') && isSoleRoot(machine);
      },
    },
  };
}

function isSoleRoot({ status }: ManagedVM): boolean {
  return status?.soleRoot !== undefined;
}

async function rightsIn(namespaces: readonly string[], asked: Asked): Promise<ReadonlyMap<string, Bound>> {
  const read = new Map<string, Bound>();
  const cluster = await reading(async () => {
    const roles = rulesByName(await all(asked, ClusterRole, ''));
    return { roles, grants: (await all(asked, ClusterRoleBinding, '')).flatMap(each => grantOf(each, roles)) };
  });
  for (const namespace of namespaces) {
    const rights = await reading(async () => {
      if ('why' in cluster) throw new Error(cluster.why);
      const own = rulesByName(await all(asked, Role, namespace));
      const roles = new Map([...cluster.roles, ...own]);
      const inNamespace = (await all(asked, RoleBinding, namespace)).flatMap(each => grantOf(each, roles));
      return { grants: { inNamespace, inCluster: cluster.grants } };
    });
    read.set(namespace, rights);
  }
  return read;
}

/** What cannot be read is known as that. */
async function reading<T>(read: () => Promise<T>): Promise<T | { readonly why: string }> {
  try {
    return await read();
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** Of more than one list holds, who knows what is missing. */
async function all(asked: Asked, kind: ResourceKind, namespace: string): Promise<readonly KubeObject[]> {
  const objects = await asked.list(kind, namespace);
  if (objects.length < MOST_LISTED) return objects;
  throw new Error(
    `there are more than ${MOST_LISTED - 1} of ${kind.plural}${namespace === '' ? '' : ` in ${namespace}`}`,
  );
}

type Rules = ReadonlyMap<string, readonly Rule[]>;

function rulesByName(roles: readonly KubeObject[]): Rules {
  return new Map(
    roles.map(role => [
      nameOf(role.metadata.namespace === undefined ? 'ClusterRole' : 'Role', role.metadata.name),
      telling(rulesIn(role)),
    ]),
  );
}

const nameOf = (kind: string, name: string) => `${kind} ${name}`;

/** As the API server holds them: it lets none in that is otherwise. */
function rulesIn(role: KubeObject): readonly Rule[] {
  return (role as { readonly rules?: readonly Rule[] | null }).rules ?? [];
}

type Binding = {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly Subject[] | null;
};

/** A binding without its role gives nothing, and neither does one whose role says nothing here. */
function grantOf(binding: KubeObject, roles: Rules): readonly Grant[] {
  const { roleRef, subjects } = binding as unknown as Binding;
  const rules = roles.get(nameOf(roleRef.kind, roleRef.name)) ?? [];
  return rules.length === 0 || !subjects?.length ? [] : [{ subjects, rules }];
}
