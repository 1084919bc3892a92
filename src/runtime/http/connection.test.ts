import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connect } from './connection.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'steward-home-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('KUBECONFIG', undefined);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://api.example:6443"}}]
users: [{name: u, user: {token: secret}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;

it('refuses to start where nothing names a cluster', () => {
  expect(() => connect()).toThrow('no cluster: neither a ServiceAccount nor KUBECONFIG nor ~/.kube/config names one');
});

it('takes the proxy that a kubeconfig names (runtime/t10_proxy)', async () => {
  const file = join(home, 'config');
  await writeFile(file, kubeconfig.replace('server:', 'proxy-url: "http://proxy.example:3128", server:'));
  expect(connect({ kubeconfig: file }).proxy).toBe('http://proxy.example:3128');
});

it('takes the cluster and the token of KUBECONFIG', async () => {
  const file = join(home, 'config');
  await writeFile(file, kubeconfig);
  vi.stubEnv('KUBECONFIG', file);
  const { server, credentials } = connect();
  expect(server).toBe('https://api.example:6443');
  expect((await credentials()).headers).toEqual({ Authorization: 'Bearer secret' });
});
