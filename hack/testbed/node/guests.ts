/** What guests need besides KubeVirt: disks to start from and packages to install, as parts of a bed with a real node. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Installation } from '../build/installation.ts';
import type { Progress } from '../build/progress.ts';
import { startCdiAdmission } from '../cdi/admission.ts';
import { apply, applyAll } from '../client/apply.ts';
import type { Client, KubeObject } from '../client/client.ts';
import type { ControlPlane } from '../controlplane/controlplane.ts';
import { guestDisk } from '../guest/disk.ts';
import { guestPackages, startPackageMirror } from '../guest/mirror.ts';
import { MIRROR_SERVICE } from '../guest/mirroraddress.ts';
import { nodeNetwork } from './addresses.ts';
import { startCdi } from './storage/cdi.ts';
import { volumesFolder } from './storage/folders.ts';

/** Artifacts by the names under which the profile's catalogue has them. */
export const guestArtifacts = {
  guestPackages,
  guestTrixie: await guestDisk('trixie'),
  guestBookworm: await guestDisk('bookworm'),
} as const;

type Bed = {
  readonly client: Client;
  readonly plane: ControlPlane;
  readonly installation: Installation;
  /** The bed's folder; what goes wrong with a disk is in `logs/cdi.log`. */
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
};

/** The stand-in for CDI; its images are the guests' disks. */
export async function startGuestDisks(bed: Bed): Promise<void> {
  const { plane, dir, signal, progress } = bed;
  const { guestTrixie, guestBookworm } = guestArtifacts;
  const folders = await ensureArtifacts({ tools: artifacts.tools, guestTrixie, guestBookworm }, progress);
  const images = {
    'steward.testbed/debian:13': join(folders.guestTrixie, 'disk.img'),
    'steward.testbed/debian:12': join(folders.guestBookworm, 'disk.img'),
  };
  const log = createWriteStream(join(dir, 'logs', 'cdi.log'), { flags: 'a', mode: 0o600 });
  const report = (line: string) => log.write(`${new Date().toISOString()} ${line}\n`);
  const client = await plane.client('playedCdi');
  const { ended } = await startCdi({ client, folder: volumesFolder(dir), images, signal, report });
  void ended.then(async () => {
    log.end();
    await client.close();
  });
  await startCdiAdmission(plane, bed.client, bed.installation);
}

/** The package mirror, at its Service. */
export async function startMirror({ client, signal, progress }: Bed): Promise<void> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, guestPackages }, progress);
  const mirror = await startPackageMirror(folders.guestPackages, nodeNetwork.address, 0);
  signal.addEventListener('abort', () => void mirror.close());
  const [home, ...others] = mirrorObjects(mirror.port);
  await apply(client, home);
  await applyAll(client, others);
}

/** The mirror runs in the test bed's own process, so its Service has an endpoint that nobody selected. */
function mirrorObjects(targetPort: number): readonly [KubeObject, ...KubeObject[]] {
  const { namespace, name, port } = MIRROR_SERVICE;
  const labels = { 'kubernetes.io/service-name': name };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      ...{ spec: { ports: [{ port, targetPort }] } },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels },
      ...{ addressType: 'IPv4', ports: [{ name: '', port: targetPort, protocol: 'TCP' }] },
      ...{ endpoints: [{ addresses: [nodeNetwork.address], conditions: { ready: true } }] },
    },
  ];
}
