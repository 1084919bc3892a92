import { stringify } from 'yaml';
import { kinds } from '../../src/api/kinds.ts';
import { customResourceDefinition } from './crd.ts';

const banner = '# Generated from src/api by `npm run generate`: do not edit.\n';

/** One CRD per kind, for kubectl in crds/ and again in config/crd, because kustomize reads no file from outside its folder. */
export function generateCrds(): Map<string, string> {
  const crds = kinds.map(kind => {
    const text = banner + stringify(customResourceDefinition(kind), { lineWidth: 0, aliasDuplicateObjects: false });
    return { name: `${kind.plural}.yaml`, text };
  });
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: crds.map(({ name }) => name),
  };
  return new Map([
    ...crds.map(({ name, text }) => [`crds/${name}`, text] as const),
    ...crds.map(({ name, text }) => [`config/crd/${name}`, text] as const),
    ['config/crd/kustomization.yaml', banner + stringify(kustomization)],
  ]);
}
