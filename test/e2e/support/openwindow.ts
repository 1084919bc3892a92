import { maintenanceWindow } from '../../../src/api/maintenancewindow.ts';
import { weeklyWindow } from '../../integration/support/orders.ts';
import type { Guests } from './guests.ts';

/** The customer has a window `now`, which is open, and in whose next two hours work may begin. */
export async function openNow({ api, namespace }: Guests): Promise<void> {
  const now = new Date();
  const open = {
    ...{ schedule: `${now.getUTCMinutes()} ${now.getUTCHours()} * * *`, timeZone: 'Etc/UTC' },
    ...{ duration: '3h', cutoff: '1h' },
  };
  await api.create(maintenanceWindow, weeklyWindow(namespace, 'now', open));
}
