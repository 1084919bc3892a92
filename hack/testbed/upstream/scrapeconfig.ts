/** What prometheus-operator makes of Probes, by its own code (go/scrapeconfig). */
import { join } from 'node:path';
import { goArtifact } from '../build/artifact.ts';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { versions } from '../build/versions.ts';
import { run } from '../process/command.ts';

const scrapeConfig = goArtifact({
  what: `the generator of configurations of prometheus-operator ${versions.prometheusOperator}`,
  minutes: 3,
  ...{ module: 'scrapeconfig', packages: ['.'], expectedPackages: 900 },
});

/**
 * The configuration, as YAML, of a Prometheus of that version that selects the Probes. They are given as the API server has them, so with the
 * defaults of their CRD. Throws where prometheus-operator refuses one, with its reason.
 */
export async function scrapeConfigOf(probes: readonly object[], version: string, progress: Progress): Promise<string> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, scrapeConfig }, progress);
  const input = probes.map(probe => JSON.stringify(probe)).join('\n');
  return run(join(folders.scrapeConfig, 'scrapeconfig'), ['-version', version], { input });
}
