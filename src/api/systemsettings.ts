import { z } from 'zod';
import { Label } from './common.ts';
import { namedList, stringSet } from './rules.ts';

/** Host names and addresses, as programs take them. */
const HOST = '([A-Za-z0-9]([-A-Za-z0-9.]{0,251}[A-Za-z0-9])?|\\[[0-9A-Fa-f:]{2,39}\\])';

const ProxySettings = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(300)
    .regex(new RegExp(`^http://${HOST}(:[1-9][0-9]{0,4})?$`))
    .describe(
      'Address of the proxy, e.g. http://proxy.corp.example:3128. Without a password: an order is no place for one.',
    ),
  except: stringSet(
    z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9.:/-]+$/),
    { max: 32 },
  )
    .optional()
    .describe('Hosts, domains (.corp.example) and networks that are reached without it; localhost always is.'),
});

const Certificate = z.strictObject({
  name: Label.max(40).describe('Name, e.g. corp-root.'),
  certificate: z
    .string()
    .min(1)
    .max(8192)
    .regex(/^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]+={0,2}\n)+-----END CERTIFICATE-----\n?$/)
    .describe('The certificate as PEM.'),
});

/** What the guest's system needs to live in a customer's network. */
export const SystemSettings = z.strictObject({
  proxy: ProxySettings.optional().describe(
    'Proxy of programs: for the package manager and services from their next start, for people from their next login.',
  ),
  caCertificates: namedList(Certificate, { min: 1, max: 8 })
    .optional()
    .describe('Certificates of authorities that the guest trusts besides those of its distribution.'),
  timeServers: stringSet(
    z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9:]([-A-Za-z0-9.:]*[A-Za-z0-9:])?$/),
    { min: 1, max: 4 },
  )
    .optional()
    .describe('Names or addresses of NTP servers.'),
});
export type SystemSettings = z.infer<typeof SystemSettings>;
