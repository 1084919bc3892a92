/** Real receivers on the loopback that refuse as real ones do: an SMTP server and a web server. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { selfSigned } from '../../runtime/http/selfsigned.fixtures.ts';

export type Taken = { readonly to: readonly string[]; readonly from: string; readonly text: string };

export type MailReceiver = {
  readonly port: number;
  readonly cert: string;
  readonly taken: readonly Taken[];
  close(): Promise<void>;
};

/** The answer to a recipient; undefined: he is taken. */
export type Refusal = (address: string) => { readonly code: number; readonly says: string } | undefined;

export type MailSettings = {
  readonly refuse?: Refusal;
  /** Whether it offers STARTTLS; default: yes. */
  readonly encrypts?: boolean;
  /** The one who may log in; nobody may send without. */
  readonly login?: { readonly user: string; readonly password: string };
};

export async function startMailReceiver({ refuse, encrypts = true, login }: MailSettings = {}): Promise<MailReceiver> {
  const { key, cert } = selfSigned();
  const taken: Taken[] = [];
  const options: SMTPServerOptions = {
    ...{ key, cert, logger: false, authOptional: login === undefined, closeTimeout: 100 },
    disabledCommands: [...(encrypts ? [] : ['STARTTLS']), ...(login === undefined ? ['AUTH'] : [])],
    onAuth: ({ username, password }, _session, done) =>
      username === login?.user && password === login?.password
        ? done(null, { user: username })
        : done(Object.assign(new Error('authentication failed'), { responseCode: 535 })),
    onRcptTo: ({ address }, _session, done) => {
      const refusal = refuse?.(address);
      done(refusal === undefined ? null : Object.assign(new Error(refusal.says), { responseCode: refusal.code }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        taken.push({ from, to: rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString('utf8') });
        done(null, '2.0.0 queued as 4711');
      });
    },
  };
  const server = new SMTPServer(options);
  server.on('error', () => undefined);
  const port = await listening(server.server, () => server.listen(0, '127.0.0.1'));
  return { port, cert, taken, close: () => new Promise(done => server.close(() => done())) };
}

export type Request = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type WebReceiver = {
  readonly url: string;
  readonly cert: string;
  readonly requests: readonly Request[];
  close(): Promise<void>;
};

export type Answer = (request: Request, response: ServerResponse) => void;

/** `secure`: whether it speaks TLS, by a certificate for the name loopback that nobody has signed. */
export async function startWebReceiver(answer: Answer, secure = false): Promise<WebReceiver> {
  const { key, cert } = selfSigned();
  const requests: Request[] = [];
  const listener: Parameters<typeof createServer>[1] = (incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
      requests.push(request);
      answer(request, response);
    });
  };
  const server = secure ? createSecureServer({ key, cert }, listener) : createServer({}, listener);
  const port = await listening(server, () => server.listen(0, '127.0.0.1'));
  return {
    ...{ url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`, cert, requests },
    close: () => {
      server.closeAllConnections();
      return new Promise(done => server.close(() => done()));
    },
  };
}

async function listening(server: Server, listen: () => unknown): Promise<number> {
  await new Promise<void>(done => {
    server.once('listening', () => done());
    listen();
  });
  return (server.address() as AddressInfo).port;
}
