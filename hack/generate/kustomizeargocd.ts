import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { kinds } from '../../src/api/kinds.ts';

const folder = 'config/argocd';

/**
 * The fragment of Argo CD's own ConfigMap that tells it the health of our kinds. One key per kind: a wildcard is not allowed in the
 * name of a ConfigMap's key, and the older form that has one is a single value which two owners cannot share. A record has no
 * health of its own: what it means stands on the order beside it.
 */
export async function generateArgoCD(): Promise<Map<string, string>> {
  const script = await readFile(`${folder}/health.lua`, 'utf8');
  const fragment = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'argocd-cm',
      namespace: 'argocd',
      labels: { 'app.kubernetes.io/name': 'argocd-cm', 'app.kubernetes.io/part-of': 'argocd' },
    },
    data: Object.fromEntries(
      kinds
        .filter(({ writtenBy }) => writtenBy === undefined)
        .map(({ group, kind }) => [`resource.customizations.health.${group}_${kind}`, script]),
    ),
  };
  const banner =
    '# Generated from health.lua by `npm run generate`: do not edit. A fragment: merge it into the argocd-cm you have, e.g.\n' +
    '#   kubectl patch configmap argocd-cm -n argocd --patch-file config/argocd/argocd-cm.yaml\n';
  return new Map([[`${folder}/argocd-cm.yaml`, banner + stringify(fragment, { lineWidth: 0 })]]);
}
