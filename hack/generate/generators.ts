import { generateApiReference } from './apireference.ts';
import { generateCatalogue } from './catalogue.ts';
import { generateChartCrds } from './chartcrds.ts';
import { generateCrds } from './crds.ts';
import { generateDashboards } from './dashboards.ts';
import { generateKustomize, kustomizeFolders } from './kustomize.ts';
import { generateArgoCD } from './kustomizeargocd.ts';
import { generatePromiseRules } from './promiserules.ts';
import { generateRbac } from './rbac.ts';
import { generateRequirements } from './requirements.ts';
import { generateValuesSchema } from './valuesschema.ts';

/** Files that one generator answers for: path from the root of the repository → content. */
export type GeneratedFiles = ReadonlyMap<string, string>;

export type Generator = {
  readonly name: string;
  /** Folders that hold nothing but this generator's files, so that one no longer generated is drift. */
  readonly folders: readonly string[];
  readonly generate: () => GeneratedFiles | Promise<GeneratedFiles>;
};

/** Everything that is generated, in order: a generator may read what an earlier one wrote. */
export const generators: readonly Generator[] = [
  { name: 'CRDs', folders: ['crds', 'config/crd'], generate: generateCrds },
  { name: 'API reference', folders: [], generate: generateApiReference },
  { name: 'CRDs of the chart', folders: ['charts/steward/files/crds'], generate: generateChartCrds },
  { name: 'rules on promises', folders: [], generate: generatePromiseRules },
  { name: 'values of the chart', folders: [], generate: generateValuesSchema },
  { name: 'roles', folders: [], generate: generateRbac },
  { name: 'Argo CD health check', folders: [], generate: generateArgoCD },
  { name: 'kustomize', folders: kustomizeFolders, generate: generateKustomize },
  { name: 'dashboards', folders: ['charts/steward/files/dashboards'], generate: generateDashboards },
  { name: 'pages of the catalogue', folders: ['docs/catalogue'], generate: generateCatalogue },
  { name: 'requirements', folders: [], generate: generateRequirements },
];
