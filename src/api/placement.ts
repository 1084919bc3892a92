import { z } from 'zod';
import { Label } from './common.ts';

/** Where a VM stands among others. */
export const Placement = z.strictObject({
  group: Label.describe('VMs of this namespace that name the same group are kept apart.'),
  apart: z
    .enum(['Hosts', 'Zones'])
    .prefault('Hosts')
    .describe('Whether no two of them share a node, or none a zone (topology.kubernetes.io/zone).'),
  required: z
    .boolean()
    .prefault(true)
    .describe('true: where there is no such place the VM does not start. false: it then starts beside another.'),
});
export type Placement = z.infer<typeof Placement>;
