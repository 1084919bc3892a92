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

const ProviderKey = z.strictObject({
  generation: z
    .int()
    .min(1)
    .max(1_000_000)
    .describe(
      "Raise it, and the provider's key pair is replaced: the next one is brought into the guest beside the present one, which goes once the next has opened it. A lower number than the present one asks for nothing.",
    ),
});

export const Access = z.strictObject({
  users: namedList(User, { max: 32 }).optional().describe("The customer's accounts, kept as ordered (MO-8)."),
  providerKey: ProviderKey.optional().describe(
    "Which of the provider's keys to this guest shall be in use; absent: the one that there is.",
  ),
});
