/** A client of PostgreSQL in a Pod of another namespace, by the binding alone: over TLS, with SCRAM-SHA-256 (RFC 7677), as every driver speaks it. */

import { STEWARD_IMAGE } from '../../../hack/steward/onnode.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT, kubectl, kubectlWith } from './guests.ts';

/** Run by the Node of Steward's own image, in whose place a customer has a driver. */
const CLIENT = `
const net = require('node:net'), tls = require('node:tls'), crypto = require('node:crypto');
const { HOST, PORT, USERNAME, PASSWORD, DATABASE } = process.env;
const fail = what => { console.log(what); process.exit(1); };
setTimeout(() => fail('no answer within 30 seconds'), 30000);
const int = (n, size = 4) => { const b = Buffer.alloc(size); b.writeIntBE(n, 0, size); return b; };
const text = s => Buffer.from(s + '\\0');
const message = (type, ...parts) => { const body = Buffer.concat(parts); return Buffer.concat([Buffer.from(type), int(body.length + 4), body]); };
const plain = net.connect(Number(PORT), HOST, () => plain.write(Buffer.concat([int(8), int(80877103)])));
plain.on('error', error => fail(error.message));
plain.once('data', answer => {
  if (answer.toString() !== 'S') fail('no TLS');
  const socket = tls.connect({ socket: plain, rejectUnauthorized: false }, () => {
    const start = Buffer.concat([int(196608), text('user'), text(USERNAME), text('database'), text(DATABASE), Buffer.from([0])]);
    socket.write(Buffer.concat([int(start.length + 4), start]));
  });
  socket.on('error', error => fail(error.message));
  const nonce = crypto.randomBytes(18).toString('base64'), bare = 'n=,r=' + nonce;
  const hmac = (key, data) => crypto.createHmac('sha256', key).update(data).digest();
  let held = Buffer.alloc(0);
  socket.on('data', data => {
    held = Buffer.concat([held, data]);
    while (held.length > 4 && held.length > held.readInt32BE(1)) {
      const end = held.readInt32BE(1) + 1, type = String.fromCharCode(held[0]), body = held.subarray(5, end);
      held = held.subarray(end);
      if (type === 'E') fail(body.toString().replaceAll('\\0', ' '));
      if (type === 'R' && body.readInt32BE(0) === 10) {
        const first = Buffer.from('n,,' + bare);
        socket.write(message('p', text('SCRAM-SHA-256'), int(first.length), first));
      }
      if (type === 'R' && body.readInt32BE(0) === 11) {
        const server = body.subarray(4).toString();
        const [, r, s, i] = /r=([^,]*),s=([^,]*),i=(\\d+)/.exec(server);
        const salted = crypto.pbkdf2Sync(PASSWORD, Buffer.from(s, 'base64'), Number(i), 32, 'sha256');
        const key = hmac(salted, 'Client Key'), last = 'c=biws,r=' + r;
        const signature = hmac(crypto.createHash('sha256').update(key).digest(), [bare, server, last].join(','));
        const proof = key.map((byte, index) => byte ^ signature[index]);
        socket.write(message('p', Buffer.from(last + ',p=' + Buffer.from(proof).toString('base64'))));
      }
      if (type === 'Z') socket.write(message('Q', text('select 40 + 2')));
      if (type === 'D') { console.log(body.subarray(6).toString()); process.exit(0); }
    }
  });
});
`;

/** What a Pod in another namespace is answered over the Service that the binding names. */
export async function askedFromPod(namespace: string, of: (field: string) => string): Promise<string> {
  const name = `asker-${Math.random().toString(36).slice(2, 8)}`;
  const env = ['host', 'port', 'username', 'password', 'database'].map(field => ({
    ...{ name: field.toUpperCase(), value: of(field) },
  }));
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'client',
          image: `${STEWARD_IMAGE}:${manifest.version}`,
          command: ['/nodejs/bin/node', '-e', CLIENT],
          env,
          imagePullPolicy: 'Never',
        },
      ],
    },
  };
  await kubectlWith(['create', '-f', '-'], pod);
  const phase = () => kubectl('-n', namespace, 'get', 'pod', name, '-o', 'jsonpath={.status.phase}');
  await eventually(
    async () => {
      if (!['Succeeded', 'Failed'].includes(await phase())) throw new Error(`Pod ${name} is ${await phase()}`);
    },
    BOOT,
    1_000,
  );
  return (await kubectl('-n', namespace, 'logs', name)).trim();
}
