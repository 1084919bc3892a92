import { z } from 'zod';
import { namedList, stringSet } from './rules.ts';
import { SSHPublicKey } from './sshkey.ts';
import { UserName } from './username.ts';

const User = z.strictObject({
  name: UserName.describe('Login name.'),
  sshKeys: stringSet(SSHPublicKey, { max: 16 }).optional().describe('Public keys in OpenSSH form.'),
  administrator: z
    .boolean()
    .prefault(true)
    .describe('Root or administrator rights, shared with the provider at every Managed OS level (MO-8).'),
});

export const Access = z.strictObject({
  users: namedList(User, { max: 32 }).optional().describe("The customer's accounts, kept as ordered (MO-8)."),
});
