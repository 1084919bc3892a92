import type { GuestRestore } from '../../api/guestrestore.ts';
import { cut, excerpt } from '../../domain/contract/excerpt.ts';
import type { RestoreFound } from '../../domain/guest/look.ts';
import { formatTime } from '../../runtime/api/conditions.ts';

/** What a guest says of a restore of an application, as its GuestState has it. */
export function restoreRecord({ order, phase, closed, tables, rows, why }: RestoreFound): GuestRestore {
  return {
    order: cut(order, 64),
    ...(phase && { phase }),
    ...(closed && { closed: formatTime(closed) }),
    ...(tables !== undefined && { tables }),
    ...(rows !== undefined && { rows }),
    ...(why !== undefined && { why: excerpt(why, 256) }),
  };
}
