import type { FaultCase } from './case.ts';

const UNREADABLE = 'src/runtime/unreadable.test.ts';
const NOT_KNOWN = 'src/domain/managedvm/unreadable.test.ts';
const SCOPE = 'src/runtime/cache/scope.test.ts';
const STORE = 'src/runtime/cache/store.test.ts';
const QUEUE = 'src/runtime/queue/queue.test.ts';
const VERDICT = 'src/runtime/pass/verdict.test.ts';
const LEASE = 'src/runtime/leader/lease.test.ts';
const PORTS = 'src/runtime/observe/metricsserver.test.ts';
const NAMES = 'test/unit/names.test.ts';
const METRICS = 'src/controllers/managedvm/metrics.test.ts';
const POLICIES = 'test/integration/runtime/policies.test.ts';

const READING = 'not readable taken for missing, empty or gone';
const SELECTOR = 'an object outside the selector is not told';
const BOUNDS = 'something grows or waits without bound';
const LEADING = 'a lease that is not what it is taken for';
const INPUT = 'input that JavaScript reads otherwise';

export const runtimeCases: readonly FaultCase[] = [
  {
    ...{ id: 'issue-11/7.15', kind: READING },
    fault: 'One unreadable kind or namespace stops everything, ready and liveness included.',
    tests: [
      { file: UNREADABLE, name: 'does not hold up the rest: a right is missing in one namespace' },
      { file: UNREADABLE, name: 'does not hold up the rest: its conversion webhook is down' },
      { file: UNREADABLE, name: 'is nothing to lead with: an operator that may read nothing at all is not ready' },
    ],
  },
  {
    ...{ id: 'issue-11/7.2', kind: READING },
    fault:
      'Not installed means not readable, so that finalize skips living children and conditions say what is not so.',
    tests: [
      { file: UNREADABLE, name: 'is not written: the outcome says why, in the words of the API server' },
      { file: UNREADABLE, name: 'is no longer believed when a right is taken away while it is watched' },
      { file: UNREADABLE, name: 'is not installed only where the API server says so' },
      { file: UNREADABLE, name: 'suspends the passes over objects that cannot be read any more' },
      {
        file: NOT_KNOWN,
        name: 'is no reason to believe that something is missing: nothing is written, and nothing claimed',
      },
      { file: NOT_KNOWN, name: 'restarts no guest, whatever a copy from before says' },
      { file: NOT_KNOWN, name: 'for the backups leaves everything else as it is' },
      { file: NOT_KNOWN, name: 'says of a BackupPolicy neither that it is in force nor that Velero is missing' },
    ],
  },
  {
    ...{ id: 'issue-11/7.3', kind: SELECTOR },
    fault: 'An object that left the selector and came back vanishes from the cache.',
    tests: [
      { file: STORE, name: 'an object that somebody took out of the selector, and that our write brought back, stays' },
    ],
  },
  {
    ...{ id: 'issue-11/7.4', kind: BOUNDS },
    fault: "The queue's heap grows with every pass over an object whose next edge is far away.",
    tests: [{ file: QUEUE, name: 'holds nothing of what it was told before' }],
  },
  {
    ...{ id: 'issue-11/7.5', kind: LEADING },
    fault: 'A Lease renewal outlives its deadline through Retry-After or a hanging exec plug-in.',
    tests: [
      { file: LEASE, name: 'is lost at its deadline, not later, when the API server asks to be left alone' },
      { file: LEASE, name: 'is lost at its deadline when the program that gives the credentials hangs' },
    ],
  },
  {
    ...{ id: 'issue-11/7.6', kind: BOUNDS },
    fault: 'Metrics of an object survive its deletion.',
    tests: [
      { file: METRICS, name: 'goes with its object, also where no finalizer held that' },
      { file: METRICS, name: 'is nothing as soon as the object is in deletion, however long that takes' },
    ],
  },
  {
    ...{ id: 'issue-11/7.7', kind: READING },
    fault: 'Children of owners in namespaces that are not served loop for ever and starve retries.',
    tests: [{ file: UNREADABLE, name: 'cost no request and no retry' }],
  },
  {
    ...{ id: 'issue-11/7.8', kind: INPUT },
    fault: 'A disk named constructor breaks its ManagedVM: names that customers give are object keys.',
    tests: [
      { file: NAMES, name: 'constructor is the name of a disk that does not exist yet' },
      { file: NAMES, name: 'constructor is the name of a disk that is filled' },
      { file: NAMES, name: 'keys no object by a name that a customer gives' },
    ],
  },
  {
    ...{ id: 'issue-11/7.9', kind: LEADING },
    fault: 'The proxy-url of a kubeconfig is ignored.',
    tests: [
      { file: 'src/runtime/http/connection.test.ts', name: 'takes the proxy that a kubeconfig names' },
      { file: 'src/runtime/http/transport.test.ts', name: 'goes through the proxy that the connection names' },
    ],
  },
  {
    ...{ id: 'issue-11/7.10', kind: LEADING },
    fault: 'A refused Lease is silent.',
    tests: [{ file: LEASE, name: 'that is refused is told once, as an error, and as something to ask for' }],
  },
  {
    ...{ id: 'issue-11/7.11', kind: BOUNDS },
    fault: 'Refused children are tried again every 30 s for ever.',
    tests: [
      { file: VERDICT, name: 'a child that has been refused for long is tried again when that long has passed again' },
      { file: VERDICT, name: 'however long a child has been refused, it is tried again every quarter of an hour' },
    ],
  },
  {
    ...{ id: 'issue-11/7.12', kind: INPUT },
    fault: 'An invalid time in requeueAt makes a pass without end.',
    tests: [
      { file: VERDICT, name: 'a time that is none is a bug that is told, not a pass without end' },
      { file: QUEUE, name: 'a delay that is no number means neither at once nor never' },
    ],
  },
  {
    ...{ id: 'issue-11/7.13', kind: BOUNDS },
    fault: 'Readers of /metrics that do not read exhaust the memory.',
    tests: [
      { file: PORTS, name: 'renders one text for all who ask at a time' },
      { file: PORTS, name: 'cuts off who asks and does not read' },
      { file: PORTS, name: 'has few places, so that a hundred who do not read hold a hundred texts at no time' },
    ],
  },
  {
    ...{ id: 'issue-11/7.14', kind: BOUNDS },
    fault: "Every Pod of the cluster reads all tenants' names from /metrics, also on the health port.",
    tests: [
      { file: PORTS, name: 'the health port shows no metrics, and the metrics port nothing else' },
      { file: 'test/chart/template.test.ts', name: 'talks to DNS and the API server only, and is scraped only' },
    ],
  },
  {
    ...{ id: 'cluster/23', kind: SELECTOR },
    fault: 'A policy that rewrites labels of children makes conditions false, stops healing and holds up deletions.',
    tests: [
      { file: SCOPE, name: 'are watched all the same, by watching everything and holding only what is ours' },
      { file: SCOPE, name: 'are told when they are gone, and what leaves the selector otherwise leaves the cache' },
      { file: POLICIES, name: 'neither makes conditions false, nor keeps children from being healed' },
      { file: POLICIES, name: 'survives a restart, and the deletion ends' },
      { file: 'test/integration/policies.test.ts', name: 'makes no condition false' },
      { file: 'test/integration/policies.test.ts', name: 'keeps no child from being healed' },
      { file: 'test/integration/policies.test.ts', name: 'survives a restart of Steward' },
      { file: 'test/integration/policies.test.ts', name: 'holds up no deletion' },
    ],
  },
  {
    ...{ id: 'runtime/t3_block', kind: READING },
    fault: 'With 403 in one namespace, or 500 for one kind, the operator is never ready and never leads.',
    tests: [
      { file: UNREADABLE, name: 'does not hold up the rest: a right is missing in one namespace' },
      { file: UNREADABLE, name: 'does not hold up the rest: its conversion webhook is down' },
    ],
  },
  {
    ...{ id: 'runtime/review.store', kind: SELECTOR },
    fault: 'DELETED at 6 takes out of the cache what our answer at 7 put there, and the echo of 7 is skipped.',
    tests: [
      { file: STORE, name: 'an object that somebody took out of the selector, and that our write brought back, stays' },
    ],
  },
  {
    ...{ id: 'runtime/t1_queue', kind: BOUNDS },
    fault: 'A million passes over a hundred keys leave a million entries.',
    tests: [{ file: QUEUE, name: 'holds nothing of what it was told before' }],
  },
  {
    ...{ id: 'runtime/t4_constructor', kind: INPUT },
    fault: 'A disk named constructor throws.',
    tests: [{ file: NAMES, name: 'constructor is the name of a disk that does not exist yet' }],
  },
  {
    ...{ id: 'runtime/t5_list', kind: BOUNDS },
    fault: 'A list of one namespace looks at the objects of all.',
    tests: [{ file: 'src/runtime/cache/kindview.test.ts', name: 'found without looking at the others' }],
  },
  {
    ...{ id: 'runtime/t6_metrics', kind: BOUNDS },
    fault: 'Each of eight scrapes at once renders the metrics anew.',
    tests: [{ file: PORTS, name: 'renders one text for all who ask at a time' }],
  },
  {
    ...{ id: 'runtime/t6b_slow', kind: BOUNDS },
    fault: 'A hundred connections that do not read hold a hundred texts.',
    tests: [
      { file: PORTS, name: 'cuts off who asks and does not read' },
      { file: PORTS, name: 'has few places, so that a hundred who do not read hold a hundred texts at no time' },
    ],
  },
  {
    ...{ id: 'runtime/t7_watches', kind: BOUNDS },
    fault:
      'With two thousand namespaces, each with the watches that its Role allows, every read and every write looks at all of them.',
    tests: [{ file: 'src/runtime/cache/kindview.test.ts', name: 'a read and a write look at one' }],
  },
  {
    ...{ id: 'runtime/t8_finalize', kind: BOUNDS },
    fault: 'Metrics of an object stay while its deletion is held up.',
    tests: [{ file: METRICS, name: 'is nothing as soon as the object is in deletion, however long that takes' }],
  },
  {
    ...{ id: 'runtime/t10_proxy', kind: LEADING },
    fault: 'The proxy-url of a kubeconfig is ignored.',
    tests: [{ file: 'src/runtime/http/transport.test.ts', name: 'goes through the proxy that the connection names' }],
  },
  {
    ...{ id: 'runtime/t11_foreign', kind: READING },
    fault: 'Children whose owners are in a namespace that is not served are retried for ever.',
    tests: [{ file: UNREADABLE, name: 'cost no request and no retry' }],
  },
  {
    ...{ id: 'runtime/t12_lease', kind: LEADING },
    fault: 'With Retry-After the loss of the lease is noticed long after its deadline.',
    tests: [
      { file: LEASE, name: 'is lost at its deadline, not later, when the API server asks to be left alone' },
      { file: LEASE, name: 'is lost at its deadline, not later, when the API server does not answer' },
    ],
  },
  {
    ...{ id: 'runtime/t13_nan', kind: INPUT },
    fault: 'An invalid requeueAt is handed out at once, for ever.',
    tests: [{ file: VERDICT, name: 'a time that is none is a bug that is told, not a pass without end' }],
  },
  {
    ...{ id: 'runtime/t14_refused', kind: BOUNDS },
    fault: 'After fifty refusals the next attempt comes 30 s later.',
    tests: [
      { file: VERDICT, name: 'however long a child has been refused, it is tried again every quarter of an hour' },
    ],
  },
  {
    ...{ id: 'runtime/t15_relist', kind: BOUNDS },
    fault: 'While a complete list is made anew, what has not changed is held and compared twice at once.',
    tests: [{ file: STORE, name: 'a list that repeats what is stored changes nothing and is not held' }],
  },
  {
    ...{ id: 'runtime/t16_lease403', kind: LEADING },
    fault: 'A Lease that may not be written is tried without a word.',
    tests: [{ file: LEASE, name: 'that is refused is told once, as an error, and as something to ask for' }],
  },
  {
    ...{ id: 'runtime/t18_sem', kind: BOUNDS },
    fault: 'What somebody has just edited waits behind fifty thousand retries.',
    tests: [{ file: QUEUE, name: 'is retried without waiting for thousands of others that fail too' }],
  },
  {
    ...{ id: 'runtime/t19_prom', kind: BOUNDS },
    fault: 'While a large answer of Prometheus is read, and what it changes is looked for, nothing else goes on.',
    tests: [
      { file: 'src/runtime/http/getjson.test.ts', name: 'tells the items of a long list as they come' },
      { file: 'src/runtime/pass/polling.test.ts', name: 'lets others have their turn while it looks at thousands' },
    ],
  },
];
