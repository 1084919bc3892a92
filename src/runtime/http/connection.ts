// Not from the package's index, which loads all its clients.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';

/** TLS material and credentials of one API server; read again from time to time, because tokens and CAs rotate. */
export type Credentials = {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
};

export type Connection = {
  /** URL of the API server, with its base path if it has one. */
  readonly server: string;
  /** URL of the HTTP, HTTPS or SOCKS5 proxy on the way to it; undefined: none. */
  readonly proxy?: string | undefined;
  /** The credentials as they are now: files and exec plugins are asked again where due. */
  credentials(): Promise<Credentials>;
};

/** What client-node falls back to when nothing names a cluster. Nobody serves the API without TLS today. */
const LAST_RESORT = 'http://localhost:8080';

export type ConnectionSource = { readonly kubeconfig?: string; readonly context?: string };

/**
 * In-cluster ServiceAccount, $KUBECONFIG, ~/.kube/config or the given kubeconfig file (token, certificate, exec).
 * Throws when none of them names a cluster.
 */
export function connect(source: ConnectionSource = {}): Connection {
  const config = new KubeConfig();
  if (source.kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(source.kubeconfig);
  if (source.context !== undefined) config.setCurrentContext(source.context);
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.server === LAST_RESORT)
    throw new Error('no cluster: neither a ServiceAccount nor KUBECONFIG nor ~/.kube/config names one');
  return { server: cluster.server, proxy: cluster.proxyUrl, credentials: () => resolve(config) };
}

type ResolvedOptions = {
  headers?: Record<string, string>;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
  auth?: string;
};

async function resolve(config: KubeConfig): Promise<Credentials> {
  const options: ResolvedOptions = {};
  // The argument's type has every option of node:https; the ones above are all that KubeConfig sets for us.
  await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
  const { headers = {}, ca, cert, key, servername, rejectUnauthorized, auth } = options;
  const basic = auth === undefined ? {} : { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  return { headers: { ...headers, ...basic }, ca, cert, key, servername, rejectUnauthorized };
}
