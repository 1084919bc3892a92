import type { GuestUpdates, MissingUpdate } from '../../api/guestupdates.ts';
import { recordedUpdates } from './seen.ts';
import type { Scan, Update } from './update.ts';

/** A hole in openssl, as Debian tells of it. */
export function update(changes: Partial<Update> = {}): Update {
  return {
    package: 'openssl',
    architecture: 'amd64',
    from: '3.5.1-1',
    to: '3.5.1-1+deb13u1',
    origins: ['Debian-Security:13/stable-security'],
    security: true,
    severity: 'Important',
    advisories: [{ id: 'DSA-6012-1', severity: 'Important', issued: '2026-11-20T00:00:00Z' }],
    ...changes,
  };
}

export function scan(at: string, updates: readonly Update[], changes: Partial<Scan> = {}): Scan {
  return {
    at: new Date(at),
    system: { id: 'debian', version: '13', codename: 'trixie' },
    updates,
    rebootPending: false,
    complete: true,
    ...changes,
  };
}

/** What GuestState says after these scans, one after the other. */
export function recordedAfter(...scans: readonly Scan[]): GuestUpdates {
  const [first, ...others] = scans;
  if (first === undefined) throw new RangeError('there is no record without a scan');
  return others.reduce((before, next) => recordedUpdates(next, before), recordedUpdates(first, undefined));
}

/** One that is missing since an instant. */
export function missingSince(firstSeen: string, changes: Partial<Update> = {}): MissingUpdate {
  const [only] = recordedAfter(scan(firstSeen, [update(changes)])).missing;
  if (only === undefined) throw new RangeError('the update does not follow the schema');
  return only;
}
