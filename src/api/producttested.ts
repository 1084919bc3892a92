import { z } from 'zod';
import { ObjectName } from './common.ts';
import { Day } from './day.ts';
import { LineName } from './linename.ts';

const Tested = z.strictObject({
  line: LineName.describe('Version line of this Product.'),
  operatingSystem: ObjectName.describe('System on which it was tested; one of the line’s.'),
  environment: z
    .enum(['Guest', 'Chroot'])
    .describe('Guest: a VM that boots, with all of Steward. Chroot: the packages and scripts alone, without a boot.'),
  day: Day.describe('Day on which all of it passed last.'),
  command: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9 ./:=_-]+$/)
    .describe('What tested it, to be run again.'),
});
export type ProductTested = z.infer<typeof Tested>;

export const ProductTests = z
  .array(Tested)
  .max(64)
  .meta({ 'x-kubernetes-list-type': 'atomic' })
  .describe('What was seen to work, where and when. A line on a system that is missing here was not tested.');
