/** Velero and its plug-ins as images for the node, each as its project makes it: one program, and a plug-in that copies itself. */
import { basename, join } from 'node:path';
import { staticImage } from '../../../images/program.ts';
import type { Artifact } from '../../build/artifact.ts';
import { ensureArtifacts } from '../../build/build.ts';
import type { Progress } from '../../build/progress.ts';
import { versions } from '../../build/versions.ts';
import { run } from '../../process/command.ts';
import { kubevirtPlugin, velero } from '../../velero/parts.ts';

export const imageNames = {
  velero: `steward.testbed/velero:${versions.velero}`,
  s3: `steward.testbed/velero-plugin-for-aws:${versions.veleroPluginForAws}`,
  kubevirt: `steward.testbed/kubevirt-velero-plugin:${versions.kubevirtVeleroPlugin}`,
} as const;

type Image = keyof typeof imageNames;

/** What upstream's image has of its base: a place to write keys to buckets and settings of repositories, and the zones that Schedules name. */
const base = { home: 'tmp', zones: 'zoneinfo.zip' } as const;

export const veleroImages: Artifact = {
  what: `images of Velero ${versions.velero} and its plug-ins`,
  minutes: 0.2,
  module: 'velero',
  recipe: [JSON.stringify([velero.recipe, imageNames, base])],
  build: buildImages,
};

/** The archives of a built artifact. */
export function archivesIn(folder: string): string[] {
  return (Object.keys(imageNames) as Image[]).map(image => archive(folder, image));
}

function archive(folder: string, image: Image): string {
  return join(folder, `${image}.tar`);
}

async function buildImages(folder: string, tether: string | undefined, progress: Progress): Promise<void> {
  const programs = await ensureArtifacts({ velero, kubevirtPlugin }, progress, tether);
  const server = {
    binary: join(programs.velero, 'velero'),
    env: { HOME: `/${base.home}`, ZONEINFO: `/${base.zones}` },
    files: [
      { path: base.home, folder: true, mode: 0o1777 },
      { path: base.zones, source: join((await run('go', ['env', 'GOROOT'])).trim(), 'lib/time/zoneinfo.zip') },
    ] as const,
  };
  await staticImage({ name: imageNames.velero, ...server }, archive(folder, 'velero'));
  const copier = join(programs.velero, 'cp-plugin');
  await pluginImage('s3', copier, join(programs.velero, 'velero-plugin-for-aws'), folder);
  await pluginImage('kubevirt', copier, join(programs.kubevirtPlugin, 'kubevirt-velero-plugin'), folder);
}

/** Velero's Deployment starts it as an init container, with the folder of plug-ins at /target. */
async function pluginImage(image: Image, copier: string, program: string, folder: string): Promise<void> {
  const path = `plugins/${basename(program)}`;
  const args = [`/${path}`, `/target/${basename(program)}`];
  const files = [{ path, source: program, mode: 0o755 }];
  await staticImage({ name: imageNames[image], binary: copier, args, files }, archive(folder, image));
}
