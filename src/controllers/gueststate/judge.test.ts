import { describe, expect, it } from 'vitest';
import { GuestStateStatus } from '../../api/gueststate.ts';
import { DEFAULT_DOWNLOADS } from '../../domain/machine/firstboot/exporters.ts';
import { hindered, unhindered } from './hindrance.ts';
import { type Found, judged, type Seen } from './judge.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 28, 22, minute));
const desired: Found['desired'] = {
  packageManager: 'apt',
  provider: { name: 'steward', sshKeys: ['ssh-ed25519 AAAA'], administrator: true, formerKeys: [] },
  users: [{ name: 'kim', sshKeys: [], administrator: false, formerKeys: [] }],
  former: [],
  soleRoot: false,
  applications: [],
  exporter: true,
  services: [],
  lines: false,
  exporterRelease: DEFAULT_DOWNLOADS.nodeExporter,
  ownUpdater: true,
};
const OPENED = `SHA256:${'k'.repeat(43)}`;
const look: Found['look'] = {
  bootId: '11111111-1111-1111-1111-111111111111',
  settings: [{ setting: 'exporter', standing: 'Kept', found: '' }],
  access: [{ name: 'steward', login: true, administrator: true, keys: ['SHA256:x'] }],
  ...{ foreign: [], noted: [], applications: [] },
};
const seen = (part: Partial<Found['look']> = {}, more: Partial<Seen> = {}): Seen => ({
  worker: 'steward-guest-0',
  contact: { outcome: 'Reached', address: '10.0.0.7' },
  found: { look: { ...look, ...part }, desired, opened: OPENED, instance: 'i1', generation: 4 },
  ...more,
});
const differing = { settings: [{ setting: 'exporter', standing: 'Differs', found: 'not running' }] } as const;
const first = judged({}, seen(), at(0));

describe('what a look says in the record', () => {
  it.each([0, 99_999_999_999])(
    'is one that the schema admits, whatever time a guest says that something was changed (MO-8): second %i',
    second => {
      const foreign = [{ kind: 'Account' as const, name: 'eve', detail: '', changed: new Date(second * 1000) }];
      const told = judged({}, seen({ foreign }), at(0));
      expect(GuestStateStatus.safeParse(told).error).toBeUndefined();
      expect(told.foreign?.[0]?.changed).toMatch(/^(1970|5138)-/);
    },
  );

  it('is one that the schema admits', () => {
    expect(GuestStateStatus.parse(first)).toEqual(first);
    expect(first).toMatchObject({
      ...{ worker: 'steward-guest-0', instance: 'i1', compared: 4, differences: [], foreign: [], accounts: ['kim'] },
      ...{ contact: { outcome: 'Reached', since: '2026-11-28T22:00:00Z' }, lookedAt: '2026-11-28T22:00:00Z' },
    });
  });

  it('is the same record, not a copy, where nothing is new: no write', () => {
    expect(judged(first, seen(), at(10))).toBe(first);
  });

  it('tells the second way once, and since when the guest is reached stays', () => {
    const contact = { outcome: 'Reached', address: '10.0.0.7', way: 'PortForward' } as const;
    const forwarded = judged(first, seen({}, { contact }), at(10));
    expect(forwarded.contact).toEqual({ ...contact, since: '2026-11-28T22:00:00Z' });
    expect(GuestStateStatus.parse(forwarded)).toEqual(forwarded);
    expect(judged(forwarded, seen({}, { contact }), at(20))).toBe(forwarded);
    expect(judged(forwarded, seen(), at(20)).contact).toEqual(first.contact);
  });

  it('keeps since when a setting differs while it does, and forgets it when it is kept', () => {
    const differs = judged(first, seen(differing), at(1));
    const still = judged(differs, seen({ settings: [{ ...differing.settings[0], found: 'masked' }] }), at(5));
    expect(still.differences).toEqual([{ setting: 'exporter', found: 'masked', since: '2026-11-28T22:01:00Z' }]);
    expect(judged(still, seen(), at(6)).differences).toEqual([]);
  });

  it.each([
    ['NoFolder', 'the folder /steps cannot be made'],
    ['NotWritable', '/steps is on a full or read-only disk'],
    ['Locked', 'another program holds the file lock in /steps'],
    ['NotStarted', 'nothing starts what is written down in /steps: the system takes no task'],
  ] as const)('says in words why a guest begins no step: %s', (why, found) => {
    expect(hindered({}, { why, folder: '/steps' }, at(1)).differences).toMatchObject([{ setting: 'steps', found }]);
  });

  it('keeps what hinders a step while something is to be put right, since when it does, and loses it with the first step (GE-8)', () => {
    const differs = judged(first, seen(differing), at(1));
    const why = { why: 'NotWritable', folder: '/var/lib/steward/steps' } as const;
    const full = hindered(hindered(differs, why, at(2)), why, at(3));
    const told = {
      setting: 'steps',
      found: expect.stringContaining('full or read-only'),
      since: '2026-11-28T22:02:00Z',
    };
    expect(full.differences).toEqual([...(differs.differences ?? []), told]);
    expect(GuestStateStatus.parse(full)).toEqual(full);
    expect(judged(full, seen(differing), at(5))).toBe(full);
    expect(unhindered(full)).toEqual(differs);
    expect(unhindered(differs)).toBe(differs);
    expect(judged(full, seen(), at(6)).differences).toEqual([]);
  });

  it('forgets of more accounts than it holds those that the look found without rights, and no other (MO-8)', () => {
    const accounts = Array.from({ length: 64 }, (_, index) => `old${10 + index}`);
    const settings = accounts.map((name, index) => ({
      ...{
        setting: `former:${name}`,
        standing: index === 63 ? ('Kept' as const) : ('Differs' as const),
        found: 'open',
      },
    }));
    const { accounts: kept } = judged({ ...first, accounts }, seen({ settings }), at(1));
    expect(kept).toEqual(['kim', ...accounts.slice(0, 63)]);
  });

  it('counts as drift only what had been as ordered, and only when it was put back (MO-16)', () => {
    const differs = judged(first, seen(differing), at(1));
    expect(differs.drift).toBeUndefined();
    expect(judged(differs, seen(), at(2)).drift).toBeUndefined();
    const healed = judged(differs, seen({}, { drifted: new Set(['exporter']) }), at(2));
    expect(healed.drift).toEqual({
      healed: 1,
      last: { setting: 'exporter', before: 'not running', after: 'as ordered', at: '2026-11-28T22:02:00Z' },
    });
  });

  it('leaves what was found last where the guest is not reached, with what it was of', () => {
    const contact = { outcome: 'NoAnswer', address: '10.0.0.7', detail: 'no answer' } as const;
    const lost = judged(first, { worker: 'steward-guest-0', contact }, at(3));
    expect(lost).toEqual({ ...first, contact: { ...contact, since: '2026-11-28T22:03:00Z' } });
    const other = { worker: 'steward-guest-0', contact: { ...contact, detail: 'other words' } };
    expect(judged(lost, other, at(9))).toBe(lost);
  });

  it('tells who can log in, those ordered first, and since when what nobody ordered is there (MO-16)', () => {
    const login = { login: true, administrator: false, keys: [] };
    const access = [...look.access, { ...login, name: 'admin' }, { ...login, name: 'kim' }];
    const foreign = [{ kind: 'Account', name: 'admin', detail: 'uid 1002' }] as const;
    const found = judged(first, seen({ access, foreign }), at(4));
    expect(found.access?.map(({ name, ordered }) => [name, ordered])).toEqual([
      ['kim', true],
      ['steward', true],
      ['admin', false],
    ]);
    const again = judged(found, seen({ access, foreign: [{ ...foreign[0], detail: 'uid 1003' }] }), at(8));
    expect(again.foreign).toEqual([
      { kind: 'Account', name: 'admin', detail: 'uid 1003', since: '2026-11-28T22:04:00Z' },
    ]);
  });

  it('remembers every account that was ever ordered', () => {
    expect(judged({ ...first, accounts: ['lee'] }, seen(), at(1)).accounts).toEqual(['kim', 'lee']);
  });

  it("has back from the guest's notes who once had an account, where it has forgotten them itself (MO-8)", () => {
    const { accounts } = judged({}, seen({ noted: ['ben', 'lee'] }), at(1));
    expect(accounts).toEqual(['ben', 'kim', 'lee']);
    const noted = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    const many = judged({ ...first, accounts: ['lee'] }, seen({ noted }), at(1)).accounts;
    expect(many).toHaveLength(64);
    expect(many).toEqual(expect.arrayContaining(['kim', 'lee']));
  });

  it('touches neither lease nor steps', () => {
    const lease = { holder: 'w', purpose: 'Patching', generation: 3, since: '', until: '' };
    expect(judged({ ...first, lease, leaseGeneration: 3 }, seen(), at(1))).toMatchObject({ lease, leaseGeneration: 3 });
  });

  it('stays within the schema and without control characters, whatever a hostile guest says', () => {
    const evil = `\u001b]0;owned\u0007${'x'.repeat(9_000)}\u202e`;
    const many = Array.from({ length: 500 }, (_, index) => `${evil}${index}`);
    const hostile = seen({
      bootId: evil,
      settings: many.map(setting => ({ setting, standing: 'Differs', found: evil })),
      access: ['__proto__', 'constructor', '', ...many].map(name => {
        return { name, login: true, administrator: true, keys: many };
      }),
      foreign: many.map(name => ({ kind: 'Key', name, detail: evil, changed: new Date(Number.NaN) })),
    });
    const status = judged({}, { ...hostile, contact: { outcome: 'Reached', detail: evil, address: evil } }, at(0));
    expect(GuestStateStatus.parse(status)).toEqual(status);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
    expect(JSON.stringify(status)).not.toMatch(/\\u00|[\u0000-\u001f\u202e]/);
  });

  it('notes of an application what was put back of it, and when (GE-10)', () => {
    const plan = { application: 'shop', uid: 'u', present: true, versionOf: 'a', steps: [], probes: [] };
    const setting = 'app:shop:settings';
    const application = (standing: 'Kept' | 'Differs', minute: number, before: Parameters<typeof judged>[0]) => {
      const told = seen({
        settings: [{ setting, standing, found: standing === 'Kept' ? '' : 'another' }],
        applications: [{ name: 'shop', failing: [] }],
      });
      const found = told.found && { ...told.found, desired: { ...desired, applications: [plan] } };
      return judged(before, { ...told, found, drifted: new Set([setting]) }, at(minute));
    };
    let record = application('Kept', 0, {});
    for (const minute of [1, 11]) record = application('Kept', minute + 1, application('Differs', minute, record));
    expect(record.applications?.[0]?.putBack).toEqual([
      { step: 'settings', at: ['2026-11-28T22:02:00Z', '2026-11-28T22:12:00Z'] },
    ]);
    expect(GuestStateStatus.safeParse(record).error).toBeUndefined();
    expect(application('Kept', 20, record)).toBe(record);
  });
});

describe('MO-12: the last lines of the log that matter', () => {
  const line = { at: at(1), event: 'ssh_login_failed', text: 'password=hunter2 \u001b[2J' };
  const wanted = (lines: Found['look']['lines']) => seen(lines && { lines });

  it('are told as one bounded line each, without what opens anything, and cost no write while they stay the same', () => {
    const told = judged(first, wanted([line]), at(2));
    expect(told.lines).toEqual([{ at: '2026-11-28T22:01:00Z', event: 'ssh_login_failed', text: 'password=*** [2J' }]);
    expect(GuestStateStatus.safeParse(told).error).toBeUndefined();
    expect(judged(told, wanted([line]), at(3))).toBe(told);
  });

  it('are told no more once nobody asks for them', () => {
    expect(judged(judged(first, wanted([line]), at(2)), wanted(undefined), at(3)).lines).toBeUndefined();
  });
});
