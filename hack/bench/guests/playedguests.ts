/**
 * PLAYED: the sshd of any number of guests, in a process of its own, so that the worker's is measured alone. Each is as ordered: it reads the
 * script of a look and says so. The keys come by the environment; the port is the first line that is printed.
 */
import { scriptedLook } from '../../../src/guest/settings/scriptedlook.fixtures.ts';
import { startScriptedGuest } from '../../../src/guest/transport/scriptedguest.fixtures.ts';

const { GUEST_HOST_KEY = '', GUEST_PUBLIC_KEY = '' } = process.env;
const { port } = await startScriptedGuest({
  hostKey: { privateKey: GUEST_HOST_KEY, publicKey: '' },
  authorized: { privateKey: '', publicKey: GUEST_PUBLIC_KEY },
  run: ({ input, channel }) =>
    void input.then(script => {
      channel.write(scriptedLook(script));
      channel.exit(0);
      channel.end();
    }),
});
console.log(port);
