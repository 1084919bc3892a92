/** What a new disk is filled with, where the order says (MO-1). */
import type { Disk } from '../../api/disk.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { LiveObject } from '../contract/child.ts';
import { failed, waiting } from '../contract/finding.ts';
import { IMAGE_SOURCES_ANNOTATION, type Permitted, permits, refusal } from '../contract/permitted.ts';
import type { Finding } from './reasons.ts';

/** CDI's word for it (DataVolumeSource), or why there is none now: then nothing is made. */
export type ResolvedSource =
  | { readonly source: Readonly<Record<string, unknown>>; readonly problem?: never }
  | { readonly problem: Finding; readonly source?: never };

export type SourceFacts = {
  readonly claim: (name: string) => LiveObject | undefined;
  readonly managedVM: (name: string) => ManagedVM | undefined;
  readonly permitted: Permitted | undefined;
};

/** By disk; a disk without a source of its own is not in it. */
export type DiskSources = ReadonlyMap<string, ResolvedSource>;

export function diskSources(managedVM: ManagedVM, facts: SourceFacts): DiskSources {
  return new Map(
    managedVM.spec.disks.flatMap((disk): [string, ResolvedSource][] => {
      const resolved = resolve(managedVM.metadata.namespace ?? '', disk, facts);
      return resolved === undefined ? [] : [[disk.name, resolved]];
    }),
  );
}

function resolve(namespace: string, { name: disk, source }: Disk, facts: SourceFacts): ResolvedSource | undefined {
  if (source === undefined) return undefined;
  const { claim, snapshot, managedVM, registry, http } = source;
  if (claim !== undefined) return copyOf(namespace, disk, claim, facts);
  if (managedVM !== undefined) return cloneOf(namespace, disk, managedVM, facts);
  if (snapshot !== undefined) return { source: { snapshot: { namespace, name: snapshot.name } } };
  const url = registry?.url ?? http?.url ?? '';
  const problem = imageProblem(namespace, disk, url, facts.permitted);
  if (problem !== undefined) return { problem };
  return { source: registry === undefined ? { http: { url } } : { registry: { url } } };
}

function copyOf(
  namespace: string,
  disk: string,
  wanted: { name: string; uid: string },
  facts: SourceFacts,
): ResolvedSource {
  const { name, uid } = wanted;
  const live = facts.claim(name)?.metadata;
  if (live === undefined)
    return missing(disk, `PersistentVolumeClaim ${name} (spec.disks[${disk}].source.claim) does not exist`);
  if (live.uid !== uid) {
    const what = `PersistentVolumeClaim ${name} has the uid ${live.uid ?? 'unknown'}, and spec.disks[${disk}].source.claim says ${uid}`;
    return {
      problem: failed('DiskSourceChanged', `${what}: it is another claim, and is not copied into disk ${disk}.`),
    };
  }
  return { source: { pvc: { namespace, name } } };
}

/** The claim that the other order remembers as its disk, and no other of that name. */
function cloneOf(
  namespace: string,
  disk: string,
  wanted: { name: string; disk: string },
  facts: SourceFacts,
): ResolvedSource {
  const told = facts.managedVM(wanted.name)?.status?.disks?.find(({ name }) => name === wanted.disk);
  const what = `disk ${wanted.disk} of ManagedVM ${wanted.name}`;
  if (told?.claimUID === undefined) return missing(disk, `${what} is not filled, or does not exist`);
  if (facts.claim(told.claim)?.metadata.uid !== told.claimUID) return missing(disk, `the claim of ${what} is gone`);
  return { source: { pvc: { namespace, name: told.claim } } };
}

function missing(disk: string, why: string): ResolvedSource {
  return { problem: waiting('DiskSourceMissing', `Disk ${disk} is not made yet: ${why}.`) };
}

/** Images are fetched by CDI from within the cluster: from where, the provider says, or an order could read what only the cluster reaches. */
function imageProblem(
  namespace: string,
  disk: string,
  url: string,
  permitted: Permitted | undefined,
): Finding | undefined {
  if (permitted === undefined) {
    const message = `What Namespace ${namespace} may use is not known: it has not been read yet.`;
    return waiting('NamespaceNotObserved', message);
  }
  const isPlain = !/[@?#\\]|\/\.\.?(\/|$)/.test(url.replace(/^[a-z-]+:\/\//, ''));
  if (isPlain && permits(permitted.imageSources, url)) return undefined;
  const what = `Image ${url.slice(0, 200)} (spec.disks[${disk}].source)`;
  return failed('ImageSourceNotPermitted', refusal(what, namespace, IMAGE_SOURCES_ANNOTATION, permitted.imageSources));
}
