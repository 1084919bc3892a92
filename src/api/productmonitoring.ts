import { z } from 'zod';
import { ApplicationLevel } from './applicationlevel.ts';
import { ProductOutside } from './productoutside.ts';
import { keyedList, namedList, stringSet, withRules } from './rules.ts';
import { wordName } from './wordname.ts';

const MetricName = z
  .string()
  .max(128)
  .regex(/^[a-z][a-z0-9_]*$/)
  .describe('Name of a metric, as Prometheus writes it.');

/** A number as Prometheus compares with it; text, because no number of JSON keeps its places. */
const Decimal = z
  .string()
  .min(1)
  .max(20)
  .regex(/^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$/);

/** Stands in annotations of alerts, which are templates: nothing of it may begin one. */
export const Sentence = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[ -z|~]+$/);

const Exporter = z.strictObject({
  port: z
    .int()
    .min(1)
    .max(65535)
    .describe('Port in the guest on which it is read at /metrics. Its package, file and unit are steps.'),
  prefixes: stringSet(
    z
      .string()
      .min(2)
      .max(32)
      .regex(/^[a-z][a-z0-9_]*_$/),
    { min: 1, max: 8 },
  ).describe('How the names of the metrics begin that are taken from it, e.g. pg_. Nothing else that it exposes is.'),
  metrics: stringSet(MetricName, { min: 1, max: 16 }).describe(
    'Metrics that must be there. Each that is missing is an alert of its own, for an exporter can answer and have lost half of what it reads.',
  ),
});

const Term = z.strictObject({
  metric: MetricName.describe('One of the metrics that must be there.'),
  where: keyedList(
    z.strictObject({
      label: z
        .string()
        .max(64)
        .regex(/^[a-z][a-z0-9_]*$/)
        .describe('Label of the metric.'),
      value: z
        .string()
        .max(64)
        .regex(/^[A-Za-z0-9_ .:/-]*$/)
        .describe('Its value.'),
    }),
    'label',
    { max: 8 },
  )
    .optional()
    .describe('Only series with these labels.'),
  rateSeconds: z
    .int()
    .min(120)
    .max(86_400)
    .optional()
    .describe('Of a counter: by how much it grows in a second, over so many seconds. Absent: the value as it is.'),
  series: z
    .enum(['Sum', 'Greatest', 'Least'])
    .optional()
    .describe('What is taken of several series: the greatest, the least or, as where it says nothing, their sum.'),
});
export type IndicatorTerm = z.infer<typeof Term>;

/** What is looked at of an exporter. */
export const Terms = z.array(Term).min(1).max(4).meta({ 'x-kubernetes-list-type': 'atomic' });

const Indicator = withRules(
  z.strictObject({
    name: wordName(32).describe('What people know it by; label indicator of its alert.'),
    value: Terms.describe('What is looked at; several are added.'),
    dividedBy: Terms.optional().describe('By what it is divided; several are added.'),
    above: Decimal.optional().describe('It is told above this, not at it.'),
    below: Decimal.optional().describe('It is told below this, not at it.'),
    forSeconds: z.int().min(60).max(86_400).prefault(600).describe('For how long it must be so.'),
    severity: z.enum(['Warning', 'Critical']).prefault('Warning').describe('How grave it is.'),
    says: Sentence.describe('What it means, to whoever is called; a sentence without braces.'),
  }),
  {
    rule: 'has(self.above) != has(self.below)',
    message: 'an indicator has either above or below',
    holds: ({ above, below }) => (above === undefined) !== (below === undefined),
  },
);
export type ProductIndicator = z.infer<typeof Indicator>;

const Objective = withRules(
  z.strictObject({
    level: ApplicationLevel,
    availability: z
      .string()
      .min(2)
      .max(6)
      .regex(/^([1-9][0-9](\.[0-9]{0,2}[1-9])?)$/)
      .optional()
      .describe('Percent of a month in which all probes succeed, with up to three places, e.g. 99.9.'),
    responseTime: z
      .strictObject({
        percent: z.int().min(50).max(99).describe('Percent of the readings of a probe in a month.'),
        milliseconds: z.int().min(1).max(30_000).describe('How long each of them may take at most.'),
      })
      .optional()
      .describe('How long a probe may take; holds for each. Not at Basic, which includes no performance (AP-5).'),
  }),
  {
    rule: 'has(self.availability) || has(self.responseTime)',
    message: 'an objective is for availability or responseTime, or both',
    holds: ({ availability, responseTime }) => availability !== undefined || responseTime !== undefined,
  },
  {
    rule: "self.level != 'Basic' || !has(self.responseTime)",
    message: 'Basic includes no performance monitoring, so no objective for responseTime (AP-5)',
    fieldPath: '.responseTime',
    holds: ({ level, responseTime }) => level !== 'Basic' || responseTime === undefined,
  },
);
export type ProductObjective = z.infer<typeof Objective>;

export const ProductMonitoring = withRules(
  z.strictObject({
    objectives: keyedList(Objective, 'level', { max: 3 }).optional().describe('What is promised in numbers, by level.'),
    outside: ProductOutside.optional(),
    exporter: Exporter.optional().describe('What tells Prometheus of the product. Read at Advanced and Expert (AP-5).'),
    indicators: namedList(Indicator, { max: 16 })
      .optional()
      .describe('What is told of the performance of the product. Looked at at Advanced and Expert (AP-5).'),
  }),
  {
    rule: '!has(self.indicators) || has(self.exporter)',
    message: 'indicators need an exporter, whose metrics they look at',
    fieldPath: '.indicators',
    holds: ({ indicators, exporter }) => indicators === undefined || exporter !== undefined,
  },
).describe('How the product is measured beside its probes (AP-5, AP-11).');
export type ProductMonitoring = z.infer<typeof ProductMonitoring>;
