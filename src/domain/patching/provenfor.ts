/** What a run carries of what the ring before has proven: what its guest lacks, not the whole content (MO-11). */
import type { GuestUpdates, MissingUpdate } from '../../api/guestupdates.ts';
import type { PatchRunSpec } from '../../api/patchrun.ts';
import { type Content, isProvenBy, proofOf } from './baseline.ts';

/** Most versions that a run carries. */
const MOST = 500;

type ByPackage = ReadonlyMap<string, Content>;
/** Versions by package. */
type Versions = ReadonlyMap<string, string>;
type Proven = NonNullable<PatchRunSpec['proven']>;

/**
 * Of each package that the guest lacks the version that `ring` has proven, where that is newer than what is installed; and what was first seen since the
 * guest was asked, for of that it could not say anything. A guest that nobody has asked, or that has not told all, may lack anything. Besides what came
 * along in the ring as new, such as the kernel of a version that is not the newest any more: no guest tells that it lacks that.
 */
export function provenFor(updates: GuestUpdates | undefined, content: Content, ring: string): Proven {
  const { missing = [] } = updates ?? {};
  const askedAt = updates?.complete && !updates.notListed ? updates.at : undefined;
  const byPackage = Map.groupBy(content, each => each.package);
  const named = [...untold(missing, byPackage, ring, askedAt), ...lacked(missing, byPackage, ring)];
  const pins = named.map(([name, version]) => ({ package: name, version }));
  // What it lacks comes last: it is what is kept where there is too much.
  const packages = [...along(byPackage, ring, new Set(pins.map(pin => pin.package))), ...pins].slice(-MOST);
  return {
    ring,
    packages,
    ...(askedAt !== undefined && { askedAt }),
  };
}

function lacked(missing: readonly MissingUpdate[], byPackage: ByPackage, ring: string): Versions {
  const proven = new Map<string, string>();
  for (const update of missing) {
    const { version } = proofOf(update, byPackage.get(update.package) ?? [], ring);
    if (version !== undefined) proven.set(update.package, version);
  }
  return proven;
}

function along(byPackage: ByPackage, ring: string, pinned: ReadonlySet<string>): Proven['packages'] {
  return newestBut(pinned, byPackage, ring)
    .filter(each => each.comesAlong)
    .map(({ package: name, version }) => ({ package: name, version, comesAlong: true as const }));
}

/** What the guest has not said whether it lacks it. */
function untold(
  missing: readonly MissingUpdate[],
  byPackage: ByPackage,
  ring: string,
  askedAt: string | undefined,
): Versions {
  const newest = newestBut(new Set(missing.map(each => each.package)), byPackage, ring);
  const seenSince = newest.filter(({ firstSeen }) => askedAt === undefined || firstSeen >= askedAt);
  return new Map(seenSince.map(each => [each.package, each.version]));
}

/** Of each package but those the newest version that the ring has proven. */
function newestBut(names: ReadonlySet<string>, byPackage: ByPackage, ring: string): Content {
  const others = [...byPackage].filter(([name]) => !names.has(name));
  return others.flatMap(([, versions]) => versions.findLast(each => isProvenBy(each, ring)) ?? []);
}
