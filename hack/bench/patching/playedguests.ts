/**
 * PLAYED: the sshd of many guests, in a process of its own, so that the runner's is measured alone. Each has an address of its own on loopback and
 * goes its way (ways.ts). The order comes by the environment; what happens is told, and what is to happen is asked for, by messages.
 */
import {
  newKeys,
  type ScriptedGuest,
  startScriptedGuest,
} from '../../../src/guest/transport/scriptedguest.fixtures.ts';
import { loopbackOf } from './playedaddresses.ts';
import { PlayedGuest } from './playedguest.ts';
import type { WayName } from './ways.ts';

/** From the bench: whose package manager comes to its end. */
export type Order = { readonly finish: 'all but late' | 'late' } | { readonly tell: 'installs' };
/** To the bench. */
export type Told =
  | { readonly port: number }
  /** In so many the package manager runs now. */
  | { readonly busy: number }
  /** How often each has installed packages, by its number. */
  | { readonly installs: readonly number[] };

const { GUEST_HOST_KEY = '', GUEST_PUBLIC_KEY = '', GUEST_WAYS = '' } = process.env;
const hostKey = { privateKey: GUEST_HOST_KEY, publicKey: '' };
const authorized = { privateKey: '', publicKey: GUEST_PUBLIC_KEY };
const otherKey = newKeys();
const tell = (told: Told) => process.send?.(told);

let open = false;
const guests = GUEST_WAYS.split(',').map((way, index) => {
  const guest: PlayedGuest = new PlayedGuest(way as WayName, index % 2 === 0, () => {
    if (open && guest.way !== 'late') guest.finish();
    tell({ busy: busy().length });
  });
  return guest;
});
const busy = () => guests.filter(guest => guest.busy);

const sshds: ScriptedGuest[] = [];
for (const [index, guest] of guests.entries()) sshds.push(await listen(guest, index, sshds[0]?.port ?? 0));
tell({ port: sshds[0]?.port ?? 0 });

// However the bench ends, they go with it.
process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  if ('tell' in order) return void tell({ installs: guests.map(({ installs }) => installs) });
  // Who begins afterwards is held up no more.
  open = true;
  for (const guest of busy()) if ((guest.way === 'late') === (order.finish === 'late')) guest.finish();
});

function listen(guest: PlayedGuest, index: number, port: number): Promise<ScriptedGuest> {
  return startScriptedGuest({
    ...{ host: loopbackOf(index), port, authorized, hostKey: guest.way === 'hostkey' ? otherKey : hostKey },
    run: ({ input, channel, connection }) =>
      void input.then(script => {
        const reaction = guest.run(script);
        if (reaction === 'cut' || guest.down) connection.end();
        else {
          channel.write(reaction.text);
          channel.exit(reaction.exitCode);
          channel.end();
        }
        if (guest.down) void sshds[index]?.close();
      }),
  });
}
