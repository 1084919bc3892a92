/** A restore, step by step (AP-13): beside first, then the exchange, then the proof; or, of a drill, a guest in the sandbox. */
import { isDrill, isRestored } from '../../api/restore.ts';
import { end, fail, NOTHING, type RestoreAct, since } from './acts.ts';
import { restoreApplication } from './applicationrestore.ts';
import { choose, isCopy, prepare, SEAL } from './begin.ts';
import { ENGINE_MS, follow, MOVE_MS, move, STORAGE_MS } from './beside.ts';
import { BOOT_MS, drill, prepareDrill } from './drill.ts';
import type { Engine } from './engine.ts';
import { exchange, PROOF_MS, prove, STOP_MS, stop } from './exchange.ts';
import type { Ordered, RestoreFacts } from './facts.ts';

/** What is done next for a Restore. Whoever is asked in whatever state says the same for the same facts. */
export function restoreAct(restore: Ordered, facts: RestoreFacts, engine: Engine, now: Date): RestoreAct {
  const { status, metadata } = restore;
  if (isRestored(status?.phase)) return NOTHING;
  if (isCopy(restore)) {
    const message =
      'It is a copy of a Restore of before, and what that one did is not done again. Order another under a name of its own.';
    return end(status ?? { phase: 'Pending' }, 'Failed', message, now);
  }
  if (metadata.annotations?.[SEAL] === undefined) return { act: 'seal' };
  if (facts.unreadable !== undefined) return NOTHING;
  if (status?.point === undefined && facts.problem !== undefined)
    return fail(status ?? { phase: 'Pending' }, `The order cannot be read: ${facts.problem}.`, now);
  if (facts.application !== undefined) return restoreApplication(restore, facts, facts.application, now);
  if (status?.point === undefined) return choose(restore, facts, now);
  const isDrilled = isDrill(restore.spec);
  switch (status.phase) {
    case 'Pending':
      return isDrilled ? prepareDrill(restore, facts, now) : prepare(restore, facts, now);
    case 'Restoring':
      return follow(restore, facts, engine, now);
    case 'Moving':
      return move(restore, facts, now);
    case 'Stopping':
      return stop(restore, facts, now);
    case 'Exchanging':
      return exchange(restore, facts, now);
    case 'Starting':
      return isDrilled ? drill(restore, facts, now) : prove(restore, facts, now);
    default:
      return fail(status, 'It stands where no Restore can.', now);
  }
}

/** When time alone decides. */
export function nextEdge({ status }: Ordered): Date | undefined {
  if (status === undefined || isRestored(status.phase) || status.managedApplication !== undefined) return undefined;
  const after = (step: Parameters<typeof since>[1], ms: number) => {
    const from = since(status, step);
    return from && new Date(from.getTime() + ms);
  };
  switch (status.phase) {
    case 'Restoring':
      return after('restored', STORAGE_MS) ?? after('begun', ENGINE_MS);
    case 'Moving':
      return after('restored', MOVE_MS);
    case 'Stopping':
      return after('moved', STOP_MS);
    case 'Starting':
      return after('exchanged', PROOF_MS) ?? after('started', BOOT_MS);
    default:
      return undefined;
  }
}
