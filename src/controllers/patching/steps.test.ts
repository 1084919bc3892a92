import { describe, expect, it } from 'vitest';
import type { PatchRunStatus } from '../../api/patchrun.ts';
import { at, openssl, runSpec, step } from '../../domain/patching/run.fixtures.ts';
import type { GuestStep } from '../../domain/patching/run.ts';
import type { PackageFamily } from '../../guest/packages/family.ts';
import { type Ended, scriptOf, statusAfter, stepIdOf } from './steps.ts';
import type { Run, Record as Stored } from './store.ts';

/** A fake: a package manager that answers `ok`, and says so of everything else that it is not understood. */
const family: PackageFamily = {
  rebootScript: () => 'reboot',
  preflightScript: () => 'preflight',
  readPreflight: text => {
    const units = unitsOf(text);
    return units && { blockers: [], rebootPending: false, failedUnits: units };
  },
  scanScript: () => 'scan',
  readScan: (text, when) => ({
    ...{ at: when, system: { id: 'debian', version: '13', codename: 'trixie' }, rebootPending: true, updates: [] },
    complete: text === 'ok',
  }),
  installScript: pins => `install ${JSON.stringify(pins)}`,
  readInstall: (text, exitCode) =>
    text === 'ok'
      ? {
          failure: exitCode === 0 ? undefined : 'it failed',
          reasons: new Map([['openssl', 'gone']]),
          ...{ newer: new Set<string>(), brought: new Map([['libssl4', '4.0']]), repaired: undefined, kept: [] },
        }
      : undefined,
  readBackScript: pins => `read ${JSON.stringify(pins)}`,
  readBack: text => {
    const units = unitsOf(text);
    const installed = new Map([['openssl', '3.5.0-2']]);
    return units && { installed, healthy: true, rebootPending: false, failedUnits: units };
  },
};

function unitsOf(text: string): readonly string[] | 'Unreadable' | undefined {
  if (text === 'unreadable') return 'Unreadable';
  const [word, ...units] = text.split(' ');
  return word === 'ok' || word === 'units' ? units : undefined;
}

const record = { metadata: { name: 'vm' }, spec: { managedVM: 'a' }, status: {} } as unknown as Stored;
function run(status: Partial<PatchRunStatus>): Run {
  const metadata = { name: 'run', namespace: 'acme', uid: '33333333-cccc' };
  return { apiVersion: 'a', kind: 'PatchRun', metadata, spec: runSpec(), status: { phase: 'Planned', ...status } };
}
const ended = (output: string, exitCode = 0): Ended => ({
  verdict: { kind: 'Finished', exitCode },
  bootId: 'a',
  output,
});
const cameAt = (clock: string, name: GuestStep, end: Ended, status: Partial<PatchRunStatus> = {}) => {
  const steps = [step(name)];
  return statusAfter(run({ steps, packages: [openssl()], ...status }), record, name, end, family, at(clock));
};
function came(...what: [GuestStep, Ended, Partial<PatchRunStatus>?]): PatchRunStatus {
  const status = cameAt('02:20', ...what);
  if (status === undefined) throw new Error('it is under way');
  return status;
}
const verdictOf = ({ steps }: PatchRunStatus) => steps?.at(-1)?.verdict;

describe('what a step of a run comes to', () => {
  it.each(['preflight', 'plan', 'install', 'verify', 'recheck'] as const)('%s has passed by a whole answer', name => {
    expect(verdictOf(came(name, ended('ok')))).toBe('Passed');
  });

  it.each(['preflight', 'plan', 'install', 'verify', 'recheck'] as const)(
    '%s proves nothing by an answer that is not understood, or that was lost',
    name => {
      expect(verdictOf(came(name, ended('$(reboot)')))).toBe('NotUnderstood');
      expect(verdictOf(came(name, { ...ended(''), output: undefined }))).toBe('NotUnderstood');
    },
  );

  it.each(['CutOff', 'Unknown', 'Withdrawn'] as const)(
    'is %s as the guest’s record says, whatever was printed',
    kind => {
      expect(verdictOf(came('install', { ...ended('ok'), verdict: { kind } }))).toBe(kind);
    },
  );

  it('keeps why a package was not installed, and believes only what is read back (MO-3)', () => {
    const failed = came('install', ended('ok', 100));
    const along = { package: 'libssl4', to: '4.0', state: 'Pending' };
    expect(failed).toMatchObject({ packages: [openssl('Pending', 'gone'), along] });
    expect(failed.steps?.at(-1)).toMatchObject({ verdict: 'Failed', detail: 'it failed' });
    expect(came('verify', ended('ok')).packages).toEqual([openssl('Installed')]);
  });

  it('holds a service against the patch that has failed since, and none that had before (MO-11)', () => {
    const before = { failedBefore: ['old.service'] };
    expect(came('preflight', ended('units old.service'))).toMatchObject(before);
    expect(verdictOf(came('verify', ended('units old.service'), before))).toBe('Passed');
    const broken = came('recheck', ended('units old.service nginx.service'), before);
    expect(broken.steps?.at(-1)).toMatchObject({
      ...{ verdict: 'Failed', detail: 'services have failed that had not before: nginx.service' },
    });
  });

  it.each(['preflight', 'verify', 'recheck', 'backcheck'] as const)(
    '%s proves nothing where services could not be read',
    name => {
      expect(came(name, ended('unreadable')).steps?.at(-1)).toMatchObject({
        ...{ verdict: 'NotUnderstood', detail: 'which services have failed could not be read' },
      });
    },
  );

  it('is a reboot only where the guest is in another boot than that in which it was told to', () => {
    const told = { bootIdBefore: 'a' };
    const cutOff = { verdict: { kind: 'CutOff' }, output: undefined } as const;
    expect(verdictOf(came('reboot', { ...cutOff, bootId: 'b' }, told))).toBe('Passed');
    expect(came('reboot', ended('', 1), told).steps?.at(-1)).toMatchObject({ detail: 'its system refused it' });
    expect(came('reboot', ended('', 2), told).steps?.at(-1)).toMatchObject({ detail: 'the guest did not go down' });
  });

  it('is no reboot yet where its step was ended and the guest still answers, until it takes too long', () => {
    const told = { bootIdBefore: 'a' };
    for (const verdict of [{ kind: 'CutOff' }, { kind: 'Finished', exitCode: 143 }] as const) {
      const end = { verdict, bootId: 'a', output: undefined };
      expect(cameAt('02:09', 'reboot', end, told)).toBeUndefined();
      expect(cameAt('02:20', 'reboot', end, told)?.steps?.at(-1)).toMatchObject({
        ...{ verdict: 'Failed', detail: 'the guest did not go down' },
      });
    }
  });

  it('has turned the guest back only where it is in another boot with the versions of before (GE-8)', () => {
    const before = { packages: [{ ...openssl('Installed'), from: '3.5.0-2' }], bootIdAfter: 'a' };
    const back = came('backcheck', { ...ended('ok'), bootId: 'b' }, before);
    expect(verdictOf(back)).toBe('Passed');
    expect(back.packages).toMatchObject([{ state: 'Failed', reason: 'the VM was rolled back: 3.5.0-2 is installed' }]);
    expect(verdictOf(came('backcheck', ended('ok'), before))).toBe('Failed');
    const other = came('backcheck', { ...ended('ok'), bootId: 'b' }, { ...before, packages: [openssl('Installed')] });
    expect(other.steps?.at(-1)).toMatchObject({ detail: 'openssl is at 3.5.0-2, and was at 3.5.0-1' });
  });

  it('is an end of its own for each run, step and attempt, and fits the name of a unit', () => {
    expect(stepIdOf(run({}), 'install', 1)).toMatch(/^patch-[0-9a-f]{10}-install-1$/);
    expect(stepIdOf(run({}), 'verify', 1)).not.toBe(stepIdOf(run({}), 'verify', 2));
  });

  it('installs exactly what is planned and not what is left, and reads back all that was planned', () => {
    const packages = [openssl(), { ...openssl('Left'), package: 'curl' }];
    expect(scriptOf(run({ packages }), 'install', family)).toBe('install [{"package":"openssl","version":"3.5.0-2"}]');
    expect(scriptOf(run({ packages: [openssl('Installed')] }), 'recheck', family)).toContain('openssl');
  });

  const steps = [{ stopService: { name: 'shop.service' } }];
  const said = (verdict: string, ...more: readonly string[]) => {
    const lines = [`part ${verdict} -`, `services ${more.length}`, ...more.map(unit => `unit ${unit}`)];
    return [...lines, `end ${lines.length}`].map(line => `steward-packages ${line}\n`).join('');
  };
  const around = (name: 'before' | 'after' | 'startagain', text: string, status: Partial<PatchRunStatus> = {}) => {
    const run = { ...runSpec({ before: steps, after: [{ serviceRunning: { name: 'shop.service' } }] }) };
    const metadata = { name: 'run', namespace: 'acme', uid: '33333333-cccc' };
    const of = {
      apiVersion: 'a',
      kind: 'PatchRun',
      metadata,
      spec: run,
      status: { phase: 'Planned' as const, steps: [step(name)], ...status },
    };
    return statusAfter(of, record, name, ended(text), family, at('02:20'))?.steps?.at(-1);
  };

  it('keeps what became of each step that the policies name, and why one has failed (MO-4)', () => {
    const part = { step: 'stopService shop.service', verdict: 'Passed' };
    expect(around('before', said('Passed'))).toMatchObject({ verdict: 'Passed', parts: [part] });
    expect(around('before', said('Failed'))).toMatchObject({
      ...{ verdict: 'Failed', detail: 'stopService shop.service: it failed', parts: [{ verdict: 'Failed' }] },
    });
    expect(around('before', 'ok')).toMatchObject({ verdict: 'NotUnderstood' });
  });

  it('holds a service that has failed since against the steps that started it, and none that had before (MO-11)', () => {
    for (const name of ['after', 'startagain'] as const) {
      expect(around(name, said('Passed', 'shop.service'))).toMatchObject({
        ...{ verdict: 'Failed', detail: 'services have failed that had not before: shop.service' },
      });
      expect(around(name, said('Passed', 'old.service'), { failedBefore: ['old.service'] })).toMatchObject({
        verdict: 'Passed',
      });
      expect(around(name, said('Passed').replace('services 0', 'services -'))).toMatchObject({
        verdict: 'NotUnderstood',
      });
    }
  });

  it('runs what the terms name, and starts again what was stopped, as words that the shell leaves as they are', () => {
    const spec = runSpec({ before: steps });
    const of = { ...run({}), spec };
    expect(scriptOf(of, 'before', family)).toContain("stop_service 'shop.service'");
    expect(scriptOf(of, 'startagain', family)).toContain("start_service 'shop.service'");
  });
});
