import { backupPolicy } from './backuppolicy.ts';
import { guestState } from './gueststate.ts';
import type { KindDefinition } from './kind.ts';
import { managedVM } from './managedvm.ts';
import { operatingSystem } from './operatingsystem.ts';
import { serviceCalendar } from './servicecalendar.ts';

/** Every kind of ours, in the order in which people read about them. */
export const kinds: readonly KindDefinition[] = [managedVM, operatingSystem, backupPolicy, serviceCalendar, guestState];
