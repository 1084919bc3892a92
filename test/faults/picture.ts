/** The oracle: what is in one case's namespace, in a form that is the same for every run that ends alike. Pure. */
import { firmwareUUID } from '../../src/domain/machine/identity.ts';
import { OWN_KINDS } from './cluster/ownkinds.ts';
import { FUTURE_FIELD } from './cluster/schemas.ts';
import type { Live, Seen } from './cluster/world.ts';

/** One line per object, sorted. */
export type Picture = readonly string[];

/** Whether a line counts. */
export type Sight = (line: string) => boolean;

/** Takes away what two lines may differ in. */
export type Reading = (line: string) => string;

export type PictureOptions = {
  /** Whether generations count: a walk that comes back has a higher one. Default true. */
  readonly generations?: boolean;
  /** UIDs of the scope's former ManagedVMs, ManagedApplications and Incidents: what they have left behind names them. */
  readonly former?: Iterable<string>;
  /** By scope, where not every line counts. */
  readonly sights?: ReadonlyMap<string, Sight | undefined>;
  /** How every line is read, expected ones too; default: as it is. */
  readonly reading?: Reading | undefined;
};

/** What another writer adds to an object; it must stay, and is checked apart. */
export const FOREIGN_KEY = 'example.com/foreign';
const FOREIGN = /"example\.com\/foreign":"[^"]*",?/g;
/** What a later schema adds by itself. */
const FUTURE = new RegExp(`"${FUTURE_FIELD}":"later",?`, 'g');

const OURS = new Set(OWN_KINDS.map(({ kind }) => kind));

/** Generated ids, times and key material become symbols; a symbol stands for the same thing wherever it is found. */
export function pictureOf(scope: string, seen: readonly Seen[], options: PictureOptions = {}): Picture {
  const symbols = new Map([...(options.former ?? [])].map(uid => [uid, '<owner that is gone>']));
  for (const { kind, object } of seen) {
    const { uid, name } = object.metadata;
    if (uid === undefined) continue;
    const label = kind === 'Secret' && name.startsWith('managedvm-') ? 'keys' : name;
    symbols.set(uid, `<${kind} ${label}>`);
    if (kind === 'ManagedVM') symbols.set(firmwareUUID(uid), `<firmware of ${label}>`);
  }
  const plain = (text: string) => replaceIds(text, symbols, scope);
  const lines = seen.map(({ kind, object }) => plain(`${kind} ${stable(stripped(kind, object, options))}`));
  const keys = new Map<string, string>();
  return lines.sort().map(line => replaceKeys(line, keys));
}

/** What one picture has and the other has not; empty when they are equal. */
export function differences(expected: Picture, actual: Picture): string[] {
  const missing = without(expected, actual).map(line => `missing: ${line}`);
  const surplus = without(actual, expected).map(line => `surplus: ${line}`);
  return [...missing, ...surplus];
}

/** Differences for people: of two versions of one object only where they part. */
export function explain(found: readonly string[]): string[] {
  const lines = [...found];
  const told: string[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const head = line.split(' ').slice(1, 2).join(' ');
    const other = lines.findIndex(each => each.startsWith(`surplus: ${head} `));
    if (line.startsWith('missing') && other >= 0) told.push(parting(line, lines.splice(other, 1).join('')));
    else told.push(line.slice(0, 300));
  }
  return told;
}

function parting(expected: string, actual: string): string {
  let at = 'missing: '.length;
  while (at < expected.length && expected[at] === actual[at]) at += 1;
  const from = Math.max(0, at - 60);
  return `${expected.slice(9, 60)}… expected …${expected.slice(from, at + 160)}… but is …${actual.slice(from, at + 160)}…`;
}

/** Each line of `a` as often as it is there more often than in `b`: a duplicate is a difference. */
function without(a: Picture, b: Picture): string[] {
  const counts = new Map<string, number>();
  for (const line of b) counts.set(line, (counts.get(line) ?? 0) + 1);
  return a.filter(line => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

function stripped(kind: string, object: Live, { generations = true }: PictureOptions): Record<string, unknown> {
  const { metadata, data, apiVersion: _apiVersion, kind: _kind, ...rest } = object;
  const {
    managedFields: _managedFields,
    resourceVersion: _resourceVersion,
    uid: _uid,
    creationTimestamp: _creationTimestamp,
    deletionGracePeriodSeconds: _grace,
    generation,
    ...kept
  } = metadata as Live['metadata'] & Record<string, unknown>;
  const counted = OURS.has(kind) && generations ? { generation } : {};
  const { clusterIP: _clusterIP, clusterIPs: _clusterIPs, ...spec } = (rest.spec ?? {}) as Record<string, unknown>;
  const decoded = kind === 'Secret' ? { data: decode((data ?? {}) as Record<string, string>) } : {};
  const status = kind === 'ManagedVM' && rest.status ? { status: withoutFirstBoot(rest.status as Status) } : {};
  const bare = {
    ...{ ...rest, ...status, spec: kind === 'Service' ? spec : rest.spec },
    ...{ metadata: { ...kept, ...counted }, ...decoded },
  };
  return generations ? bare : (JSON.parse(JSON.stringify(bare, withoutGenerations)) as Record<string, unknown>);
}

type Status = { readonly firstBoot?: unknown; readonly conditions?: readonly { type: string; message: string }[] };

/**
 * Whether what a first boot was given is known depends on the passes that saw it (docs/adr/0070), and who ends between two of them has not:
 * that, and what follows from it, is no part of how a run ends.
 */
function withoutFirstBoot({ firstBoot: _firstBoot, conditions = [], ...status }: Status): object {
  const others = conditions.filter(({ type }) => type !== 'Configured' && type !== 'SLACompliant');
  const unnoticed = / \d+ changed settings have not reached the guest: see Configured\./;
  return { ...status, conditions: others.map(each => ({ ...each, message: each.message.replace(unnoticed, '') })) };
}

function withoutGenerations(key: string, value: unknown): unknown {
  return key === 'observedGeneration' ? undefined : value;
}

function decode(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => [field, Buffer.from(value, 'base64').toString()]),
  );
}

function replaceIds(text: string, symbols: ReadonlyMap<string, string>, scope: string): string {
  let plain = text;
  for (const [id, symbol] of symbols) plain = plain.replaceAll(id, symbol);
  return (
    plain
      .replaceAll(scope, 'NS')
      // Case namespaces are made once and stay, so this UID says nothing.
      .replace(
        /("managed\.systems\/owner-kind":"Namespace".*?"managed\.systems\/owner-uid":)"[0-9a-f-]{36}"/g,
        '$1"<Namespace>"',
      )
      .replaceAll(FOREIGN, '')
      .replaceAll(FUTURE, '')
      .replace(/"annotations":\{\},/g, '')
      .replace(/(NS-[a-z0-9-]+)-[0-9a-f]{8}\b/g, '$1-HASH')
      // A change of who comes into a guest is called by its application's UID.
      .replace(/\b(access(?:-back)?-[a-z0-9-]+?)-[0-9a-f]{8}\b/g, '$1-UID')
      // One that Steward opens is called by its VM's UID.
      .replace(/\bprb-[0-9a-f]{12}\b/g, 'prb-HASH')
      .replace(/\bv1-[\w-]{22}(?=")/g, 'HASH')
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
      // How long a clock of an incident ran is as much the machine's time as when it stopped.
      .replace(/((?:\btook |\bafter )(?=\d+s of )|"elapsed":")\d+s\b/g, '$1TIME')
      // Claims are made by CDI and are not in the picture themselves.
      .replace(/("claimUID":)"[0-9a-f-]{36}"/g, '$1"<claim>"')
      .replace(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, 'MAC')
  );
}

/**
 * What a plan says names the calendar of its life: its revisions differ, but all who pin one must have the same. So do the plans of changes,
 * which name their uid, and the decisions on them; and the plans of applications, in which is the verifier of a password.
 */
const PINNING = /^(?:Approval|ChangeRequest|Contract|Incident|ManagedApplication|ManagedVM|ServicePlan) /;

/** Keys differ from life to life, but the same key, or password, must be in both Secrets of one. */
function replaceKeys(line: string, keys: Map<string, string>): string {
  const symbolOf = (text: string) => {
    const key = text.replace(/\s|\\n|\\r/g, '');
    const symbol = keys.get(key) ?? `<key ${keys.size + 1}>`;
    keys.set(key, symbol);
    return symbol;
  };
  const plain = PINNING.test(line) ? line.replace(/\bsha256:[0-9a-f]{64}/g, symbolOf) : line;
  return plain
    .replace(/-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g, symbolOf)
    .replace(/ssh-ed25519 [A-Za-z0-9+/]+={0,2}/g, symbolOf)
    .replace(/SHA256:[A-Za-z0-9+/]{43}/g, symbolOf)
    .replace(/SCRAM-SHA-256(?:[$:][A-Za-z0-9+/=]+){4}/g, symbolOf)
    .replace(/(?<="(?:password|salt)":"|:\/\/app:)[\w-]+/g, symbolOf);
}

/** JSON with the members of objects in order of their names. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
