import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { PlanProbe } from '../../domain/contract/applicationplan.ts';
import type { BackupPlan } from '../../domain/contract/backupplan.ts';
import { backupThere, PROVER } from './backup.ts';

const plan: BackupPlan = {
  ...{ engine: 'PostgreSQL', everyHours: 24, proveEveryDays: 7, keep: 2, dumpMinutes: 60, proofMinutes: 240 },
  folders: ['/etc/nginx', '/var/www'],
};
const PROBE: PlanProbe = {
  ...{ type: 'keyValue', name: 'answers', socket: '/run/a', username: 'steward', passwordFile: '/etc/a' },
  timeoutSeconds: 5,
};
const fileOf = (name: string, change: Partial<BackupPlan> = {}): string =>
  backupThere('shop', { ...plan, ...change }, [PROBE]).files?.find(({ path }) => path.endsWith(`/${name}`))?.content ??
  '';

describe('the jobs of an application’s dumps (AP-13)', () => {
  it.each(['PostgreSQL', 'MariaDB', 'Valkey', 'Files'] as const)('are sh for %s', engine => {
    for (const name of ['steward-backup-shop', 'steward-prove-shop']) {
      expect(fileOf(name, { engine })).toMatch(/^#!\/bin\/sh\n/);
      execFileSync('/bin/sh', ['-n'], { input: fileOf(name, { engine }) });
    }
  });

  it('yield to the application, end in time, and dump and prove when the plan says', () => {
    for (const name of ['steward-backup-shop.service', 'steward-prove-shop.service'])
      expect(fileOf(name)).toMatch(/\nNice=19\nIOSchedulingClass=idle\nMemoryMax=[12]G\nNoNewPrivileges=yes\n/);
    expect(fileOf('steward-backup-shop.service')).toContain('\nTimeoutStartSec=60min\n');
    expect(fileOf('steward-prove-shop.service')).toContain('\nTimeoutStartSec=240min\n');
    expect(fileOf('steward-backup-shop')).toContain('\nevery=86400\nkeep=2\n');
    expect(fileOf('steward-prove-shop')).toContain('\nevery=604800\n');
  });

  it('ask Valkey as its probe does, and are of no plan without one', () => {
    expect(fileOf('steward-backup-shop', { engine: 'Valkey' })).toContain(
      '\nsocket=/run/a\nusername=steward\npassword_file=/etc/a\n',
    );
    expect(() => backupThere('shop', { ...plan, engine: 'Valkey' }, [])).toThrow(RangeError);
  });

  it('dump the folders of the plan, and are of no plan without one, or with what is no path', () => {
    expect(fileOf('steward-backup-shop', { engine: 'Files' })).toContain("\nfolders='/etc/nginx /var/www'\n");
    for (const folders of [[], ['/srv/$(reboot)'], ["/srv/'"], ['/srv/../etc'], ['srv']])
      expect(() => backupThere('shop', { ...plan, engine: 'Files', folders }, [])).toThrow(RangeError);
  });

  it('restore apart from all else, for functions of the customer run meanwhile (AP-9)', () => {
    expect(fileOf('steward-prove-shop.service')).toMatch(
      /\nPrivateNetwork=yes\nPrivateDevices=yes\nProtectSystem=strict\n/,
    );
    expect(fileOf('steward-prove-shop')).toContain(`setpriv --reuid=${PROVER} `);
    expect(fileOf('steward-prove-shop')).not.toContain('--reuid=postgres');
  });

  it.each([{ everyHours: 0 }, { keep: 1.5 }, { proveEveryDays: 32 }, { dumpMinutes: -1 }])(
    'are of no plan with %o',
    change => {
      expect(() => backupThere('shop', { ...plan, ...change }, [PROBE])).toThrow(RangeError);
    },
  );
});
