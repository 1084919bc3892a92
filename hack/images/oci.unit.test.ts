import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../testbed/process/command.ts';
import { writeLayer } from './layer.ts';
import { type Image, writeImage } from './oci.ts';

let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'steward-oci-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** An image of two layers, and its archive unpacked. */
async function build(change: Partial<Image> = {}) {
  const folder = await mkdtemp(join(scratch, 'i-'));
  const layers = [join(folder, 'base.tar'), join(folder, 'app.tar')];
  await writeLayer([{ path: 'lib/base', content: 'base'.repeat(9999) }], layers[0] ?? '');
  await writeLayer([{ path: 'app', content: 'app' }], layers[1] ?? '');
  const config = {
    entrypoint: ['/app'],
    cmd: ['run'],
    env: { PATH: '/bin', LANG: 'C' },
    user: '65532:65532',
    workingDir: '/',
    exposedPorts: [8080],
    labels: { title: 'sample' },
  };
  const image = { name: 'steward.testbed/sample:1.2', layers, config, architecture: 'amd64', ...change };
  const archive = join(folder, 'image.tar');
  const digest = await writeImage(image, archive);
  await run('tar', ['-xf', archive, '-C', folder]);
  const read = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8'));
  const blob = (name: string) => readFile(join(folder, 'blobs', name.replace(':', '/')));
  const blobJson = async (name: string) => JSON.parse((await blob(name)).toString());
  return { folder, layers, archive, digest, read, blob, blobJson };
}

describe('an image archive', () => {
  it('is the same bytes for the same layers and configuration', async () => {
    for (const gzip of [false, true]) {
      const [one, other] = [await build({ gzip }), await build({ gzip })];
      expect(other.digest).toBe(one.digest);
      expect((await readFile(other.archive)).equals(await readFile(one.archive))).toBe(true);
    }
  });

  it('is an image layout whose index names the image for containerd and for the rest', async () => {
    const { read, digest, blob } = await build();
    expect(await read('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const size = (await blob(digest)).length;
    expect(await read('index.json')).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          digest,
          size,
          platform: { architecture: 'amd64', os: 'linux' },
          annotations: {
            'io.containerd.image.name': 'steward.testbed/sample:1.2',
            'org.opencontainers.image.ref.name': '1.2',
          },
        },
      ],
    });
  });

  it.each([
    { gzip: false, mediaType: 'application/vnd.oci.image.layer.v1.tar' },
    { gzip: true, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
  ])('has a manifest whose digests are those of its blobs (gzip: $gzip)', async ({ gzip, mediaType }) => {
    const { folder, layers, digest, blob, blobJson } = await build({ gzip });
    for (const name of await readdir(join(folder, 'blobs/sha256')))
      expect(sha256(await blob(`sha256:${name}`))).toBe(`sha256:${name}`);
    const manifest = await blobJson(digest);
    const config = await blobJson(manifest.config.digest);
    for (const [index, tar] of layers.entries()) {
      const content = await readFile(tar);
      const stored = await blob(manifest.layers[index].digest);
      expect(manifest.layers[index]).toEqual({ mediaType, digest: sha256(stored), size: stored.length });
      expect((gzip ? gunzipSync(stored) : stored).equals(content)).toBe(true);
      expect(config.rootfs.diff_ids[index]).toBe(sha256(content));
    }
  });

  it('has the configuration in the words of the image specification', async () => {
    const { digest, blobJson } = await build();
    const { config, architecture, os, created } = await blobJson((await blobJson(digest)).config.digest);
    expect({ architecture, os, created }).toEqual({
      architecture: 'amd64',
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
    });
    expect(config).toEqual({
      User: '65532:65532',
      ExposedPorts: { '8080/tcp': {} },
      Env: ['PATH=/bin', 'LANG=C'],
      Entrypoint: ['/app'],
      Cmd: ['run'],
      WorkingDir: '/',
      Labels: { title: 'sample' },
    });
  });

  it('changes only the upper layer when only that changes, and holds one blob for two equal layers', async () => {
    const one = await build();
    const upper = join(one.folder, 'next.tar');
    await writeLayer([{ path: 'app', content: 'next' }], upper);
    const other = await build({ layers: [one.layers[0] ?? '', upper] });
    const [before, after] = [await one.blobJson(one.digest), await other.blobJson(other.digest)];
    expect(after.layers[0]).toEqual(before.layers[0]);
    expect(after.layers[1]).not.toEqual(before.layers[1]);
    const twice = await build({ layers: [upper, upper] });
    expect(await readdir(join(twice.folder, 'blobs/sha256'))).toHaveLength(3);
  });

  it('is refused without a tag, and leaves nothing but the archive behind', async () => {
    await expect(build({ name: 'host:5000/steward' })).rejects.toThrow('has no tag');
    const { folder } = await build({ gzip: true });
    expect((await readdir(folder)).filter(name => name.startsWith('.'))).toEqual([]);
  });
});
