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
  /** The credentials as they are now: files and exec plugins are asked again where due. */
  credentials(): Promise<Credentials>;
};

export type ConnectionSource = { readonly kubeconfig?: string; readonly context?: string };

/** In-cluster ServiceAccount, $KUBECONFIG, ~/.kube/config or the given kubeconfig file (token, certificate, exec). */
export function connect(_source?: ConnectionSource): Connection {
  throw new Error('not implemented');
}
