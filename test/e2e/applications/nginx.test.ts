import { tell } from '../support/applicationscenario.ts';

/** The status of an answer to a request for a path, with more lines of a head. */
const status = (path: string, method = 'GET', head = '') =>
  `timeout 10 bash -c 'exec 3<> /dev/tcp/127.0.0.1/80; printf "${method} ${path} HTTP/1.1\\r\\nHost: shop.example\\r\\nConnection: close\\r\\n${head}\\r\\n" >&3; read -r _ status _ <&3; echo $status'`;
/** What it says of a body of 5 MB before that is sent. */
const large = status('/', 'POST', 'Expect: 100-continue\\r\\nContent-Length: 5000000\\r\\n');

tell({
  ...{ product: 'nginx', line: '1.26', version: /^1\.26\./ },
  ...{ package: 'nginx', data: '/var/log/nginx' },
  parameters: { server_name: 'shop.example' },
  shows: [
    [large, '413'],
    ['nginx -t 2>&1 | tail -n 1', 'nginx: configuration file /etc/nginx/nginx.conf test is successful'],
  ],
  client: () => `${status('/.steward')} || true`,
  served: '204',
  file: '/etc/nginx/nginx.conf',
  tampered: '# not ordered',
  change: { server_name: 'shop.example', client_max_body_size: '10Mi' },
  atOnce: [[large, '100']],
  waits: [],
  updated: {
    ...{ package: 'nginx', broken: 'printf "#!/bin/sh\\nexit 1\\n" > usr/sbin/nginx' },
    writes: () => `test "$(${status('/.steward')})" = 204`,
  },
  isDumped: true,
  restored: {
    writes: () => 'echo $i >> /var/www/html/written',
    written: () => 'cat /var/www/html/written',
  },
  unit: 'nginx.service',
  stop: 'systemctl stop nginx.service',
});
