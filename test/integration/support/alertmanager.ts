/** A real Alertmanager, with a configuration of the test. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../../hack/testbed/process/ports.ts';
import { type Server, startServer } from '../../../hack/testbed/process/server.ts';
import { until } from '../../../hack/testbed/process/until.ts';
import type { TestBed } from '../../../hack/testbed/testbed.ts';

export class RealAlertmanager {
  /** Host and port. */
  readonly address: string;
  readonly url: string;
  readonly #bed: TestBed;
  readonly #folder: string;
  #server: Server | undefined;

  private constructor(bed: TestBed, port: number) {
    this.#bed = bed;
    this.#folder = join(bed.dir, `alertmanager-${port}`);
    this.address = `127.0.0.1:${port}`;
    this.url = `http://${this.address}`;
  }

  /** Not started yet. */
  static async on(bed: TestBed): Promise<RealAlertmanager> {
    const [port = 0] = await freePorts(1);
    return new RealAlertmanager(bed, port);
  }

  async start(configuration: object): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const file = join(this.#folder, 'alertmanager.yaml');
    await writeFile(file, JSON.stringify(configuration));
    const server = startServer({
      ...{ name: 'alertmanager', program: this.#bed.binaries.alertmanager, tether: this.#bed.binaries.tether },
      args: [
        `--config.file=${file}`,
        `--storage.path=${join(this.#folder, 'data')}`,
        `--web.listen-address=${this.address}`,
        '--cluster.listen-address=',
      ],
      logFile: join(this.#folder, 'log'),
    });
    this.#server = server;
    const answers = async () => {
      if (!(await fetch(`${this.url}/-/ready`)).ok) throw new Error('Alertmanager is not ready');
    };
    await until('Alertmanager', answers, server.died);
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }
}
