import { tell } from '../support/applicationscenario.ts';

/** As the provider's own user. */
const asked = (command: string) =>
  `REDISCLI_AUTH=$(cat /etc/valkey.d/provider.secret) valkey-cli -s /run/valkey/valkey-server.sock --user steward ${command} | tr -d '\\r'`;
const maxmemory = asked("info memory | sed -n 's/^maxmemory://p'");

tell({
  ...{ product: 'valkey', line: '8.1', version: /^8\.1\./ },
  ...{ package: 'valkey-server', data: '/var/lib/valkey/appendonlydir' },
  parameters: { maxmemory: '32Mi' },
  shows: [
    [maxmemory, '33554432'],
    [asked("info persistence | sed -n 's/^aof_enabled://p'"), '1'],
    ['cat /proc/sys/vm/overcommit_memory', '1'],
  ],
  client: of =>
    `REDISCLI_AUTH=${of('password')} valkey-cli --tls --insecure -h 127.0.0.1 --user ${of('username')} eval 'return 40 + 2' 0 2>&1 || true`,
  served: '42',
  refused: /WRONGPASS/,
  file: '/etc/valkey/valkey.conf',
  tampered: 'appendonly no',
  change: { maxmemory: '64Mi' },
  atOnce: [],
  waits: [[maxmemory, '33554432']],
  inWindow: [[maxmemory, '67108864']],
  updated: {
    package: 'valkey-server',
    broken: 'sed -i s,^ExecStart=.*,ExecStart=/bin/false, usr/lib/systemd/system/valkey-server.service',
    writes: of =>
      `REDISCLI_AUTH=${of('password')} timeout 5 valkey-cli -e --tls --insecure -h 127.0.0.1 --user ${of('username')} set "written:$i" 1`,
    written: of =>
      `REDISCLI_AUTH=${of('password')} valkey-cli --tls --insecure -h 127.0.0.1 --user ${of('username')} --scan --pattern 'written:*' | sed 's/^written://'`,
  },
  isDumped: true,
  unit: 'valkey-server.service',
  stop: 'systemctl stop valkey-server.service',
});
