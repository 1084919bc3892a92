import { SUBJECT } from '../contract/alert.ts';
import type { ReasonMeaning } from '../contract/reasons.ts';

const NETWORK =
  'Look whether the guest runs sshd and lets the worker in (firewall, NetworkPolicy of the namespace); see the console.';
const SSHD = 'Look in the guest at what listens on port 22, and at its configuration.';
const AGAIN = 'Wait for the next look; if it stays, look at the load and the disks of the guest.';

/** Why a guest is not reached, as src/guest/transport/failure.ts and the guest worker say it. */
export const CONTACT_REASONS = {
  HostKeyMismatch: {
    on: ['GuestReachable'],
    meaning:
      'What answers at the address of the guest proves itself with another host key than the one on record. Nobody logs in, and nothing is sent to it.',
    action:
      'Provider: find out who answers there ([runbook](runbooks/ManagedVMHostKeyMismatch.md)); never accept the key on its own word.',
    alert: {
      ...{ alert: 'ManagedVMHostKeyMismatch', for: '1m', severity: 'critical' },
      summary: '{{ $labels.managed_vm }}: another host key than the one of its guest',
      description: `What answers at the address of the guest of ${SUBJECT} is not the guest that is known, or its host key was replaced; nobody logs in to it.`,
    },
    toldBy: 'ManagedVMHostKeyMismatch',
  },
  LoginRefused: {
    on: ['GuestReachable'],
    meaning: "The guest does not let the provider's key in.",
    action:
      "Bring the provider's account and key back into the guest (status.keys has the fingerprint): without it nothing in the guest is looked after (MO-8).",
  },
  NoAnswer: {
    on: ['GuestReachable'],
    meaning: 'Nothing answers at the address of the guest within the time limit.',
    action: NETWORK,
  },
  NotReachable: {
    on: ['GuestReachable'],
    meaning: 'The address of the guest refuses connections, or no route leads to it.',
    action: NETWORK,
  },
  NoPath: {
    on: ['GuestReachable'],
    meaning: 'The guest has no network that the worker reaches.',
    action: 'Give the VM an interface on the pod network, or look after it by hand.',
  },
  KeysMissing: {
    on: ['GuestReachable'],
    meaning: 'The keys that the guest was given are not in the namespace of keys, so nobody can log in.',
    action: 'See Ready; provider: restore or copy the Secret ([procedures](procedures.md#keys)).',
  },
  KeysDiffer: {
    on: ['GuestReachable'],
    meaning: 'The keys in the namespace of keys are not those that the guest was given, so nobody logs in with them.',
    action:
      'Provider: find out who changed the Secret, and restore the one whose fingerprints are in status.keys ([procedures](procedures.md#keys)).',
  },
  NotSSH: {
    on: ['GuestReachable'],
    meaning: 'Something answers that does not speak SSH, not in time, or against its rules.',
    action: SSHD,
  },
  OldAlgorithms: {
    on: ['GuestReachable'],
    meaning: 'The guest offers only algorithms that are no longer used.',
    action: 'Let sshd of the guest offer curve25519-sha256, ssh-ed25519 and an AEAD cipher.',
  },
  ConnectionLost: {
    on: ['GuestReachable'],
    meaning: 'The connection broke while the guest was looked into.',
    action: AGAIN,
  },
  TimedOut: {
    on: ['GuestReachable'],
    meaning: 'A command in the guest did not end within its limit.',
    action: AGAIN,
  },
  TooMuchOutput: {
    on: ['GuestReachable'],
    meaning: 'The guest sent more than anybody reads.',
    action: 'Look in the guest at what its shell prints for the provider (shell start-up files, sudo, banners).',
  },
  NotUnderstood: {
    on: ['GuestReachable'],
    meaning: 'The guest was reached, and its answer is not one that can be read.',
    action: 'Look in the guest whether sh, sudo and coreutils are those of the distribution; the disk may be full.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type ContactFailure = keyof typeof CONTACT_REASONS;

/** What is so where the guest is not reached for this reason, as the end of a sentence. */
export const CONTACT_WORDS: Readonly<Record<ContactFailure, string>> = {
  HostKeyMismatch:
    'what answers proves itself with another host key than the one on record, so nobody logs in and nothing is sent to it',
  LoginRefused: "it does not let the provider's key in",
  NoAnswer: 'nothing answers within the time limit',
  NotReachable: 'the connection is refused, or no route leads there',
  NoPath: 'it has no network that the worker reaches',
  KeysMissing: 'the keys that it was given are not in the namespace of keys',
  KeysDiffer: 'the stored keys are not those that it was given',
  NotSSH: 'what answers does not speak SSH as it should',
  OldAlgorithms: 'it offers only algorithms that are no longer used',
  ConnectionLost: 'the connection broke while it was looked into',
  TimedOut: 'a command in it did not end within its limit',
  TooMuchOutput: 'it sent more than anybody reads',
  NotUnderstood: 'its answer cannot be read',
};

export function isContactFailure(outcome: string): outcome is ContactFailure {
  return Object.hasOwn(CONTACT_REASONS, outcome);
}
