/** The real blackbox exporter, for tests on real servers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goArtifact } from '../build/artifact.ts';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { versions } from '../build/versions.ts';
import { run } from '../process/command.ts';
import { freePorts } from '../process/ports.ts';
import { startServer } from '../process/server.ts';
import { until } from '../process/until.ts';

const program = 'github.com/prometheus/blackbox_exporter';

const exporter = goArtifact({
  what: `blackbox exporter ${versions.blackboxExporter}`,
  minutes: 1,
  ...{ module: 'blackboxexporter', packages: [program], expectedPackages: 500 },
});

export type BlackboxExporter = {
  /** Host and port, as the chart's `monitoring.blackbox.address` names it. */
  readonly address: string;
  stop(): Promise<void>;
};

/** Throws where the exporter's own check does not take the modules, with what it says. */
export async function checkModules(file: string, progress: Progress): Promise<void> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, exporter }, progress);
  await run(join(folders.exporter, 'blackbox_exporter'), ['--config.check', `--config.file=${file}`]);
}

/**
 * Started with the modules of a file. `names`: what the DNS of a cluster would answer, all of it with 127.0.0.1: the exporter sees a hosts file
 * of its own, so this needs root. `port`: where it was before, if it was stopped.
 */
export async function startBlackboxExporter(
  { modules, names, port }: { readonly modules: string; readonly names: readonly string[]; readonly port?: number },
  progress: Progress,
): Promise<BlackboxExporter> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, exporter }, progress);
  const folder = await mkdtemp(join(tmpdir(), 'steward-blackbox-'));
  const hosts = join(folder, 'hosts');
  await writeFile(hosts, `127.0.0.1 ${['localhost', ...names].join(' ')}\n`);
  const address = `127.0.0.1:${port ?? (await freePorts(1))[0]}`;
  const own = 'mount --bind "$1" /etc/hosts; shift; exec "$@"';
  const command = [join(folders.exporter, 'blackbox_exporter'), `--config.file=${modules}`];
  const server = startServer({
    ...{ name: 'blackbox-exporter', program: 'unshare' },
    args: ['--mount', 'sh', '-ec', own, 'sh', hosts, ...command, `--web.listen-address=${address}`],
    logFile: join(folder, 'log'),
    tether: join(folders.tools, 'tether'),
  });
  const answers = () => fetch(`http://${address}/-/healthy`).then(({ body }) => body?.cancel());
  await until('the blackbox exporter', answers, server.died);
  return {
    address,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
