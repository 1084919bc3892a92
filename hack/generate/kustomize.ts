import { basename, dirname, join } from 'node:path';
import { type Document, parseAllDocuments, stringify } from 'yaml';
import { ensureInstallation } from '../testbed/build/installation.ts';
import { run } from '../testbed/process/command.ts';

const banner = ' Generated from charts/steward by `npm run generate`: do not edit.';

/** Release and namespace of config/: kustomize cannot follow a name into an expression, so they are fixed. */
export const release = { name: 'steward', namespace: 'steward-system' } as const;

/** Folders of config/ that hold nothing but generated files. */
export const kustomizeFolders = ['admission', 'default', 'manager', 'prometheus', 'rbac'].map(name => `config/${name}`);

/** Which folder below config/ takes what a template renders. CRDs are in config/crd already. */
const folders: Readonly<Record<string, string>> = {
  'serviceaccount.yaml': 'rbac',
  'rbac.yaml': 'rbac',
  'rbac-guest.yaml': 'rbac',
  'rbac-patch.yaml': 'rbac',
  'rbac-people.yaml': 'rbac',
  'deployment.yaml': 'manager',
  'guest.yaml': 'manager',
  'networkpolicy.yaml': 'manager',
  'drills.yaml': 'manager',
  'poddisruptionbudget.yaml': 'manager',
  'service.yaml': 'manager',
  'servicemonitor.yaml': 'prometheus',
  'prometheusrule.yaml': 'prometheus',
  'admission-contracts.yaml': 'admission',
  'admission-changes.yaml': 'admission',
  'admission-incidents.yaml': 'admission',
  'admission-deletion-protection.yaml': 'admission',
  'admission-first-boot-secrets.yaml': 'admission',
  'admission-jobs.yaml': 'admission',
  'admission-namespace-lists.yaml': 'admission',
  'admission-patching.yaml': 'admission',
  'admission-patch-runs.yaml': 'admission',
  'admission-problems.yaml': 'admission',
  'admission-service-level.yaml': 'admission',
};

const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: release.namespace,
    labels: {
      'app.kubernetes.io/name': 'steward',
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
  },
};

/** The chart rendered with default values. */
function renderChart(helm: string, ...flags: readonly string[]): Promise<string> {
  return run(helm, ['template', release.name, 'charts/steward', '--namespace', release.namespace, ...flags]);
}

/** The files of config/ that come from the chart, by path: what Helm renders with default values, without Helm's own marks. */
export async function generateKustomize(): Promise<Map<string, string>> {
  const { binaries } = await ensureInstallation(console.log);
  const rendered = await renderChart(
    binaries.helm,
    '--set',
    // Not declared there, or `kubectl delete -k` would delete the keys.
    'crds.enabled=false,keys.createNamespace=false',
    '--api-versions',
    'monitoring.coreos.com/v1',
  );
  const files = new Map<string, string>([['config/manager/namespace.yaml', file([stringify(namespace)])]]);
  for (const [template, documents] of byTemplate(rendered)) {
    const folder = folders[template];
    if (folder === undefined) throw new Error(`hack/generate/kustomize.ts does not know where ${template} belongs`);
    files.set(join('config', folder, template.replace(/^admission-/, '')), file(documents.map(withoutHelm)));
  }
  for (const folder of new Set(Object.values(folders))) {
    const names = [...files.keys()]
      .filter(path => dirname(path) === join('config', folder))
      .map(path => basename(path));
    files.set(join('config', folder, 'kustomization.yaml'), kustomization(names.sort()));
  }
  files.set('config/default/kustomization.yaml', kustomization(['../crd', '../manager', '../rbac', '../admission']));
  return files;
}

/** Helm says above each document which template it came from. */
function byTemplate(rendered: string): Map<string, Document[]> {
  const found = new Map<string, Document[]>();
  for (const text of rendered.split(/^---$/m)) {
    const [, template] = /^# Source: steward\/templates\/(\S+)$/m.exec(text) ?? [];
    if (template === undefined) continue;
    const documents = parseAllDocuments(text.replace(/^# Source: .*\n/m, ''));
    found.set(template, [...(found.get(template) ?? []), ...(documents as Document[])]);
  }
  return found;
}

function withoutHelm(document: Document): string {
  document.deleteIn(['metadata', 'labels', 'app.kubernetes.io/managed-by']);
  document.deleteIn(['metadata', 'labels', 'helm.sh/chart']);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function kustomization(resources: readonly string[]): string {
  return file([stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources })]);
}

function file(documents: readonly string[]): string {
  return `#${banner}\n${documents.map(document => document.trim()).join('\n---\n')}\n`;
}
