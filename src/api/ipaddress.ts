import { z } from 'zod';

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const FOUR = `${OCTET}(\\.${OCTET}){3}`;
const GROUP = '[0-9A-Fa-f]{1,4}';
/** Every way to write an address of IPv6 without an IPv4 address at its end (RFC 4291 2.2, forms 1 and 2). */
const SIX = [
  `(${GROUP}:){7}${GROUP}`,
  `(${GROUP}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map(after => `(${GROUP}:){1,${7 - after}}(:${GROUP}){1,${after}}`),
  `:((:${GROUP}){1,7}|:)`,
].join('|');

/** An address of IPv4 or IPv6, without a zone. */
export const IPAddress = z
  .string()
  .min(2)
  .max(39)
  .regex(new RegExp(`^(${FOUR}|${SIX})$`));

/** An address with the length of its network's prefix, e.g. 10.20.0.5/24. */
export const AddressInNetwork = z
  .string()
  .min(4)
  .max(43)
  .regex(new RegExp(`^((${FOUR})/(3[0-2]|[12]?[0-9])|(${SIX})/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$`));

/** Whether an address, or one in its network, is of IPv6. */
export const isSix = (address: string): boolean => address.includes(':');
