/** Storage as a part of a bed with a real node. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../../controlplane.ts';
import type { Images } from './source.ts';
import { startStorage } from './storage.ts';

type Bed = {
  readonly plane: ControlPlane;
  readonly node: { readonly name: string };
  /** The bed's folder; volumes are in `volumes` below it, and what goes wrong in `logs/storage.log`. */
  readonly dir: string;
  readonly signal: AbortSignal;
};

/** Starts it on the bed's node; returns when a DataVolume may be ordered. */
export async function startStoragePart({ plane, node, dir, signal }: Bed, images: Images): Promise<void> {
  const log = createWriteStream(join(dir, 'logs', 'storage.log'), { flags: 'a', mode: 0o600 });
  const [provisioner, cdi] = await Promise.all([plane.client('playedStorage'), plane.client('playedCdi')]);
  const { ended } = await startStorage({
    provisioner,
    cdi,
    folder: join(dir, 'volumes'),
    node: node.name,
    images,
    signal,
    report: line => log.write(`${new Date().toISOString()} ${line}\n`),
  });
  void ended.then(async () => {
    log.end();
    await Promise.all([provisioner.close(), cdi.close()]);
  });
}
