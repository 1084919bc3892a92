/**
 * Reads `name uid` of ManagedVMs from standard input and writes their children, all at once, then one status: no watch, no cache, no queue,
 * no finalizer. A refused request ends it.
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Pool } from 'undici';
import { connect } from '../../../src/runtime/http/connection.ts';
import { rootPath } from '../workload.ts';
import type { Request, Template } from './template.ts';

const inFlight = Number(process.env.BENCH_IN_FLIGHT);
const template = JSON.parse(await readFile(process.env.BENCH_TEMPLATE ?? '', 'utf8')) as Template;
const status = JSON.stringify({ status: template.status });

const connection = connect();
const { headers, ca } = await connection.credentials();
const pool = new Pool(connection.server, { connections: inFlight, pipelining: 1, allowH2: false, connect: { ca } });

const waiting: (() => void)[] = [];
let active = 0;

async function send({ method, path, contentType = 'application/json', body }: Request): Promise<void> {
  if (active === inFlight) await new Promise<void>(resolve => waiting.push(resolve));
  else active += 1;
  try {
    const answer = await pool.request({ method, path, body, headers: { ...headers, 'content-type': contentType } });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  } finally {
    const next = waiting.shift();
    if (next === undefined) active -= 1;
    else next();
  }
}

async function bringAbout(name: string, uid: string): Promise<void> {
  const own = (text: string) => text.replaceAll('@name@', name).replaceAll('@uid@', uid);
  await Promise.all(
    template.requests.map(({ path, body, ...rest }) => send({ ...rest, path: own(path), body: own(body) })),
  );
  const path = `${rootPath}/${name}/status?fieldManager=bench`;
  await send({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body: own(status) });
}

// The first request opens the connection and is none of the contest's.
await (await pool.request({ method: 'GET', path: '/version', headers })).body.dump();
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [name = '', uid = ''] = line.split(' ');
  void bringAbout(name, uid).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
