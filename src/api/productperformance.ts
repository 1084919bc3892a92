import { z } from 'zod';
import { Sentence, Terms } from './productmonitoring.ts';
import { namedList, withRules } from './rules.ts';
import { wordName } from './wordname.ts';

export const Resource = z.enum(['CPU', 'Memory', 'Disk', 'Parameter']);

const Growth = z.strictObject({
  overHours: z
    .int()
    .min(6)
    .max(336)
    .prefault(168)
    .describe('Hours by whose growth it is predicted; half of them must have been read.'),
  exhaustedWithinDays: z
    .int()
    .min(1)
    .max(365)
    .describe('Advice is given where nothing of it is left within so many days, if it grows on as it has.'),
});

/** An advisor looks at one number: the part that is in use of what there is. So all of them are compared, predicted and reviewed alike. */
const Advisor = withRules(
  z.strictObject({
    name: wordName(32).describe('What people know it by.'),
    resource: Resource.describe(
      'What may become scarce. CPU, Memory and Disk are read from the exporter of the guest, a Parameter from that of the product.',
    ),
    path: z
      .string()
      .max(100)
      .regex(/^(\/|(\/[A-Za-z0-9_-]+){1,8})$/)
      .optional()
      .describe('Of Disk: where the data are. The fullest of the file systems on the way there counts.'),
    parameter: z
      .string()
      .max(63)
      .regex(/^[a-z][a-z0-9_]*$/)
      .optional()
      .describe('Of Parameter: the parameter of the Product that bounds it.'),
    used: Terms.optional().describe('Of Parameter: how much is in use; several are added.'),
    capacity: Terms.optional().describe('Of Parameter: how much there is; several are added.'),
    atPercent: z.int().min(1).max(99).describe('Advice is given from this percent in use on.'),
    forMinutes: z
      .int()
      .min(5)
      .max(10_080)
      .prefault(60)
      .describe('For how many minutes of the window it must have been so, not necessarily one after the other.'),
    windowHours: z.int().min(1).max(168).prefault(24).describe('The hours before that are looked at.'),
    growth: Growth.optional().describe('What grows is advised on before it is scarce.'),
    proposal: Sentence.describe('What should be done, to the customer; a sentence without braces.'),
  }),
  {
    rule: "has(self.path) == (self.resource == 'Disk')",
    message: 'a Disk has a path, and nothing else has',
    fieldPath: '.path',
    holds: ({ path, resource }) => (path !== undefined) === (resource === 'Disk'),
  },
  {
    rule: "[has(self.parameter), has(self.used), has(self.capacity)].all(each, each == (self.resource == 'Parameter'))",
    message: 'a Parameter has parameter, used and capacity, and nothing else has any of them',
    holds: ({ parameter, used, capacity, resource }) =>
      [parameter, used, capacity].every(each => (each !== undefined) === (resource === 'Parameter')),
  },
  {
    rule: 'self.forMinutes <= self.windowHours * 60',
    message: 'forMinutes is no longer than the window',
    fieldPath: '.forMinutes',
    holds: ({ forMinutes, windowHours }) => forMinutes <= windowHours * 60,
  },
);
export type Advisor = z.infer<typeof Advisor>;

export const ProductPerformance = z
  .strictObject({
    advisors: namedList(Advisor, { min: 1, max: 8 }).describe('What is looked at.'),
  })
  .describe(
    'What is advised on at Advanced and Expert, and reviewed every month (AP-5, AP-12). Absent: CPU, memory and the root file system of the guest.',
  );
export type ProductPerformance = z.infer<typeof ProductPerformance>;
