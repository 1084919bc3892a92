import type { ManagedApplication, ManagedApplicationStatus } from '../../api/managedapplication.ts';
import { cut } from '../contract/excerpt.ts';
import { type Assessment, observed, stalled } from './policystatus.ts';

/** An order that was stored under another schema: the guest keeps what it was told last. */
export function unreadableApplication(
  { metadata, status }: ManagedApplication,
  problem: string,
): Assessment<ManagedApplicationStatus> {
  // What is known of the guest now is not told of an order that nobody can read.
  const { observedGeneration: _seen, conditions: _said, pending: _pending, version: _version, ...kept } = status ?? {};
  return {
    status: { ...observed(metadata.generation), ...kept },
    conditions: stalled('InvalidOrder', cut(`${problem}.`, 300)),
  };
}
