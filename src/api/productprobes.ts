import { z } from 'zod';
import { absolutePath } from './absolutepath.ts';
import { HTTPPath } from './httppath.ts';
import { namedList, withExactlyOne } from './rules.ts';
import { wordName } from './wordname.ts';

const Path = absolutePath(100);

const TYPES = ['sql', 'keyValue', 'tcp', 'http', 'command'] as const;

const Probe = withExactlyOne(
  z.strictObject({
    name: wordName(24).describe('What people know it by.'),
    sql: z
      .strictObject({
        engine: z.enum(['PostgreSQL', 'MariaDB']).describe('By which it is asked, over its local socket.'),
        transaction: z
          .boolean()
          .prefault(true)
          .describe('Writes, reads and deletes a row in a schema of the provider’s, never in the customer’s data.'),
      })
      .optional()
      .describe('Asks a database engine.'),
    keyValue: z
      .strictObject({
        socket: Path.describe('Unix socket of the server.'),
        username: z
          .string()
          .max(32)
          .regex(/^[a-z][a-z0-9_]*$/)
          .describe('User of the probe’s own, with no right but over keys that begin with steward:.'),
        passwordFile: Path.describe('Where in the guest its password is, for root alone.'),
      })
      .optional()
      .describe('Sets, gets and deletes a key of the provider’s in a server of the kind of Valkey.'),
    tcp: z
      .strictObject({ port: z.int().min(1).max(65535).describe('TCP port.') })
      .optional()
      .describe('Opens a connection in the guest.'),
    http: z
      .strictObject({
        port: z.int().min(1).max(65535).describe('TCP port.'),
        path: HTTPPath.prefault('/').describe('What is asked for.'),
        status: z.int().min(100).max(599).prefault(200).describe('The status that is right.'),
      })
      .optional()
      .describe('Asks a web server in the guest.'),
    command: z
      .strictObject({
        run: z
          .array(z.string().min(1).max(1024))
          .min(1)
          .max(32)
          .meta({ 'x-kubernetes-list-type': 'atomic' })
          .describe('Program and arguments.'),
        output: z.string().min(1).max(256).optional().describe('The last line that it must say.'),
      })
      .optional()
      .describe('Runs a command, which must end with 0.'),
    timeoutSeconds: z.int().min(1).max(30).prefault(5).describe('A probe that takes longer has failed.'),
  }),
  TYPES,
  `a probe is of exactly one type: ${TYPES.join(', ')}`,
);
export type ProductProbe = z.infer<typeof Probe>;

export const ProductProbes = namedList(Probe, { min: 1, max: 8 }).describe(
  'How it is measured in the guest, every 30 seconds, that it works and how long it takes (AP-11). All of them must succeed.',
);
