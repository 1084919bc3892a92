import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { type DesiredGuest, desiredGuest } from '../../../src/domain/guest/desired.ts';
import { SENSORS_READ_METRIC } from '../../../src/domain/monitoring/scrape.ts';
import { healScript } from '../../../src/guest/settings/healscript.ts';
import { UPDATER_UNITS } from '../../../src/guest/settings/updaterunits.ts';
import type { Any } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT } from '../support/guests.ts';
import type { GuestChapter } from './chapter.ts';

/** What somebody does in the guest, and what is so again once the worker was there. */
const byHand: readonly { readonly setting: string; readonly undone: string; readonly back: string }[] = [
  {
    setting: 'journal',
    undone: 'rm /etc/systemd/journald.conf.d/90-steward.conf',
    back: 'test -f /etc/systemd/journald.conf.d/90-steward.conf && test -d /var/log/journal',
  },
  {
    setting: 'time',
    undone: 'systemctl stop systemd-timesyncd',
    back: 'systemctl is-active --quiet systemd-timesyncd',
  },
  {
    setting: 'sensors',
    undone: 'systemctl disable --quiet --now steward-sensors.timer',
    back: 'systemctl is-active --quiet steward-sensors.timer && systemctl is-enabled --quiet steward-sensors.timer',
  },
];

export const settings: GuestChapter = {
  title: 'MO-12, MO-16: what the provider answers for in a guest',
  tell: subject => {
    const asRoot = (command: string) => subject().guests.asRoot(subject().name, command);
    const ordered = (): Promise<Any> => subject().guests.api.get(managedVM, subject().guests.namespace, subject().name);

    beforeAll(async () => {
      await subject().guests.edit(subject().name, { serviceLevel: 'MonitoringAndPatching' });
      await subject().guests.reads(subject().name, { Configured: 'True/AsOrdered' });
    }, BOOT);

    test.each(byHand)(
      '$setting: undone by hand it is put back, counted and named',
      async ({ setting, undone, back }) => {
        const before = (await ordered()).status.drift?.count ?? 0;
        await asRoot(undone);
        await eventually(
          async () => {
            const { drift } = (await ordered()).status;
            expect(drift).toMatchObject({ count: before + 1, last: { setting } });
          },
          BOOT,
          1_000,
        );
        await asRoot(back);
      },
    );

    test('sensors are read by a timer of their own, and Prometheus sees how fresh they are', async () => {
      const readAt = async () => (await subject().guests.metric(subject().name, SENSORS_READ_METRIC)) ?? 0;
      const later = (than: number) =>
        eventually(
          async () => {
            const at = await readAt();
            expect(at).toBeGreaterThan(than);
            return at;
          },
          BOOT,
          1_000,
        );
      await later(await later(0));
    });

    test('MO-3: the distribution’s own updater is masked on request, and afterwards as it was', async () => {
      const { guests, name } = subject();
      const put = (wanted: DesiredGuest) => asRoot(healScript(wanted, ['updater']));
      const states = (property: string) =>
        asRoot(`systemctl show --property=${property} --value ${UPDATER_UNITS.apt.join(' ')} | grep .`);
      const updater = async () => [
        await states('LoadState'),
        await states('UnitFileState'),
        await states('ActiveState'),
      ];
      // Nothing orders it yet, so the worker, which only looks meanwhile, would put it back.
      await guests.edit(name, { paused: { reason: 'the updater is switched by hand' } });
      onTestFinished(async () => {
        await guests.edit(name, { paused: null });
        await guests.reads(name, { Configured: 'True/AsOrdered' });
      });
      const vm = await ordered();
      const system = await guests.api.get(operatingSystem, '', vm.spec.operatingSystem);
      const keys = { providerKeys: [], accounts: [], windows: false };
      const desired = desiredGuest({ managedVM: vm, operatingSystem: system, ...keys });
      const before = await updater();
      await put({ ...desired, ownUpdater: false });
      expect(new Set((await states('LoadState')).split('\n'))).toEqual(new Set(['masked']));
      expect(await asRoot('apt-config dump APT::Periodic::Unattended-Upgrade')).toContain('"0"');
      await put({ ...desired, ownUpdater: true });
      expect(await updater()).toEqual(before);
    });
  },
};
