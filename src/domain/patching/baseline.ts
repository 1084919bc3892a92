/** The content of a PatchBaseline: which versions were seen, and which the rings have proven (MO-11). */
import type { MissingUpdate } from '../../api/guestupdates.ts';
import { BASELINE_VERSIONS, type BaselineContent, type BaselineVersion } from '../../api/patchbaseline.ts';
import { instant } from '../contract/condition.ts';
import type { RingProof } from './approve.ts';
import type { Proven } from './rings.ts';

/** Versions, in the order in which they were first seen: of one package, the later is the newer. */
export type Content = readonly BaselineVersion[];

/** What a ring has proven. */
export type RingContent = { readonly ring: string; readonly content: ReadonlyMap<string, Proven> };

export type Found = {
  readonly before: BaselineContent | undefined;
  /** What guests of the first ring could have. No other guest adds to the content: it is what the provider's own machines were offered. */
  readonly offered: readonly MissingUpdate[];
  /** By ring, in their order. */
  readonly proven: readonly RingContent[];
  readonly now: Date;
};

/** The content of a baseline after what was found. The same findings give the same content, and what was once proven stays proven. */
export function baselineContent({ before, offered, proven, now }: Found): BaselineContent {
  const known = before?.versions ?? [];
  const all = proven.reduce(withProof, withOffered(known, offered));
  const kept = newest(all);
  const versions = kept.slice(-BASELINE_VERSIONS);
  const changed = before?.revision === undefined || JSON.stringify(proofs(versions)) !== JSON.stringify(proofs(known));
  return {
    revision: (before?.revision ?? 0) + (changed ? 1 : 0),
    changedAt: changed ? instant(now) : (before?.changedAt ?? instant(now)),
    seen: packagesOf(versions).size,
    proven: packagesOf(versions.filter(isProven)).size,
    versions,
    ...(kept.length > versions.length && { left: kept.length - versions.length }),
  };
}

/**
 * What a ring has proven of the package of an update, where that is newer than what is installed. A guest whose version is not known here is taken to
 * be behind: the guest's package manager refuses to go back.
 */
export function proofOf({ package: name, from }: MissingUpdate, content: Content, ring: string): RingProof {
  const versions = content.filter(each => each.package === name);
  const position = versions.findLastIndex(each => isProvenBy(each, ring));
  const installed = versions.findIndex(({ version }) => version === from);
  return { ring, version: installed >= position ? undefined : versions[position]?.version };
}

function withOffered(known: Content, offered: readonly MissingUpdate[]): Content {
  const names = new Set(known.map(nameOf));
  const found = new Map<string, BaselineVersion>();
  for (const each of offered.flatMap(versionsOf)) {
    const other = found.get(nameOf(each));
    if (!names.has(nameOf(each)) && (other === undefined || each.firstSeen < other.firstSeen)) {
      found.set(nameOf(each), each);
    }
  }
  return [
    ...known,
    ...[...found.values()].sort((a, b) => (a.firstSeen < b.firstSeen ? -1 : Number(a.firstSeen > b.firstSeen))),
  ];
}

function versionsOf({ package: name, from, origin, versions }: MissingUpdate): readonly BaselineVersion[] {
  return versions.map(({ version, firstSeen, security, severity, advisory }) => ({
    package: name,
    version,
    ...(origin !== undefined && { origin }),
    ...(security !== undefined && { security }),
    severity,
    ...(advisory !== undefined && { advisory: advisory.id }),
    ...(from === undefined && { comesAlong: true as const }),
    firstSeen,
  }));
}

/** What was published between two scans the run may have seen first. */
function withProof(content: Content, { ring, content: proven }: RingContent): Content {
  const names = new Set(content.map(nameOf));
  const unseen = [...proven].filter(([name, { version }]) => !names.has(nameOf({ package: name, version })));
  return [...content, ...unseen.map(versionInstalled)].map(each => {
    const found = proven.get(each.package);
    if (found?.version !== each.version || isProvenBy(each, ring)) return each;
    return { ...each, proven: [...(each.proven ?? []), { ring, at: instant(found.at) }] };
  });
}

function versionInstalled([name, { version, security, severity, comesAlong, installedAt }]: readonly [
  string,
  Proven,
]): BaselineVersion {
  return {
    ...{ package: name, version, ...(security !== undefined && { security }) },
    ...(comesAlong && { comesAlong: true as const }),
    ...{ severity: severity ?? 'Unknown', firstSeen: instant(installedAt) },
  };
}

/** Of each package the newest version, and the newest that each ring has proven: nobody installs any other. */
function newest(content: Content): Content {
  const newestBy = new Map<string, BaselineVersion>();
  for (const each of content) {
    for (const ring of ['', ...(each.proven ?? []).map(proof => proof.ring)])
      newestBy.set(`${each.package} ${ring}`, each);
  }
  const kept = new Set(newestBy.values());
  return content.filter(each => kept.has(each));
}

function proofs(content: Content): unknown {
  return content.filter(isProven).map(({ package: name, version, proven }) => [name, version, proven]);
}

function packagesOf(content: Content): ReadonlySet<string> {
  return new Set(content.map(each => each.package));
}

function nameOf({ package: name, version }: Pick<BaselineVersion, 'package' | 'version'>): string {
  return `${name} ${version}`;
}

function isProven({ proven }: BaselineVersion): boolean {
  return proven !== undefined && proven.length > 0;
}

export function isProvenBy({ proven = [] }: BaselineVersion, ring: string): boolean {
  return proven.some(each => each.ring === ring);
}
