/** Changes CRDs of ours under everybody, and knows when the API server has taken them over. */
import { ApiError, type KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import type { FaultRun } from '../run.ts';
import { ourCrds } from './bed.ts';
import { OWN_KINDS } from './ownkinds.ts';
import type { Crd } from './schemas.ts';

export type OwnCrds = ReadonlyMap<string, Crd>;

/** CRDs of what people order, by the name of their kind. */
export async function currentCrds(): Promise<OwnCrds> {
  const crds = (await ourCrds()) as unknown as readonly Crd[];
  const ordered = crds.filter(({ spec: { names } }) => OWN_KINDS.some(({ kind }) => kind === names.kind));
  return new Map(ordered.map(crd => [crd.spec.names.kind, crd]));
}

/** Puts a CRD in force; from then on `shows` is true of what the API server makes of `probe`: undefined where it is refused. */
export async function enforce(
  run: FaultRun,
  crd: Crd,
  probe: KubeObject,
  shows: (answer: KubeObject | undefined) => boolean,
): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${crd.metadata.name}`;
  // Whoever writes its status meanwhile makes another version of it.
  await run.until(`${crd.metadata.name} is written`, async () => {
    const { metadata } = await run.bed.client.get<KubeObject>(path);
    const { resourceVersion } = metadata;
    const written = run.bed.client.put(path, { ...crd, metadata: { ...crd.metadata, resourceVersion } });
    return written.then(
      () => true,
      (error: unknown) => {
        if (error instanceof ApiError && error.status === 409) return false;
        throw error;
      },
    );
  });
  await run.until(`${crd.metadata.name} is in force`, async () => shows(await ask(run, crd.spec.names.kind, probe)));
}

async function ask(run: FaultRun, kindName: string, probe: KubeObject): Promise<KubeObject | undefined> {
  const kind = OWN_KINDS.find(({ kind }) => kind === kindName);
  if (kind === undefined) throw new Error(`no kind of ours: ${kindName}`);
  const named = { ...probe, metadata: { ...probe.metadata, name: 'probe' } };
  try {
    return (await run.bed.client.dryRun(pathOf(kind, probe.metadata.namespace ?? 'default'), named)) as KubeObject;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
