import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const source = 'crds';
const target = 'charts/steward/files/crds';

/** The chart's copies of the CRDs: Helm packages nothing from outside the chart, and never upgrades what lies in its own `crds/`. */
export async function generateChartCrds(): Promise<Map<string, string>> {
  const names = (await readdir(source)).filter(name => name.endsWith('.yaml')).sort();
  const copies = names.map(async name => [join(target, name), await readFile(join(source, name), 'utf8')] as const);
  return new Map(await Promise.all(copies));
}
