import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOfLine } from '../../domain/machine/sshkeys.ts';
import { publicKey } from '../settings/settings.fixtures.ts';
import { sha256 } from '../settings/words.ts';
import { HEAL } from './healscript.ts';
import { SENSORS } from './sensorscript.ts';
import { windowsSettings } from './settings.ts';
import { anyText, windowsDesired } from './windows.fixtures.ts';

const NONCE = 'n0nce';
const BOOT = '11111111-1111-4111-8111-111111111111';
const print = fingerprintOfLine(publicKey('kim'));
const names = windowsSettings.namesOf(windowsDesired);
const kept = names.map(name => ({ name, standing: 'Kept', found: '' }));
const answer = (change: object = {}) => ({ boot: BOOT, settings: kept, logins: [], foreign: [], noted: [], ...change });
const read = (value: unknown, desired = windowsDesired) =>
  windowsSettings.readLook(`${NONCE} ${Buffer.from(JSON.stringify(value)).toString('base64')}\r\n`, NONCE, desired);
const dataOf = (script: string) =>
  JSON.parse(Buffer.from(/FromBase64String\('([^']*)'\)/.exec(script)?.[1] ?? '', 'base64').toString());

describe('the settings of a Windows guest', () => {
  it('are those of the order, accounts before what keeps people out (MO-8)', () => {
    expect(names).toEqual([
      ...['disk', 'accounts', 'account:steward', 'administrator:steward', 'account:kim', 'administrator:kim'],
      ...[
        'account:ben',
        'administrator:ben',
        'former:old',
        'access',
        'agent',
        'time',
        'exporter',
        'sensors',
        'updater',
      ],
    ]);
  });

  it('are asked after as data: keys by their fingerprints, rights, what of it was given before (MO-8)', () => {
    const desired = { ...windowsDesired, users: [{ ...windowsDesired.users[0], formerKeys: [print, 'no print'] }] };
    const [, data = ''] = windowsSettings
      .lookScript(desired as typeof windowsDesired, NONCE, new Date(5_000))
      .split('\n');
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).toEqual({
      ...{ nonce: NONCE, now: 5, former: ['old'], exporter: true, ownUpdater: true, port: 9182 },
      sensors: sha256(SENSORS),
      accounts: [
        { name: 'steward', administrator: true, keys: [fingerprintOfLine(publicKey('steward'))], former: [] },
        { name: 'kim', administrator: true, keys: [print], former: [] },
      ],
    });
  });

  it('are put right by data too: what a customer writes is no code, and scripts differ in their first line only', () => {
    const hostile = "'; Remove-Item C:\\ -Recurse; '\n$(reboot) `";
    const script = windowsSettings.healScript({ ...windowsDesired, exporterRelease: { url: hostile } }, [
      'exporter',
      'account:kim',
    ]);
    expect(script.slice(script.indexOf('\n') + 1)).toBe(HEAL);
    expect(dataOf(script)).toMatchObject({
      settings: ['exporter', 'account:kim'],
      exporter: { url: hostile },
      ownUpdater: true,
    });
  });

  it('have an exporter where the level includes monitoring only (MO-5), and no updater of their own where the service patches (MO-3)', () => {
    const without = { ...windowsDesired, exporter: false, ownUpdater: false };
    expect(dataOf(windowsSettings.healScript(without, ['exporter', 'updater']))).toMatchObject({
      exporter: null,
      ownUpdater: false,
    });
  });

  it.each(['exporter', 'access', 'former:old'])('are put right where they are some: %s', name => {
    expect(dataOf(windowsSettings.healScript(windowsDesired, [name])).settings).toEqual([name]);
  });

  it('are no others than these, and no names that could be anything else', () => {
    expect(() => windowsSettings.healScript(windowsDesired, ['journal'])).toThrow(RangeError);
    expect(() => windowsSettings.namesOf({ ...windowsDesired, former: ["x'; y"] })).toThrow(RangeError);
    expect(() => windowsSettings.lookScript(windowsDesired, 'n 1', new Date(0))).toThrow(RangeError);
  });
});

describe('a look into a Windows guest', () => {
  it('tells what differs, who can log in, and what nobody ordered (MO-16)', () => {
    const settings = kept.map(each =>
      each.name === 'exporter' ? { ...each, standing: 'Differs', found: 'it does not run' } : each,
    );
    const look = read(
      answer({
        ...{ settings, noted: ['ada', 'kim', 'steward', 'no name'] },
        logins: [{ name: 'kim', login: true, administrator: true, keys: [print] }],
        foreign: [
          { kind: 'Account', name: 'Mallory\u202Eexe.', detail: 'S-1-5-21-1-2-3-1009\r\n, member of Administrators' },
          { kind: 'Key', name: `kim ${print}`, detail: 'in a file', changed: 1_700_000_000 },
          { kind: 'Administrator', name: 'S-1-5-21-9-9-9-512', detail: 'a member' },
        ],
      }),
    );
    expect(look).toMatchObject({
      ...{ bootId: BOOT, noted: ['ada'], access: [{ name: 'kim', login: true, administrator: true, keys: [print] }] },
      foreign: [
        { kind: 'Account', name: 'Mallory exe', detail: 'S-1-5-21-1-2-3-1009 , member of Administrators' },
        { kind: 'Key', changed: new Date(1_700_000_000_000) },
        { kind: 'Administrator' },
      ],
    });
    expect(look?.settings.filter(({ standing }) => standing !== 'Kept')).toEqual([
      { setting: 'exporter', standing: 'Differs', found: 'it does not run' },
    ]);
  });

  it.each<[string, unknown]>([
    ['a setting less', answer({ settings: kept.slice(1) })],
    ['settings in another order', answer({ settings: [...kept].reverse() })],
    ['a setting that is kept and has words', answer({ settings: kept.map(each => ({ ...each, found: 'x' })) })],
    ['one that differs without a word', answer({ settings: kept.map(each => ({ ...each, standing: 'Differs' })) })],
    ['a standing of its own', answer({ settings: kept.map(each => ({ ...each, standing: 'True' })) })],
    ['a key that is none', answer({ logins: [{ name: 'kim', login: true, administrator: true, keys: ['SHA256:x'] }] })],
    ['a login twice', answer({ logins: Array(2).fill({ name: 'kim', login: true, administrator: true, keys: [] }) })],
    [
      'too many logins',
      answer({
        logins: Array.from({ length: 65 }, (_, i) => ({ name: `u${i}`, login: true, administrator: true, keys: [] })),
      }),
    ],
    ['a kind of its own', answer({ foreign: [{ kind: '__proto__', name: 'x', detail: '' }] })],
    ['a time that is none', answer({ foreign: [{ kind: 'Key', name: 'x', detail: '', changed: 1e20 }] })],
    ['no boot', answer({ boot: 'x' })],
    ['more than was asked', answer({ more: 1 })],
    ['a word instead', 'True'],
    ['nothing', null],
  ])('is none where it has %s', (_, value) => {
    expect(read(value)).toBeUndefined();
  });

  it('brings no more than a record holds, in lines that hide nothing, whatever the guest says', () => {
    const text = anyText.filter(each => each !== '');
    fc.assert(
      fc.property(text, text, (name, words) => {
        const settings = kept.map(each => ({ ...each, standing: 'Failed', found: words }));
        const look = read(
          answer({
            ...{ settings, foreign: [{ kind: 'Account', name, detail: words }] },
            logins: [{ name, login: true, administrator: false, keys: [] }],
          }),
        );
        const shown = [
          ...(look?.settings ?? []).map(({ found }) => found),
          look?.access[0]?.name,
          look?.foreign[0]?.detail,
        ];
        for (const line of shown) expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,240}$/u);
      }),
    );
  });
});
