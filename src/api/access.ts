import { z } from 'zod';
import { namedList, stringSet, withRules } from './rules.ts';

/** Comments are printable ASCII: other characters count differently in ECMAScript and in the API server. */
const SSHPublicKey = z
  .string()
  .min(16)
  .max(1024)
  .regex(
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh[.]com|sk-ecdsa-sha2-nistp256@openssh[.]com) [A-Za-z0-9+/]+={0,3}( [ -~]{0,200})?$/,
  );

/** The provider's own account (MO-8), and those that the systems bring with them. */
export const reservedUsers: readonly string[] = [
  'steward',
  'root',
  'administrator',
  'defaultaccount',
  'guest',
  'system',
  'wdagutilityaccount',
];

const UserName = withRules(
  z
    .string()
    .min(1)
    .max(32)
    .regex(/^[a-z_][a-z0-9_-]*$/),
  {
    rule: `!(self in [${reservedUsers.map(name => `'${name}'`).join(', ')}])`,
    message: `users have names of their own, not ${reservedUsers.join(', ')}: those belong to the provider and the system (MO-8)`,
    holds: name => !reservedUsers.includes(name),
  },
);

const User = z.strictObject({
  name: UserName.describe('Login name.'),
  sshKeys: stringSet(SSHPublicKey, { max: 16 }).optional().describe('Public keys in OpenSSH form.'),
  administrator: z
    .boolean()
    .prefault(true)
    .describe('Root or administrator rights, shared with the provider at every Managed OS level (MO-8).'),
});

export const Access = z.strictObject({
  users: namedList(User, { max: 32 }).optional().describe('Accounts made at first boot.'),
});
