/** A restore of the data of an application from a dump in its guest, step by step (AP-13; docs/adr/0190). The guest worker carries it out. */
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { RestoreStatus } from '../../api/restore.ts';
import { restoreEngine } from '../contract/applicationplan.ts';
import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import { advance, end, NOTHING, type RestoreAct, since, tell, write } from './acts.ts';
import { chooseDump, dumpName } from './dumppoint.ts';
import type { Ordered, RestoredApplication, RestoreFacts } from './facts.ts';

const NEW: RestoreStatus = { phase: 'Pending' };

export function restoreApplication(
  restore: Ordered,
  facts: RestoreFacts,
  of: RestoredApplication,
  now: Date,
): RestoreAct {
  const { status = NEW } = restore;
  if (status.point === undefined) return chooseOf(restore, facts, of, now);
  const gone = whyGone(status.managedApplication, of.application);
  if (gone !== undefined)
    return status.phase === 'Pending' ? failed(status, gone, now) : lost(restore, status, gone, now);
  return status.phase === 'Pending' ? prepareOf(status, facts, of, now) : followed(restore, status, of, now);
}

/** Chooses the dump, once. */
function chooseOf(restore: Ordered, { target }: RestoreFacts, of: RestoredApplication, now: Date): RestoreAct {
  const { status = NEW, spec } = restore;
  const { application, backup, dumped } = of;
  const name = `ManagedApplication ${spec.managedApplicationRef}`;
  if (application === undefined) return failed(status, `There is no ${name}.`, now);
  if (application.metadata.deletionTimestamp !== undefined) return failed(status, `${name} is being deleted.`, now);
  if (application.status?.plan === undefined)
    return failed(status, `${name} is not set up yet: there is nothing to restore from.`, now);
  if (backup === undefined)
    return failed(status, `The Product of ${name} has no backup of its own: nothing is dumped. Restore its VM.`, now);
  if (restoreEngine(backup.engine) === undefined)
    return failed(
      status,
      `Data of ${backup.engine} are not restored by Steward yet: a person does it from the dump.`,
      now,
    );
  if (dumped === undefined) return tell(status, 'It is not known yet which dumps lie in the guest.');
  const choice = chooseDump(spec.point, dumped);
  if ('wait' in choice) return tell(status, choice.wait);
  if ('none' in choice) return failed(status, choice.none, now);
  const { point } = choice;
  const message = `The dump as of ${point.time} (${point.name}) was chosen; nothing is done before it is agreed to.`;
  const chosen: RestoreStatus = {
    ...{ ...status, managedApplication: application.metadata.uid ?? '', point },
    ...(target !== undefined && { recoveryTime: { target } }),
  };
  return write(advance(chosen, 'Pending', 'chosen', message, now));
}

/** Waits for agreement, for its turn, and for what else is done to the application. */
function prepareOf(
  status: RestoreStatus,
  { consent, ahead }: RestoreFacts,
  { application, dumped }: RestoredApplication,
  now: Date,
): RestoreAct {
  if (status.change === undefined || consent === undefined) return { act: 'change' };
  if (consent.stand === 'Refused') return failed(status, consent.says, now);
  if (consent.stand === 'Awaited') return tell(status, consent.says);
  if (dumped !== undefined && !dumped.dumps?.some(each => dumpName(new Date(each)) === status.point?.name))
    return failed(status, `${status.point?.name} does not lie in the guest any more.`, now);
  const waits = ahead ?? whatElse(application);
  if (waits !== undefined) return tell(status, waits);
  return write(advance(status, 'Restoring', 'agreed', 'The guest worker is told to restore the data.', now));
}

/** What is done to the application that must come to its end first. */
function whatElse(application: ManagedApplication | undefined): string | undefined {
  const { lineChange, updates = [] } = application?.status ?? {};
  if (lineChange?.phase === 'Changing') return `It is being changed from line ${lineChange.from} to ${lineChange.to}.`;
  const [update] = updates;
  return update?.outcome === 'Running' ? `It is being updated from ${update.from} to ${update.to}.` : undefined;
}

/** What the guest says of it. */
function followed(
  { metadata: { creationTimestamp = '' } }: Ordered,
  status: RestoreStatus,
  { found }: RestoredApplication,
  now: Date,
): RestoreAct {
  const time = status.point?.time ?? '';
  switch (found?.phase) {
    case undefined:
      return NOTHING;
    case 'Begun':
    case 'Back': {
      const message = `The dump as of ${time} is being restored, and nobody is let in${found.closed === undefined ? '' : ` since ${found.closed}`}.`;
      return reached(status, 'begun', found.phase === 'Back' ? `It is being taken back: ${found.why}.` : message, now);
    }
    case 'Filled': {
      const message = `The data as of ${time} are restored (${comparedIn(found)}); nobody is let in before all probes succeed.`;
      return reached(status, 'restored', message, now);
    }
    case 'Failed': {
      const why = `The guest could not restore the dump as of ${time}: ${excerpt(found.why ?? 'it does not say why', 256)}.`;
      return failed(status, why, now);
    }
    case 'Done': {
      const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(creationTimestamp)) / 1000));
      const timed = { ...status, recoveryTime: { ...status.recoveryTime, seconds } };
      const closed = found.closed ?? instant(now);
      const lost = Math.max(0, Math.round((Date.parse(closed) - Date.parse(time)) / 60_000));
      const message = `The data as of ${time} are restored (${comparedIn(found)}), and clients are let in. What was written in the ${lost} min from then until nobody was let in any more, at ${closed}, is in the data of before, which are kept in the guest.`;
      return end(timed, 'Succeeded', message, now);
    }
  }
}

function comparedIn({ tables = 0, rows = 0 }: NonNullable<RestoredApplication['found']>): string {
  return `tables: ${tables}, rows: ${rows}, each found as it was dumped`;
}

/** A step is noted once. */
function reached(status: RestoreStatus, step: 'begun' | 'restored', message: string, now: Date): RestoreAct {
  return since(status, step) === undefined
    ? write(advance(status, 'Restoring', step, message, now))
    : tell(status, message);
}

/** It comes to nothing. */
function failed(status: RestoreStatus, why: string, now: Date): RestoreAct {
  return end(status, 'Failed', `${why} The data of the application are what they were.`, now);
}

/** The guest was told of it, and nobody says any more how far it came. */
function lost({ metadata: { uid } }: Ordered, status: RestoreStatus, why: string, now: Date): RestoreAct {
  const data = `Its guest was told to restore the data, and which data it has now is not proven: those of before are brought back when the application is taken out of its guest, and where they were not they lie at before-restore-${uid} beside its data.`;
  return end(status, 'Failed', `${why} ${data}`, now);
}

function whyGone(uid: string | undefined, application: ManagedApplication | undefined): string | undefined {
  if (application === undefined || application.metadata.uid !== uid)
    return `The ManagedApplication with uid ${uid} is gone.`;
  return application.metadata.deletionTimestamp === undefined
    ? undefined
    : `ManagedApplication ${application.metadata.name} is being deleted.`;
}
