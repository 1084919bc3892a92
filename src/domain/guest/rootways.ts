/**
 * Who of a customer could become root in a guest from outside of it (AP-9): by the console, by changing the machine, by mounting its disk, by what lets
 * him pose as the guest. Reckoned from the rules of RBAC as the API server does (k8s.io/kubernetes plugin/pkg/auth/authorizer/rbac): rules only add up.
 */

export type Rule = {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

export type Subject = {
  readonly kind: 'User' | 'Group' | 'ServiceAccount';
  readonly name: string;
  readonly namespace?: string;
};

/** What one binding gives to whom. */
export type Grant = { readonly subjects: readonly Subject[]; readonly rules: readonly Rule[] };

/** What is bound in the namespace of the guest, and for the whole cluster. */
export type Grants = { readonly inNamespace: readonly Grant[]; readonly inCluster: readonly Grant[] };

/** Whose the namespace is. */
export type Customer = {
  /** All namespaces of the customer, the guest's among them. */
  readonly namespaces: readonly string[];
  /** Names by which the API server knows the contacts. */
  readonly users: readonly string[];
};

/** One who could, and by which ways. */
export type RootWay = { readonly who: string; readonly how: readonly string[] };

type Way = {
  readonly how: string;
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};

const MADE = ['create', 'update', 'patch'];
const CHANGED = ['update', 'patch'];
const CONSOLES = ['console', 'vnc', 'usbredir'].map(each => `virtualmachineinstances/${each}`);
const VOLUMES = ['virtualmachines/addvolume', 'virtualmachineinstances/addvolume'];
const WORKLOADS = ['deployments', 'statefulsets', 'daemonsets', 'replicasets'];

/** Of KubeVirt's subresources see its own role kubevirt.io:edit. */
const WAYS: readonly Way[] = [
  { how: 'open its console', group: 'subresources.kubevirt.io', resources: CONSOLES, verbs: ['get'] },
  { how: 'attach a volume to it', group: 'subresources.kubevirt.io', resources: VOLUMES, verbs: ['update'] },
  {
    ...{ how: 'change the VirtualMachine', group: 'kubevirt.io', verbs: CHANGED },
    resources: ['virtualmachines', 'virtualmachineinstances'],
  },
  {
    ...{ how: 'mount its disks in another machine', group: 'kubevirt.io', verbs: ['create'] },
    resources: ['virtualmachines', 'virtualmachineinstances', 'virtualmachineinstancereplicasets'],
  },
  {
    ...{ how: 'mount its disks in another machine', group: 'pool.kubevirt.io', verbs: MADE },
    resources: ['virtualmachinepools'],
  },
  { how: 'mount its disks in a Pod', group: '', resources: ['pods', 'replicationcontrollers'], verbs: ['create'] },
  { how: 'mount its disks in a Pod', group: 'apps', resources: WORKLOADS, verbs: MADE },
  { how: 'mount its disks in a Pod', group: 'batch', resources: ['jobs', 'cronjobs'], verbs: MADE },
  {
    ...{ how: 'run commands in its launcher', group: '', verbs: ['create', 'get'] },
    resources: ['pods/exec', 'pods/attach'],
  },
  { how: 'run commands in its launcher', group: '', resources: ['pods/ephemeralcontainers'], verbs: CHANGED },
  {
    ...{ how: 'read its host key, and pose as it', group: '', resources: ['secrets'] },
    verbs: ['get', 'list', 'watch'],
  },
  {
    ...{ how: 'export its disks', group: 'export.kubevirt.io', resources: ['virtualmachineexports'] },
    verbs: ['create'],
  },
  {
    ...{ how: 'turn it back to an earlier snapshot', group: 'snapshot.kubevirt.io', verbs: ['create'] },
    resources: ['virtualmachinerestores'],
  },
  {
    ...{ how: 'give himself any right', group: 'rbac.authorization.k8s.io', verbs: ['bind', 'escalate'] },
    resources: ['roles', 'clusterroles'],
  },
  { how: 'act as others', group: '', resources: ['users', 'groups', 'serviceaccounts'], verbs: ['impersonate'] },
];

/** Each once, in the order in which they are told. */
const HOW = [...new Set(WAYS.map(({ how }) => how))];

/** What a guest is made of, by their names: a rule for other names opens nothing. */
export type Machine = { readonly virtualMachine: string; readonly firstBootSecret: string };

/** Everybody of the customer who could, sorted by name; empty: nobody. */
export function rootWays(grants: Grants, customer: Customer, machine: Machine): readonly RootWay[] {
  const providers = new Set(grants.inCluster.filter(({ rules }) => decides(rules)).flatMap(namesOf));
  const ways = new Map<string, Set<string>>();
  const count = (grant: Grant, counts: (subject: Subject) => boolean) => {
    const open = waysOf(grant.rules, machine);
    if (open.length === 0) return;
    for (const subject of grant.subjects.filter(counts)) {
      const known = ways.get(nameOf(subject)) ?? new Set();
      ways.set(nameOf(subject), new Set([...known, ...open]));
    }
  };
  for (const grant of grants.inNamespace)
    count(grant, subject => !providers.has(nameOf(subject)) && isHere(subject, customer));
  for (const grant of grants.inCluster) count(grant, subject => isKnown(subject, customer));
  return [...ways]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([who, how]) => ({ who, how: HOW.filter(each => how.has(each)) }));
}

/** The provider's people are those who decide for it: `approve` on contracts, for the whole cluster (docs/adr/0143). */
function decides(rules: readonly Rule[]): boolean {
  return rules.some(rule => allows(rule, 'managed.systems', 'contracts', 'approve') && !rule.resourceNames?.length);
}

/** Of the rules of a role those that say anything here; the others need not be kept. */
export function telling(rules: readonly Rule[]): readonly Rule[] {
  const anyName = (rule: Rule): Rule => ({ ...rule, resourceNames: [] });
  return rules.filter(rule => decides([rule]) || WAYS.some(way => isOpened(way, anyName(rule), NO_MACHINE)));
}

const NO_MACHINE: Machine = { virtualMachine: '', firstBootSecret: '' };

function waysOf(rules: readonly Rule[], machine: Machine): readonly string[] {
  return WAYS.filter(way => rules.some(rule => isOpened(way, rule, machine))).map(({ how }) => how);
}

function isOpened({ group, resources, verbs }: Way, rule: Rule, machine: Machine): boolean {
  return resources.some(resource =>
    verbs.some(verb => allows(rule, group, resource, verb) && isNamed(rule, resource, verb, machine)),
  );
}

function allows({ apiGroups = [], resources = [], verbs }: Rule, group: string, resource: string, verb: string) {
  const [, subresource] = resource.split('/');
  const anyOf = subresource === undefined ? ['*', resource] : ['*', resource, `*/${subresource}`];
  return (
    (apiGroups.includes('*') || apiGroups.includes(group)) &&
    resources.some(each => anyOf.includes(each)) &&
    (verbs.includes('*') || verbs.includes(verb))
  );
}

/** Names of Pods and of what others make nobody knows beforehand; of an object that is yet to be made RBAC knows no name. */
function isNamed({ resourceNames = [] }: Rule, resource: string, verb: string, machine: Machine): boolean {
  if (resourceNames.length === 0) return true;
  if (verb === 'create' && !resource.includes('/')) return false;
  if (resource === 'secrets') return resourceNames.includes(machine.firstBootSecret);
  return resource.startsWith('virtualmachine') ? resourceNames.includes(machine.virtualMachine) : true;
}

/** Bound in the namespace: the customer's, but for parts of the cluster and accounts of add-ons that live elsewhere. */
function isHere(subject: Subject, { namespaces }: Customer): boolean {
  const account = accountNamespace(subject);
  if (account !== undefined) return namespaces.includes(account);
  return !subject.name.startsWith('system:') || EVERYBODY.includes(subject.name);
}

const EVERYBODY = ['system:authenticated', 'system:unauthenticated', 'system:anonymous', 'system:serviceaccounts'];

/** Bound for the whole cluster: the provider's, but for the customer's own and for everybody. */
function isKnown(subject: Subject, { namespaces, users }: Customer): boolean {
  const { kind, name } = subject;
  if (kind === 'User' && users.includes(name)) return true;
  const account = accountNamespace(subject);
  return account === undefined ? EVERYBODY.includes(name) : namespaces.includes(account);
}

/** Namespace of an account, or of the group of all accounts there; undefined: it is neither. */
function accountNamespace({ kind, name, namespace = '' }: Subject): string | undefined {
  return kind === 'ServiceAccount' ? namespace : /^system:serviceaccounts?:([^:]+)/.exec(name)?.[1];
}

function namesOf({ subjects }: Grant): readonly string[] {
  return subjects.map(nameOf);
}

function nameOf({ kind, name, namespace }: Subject): string {
  return kind === 'ServiceAccount' ? `ServiceAccount ${namespace ?? ''}/${name}` : `${kind} ${name}`;
}
