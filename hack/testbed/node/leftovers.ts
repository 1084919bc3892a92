/** What a node leaves in the box when its programs end: containers, mounts, loop devices, links, firewall rules, control groups and files. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../process/command.ts';
import { removeGroup } from './box/box.ts';
import { containerdFolders } from './containerd.ts';
import { kubeletRoot } from './kubelet.ts';
import { kill, processesOf } from './processes.ts';

const groups = '/sys/fs/cgroup';
const folders = [containerdFolders.root, containerdFolders.state, kubeletRoot, '/run/cni', '/run/netns'];

/** Ends and removes it all. For after the node's programs have ended, and before they start: the last user may have been killed. */
export async function removeLeftovers(): Promise<void> {
  await killContainers();
  await detachLocks();
  await unmountBelow(folders);
  await run('ip', ['link', 'delete', 'cni0']).catch(() => {});
  await run('nft', ['flush', 'ruleset']);
  for (const hierarchy of await podGroups()) await removeGroup(hierarchy);
  for (const folder of folders) {
    const content = await readdir(folder).catch(() => []);
    await Promise.all(content.map(name => rm(join(folder, name), { recursive: true, force: true })));
  }
}

/** kubelet's control group in each hierarchy, of version 1 or 2. */
async function podGroups(): Promise<string[]> {
  const found: string[] = [];
  for (const parent of [groups, ...(await readdir(groups)).map(name => join(groups, name))]) {
    const names: readonly string[] = await readdir(parent).catch(() => []);
    if (names.includes('kubepods')) found.push(join(parent, 'kubepods'));
  }
  return found;
}

/** Kills shims first, or they would report the deaths and clean up beside us. */
async function killContainers(): Promise<void> {
  for (let tries = 0; tries < 250; tries += 1) {
    const pids = [...(await processesOf('containerd-shim-runc-v2')), ...(await contained())];
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await sleep(20);
  }
  throw new Error('containers of the node do not end on SIGKILL');
}

async function contained(): Promise<number[]> {
  const pids = new Set<number>();
  for (const hierarchy of await podGroups()) {
    for (const group of [hierarchy, ...(await subfolders(hierarchy))]) {
      const content = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const pid of content.split('\n')) if (Number(pid) > 0) pids.add(Number(pid));
    }
  }
  return [...pids];
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter(entry => entry.isDirectory()).map(entry => join(entry.parentPath, entry.name));
}

/** kubelet holds each block volume by a loop device on it, which is the machine's, and nobody takes it back when kubelet is gone. */
async function detachLocks(): Promise<void> {
  const devices = loopDevicesBelow(
    kubeletRoot,
    await run('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE']),
  );
  if (devices.length > 0) await run('losetup', ['--detach', ...devices]);
}

/** Loop devices on what lies below the folder; the list has a device and its file on each line. */
export function loopDevicesBelow(folder: string, list: string): string[] {
  return list.split('\n').flatMap(line => {
    const [device = '', file = ''] = line.trim().split(/\s+/);
    return file.startsWith(`${folder}/`) ? [device] : [];
  });
}

async function unmountBelow(parents: readonly string[]): Promise<void> {
  const points = mountPointsBelow(parents, await readFile('/proc/self/mountinfo', 'utf8'));
  if (points.length > 0) await run('umount', ['--lazy', ...points]);
}

/** Mount points strictly below one of the folders, the innermost first. */
export function mountPointsBelow(parents: readonly string[], mountinfo: string): string[] {
  const points = mountinfo.split('\n').flatMap(line => line.split(' ')[4] ?? []);
  return points.filter(point => parents.some(parent => point.startsWith(`${parent}/`))).reverse();
}
