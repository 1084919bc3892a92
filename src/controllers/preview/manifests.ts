import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { apiVersionOf, type KubeObject, type ResourceKind } from '../../runtime/api/object.ts';
import type { Found } from './objectreader.ts';

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * Objects of some kinds in the manifests of a folder and those below it, lists taken apart; all else is left aside. What the API server would add is:
 * a uid, and the Namespace of each object, which has no labels but its name. Throws Error that names the file which cannot be read.
 */
export function readManifests(
  folder: string,
  kinds: readonly ResourceKind[],
  namespaceKind: ResourceKind,
): readonly Found[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => MANIFEST.test(file));
  const objects = files.sort().flatMap(file => objectsIn(join(folder, file)));
  const names = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  const found = (kind: ResourceKind) =>
    objects.filter(each => each.kind === kind.kind && each.apiVersion === apiVersionOf(kind));
  const known = new Set(found(namespaceKind).map(({ metadata }) => metadata.name));
  const namespaces = [...names].filter(name => !known.has(name)).map(name => namespaceOf(name, namespaceKind));
  return kinds.map(kind => ({ kind, objects: kind === namespaceKind ? [...found(kind), ...namespaces] : found(kind) }));
}

function objectsIn(file: string): readonly KubeObject[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  if (!Array.isArray(documents)) return [];
  return documents.flatMap(document => {
    const [problem] = document.errors;
    if (problem !== undefined) throw new Error(`${file}: ${problem.message.split('\n')[0]}`);
    return partsOf(document.toJS());
  });
}

function partsOf(value: unknown): readonly KubeObject[] {
  const { items, metadata, kind, apiVersion } = Object(value);
  if (Array.isArray(items)) return items.flatMap(partsOf);
  const { name, namespace } = Object(metadata);
  if (typeof name !== 'string' || typeof kind !== 'string' || typeof apiVersion !== 'string') return [];
  const place = typeof namespace === 'string' ? { namespace } : {};
  return [
    { ...Object(value), metadata: { uid: `${kind}/${namespace ?? ''}/${name}`, ...Object(metadata), name, ...place } },
  ];
}

function namespaceOf(name: string, kind: ResourceKind): KubeObject {
  const labels = { 'kubernetes.io/metadata.name': name };
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name, labels } };
}
