/** Two record writers as processes of their own, of which the one that leads is suspended and wakes up beside the other; part of class 16. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { machine } from '../../integration/support/orders.ts';
import { RecordPlace, type Told } from '../../integration/support/recordplace.ts';
import type { Outcome } from '../cases.ts';
import { namespace } from '../cluster/bed.ts';
import type { Live } from '../cluster/world.ts';
import { type Program, startProgram } from '../operator/program.ts';
import type { FaultRun } from '../run.ts';

export type Suspension = {
  readonly name: string;
  /** How many of the edits the first has recorded when it is suspended. */
  readonly after: number;
};

export const suspensions: readonly Suspension[] = [
  { name: 'the leading record writer is suspended in the middle, another takes its place, and it wakes up', after: 5 },
  { name: 'the leading record writer is suspended before it has seen anything, and wakes up beside another', after: 0 },
];

const VMS = 30;
/** How long a writer that has lost its Lease may take to end. */
const END_MS = 15_000;
/** What each VM is ordered to be, one after the other. */
const STATES = ['Running', 'Stopped', 'Running'] as const;

/** What becomes of the VMs is recorded once, in one chain, whoever wrote it; and the export is that chain. */
export async function suspend(run: FaultRun, { name, after }: Suspension): Promise<Outcome> {
  const began = performance.now();
  const home = `records-suspended-${after}`;
  const customer = `${home}-customer`;
  const place = new RecordPlace(run.bed.client, run.bed.kubeconfig, {
    namespace: home,
    folder: join(run.bed.dir, home),
  });
  await place.make();
  await run.bed.client.create('/api/v1/namespaces', namespace(customer));
  const vms = Array.from({ length: VMS }, (_, index) => `vm-${index}`);
  const order = (powerState: string) =>
    Promise.all(
      vms.map(vm => run.bed.client.patch('merge', pathOf(managedVM, customer, vm), { spec: { powerState } })),
    );
  const told = async () => (await place.records()).filter(({ object }) => object?.namespace === customer);
  const allTold = (times: number) =>
    run.until(`each order is recorded ${times} times`, async () => (await told()).length >= times * VMS);
  const programs: Program[] = [];
  try {
    const start = async (identity: string) => {
      const environment = {
        ...{ STEWARD_RECORD_NAMESPACE: home, STEWARD_RECORD_FOLDER: place.folder },
        STEWARD_WATCH_NAMESPACES: customer,
      };
      const program = await startProgram(run.bed, `${identity}-${after}`, { command: 'record', environment });
      programs.push(program);
      return program;
    };
    const leads = (program: Program) =>
      run.until(`${program.name} leads`, async () => (await holder(run, home)) === program.name);
    const first = await start('records-first');
    await leads(first);
    const second = await start('records-second');
    for (const vm of vms) await run.bed.client.create(pathOf(managedVM, customer), machine(customer, vm));
    await allTold(1);

    const edits = after === 0 ? undefined : order(STATES[1]);
    await run.until('the first has recorded some', async () => (await told()).length >= VMS + after);
    first.kill('SIGSTOP');
    await (edits ?? order(STATES[1]));
    await leads(second);
    await allTold(2);
    first.kill('SIGCONT');
    await order(STATES[2]);
    const exit = await Promise.race([first.exited, sleep(END_MS)]);
    await allTold(3);
    const stream = `namespace-${customer}`;
    const whole = async () => {
      const { length } = (await place.records()).filter(record => record.stream === stream);
      return place.verified().text.includes(`${stream}: ${length} records, `);
    };
    await run.until('all of it is exported', whole);

    const { exitCode, text } = place.verified();
    const records = await told();
    const flaws = [
      ...(exit === undefined ? ['the former leader did not end'] : []),
      ...(exitCode === 0 ? [] : [text]),
      ...vms.flatMap(vm => flawsOf(vm, records)),
    ];
    run.progress(`1 case in ${((performance.now() - began) / 1000).toFixed(1)} s: ${name}`);
    return flaws.length === 0 ? { name } : { name, failure: flaws.slice(0, 5).join('; ') };
  } finally {
    await Promise.all(programs.map(program => program.stop()));
    await Promise.allSettled(vms.map(vm => run.bed.client.delete(pathOf(managedVM, customer, vm))));
  }
}

/** Each change follows from the one before, and none is there twice or missing. */
function flawsOf(vm: string, records: readonly Told[]): string[] {
  const mine = records.filter(({ object }) => object?.name === vm);
  const states = mine.map(({ after }) => after?.['spec.powerState']);
  if (states.join() !== STATES.join()) return [`${vm} is recorded as ${states.join(', ')}`];
  const forked = mine.some(({ before }, index) => index > 0 && before?.['spec.powerState'] !== states[index - 1]);
  return forked ? [`${vm} is recorded with another state before than the one that was recorded`] : [];
}

async function holder(run: FaultRun, home: string): Promise<unknown> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/steward-record`;
  const lease = await run.bed.client.get<Live>(path).catch(() => undefined);
  return (lease?.spec as { readonly holderIdentity?: unknown } | undefined)?.holderIdentity;
}
