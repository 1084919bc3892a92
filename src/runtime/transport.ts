export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What an interceptor sees of a request. */
export type CallInfo = {
  readonly method: Method;
  /** Path with query. */
  readonly path: string;
  /** JSON text, if there is a body. */
  readonly body: string | undefined;
  readonly contentType: string | undefined;
  readonly watch: boolean;
};
export type CallAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** Faults are injected here. Throwing before `send` = never sent; throwing after it = response lost after commit. */
export type Intercept = {
  call?(info: CallInfo, send: () => Promise<CallAnswer>): Promise<CallAnswer>;
  /** Wraps the sink of a watch stream: chunks can be dropped, delayed, repeated; throwing cuts the stream. */
  stream?(info: CallInfo, deliver: (chunk: Buffer) => void): (chunk: Buffer) => void;
};
