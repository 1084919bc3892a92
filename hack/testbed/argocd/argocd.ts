/**
 * The real Argo CD beside a test bed: application controller and repo server, Redis and a Git repository, as processes on loopback. Nobody
 * looks at it through a browser, so argocd-server does not run: an Application is its object.
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { run } from '../process/command.ts';
import { freePorts } from '../process/ports.ts';
import { superviseServer } from '../process/supervisor.ts';
import { until } from '../process/until.ts';
import type { TestBed } from '../testbed.ts';
import { argocd } from './parts.ts';
import { type Addresses, type Program, pidFile, programs, untilHealthy } from './processes.ts';
import { gitAndRedis } from './programs.ts';
import { createRepository } from './repository.ts';

/** Where it is installed. */
export const NAMESPACE = 'argocd';

export type ArgoCD = {
  /** Where another process finds it. */
  readonly addresses: Addresses;
  stop(): Promise<void>;
};

type Places = {
  /** Folder of its programs. */
  readonly argocd: string;
  /** Folder of Git and Redis. */
  readonly bin: string;
  readonly work: string;
  readonly kubeconfig: string;
  readonly helm: string;
};

type Ports = Readonly<Record<'redis' | 'repoServer' | 'repoServerMetrics' | 'controllerMetrics', number>>;

/** Folders of its programs, and of Git and Redis; builds what the cache lacks. */
export function buildArgoCD(progress: Progress): Promise<Readonly<Record<'argocd' | 'gitAndRedis', string>>> {
  return ensureArtifacts({ tools: artifacts.tools, argocd, gitAndRedis }, progress);
}

/** Installs it as its own manifest does, with the rights that this gives it, and returns when it works. A program that is killed comes back. */
export async function startArgoCD(bed: TestBed, progress: Progress): Promise<ArgoCD> {
  const built = await buildArgoCD(progress);
  const bin = join(built.gitAndRedis, 'bin');
  const work = join(bed.dir, 'argocd');
  for (const folder of ['tmp', 'home', 'tls', 'ssh']) await mkdir(join(work, folder), { recursive: true });
  await install(bed, join(built.argocd, 'install.json'));
  const kubeconfig = await bed.kubeconfigFor(NAMESPACE, 'argocd-application-controller');
  const [redis = 0, repoServer = 0, repoServerMetrics = 0, controllerMetrics = 0] = await freePorts(4);
  const ports = { redis, repoServer, repoServerMetrics, controllerMetrics };
  const commands = commandsOf({ argocd: built.argocd, bin, work, kubeconfig, helm: bed.binaries.helm3 }, ports);
  const git = join(bin, 'git');
  const repository = join(work, 'repository');
  await createRepository(git, repository);
  const running = programs.map(name => supervised(bed, work, name, commands[name]));
  const addresses: Addresses = {
    ...{ work, git, repository },
    health: {
      'repo-server': `http://127.0.0.1:${repoServerMetrics}/healthz?full=true`,
      'application-controller': `http://127.0.0.1:${controllerMetrics}/healthz`,
    },
  };
  const died = Promise.race(running.map(server => server.died));
  died.catch(() => {});
  for (const name of programs) await untilHealthy(addresses, name, died);
  return {
    addresses,
    stop: async () => {
      await Promise.all(running.map(server => server.stop(0)));
    },
  };
}

function supervised(bed: TestBed, work: string, name: Program, { program, args, environment }: Command) {
  // Its number is written down, so that a test in another process can kill it.
  const numbered = ['-c', 'echo $$ > "$0"; exec "$@"', pidFile(work, name), program, ...args];
  const logFile = join(bed.dir, 'logs', `argocd-${name}.log`);
  return superviseServer({
    ...{ name, program: '/bin/sh', args: numbered, environment, logFile },
    tether: bed.binaries.tether,
  });
}

/** Namespace, kinds, accounts, roles and its configuration as it is delivered. */
async function install(bed: TestBed, file: string): Promise<void> {
  const kubectl = (args: readonly string[], input = '') =>
    run(bed.binaries.kubectl, ['--kubeconfig', bed.adminKubeconfig, '--namespace', NAMESPACE, ...args], { input });
  const apply = ['apply', '--server-side', '--validate=false', '--filename'];
  await kubectl(['create', 'namespace', NAMESPACE]);
  await kubectl([...apply, file]);
  const made = { apiVersion: 'v1', kind: 'List', items: [signingKey(), defaultProject] };
  // Its kinds are served a moment after they were created.
  await until('Argo CD’s kinds', () => kubectl([...apply, '-'], JSON.stringify(made)), bed.died);
  await until('Argo CD’s Applications', () => kubectl(['get', 'applications.argoproj.io']), bed.died);
}

/** This and {@link defaultProject} argocd-server makes at its start, which does not run here. Nothing is signed with it. */
const signingKey = () => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'argocd-secret', namespace: NAMESPACE } },
  stringData: { 'server.secretkey': randomBytes(32).toString('base64') },
});

const defaultProject = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'default', namespace: NAMESPACE },
  spec: {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

type Command = {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

function commandsOf({ argocd, bin, work, kubeconfig, helm }: Places, ports: Ports): Readonly<Record<Program, Command>> {
  const redis = `127.0.0.1:${ports.redis}`;
  const common = { HOME: join(work, 'home'), TMPDIR: join(work, 'tmp') };
  return {
    redis: {
      program: join(bin, 'redis-server'),
      args: ['--bind', '127.0.0.1', '--port', `${ports.redis}`, '--save', '', '--appendonly', 'no', '--dir', work],
      environment: common,
    },
    'repo-server': {
      program: join(argocd, 'argocd-repo-server'),
      args: [
        ...['--address', '127.0.0.1', '--port', `${ports.repoServer}`, '--disable-tls', '--redis', redis],
        ...['--metrics-address', '127.0.0.1', '--metrics-port', `${ports.repoServerMetrics}`],
      ],
      environment: {
        ...common,
        PATH: [bin, dirname(helm), process.env.PATH].join(':'),
        ARGOCD_GPG_ENABLED: 'false',
        ARGOCD_ASK_PASS_SOCK: join(work, 'ask-pass.sock'),
        ARGOCD_TLS_DATA_PATH: join(work, 'tls'),
        ARGOCD_SSH_DATA_PATH: join(work, 'ssh'),
        GIT_CONFIG_NOSYSTEM: '1',
      },
    },
    'application-controller': {
      program: join(argocd, 'argocd-application-controller'),
      args: [
        ...['--kubeconfig', kubeconfig, '--namespace', NAMESPACE, '--redis', redis],
        ...['--repo-server', `127.0.0.1:${ports.repoServer}`, '--repo-server-plaintext'],
        // Health of every object in the status of its Application: without argocd-server it is to be seen nowhere else.
        ...['--metrics-port', `${ports.controllerMetrics}`, '--persist-resource-health'],
      ],
      // Its cluster `in-cluster` is the one of KUBECONFIG.
      environment: { ...common, KUBECONFIG: kubeconfig, ARGOCD_FAKE_IN_CLUSTER: 'true' },
    },
  };
}
