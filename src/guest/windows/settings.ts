import { z } from 'zod';
import { UserName } from '../../api/username.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import type { Account, DesiredGuest } from '../../domain/guest/desired.ts';
import type { ForeignFound, Look } from '../../domain/guest/look.ts';
import { EXPORTER_PORTS } from '../../domain/machine/firstboot/exporters.ts';
import { fingerprintOfLine, isFingerprint } from '../../domain/machine/sshkeys.ts';
import { base64, loginName, sha256 } from '../settings/words.ts';
import type { SettingScripts } from '../tongue.ts';
import { word } from '../word.ts';
import { HEAL } from './healscript.ts';
import { LOOK, MOST } from './lookscript.ts';
import { ourAnswer, standardInput } from './powershell.ts';
import { SENSORS } from './sensorscript.ts';

/**
 * What shall be so in a Windows guest. Nothing puts right a full disk, or accounts that cannot be read; what nobody ordered is told, and taken
 * away nowhere, also where the provider alone is to hold root (AP-9). There is no journal to bound (event logs are).
 */
export const windowsSettings: SettingScripts = { namesOf, lookScript, readLook, healScript };

function namesOf(desired: DesiredGuest): readonly string[] {
  return [
    ...['disk', 'accounts'],
    ...accountsOf(desired).flatMap(({ name }) => [`account:${loginName(name)}`, `administrator:${name}`]),
    ...desired.former.map(name => `former:${loginName(name)}`),
    ...['access', 'agent', 'time', 'exporter', 'sensors', 'updater'],
  ];
}

const accountsOf = ({ provider, users }: DesiredGuest): readonly Account[] => [provider, ...users];

/** Fingerprints of keys that Steward gave it, and that are not ordered any more. */
function formerOf({ sshKeys, formerKeys }: Account): readonly string[] {
  const ordered = sshKeys.map(fingerprintOfLine);
  return formerKeys.filter(key => isFingerprint(key) && !ordered.includes(key));
}

function lookScript(desired: DesiredGuest, nonce: string, now: Date): string {
  const { former, exporter, ownUpdater } = desired;
  return standardInput(LOOK, {
    nonce: word(nonce),
    now: Math.floor(now.getTime() / 1000),
    accounts: accountsOf(desired).map(account => ({
      ...{ name: loginName(account.name), administrator: account.administrator },
      ...{ keys: account.sshKeys.map(fingerprintOfLine), former: formerOf(account) },
    })),
    ...{ former: former.map(loginName), exporter, ownUpdater, port: EXPORTER_PORTS.Windows },
    sensors: sha256(SENSORS),
  });
}

/** What differs between guests is data in the first line, never code. Throws RangeError for a setting that there is not. */
function healScript(desired: DesiredGuest, settings: readonly string[]): string {
  const known = namesOf(desired);
  const unknown = settings.filter(name => !known.includes(name));
  if (unknown.length > 0) throw new RangeError(`there is no setting ${unknown.join(', ')}`);
  const { former, exporter, exporterRelease, agentRelease, ownUpdater } = desired;
  const data = {
    settings,
    accounts: accountsOf(desired).map(account => ({
      ...{ name: loginName(account.name), administrator: account.administrator, former: formerOf(account) },
      keys: account.sshKeys.map(line => ({ line, print: fingerprintOfLine(line) })),
    })),
    ...{ former: former.map(loginName), exporter: exporter ? exporterRelease : null, port: EXPORTER_PORTS.Windows },
    ...{ agent: agentRelease ?? null, ownUpdater },
  };
  return `$data = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${base64(JSON.stringify(data))}')))\n${HEAL}`;
}

/** Longest text that is read of any: it is cut to what a record holds. */
const Words = z.string().max(1024);
const Fingerprint = z.string().refine(isFingerprint);
const Found = z.strictObject({
  boot: z.uuid(),
  settings: z.array(
    z.strictObject({ name: Words, standing: z.enum(['Kept', 'Differs', 'Failed']), found: z.string().max(1024) }),
  ),
  logins: z
    .array(
      z.strictObject({
        ...{ name: Words.min(1), login: z.boolean(), administrator: z.boolean() },
        keys: z.array(Fingerprint).max(MOST.keys),
      }),
    )
    .max(MOST.logins),
  foreign: z
    .array(
      z.strictObject({
        ...{ kind: z.enum(['Account', 'Key', 'Administrator']), name: Words.min(1), detail: Words },
        // Later than the year 5138 is no time.
        changed: z.int().min(0).max(99_999_999_999).optional(),
      }),
    )
    .max(3 * MOST.foreign),
  noted: z.array(Words).max(MOST.noted),
});

/** Undefined where anything in it is not what the look says of exactly these settings: then nothing is known of the guest. Never throws. */
function readLook(output: string, nonce: string, desired: DesiredGuest): Look | undefined {
  const { data } = Found.safeParse(ourAnswer(output, nonce));
  if (data === undefined) return undefined;
  const names = namesOf(desired);
  const asAsked =
    data.settings.length === names.length && data.settings.every(({ name }, index) => name === names[index]);
  const access = data.logins.map(({ name, ...rest }) => ({ name: shown(name, 64), ...rest }));
  if (!asAsked || new Set(access.map(({ name }) => name)).size !== access.length) return undefined;
  // One that is kept has nothing to tell, and one that is not has.
  if (data.settings.some(({ standing, found }) => (standing === 'Kept') !== (found === ''))) return undefined;
  return {
    bootId: data.boot,
    settings: data.settings.map(({ name, standing, found }) => ({
      ...{ setting: name, standing, found: found === '' ? '' : shown(found, MOST.words) },
    })),
    access,
    foreign: data.foreign.map(foreignOf),
    noted: forgotten(data.noted, desired),
    applications: [],
  };
}

type FoundForeign = z.infer<typeof Found>['foreign'][number];

function foreignOf({ kind, name, detail, changed }: FoundForeign): ForeignFound {
  const each = { kind, name: shown(name, 128), detail: excerpt(detail, MOST.words) };
  return changed === undefined ? each : { ...each, changed: new Date(changed * 1000) };
}

/** Bounded words of the guest's, in one line that hides nothing. */
const shown = (text: string, limit: number): string => excerpt(text, limit) || '?';

/** Of those that are noted, whom an order could have had and nobody remembers. */
function forgotten(noted: readonly string[], desired: DesiredGuest): readonly string[] {
  const known = new Set([...accountsOf(desired).map(({ name }) => name), ...desired.former]);
  return [...new Set(noted)].filter(name => !known.has(name) && UserName.safeParse(name).success).sort();
}
