/** prometheus-operator's own admission webhook, asked directly: what it says of PrometheusRules and AlertmanagerConfigs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { goArtifact } from '../build/artifact.ts';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { versions } from '../build/versions.ts';
import { freePorts } from '../process/ports.ts';
import { startServer } from '../process/server.ts';
import { until } from '../process/until.ts';

const program = 'github.com/prometheus-operator/prometheus-operator/cmd/admission-webhook';

const webhook = goArtifact({
  what: `the admission webhook of prometheus-operator ${versions.prometheusOperator}`,
  minutes: 3,
  ...{ module: 'prometheusoperator', packages: [program], expectedPackages: 900 },
  recipe: [program],
});

export type PrometheusAdmission = {
  /** Why a PrometheusRule or an AlertmanagerConfig is refused; empty where it is taken. */
  refusal(object: { readonly apiVersion: string; readonly kind: string }): Promise<string>;
  stop(): Promise<void>;
};

export async function startPrometheusAdmission(progress: Progress): Promise<PrometheusAdmission> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, webhook }, progress);
  const folder = await mkdtemp(join(tmpdir(), 'steward-webhook-'));
  const [port = 0] = await freePorts(1);
  const server = startServer({
    name: 'prometheus-operator-admission-webhook',
    program: join(folders.webhook, 'admission-webhook'),
    args: [`-web.listen-address=127.0.0.1:${port}`, '-web.enable-tls=false'],
    logFile: join(folder, 'log'),
    tether: join(folders.tools, 'tether'),
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () => request(`${url}/healthz`).then(({ body }) => body.dump());
  await until('the admission webhook of prometheus-operator', answers, server.died);
  return {
    refusal: object => ask(url, object),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

type Review = {
  readonly response: {
    readonly allowed: boolean;
    readonly status?: {
      readonly message?: string;
      readonly details?: { readonly causes?: readonly { readonly message?: string }[] };
    };
  };
};

async function ask(url: string, object: { readonly apiVersion: string; readonly kind: string }): Promise<string> {
  const [group, version] = object.apiVersion.split('/');
  const plural = `${object.kind.toLowerCase()}s`;
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'asked', operation: 'CREATE', resource: { group, version, resource: plural }, object },
  };
  const headers = { 'content-type': 'application/json' };
  const { body } = await request(`${url}/admission-${plural}/validate`, {
    ...{ method: 'POST', headers, body: JSON.stringify(review) },
  });
  const { allowed, status } = ((await body.json()) as Review).response;
  if (allowed) return '';
  return [status?.message, ...(status?.details?.causes ?? []).map(({ message }) => message)].join(' ');
}
