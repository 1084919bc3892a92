/** What every application of the catalogue shows in a real Debian guest: ordered, set up by the guest worker, used, disturbed, taken out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policyDueSoon } from '../../../hack/steward/loss.ts';
import type { NodeVelero } from '../../../hack/testbed/node/velero/velero.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { tellRestores } from './applicationrestores.ts';
import { Applications } from './applications.ts';
import { tellUpdates, type Updated } from './applicationupdates.ts';
import { BOOT, Guests } from './guests.ts';
import { openNow } from './openwindow.ts';
import { startVelero } from './velero.ts';

/** A command of root in the guest, and what it says. */
export type Said = readonly [command: string, says: string];

export type Scenario = {
  readonly product: string;
  readonly line: string;
  readonly version: RegExp;
  /** Its package, and where its data are that stay. */
  readonly package: string;
  readonly data: string;
  /** What is ordered at first, and by what it shows in the server. */
  readonly parameters: object;
  readonly modules?: readonly string[];
  readonly shows: readonly Said[];
  /** How a client in the guest comes in over the network by the binding, and what it is told; `refused` with another password. */
  readonly client: (of: (field: string) => string) => string;
  readonly served: string;
  readonly refused?: RegExp;
  /** A file of the provider's, and a line of it that nobody ordered. */
  readonly file: string;
  readonly tampered: string;
  /** What is changed then, what of it is in force at once, and what is as before until a window. */
  readonly change: object;
  readonly atOnce: readonly Said[];
  readonly waits: readonly Said[];
  /** What that is once a window has opened, and what a module shows that is ordered with it. */
  readonly inWindow?: readonly Said[];
  readonly added?: { readonly modules: readonly string[]; readonly shows: readonly Said[] };
  /** How it is updated inside its line. */
  readonly updated: Updated;
  /** Its Product dumps its data and proves each dump, and the VM is ordered to be backed up by Velero. */
  readonly isDumped?: boolean;
  /** How root writes the number `$i` among them, and reads all; absent: as its clients do while it is updated. */
  readonly restored?: Pick<Updated, 'writes' | 'written'>;
  /** Asks it from a Pod of another namespace, by the binding alone. */
  readonly fromPod?: (namespace: string, of: (field: string) => string) => Promise<string>;
  /** Makes it stop, while something that seems to speak of it says that all is well. */
  readonly stop: string;
  /** Its unit, by which it is started again. */
  readonly unit: string;
  readonly lie?: Said;
};

const VM = 'shop-db';
const ORDER = 'orders';
/** Between two looks into the guest. Milliseconds. */
const LOOK = 3_000;

/** Tells it, in a namespace of its own. */
export function tell(scenario: Scenario): void {
  let guests: Guests;
  let applications: Applications;
  let velero: NodeVelero | undefined;
  const says = (wanted: Record<string, string>) => applications.says(ORDER, wanted);
  const inGuest = (command: string) => guests.asRoot(VM, command);
  const shows = async (all: readonly Said[]) => {
    for (const [command, wanted] of all) expect(await inGuest(command), command).toBe(wanted);
  };
  const works = { Available: 'True/ProbesSucceed', Provisioned: 'True/Installed', Configured: 'True/AsPlanned' };

  beforeAll(async () => {
    guests = await Guests.in(`applications-${scenario.product}`);
    applications = await Applications.of(guests);
    await applications.offer(scenario.product);
    await guests.order(VM, { memory: '1Gi' });
    await guests.configured(VM);
    await guests.reachable(VM);
    await applications.prepare(VM);
  }, 2 * BOOT);
  afterAll(async () => {
    await applications?.close();
    await guests?.close();
    await velero?.stop();
  });

  describe(`${scenario.product}, ordered at Expert`, { timeout: 2 * BOOT }, () => {
    test('AP-1, AP-10: is installed and configured, and works, as read back in the guest', async () => {
      const { product, line, parameters, modules } = scenario;
      const order = { product, line, serviceLevel: 'Expert', parameters, ...(modules && { modules }) };
      await applications.order(ORDER, VM, order);
      const { status } = await says({ ...works, Ready: 'True/AsOrdered', Supported: 'True/Supported' });
      expect(status.version).toMatch(scenario.version);
      await shows(scenario.shows);
    });

    test('AP-10: lets in over the network who has what its binding says, and nobody else', async () => {
      const of = await applications.binding(ORDER);
      expect(await inGuest(scenario.client(of))).toBe(scenario.served);
      if (scenario.refused === undefined) return;
      const wrong = (field: string) => (field === 'password' ? 'wrong' : of(field));
      expect(await inGuest(scenario.client(wrong))).toMatch(scenario.refused);
    });

    const { fromPod } = scenario;
    if (fromPod !== undefined)
      test('AP-10: is reached through its Service from a Pod of another namespace, with the credentials of its binding', async () => {
        const of = await applications.binding(ORDER);
        const elsewhere = await guests.api.namespace(`clients-${scenario.product}`);
        expect(await fromPod(elsewhere, of)).toBe(scenario.served);
        const wrong = (field: string) => (field === 'password' ? 'wrong' : of(field));
        expect(await fromPod(elsewhere, wrong)).toMatch(scenario.refused ?? /refused/);
      });

    test('AP-9: shuts the customer out; that nobody else holds root is not called True where he did before', async () => {
      await expect(guests.asCustomer(VM, 'id')).rejects.toThrow();
      // He had an account there before.
      await says({ SoleRoot: 'Unknown/FormerCustomerRoot' });
    });

    test('GE-10: a file of the provider’s that root edits is put back, with a copy of the edit', async () => {
      const { file, tampered } = scenario;
      await inGuest(`echo '${tampered}' >> ${file}`);
      const last = () => inGuest(`tail -n 1 ${file}`);
      await eventually(async () => expect(await last()).not.toContain(tampered), BOOT, LOOK);
      expect(await inGuest(`grep -rlF '${tampered}' /var/lib/steward/kept`)).not.toBe('');
      await says({ Configured: 'True/AsPlanned' });
    });

    test('MO-4: what is reloaded is in force at once; what takes a restart waits for a window', async () => {
      await guests.api.edit(managedApplication, guests.namespace, ORDER, { spec: { parameters: scenario.change } });
      const pending = async () => (await applications.found(ORDER)).status.pending ?? [];
      await eventually(() => shows(scenario.atOnce), BOOT, LOOK);
      await eventually(
        async () => expect(await pending()).toHaveLength(Math.min(scenario.waits.length, 1)),
        BOOT,
        LOOK,
      );
      await shows(scenario.waits);
    });

    test('MO-4: what takes a restart is done in a window, and a module that is ordered is there', async () => {
      await openNow(guests);
      const { modules = [], shows: shown = [] } = scenario.added ?? {};
      const both = [...(scenario.modules ?? []), ...modules];
      const change = { windowRef: 'now', ...(both.length > 0 && { modules: both }) };
      await guests.api.edit(managedApplication, guests.namespace, ORDER, { spec: change });
      await eventually(() => shows([...(scenario.inWindow ?? []), ...shown]), BOOT, LOOK);
      const pending = async () => (await applications.found(ORDER)).status.pending;
      await eventually(async () => expect(await pending()).toBeUndefined(), BOOT, LOOK);
      await says(works);
      if (modules.length > 0) await says({ ModulesCompliant: 'True/AsOrdered' });
    });

    if (scenario.isDumped === true) {
      test('AP-13: is dumped by a unit of its own, and proven by a second instance apart from all else', async () => {
        const jobs = ['backup', 'prove'].map(what => `systemctl start steward-${what}-${ORDER}.service`).join(' && ');
        // A timer may have begun one of them, and the other then leaves it to the next turn.
        const proven = async () =>
          expect(await inGuest(`${jobs}; ls /var/lib/steward/dumps/${ORDER}`)).toContain('proven');
        await eventually(proven, BOOT, LOOK);
        expect(await inGuest('ls -A /var/lib/steward-prove')).toBe('');
        await says({ RestoreVerified: 'True/Restored' });
      });

      test('AP-6, AP-13: its dumps are carried away with the disks of its VM, by the real Velero', async () => {
        velero = await startVelero();
        await guests.api.create(backupPolicy, policyDueSoon(guests.namespace));
        await guests.edit(VM, { backupPolicyRef: { name: 'daily' } });
        const { status } = await guests.reads(VM, { BackupCompliant: 'True/RecoveryPointGood' });
        expect(status.backup.inspected).toMatchObject([{ disks: [{ data: 'Moved' }] }]);
        await says({ BackupCompliant: 'True/Dumped' });
      });
    }

    const { product, line, updated } = scenario;
    const order = { product, line, vm: VM, order: ORDER };
    if (scenario.isDumped === true)
      tellRestores(() => ({ guests, applications }), order, scenario.restored ?? updated, scenario, works);
    tellUpdates(() => ({ guests, applications }), order, updated, works);

    // Nobody has agreed to anything here, so that no ladder is taken: test/e2e/applicationincidents.test.ts.
    test('AP-11: that it does not answer is seen, and settings do not start it', async () => {
      await inGuest(scenario.stop);
      if (scenario.lie !== undefined) await shows([scenario.lie]);
      await says({ Available: 'False/ProbeFailed', Provisioned: 'False/StepsDiffer' });
      await inGuest(`systemctl restart ${scenario.unit}`);
      const of = await applications.binding(ORDER);
      const served = async () => expect(await inGuest(scenario.client(of))).toBe(scenario.served);
      await eventually(served, BOOT, LOOK);
      await says(works);
    });

    test('AP-9: is taken out when it is deleted: its data stay, and the customer has his rights again', async () => {
      await applications.takeOut(ORDER);
      expect(await inGuest(`ls -d ${scenario.data}`)).toBe(scenario.data);
      expect(await inGuest(`dpkg -s ${scenario.package} 2>&1 || true`)).not.toContain('ok installed');
      // That he is to have them again is known to the operator first.
      await eventually(() => guests.asCustomer(VM, 'id -un'), BOOT, LOOK);
    });
  });
}
