import type { ManagedApplication, ManagedApplicationStatus } from '../../api/managedapplication.ts';
import { cut } from '../contract/excerpt.ts';
import { type Assessment, observed, stalled } from './policystatus.ts';

/** An order that was stored under another schema: the guest keeps what it was told last. */
export function unreadableApplication(
  { metadata, status }: ManagedApplication,
  problem: string,
): Assessment<ManagedApplicationStatus> {
  const { plan, credentials, binding, installed, backup, availability, responseTime, updates } = status ?? {};
  return {
    status: {
      ...observed(metadata.generation),
      ...{
        ...(plan && { plan }),
        ...(credentials && { credentials }),
        ...(binding && { binding }),
        ...(installed && { installed }),
        ...(backup && { backup }),
        ...(availability && { availability }),
        ...(responseTime && { responseTime }),
        ...(updates && { updates }),
      },
    },
    conditions: stalled('InvalidOrder', cut(`${problem}.`, 300)),
  };
}
