/** Monitoring as images for the node: prometheus-operator built from its module, Prometheus and Alertmanager of Debian. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { locked, lockedVersion } from '../../../images/packages.ts';
import { debianImage, staticImage } from '../../../images/program.ts';
import type { Artifact } from '../../build/artifact.ts';
import { goBuild } from '../../build/go.ts';
import type { Progress } from '../../build/progress.ts';
import { versions } from '../../build/versions.ts';

/** As prometheus-operator reads versions, to choose the flags that they know: without what Debian adds. */
export const debianVersions = {
  prometheus: upstreamVersion('prometheus'),
  alertmanager: upstreamVersion('prometheus-alertmanager'),
} as const;

export const imageNames = {
  operator: `steward.testbed/prometheus-operator:${versions.prometheusOperator}`,
  reloader: `steward.testbed/prometheus-config-reloader:${versions.prometheusOperator}`,
  prometheus: `steward.testbed/prometheus:${debianVersions.prometheus}`,
  alertmanager: `steward.testbed/alertmanager:${debianVersions.alertmanager}`,
} as const;

/** Without them it refuses every configuration. */
const alertmanagerTemplates = ['default.tmpl', 'email.tmpl'].map(name => `usr/share/prometheus/alertmanager/${name}`);

type Image = keyof typeof imageNames;

/** `v2.53.3` of `2.53.3+ds1-2`. */
function upstreamVersion(name: string): string {
  return `v${/^[\d.]+/.exec(lockedVersion(name))?.[0]}`;
}

export const monitoringImages: Artifact = {
  what: `images of prometheus-operator ${versions.prometheusOperator}, Prometheus ${debianVersions.prometheus} and Alertmanager ${debianVersions.alertmanager}`,
  minutes: 4,
  module: 'prometheusoperator',
  recipe: [
    JSON.stringify(imageNames),
    ...alertmanagerTemplates,
    JSON.stringify(locked(['prometheus', 'prometheus-alertmanager'])),
  ],
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
  const programs = join(folder, 'programs');
  await mkdir(programs);
  const build = { module: 'prometheusoperator', packages: ['tool'], output: programs, tether, expectedPackages: 1000 };
  await goBuild(build, progress);
  const { operator, reloader, prometheus, alertmanager } = imageNames;
  await staticImage({ name: operator, binary: join(programs, 'operator') }, archive(folder, 'operator'));
  // The operator names this program by its path in upstream's image.
  const files = [{ path: 'bin/prometheus-config-reloader', target: '/prometheus-config-reloader' }];
  const binary = join(programs, 'prometheus-config-reloader');
  await staticImage({ name: reloader, binary, files }, archive(folder, 'reloader'));
  await debianImage(
    { name: prometheus, package: 'prometheus', program: 'usr/bin/prometheus' },
    archive(folder, 'prometheus'),
  );
  const program = 'usr/bin/prometheus-alertmanager';
  await debianImage(
    { name: alertmanager, package: 'prometheus-alertmanager', program, data: alertmanagerTemplates },
    archive(folder, 'alertmanager'),
  );
  await rm(programs, { recursive: true });
}
