import { z } from 'zod';
import { Conditions, GROUP, nameFitsLabel, ObservedGeneration, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { withRules } from './rules.ts';
import { WINDOW_FIELDS, WINDOW_RULES, WindowOccurrence } from './windowtimes.ts';

export const MaintenanceWindowSpec = withRules(z.strictObject(WINDOW_FIELDS), ...WINDOW_RULES).describe(
  'When the customer lets his systems be worked on (MO-4, GE-4).',
);
export type MaintenanceWindowSpec = z.infer<typeof MaintenanceWindowSpec>;

export const MaintenanceWindowStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    open: WindowOccurrence.optional().describe('The opening that is under way.'),
    next: z
      .array(WindowOccurrence)
      .max(5)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('The next five openings, exclusions left out.'),
    warnings: z
      .array(z.string().max(300))
      .max(8)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('What is not wrong and may be unexpected: an opening at a minute that clocks skip or have twice.'),
    conditions: Conditions.optional(),
  })
  .describe('What follows from it; written by the operator.');
export type MaintenanceWindowStatus = z.infer<typeof MaintenanceWindowStatus>;

export type MaintenanceWindow = Resource<MaintenanceWindowSpec, MaintenanceWindowStatus>;

export const maintenanceWindow: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'MaintenanceWindow',
  plural: 'maintenancewindows',
  singular: 'maintenancewindow',
  shortNames: ['mw'],
  namespaced: true,
  description: 'When the customer lets his systems be worked on: PatchPolicies name it (MO-4).',
  spec: MaintenanceWindowSpec,
  status: MaintenanceWindowStatus,
  validations: [nameFitsLabel],
  selectableFields: [],
  printerColumns: [
    { name: 'Schedule', type: 'string', jsonPath: '.spec.schedule', description: 'When it opens.' },
    { name: 'Zone', type: 'string', jsonPath: '.spec.timeZone', description: 'Zone of the schedule.' },
    { name: 'Duration', type: 'string', jsonPath: '.spec.duration', description: 'How long it is open.' },
    { name: 'Next', type: 'string', jsonPath: '.status.next[0].start', description: 'When it opens next.' },
    { name: 'Open until', type: 'string', jsonPath: '.status.open.end', description: 'When the open one closes.' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether it can be worked by.',
    },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      description: 'Why Ready is what it is.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
