import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../domain/contract/applicationplan.ts';
import { dataOpened, dataRestored, restoreUnasked } from './datarestore.ts';

const step = {
  ...({ type: 'dataRestore', name: 'data-restore', engine: 'PostgreSQL', restore: 'e1', line: '17' } as const),
  ...{ of: '2026-12-01T02:00:00Z', ports: [5432] },
};
const plan: ApplicationPlan = {
  ...{ application: 'shop', uid: 'uid', present: true, versionOf: 'a', steps: [step] },
  probes: [{ type: 'tcp', name: 'port', port: 5432, timeoutSeconds: 5 }],
};
const keyValue = {
  ...({ type: 'keyValue', name: 'key', socket: '/run/valkey/s', username: 'steward' } as const),
  ...{ passwordFile: '/etc/valkey.d/secret', timeoutSeconds: 5 },
};
const ROOTS = { owner: 'root', group: 'root', mode: '0644' };
const OFTEN = { everyHours: 24, proveEveryDays: 7, keep: 2, dumpMinutes: 60, proofMinutes: 60 };
const place = { application: 'shop', step: step.name };
const programIn = (heal: string): string =>
  Buffer.from(/data-restore\.sh 0600 (\S+)/.exec(heal)?.[1] ?? '', 'base64').toString();

describe('a restore in the guest (AP-13)', () => {
  it('is sh', () => {
    const { look, heal } = dataRestored(step, plan, place);
    const open = dataOpened({ ...step, type: 'dataOpen', withinSeconds: 60 }, plan, place);
    for (const script of [look, heal, open.heal, restoreUnasked('shop').heal, programIn(heal)])
      execFileSync('/bin/sh', ['-n'], { input: script });
  });

  it('runs what may run code of the customer by who has no more rights than he (AP-9)', () => {
    const program = programIn(dataRestored(step, plan, place).heal);
    expect(program).toContain('PGUSER=steward_restore');
    expect(program).toMatch(/restore_section post-data '\^\$' '\^postgres\$'/);
  });

  it.each(['MariaDB', 'Valkey'] as const)('is sh for %s', engine => {
    const { heal } = dataRestored({ ...step, engine }, { ...plan, probes: [keyValue] }, place);
    for (const script of [heal, programIn(heal)]) execFileSync('/bin/sh', ['-n'], { input: script });
  });

  it('is sh for Files, of the folders, units and files of the plan, and of no plan without folders', () => {
    const steps: ApplicationPlan['steps'] = [
      { type: 'unit', name: 'server', unit: 'nginx.service' },
      { ...{ type: 'file', name: 'settings', path: '/etc/nginx/nginx.conf', content: 'a' }, ...ROOTS },
    ];
    const backup = { engine: 'Files' as const, folders: ['/etc/nginx', '/var/www'], ...OFTEN };
    const { heal } = dataRestored({ ...step, engine: 'Files' }, { ...plan, steps, backup }, place);
    for (const script of [heal, programIn(heal)]) execFileSync('/bin/sh', ['-n'], { input: script });
    expect(programIn(heal)).toContain(
      "\nfolders='/etc/nginx /var/www'\nunits='nginx.service'\nwritten='/etc/nginx/nginx.conf'\n",
    );
    expect(() => dataRestored({ ...step, engine: 'Files' }, plan, place)).toThrow(RangeError);
  });

  it('runs the statements of a dump of MariaDB by a login of its databases, its own accounts aside (AP-9)', () => {
    const program = programIn(dataRestored({ ...step, engine: 'MariaDB' }, plan, place).heal);
    expect(program).toContain('load < "$dump/db-$number.dump"');
    expect(program).toMatch(/load\(\) \{\n.*\n.*--user=steward_restore /);
    expect(program).not.toContain('session < "$dump/db-');
  });

  it('is of no plan of Valkey that does not say how its server is asked', () => {
    expect(() => dataRestored({ ...step, engine: 'Valkey' }, plan, place)).toThrow(RangeError);
  });

  it.each([{ restore: 'r1; id' }, { line: '17 $(id)' }, { of: 'yesterday' }, { ports: [70_000] }])(
    'is of no plan with %o',
    change => {
      expect(() => dataRestored({ ...step, ...change }, plan, place)).toThrow(RangeError);
    },
  );
});
