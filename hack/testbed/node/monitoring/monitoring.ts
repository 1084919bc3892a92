/** Monitoring as a part of a bed with a real node: prometheus-operator, and what it makes of a Prometheus and an Alertmanager. */

import { artifacts } from '../../build/artifacts.ts';
import { ensureArtifacts } from '../../build/build.ts';
import type { Progress } from '../../build/progress.ts';
import { apply, applyAll } from '../../client/apply.ts';
import type { Client, KubeObject } from '../../client/client.ts';
import { until } from '../../process/until.ts';
import { archivesIn, monitoringImages } from './images.ts';
import { operatorObjects } from './operator.ts';
import { monitoringURLs, stackObjects } from './stack.ts';

type Bed = {
  readonly client: Client;
  readonly plane: { readonly died: Promise<never> };
  readonly node: { importImage(archive: string): Promise<void> };
  readonly progress: Progress;
};

/** They are Pods, three starting at once beside others, on a machine that may be busy. */
const patience = 180;

/** Returns when both answer. Their addresses are {@link monitoringURLs}. */
export async function startMonitoring({ client, plane, node, progress }: Bed): Promise<void> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, monitoringImages }, progress);
  for (const archive of archivesIn(folders.monitoringImages)) await node.importImage(archive);
  const [home, ...others] = operatorObjects;
  if (home) await apply(client, home);
  await applyAll(client, [...others, ...stackObjects]);
  const statefulSets = '/apis/apps/v1/namespaces/monitoring/statefulsets';
  await until('prometheus-operator', () => requireTwo(client, statefulSets), plane.died, patience);
  await Promise.all([
    until('Prometheus', () => requireAnswer(`${monitoringURLs.prometheus}/-/ready`), plane.died, patience),
    until('Alertmanager', () => requireAnswer(`${monitoringURLs.alertmanager}/-/ready`), plane.died, patience),
  ]);
}

async function requireTwo(client: Client, path: string): Promise<void> {
  const { items } = await client.get<{ readonly items: readonly KubeObject[] }>(path);
  if (items.length < 2) throw new Error(`it has made ${items.length} of 2 StatefulSets`);
}

async function requireAnswer(url: string): Promise<void> {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (!ok) throw new Error(`it answers with status ${status}`);
}
