/** A guest is backed up by schedule, lost with all its disks, restored by an order, and asked what its customer wrote in it (AP-13, MO-16). */
import { randomUUID } from 'node:crypto';
import { isRestored, type Restore, type RestorePhase, restore as restoreKind } from '../../src/api/restore.ts';
import { guest, type SSHKeyPair } from '../steward/guestorders.ts';
import { loginsOf } from '../steward/logins.ts';
import { loseEverything, orderOfRestore, policyDueSoon, restoresAgreed } from '../steward/loss.ts';
import { PROMISES_ANNOTATION } from '../steward/promises.ts';
import type { Service } from '../steward/service.ts';
import { inGuest } from '../steward/ssh.ts';
import { spoken } from '../testbed/build/progress.ts';
import { pathOf } from '../testbed/client/path.ts';
import type { Interruption } from './interruption.ts';
import type { Observer } from './observer.ts';
import type { Steps } from './steps.ts';

const NAMESPACE = 'acme-books';
const NAME = 'ledger';
const RUNNING = 'Ready=True/Running,AgentConnected=True/AgentAnswers';

export type BackupDemo = {
  readonly service: Service;
  readonly observer: Observer;
  readonly interruption: Interruption;
  readonly customerKey: SSHKeyPair;
  /** Seconds in which a guest boots and is configured. */
  readonly bootSeconds: number;
} & Pick<Steps, 'say' | 'step'>;

/** Velero must run. Returns the measured RTO in milliseconds, from the order of the restore to the note that is read by SSH; throws where that differs. */
export async function demonstrateBackup(demo: BackupDemo): Promise<number> {
  const { say, step } = demo;
  const { kubectl } = demo.observer;
  const note = `sentinel ${randomUUID()}`;
  await step('A VM with two disks boots, and its customer writes a note in it', async () => {
    const items = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, ordered(demo.customerKey)];
    await kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    await becomes(demo, RUNNING);
    await asCustomer(demo, `echo ${note} >note`);
  });
  await step('A backup is made by schedule, its data moved to the store, and each disk found there', async () => {
    const items = [policyDueSoon(NAMESPACE), ...restoresAgreed(NAMESPACE)];
    await kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
    const patch = JSON.stringify({ spec: { backupPolicyRef: { name: 'daily' } } });
    await kubectl(['-n', NAMESPACE, 'patch', 'managedvm', NAME, '--type', 'merge', '-p', patch]);
    await becomes(demo, 'BackupCompliant=True/RecoveryPointGood');
  });
  await step('The machine and both disks are lost', async () => {
    await loseEverything(kubectl, NAMESPACE, NAME);
    await becomes(demo, 'Ready=False/DiskLost');
  });
  const began = performance.now();
  await step('Their restore is ordered, and Steward brings them back from the newest recovery point', () =>
    restored(demo),
  );
  const read = await asCustomer(demo, 'cat note');
  const time = performance.now() - began;
  if (read !== note) throw new Error(`the note reads “${read}”, not “${note}”`);
  say(`its customer reads “${read}” by SSH, as it was written; measured RTO: ${spoken(time)}`);
  return time;
}

function ordered(customerKey: SSHKeyPair): object {
  const disks = [{ name: 'root' }, { name: 'data', size: '64Mi' }];
  return guest(NAMESPACE, NAME, customerKey.publicKey, { serviceLevel: 'Admin', disks });
}

/** Waits until the VM's conditions read so, `Ready=True/Running,…`; says what changes meanwhile. */
async function becomes({ observer, bootSeconds }: BackupDemo, conditions: string): Promise<void> {
  const promise = `${PROMISES_ANNOTATION}=${conditions}`;
  await observer.kubectl(['-n', NAMESPACE, 'annotate', '--overwrite', 'managedvm', NAME, promise]);
  const broken = await observer.untilKept(bootSeconds);
  if (broken.length > 0) throw new Error(broken.join('\n'));
}

/** Orders the restore and waits for its verdict; says each phase. Throws where it is another than that the guest works. */
async function restored({ service, observer, interruption, say }: BackupDemo): Promise<void> {
  const order = orderOfRestore(NAMESPACE, NAME);
  await observer.kubectl(['create', '-f', '-'], order);
  let said: RestorePhase | undefined;
  for (;;) {
    const { status } = await service.client.get<Restore>(pathOf(restoreKind, NAMESPACE, order.metadata.name));
    if (status !== undefined && status.phase !== said) say(`Restore ${status.phase}: ${status.message ?? ''}`);
    said = status?.phase;
    if (said === 'Succeeded') return;
    if (isRestored(said) || interruption.signal.aborted) throw new Error(`the restore is ${said}: ${status?.message}`);
    await interruption.pause(1_000);
  }
}

/** What a command says by SSH; tried for as long as a boot may take, because a guest's agent may answer before its sshd does, and before its address is told. */
async function asCustomer(
  { service, customerKey, bootSeconds, interruption }: BackupDemo,
  command: string,
): Promise<string> {
  const deadline = performance.now() + bootSeconds * 1000;
  for (;;) {
    try {
      const { customer } = await loginsOf(service.client, NAMESPACE, NAME, customerKey.privateKey);
      return (await inGuest(customer, command)).trim();
    } catch (error) {
      if (performance.now() > deadline || interruption.signal.aborted) throw error;
    }
    await interruption.pause(1_000);
  }
}
