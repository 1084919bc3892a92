import fc from 'fast-check';
import { label, mostly, named } from './drawn.ts';

const optional: { requiredKeys: [] } = { requiredKeys: [] };

/** Ways to write what is nearly an address. */
const NO_ADDRESSES = [
  '',
  '1.2.3',
  '01.2.3.4',
  '256.1.1.1',
  '::ffff:1.2.3.4',
  ':::',
  '1::2::3',
  'fe80::1%eth0',
  '1:2:3:4:5:6:7',
  'x',
];
const six = fc.oneof(
  fc.ipV6().filter(ip => !ip.includes('.')),
  fc.constantFrom(
    '::',
    '::1',
    '1::',
    '2001:db8::5',
    '1:2:3:4:5:6:7:8',
    '1::8',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    'FD10:0:2::2',
  ),
);
const address = mostly(fc.oneof(fc.ipV4(), six), ...NO_ADDRESSES);
const within = mostly(
  fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })).map(([ip, length]) => `${ip}/${length}`),
    fc.tuple(six, fc.integer({ min: 1, max: 128 })).map(([ip, length]) => `${ip}/${length}`),
  ),
  ...[
    '0.0.0.0/0',
    '::/0',
    '10.0.0.1/33',
    '10.0.0.1/08',
    '::1/129',
    '10.0.0.1',
    '::1/',
    '10.0.0.1/24/8',
    ...NO_ADDRESSES,
  ],
);
const dns = fc.record(
  {
    servers: fc.uniqueArray(address, { minLength: 1, maxLength: 4 }),
    search: fc.uniqueArray(
      mostly(fc.constantFrom('corp.example', 'A.b-c.example'), '-a', 'a..b', '', 'a.', `${'a'.repeat(64)}.b`),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  },
  optional,
);
const route = fc.record({ to: within, via: address });

/** How interfaces are set: now and then with a gateway that another has too, or that no address suits. */
const settings = fc.record(
  {
    addresses: fc.array(within, { minLength: 1, maxLength: 3 }),
    gateways: fc.oneof(
      { weight: 1, arbitrary: fc.array(address, { minLength: 1, maxLength: 2 }) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(['10.20.0.1'], ['fd00::1'], ['10.20.0.1', 'fd00::1'], ['10.20.0.1', '10.20.0.2']),
      },
    ),
    ...{
      dns,
      mtu: mostly(fc.integer({ min: 1280, max: 9216 }), 1279, 9217, 0),
      routes: fc.array(route, { maxLength: 2 }),
    },
  },
  optional,
);
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\nAA==\n-----END CERTIFICATE-----\n';
/** What the guest's system needs in its network. */
const system = fc.record(
  {
    proxy: fc.record(
      {
        url: mostly(
          fc.constantFrom('http://proxy:3128', 'http://10.0.0.1', 'http://[fd00::1]:80'),
          'https://p',
          'http://u:p@h',
          'http://p:0',
          '',
        ),
        except: fc.uniqueArray(mostly(fc.constantFrom('.corp.example', '10.0.0.0/8', 'a'), '*', '', 'a b'), {
          maxLength: 3,
        }),
      },
      { requiredKeys: ['url'] },
    ),
    caCertificates: named(
      fc.record({ name: label, certificate: mostly(fc.constantFrom(PEM, PEM.trim()), '', 'x', `${PEM}${PEM}`) }),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
    timeServers: fc.uniqueArray(mostly(fc.constantFrom('ntp.example', '10.0.0.1', 'fd00::1'), '-a', '', 'a b', "a'"), {
      minLength: 1,
      maxLength: 5,
    }),
  },
  optional,
);

const plain = fc.constant({});
const setNow = fc.oneof({ weight: 12, arbitrary: plain }, { weight: 1, arbitrary: settings });

export const networks = fc
  .tuple(
    fc.record({ name: fc.constant('default') }),
    setNow,
    fc.array(setNow, { minLength: 2, maxLength: 2 }),
    named(fc.record({ name: label, multusNetwork: label }), { maxLength: 2 }),
    mostly(fc.constant(true), false),
    fc.nat(20),
  )
  .map(([pod, ofPod, sets, others, apart, chance]) => {
    const rest = others.map((other, index) => ({ ...(apart ? other : { name: other.name }), ...sets[index] }));
    return chance === 0 && rest.length > 0 ? rest : [{ ...pod, ...ofPod }, ...rest];
  });

const key = mostly(
  fc.constantFrom('team', 'acme.example/team', 'constructor', 'a'),
  ...[
    '',
    '/a',
    'a/',
    'kubevirt.io',
    'x.kubevirt.io/a',
    'managed.systems/a',
    'A.example/b',
    'a b',
    '-a',
    'notkubevirt.io/a',
  ],
);
const text = (...values: string[]) => mostly(fc.constantFrom('', 'a', 'A-1'), ...values);

export const machine = {
  system,
  placement: fc.record(
    { group: label, apart: mostly(fc.constantFrom('Hosts', 'Zones'), 'Racks'), required: fc.boolean() },
    { requiredKeys: ['group'] },
  ),
  labels: fc.dictionary(key, text('a b', '-', 'a'.repeat(64)), { maxKeys: 3 }),
  annotations: fc.dictionary(key, text('a b', 'x'.repeat(1025)), { maxKeys: 3 }),
};

const few = mostly(fc.constantFrom(1, 2, 4), 0, 257);
export const topology = fc.record({ sockets: few, cores: few, threads: few }, { requiredKeys: ['sockets', 'cores'] });
