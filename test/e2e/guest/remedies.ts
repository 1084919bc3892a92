import { expect, onTestFinished, test } from 'vitest';
import type { GuestRemedy } from '../../../src/api/remedy.ts';
import { outcomeOf } from '../../../src/guest/remedy/outcome.ts';
import { remedyScript } from '../../../src/guest/remedy/remedyscript.ts';
import type { GuestChapter } from './chapter.ts';

const EXPORTER = 'prometheus-node-exporter.service';
/** A service that nothing else in the guest looks after. */
const NAME = 'mended';
const UNIT = '/run/systemd/system/mended.service';
const ROTATED = '/var/log/syslog.1';
const CUSTOMERS = '/var/log/shop.log.1';

/** What mends a guest, against its own systemd, packages and journal; that it is one step is shown by the chapter of steps. */
export const remedies: GuestChapter = {
  title: 'MO-6: what mends a guest',
  tell: subject => {
    const asRoot = (command: string) => subject().guests.asRoot(subject().name, command);

    async function mended(remedy: GuestRemedy) {
      const script = Buffer.from(remedyScript(remedy, 'apt')).toString('base64');
      const said = await asRoot(`echo ${script} | base64 -d | /bin/sh; echo "exit $?"`);
      const [, exitCode = '1'] = /exit (\d+)$/.exec(said) ?? [];
      return outcomeOf({ kind: 'Finished', exitCode: Number(exitCode) }, said);
    }

    test('a service that was killed is started, one that runs is not touched, and a masked one is left to a person', async () => {
      const service: GuestRemedy = { action: 'RestartService', unit: NAME };
      onTestFinished(async () => {
        await asRoot(
          `systemctl unmask --quiet ${NAME}; systemctl stop ${NAME}; rm -f ${UNIT}; systemctl daemon-reload`,
        );
      });
      await asRoot(`printf '[Service]\\nExecStart=/bin/sleep infinity\\n' > ${UNIT}; systemctl daemon-reload`);
      await asRoot(
        `systemctl start ${NAME}; systemctl kill --signal=KILL ${NAME}; while systemctl is-active --quiet ${NAME}; do sleep 0.1; done`,
      );
      expect(await mended(service)).toMatchObject({ outcome: 'Done' });
      const since = () => asRoot(`systemctl show --value --property=ActiveEnterTimestampMonotonic ${NAME}`);
      const before = await since();
      expect(await mended(service)).toMatchObject({ outcome: 'FoundHealthy' });
      expect(await since()).toBe(before);
      await asRoot(`systemctl stop ${NAME}; systemctl mask --quiet ${NAME}`);
      expect(await mended(service)).toMatchObject({ outcome: 'NotFound' });
    });

    test('an exporter that hangs is started anew, and one that answers is not', async () => {
      expect(await mended({ action: 'RestartExporter' })).toMatchObject({ outcome: 'FoundHealthy' });
      await asRoot(`systemctl kill --signal=STOP ${EXPORTER}`);
      expect(await mended({ action: 'RestartExporter' })).toMatchObject({ outcome: 'Done' });
    });

    test('the guest agent is started anew', async () => {
      expect(await mended({ action: 'RestartAgent' })).toMatchObject({ outcome: 'Done' });
    });

    test('space is freed of rotated logs of the system, and of nothing that is the customer’s', async () => {
      onTestFinished(async () => {
        await asRoot(`rm -f ${ROTATED} ${CUSTOMERS}`);
      });
      const used = async () => Number(await asRoot("df --output=pcent / | tail -n 1 | tr -dc '0-9'"));
      const before = await used();
      await asRoot(
        `free=$(df -k --output=avail / | tail -n 1); fallocate -l $((free / 2))K ${ROTATED}; echo x > ${CUSTOMERS}`,
      );
      const space: GuestRemedy = { action: 'FreeSpace', mountPoint: '/', abovePercent: before + 10 };
      expect(await mended(space)).toMatchObject({ outcome: 'Done' });
      expect(await asRoot(`ls ${ROTATED} ${CUSTOMERS} 2>/dev/null || true`)).toBe(CUSTOMERS);
      expect(await mended(space)).toMatchObject({ outcome: 'FoundHealthy' });
    });
  },
};
