/**
 * Images without a container engine: an OCI image archive (image-spec 1.1, an image layout in a tar) put together of layers that are tar
 * files. Containerd, podman, skopeo and Docker since 25 read it. The same layers and configuration give the same bytes.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type TarEntry, tarball } from './tar.ts';

export type ImageConfig = {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `uid` or `uid:gid`; Kubernetes cannot see that a user with a name is not root. */
  readonly user?: string;
  readonly workingDir?: string;
  readonly exposedPorts?: readonly number[];
  readonly labels?: Readonly<Record<string, string>>;
};

export type Image = {
  /** With a tag: `steward.testbed/pause:1`. */
  readonly name: string;
  /** Tar files, lowest first. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  /** Compress the layers; default no: where an image goes no further than a containerd beside it, that only costs time. */
  readonly gzip?: boolean;
  /** Go's name of the architecture; default: this machine's. */
  readonly architecture?: string;
};

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
};

type Blob = { readonly digest: string; readonly size: number; readonly body: { source: string } | { content: string } };
type Layer = Blob & { readonly diffId: string; readonly mediaType: string };

/** Writes the archive and returns the digest of its manifest, `sha256:…`: what a registry and containerd call the image. */
export async function writeImage(image: Image, outFile: string): Promise<string> {
  const tag = /[^/]:([\w][\w.-]*)$/.exec(image.name)?.[1];
  if (tag === undefined) throw new Error(`The image's name ${image.name} has no tag.`);
  const scratch = await mkdtemp(join(dirname(outFile), '.layers-'));
  try {
    const layers: Layer[] = [];
    for (const [index, tar] of image.layers.entries())
      layers.push(image.gzip ? await compressed(tar, join(scratch, `${index}`)) : await plain(tar));
    const platform = { architecture: image.architecture ?? goArchitecture(), os: 'linux' };
    const config = json(configOf(image.config, layers, platform));
    const manifest = json({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: descriptor(mediaTypes.config, config),
      layers: layers.map(layer => descriptor(layer.mediaType, layer)),
    });
    const annotations = { 'io.containerd.image.name': image.name, 'org.opencontainers.image.ref.name': tag };
    const index = json({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [{ ...descriptor(mediaTypes.manifest, manifest), platform, annotations }],
    });
    const archive = layout(index.body.content, [config, manifest, ...layers]);
    await pipeline(Readable.from(tarball(archive), { objectMode: false }), createWriteStream(outFile));
    return manifest.digest;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function configOf(config: ImageConfig, layers: readonly Layer[], platform: object): object {
  const { entrypoint, cmd, env, user, workingDir, exposedPorts, labels } = config;
  return {
    created: '1970-01-01T00:00:00Z',
    ...platform,
    config: {
      User: user,
      ExposedPorts: exposedPorts && Object.fromEntries(exposedPorts.map(port => [`${port}/tcp`, {}])),
      Env: env && Object.entries(env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: entrypoint,
      Cmd: cmd,
      WorkingDir: workingDir,
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  };
}

function layout(index: string, blobs: readonly Blob[]): TarEntry[] {
  // Two layers may be one blob.
  const byPath = new Map(blobs.map(({ digest, body }) => [`blobs/${digest.replace(':', '/')}`, body]));
  return [
    { path: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
    { path: 'index.json', content: index },
    { path: 'blobs', folder: true },
    { path: 'blobs/sha256', folder: true },
    ...[...byPath].map(([path, body]) => ({ path, ...body })),
  ];
}

function descriptor(mediaType: string, { digest, size }: Blob): object {
  return { mediaType, digest, size };
}

function json(value: object): Blob & { readonly body: { content: string } } {
  const content = JSON.stringify(value);
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return { digest, size: Buffer.byteLength(content), body: { content } };
}

async function plain(tar: string): Promise<Layer> {
  const measure = measurement();
  await pipeline(createReadStream(tar), measure.through, drain);
  const { digest, size } = measure.result();
  return { digest, size, diffId: digest, mediaType: mediaTypes.layer, body: { source: tar } };
}

async function compressed(tar: string, outFile: string): Promise<Layer> {
  const before = measurement();
  const after = measurement();
  // Node's gzip header holds no time and no name.
  await pipeline(createReadStream(tar), before.through, createGzip(), after.through, createWriteStream(outFile));
  const { digest, size } = after.result();
  const mediaType = `${mediaTypes.layer}+gzip`;
  return { digest, size, diffId: before.result().digest, mediaType, body: { source: outFile } };
}

/** Digest and length of what went through. */
function measurement() {
  const hash = createHash('sha256');
  let size = 0;
  return {
    through: async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        hash.update(piece);
        size += piece.length;
        yield piece;
      }
    },
    result: () => ({ digest: `sha256:${hash.digest('hex')}`, size }),
  };
}

async function drain(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of pieces);
}

function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
