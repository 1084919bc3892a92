/** What is told of the end of support of a VM's operating system, in its conditions and by events (GE-11, GE-12). */
import type { SystemEndOfLife } from '../../api/systemendoflife.ts';
import { bounded } from '../contract/excerpt.ts';
import { unknown, type Verdict } from '../contract/finding.ts';

/** A step of it, as an event tells it. */
export type EndNews = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

const REASONS = { Approved: 'OfferApproved', Rejected: 'OfferRejected', Silent: 'OfferUnanswered' } as const;

/** What is on record, as sentences after the verdict of its support. */
export function toldOfEnd(record: SystemEndOfLife | undefined): string {
  return steps(record)
    .map(({ message }) => ` ${message}`)
    .join('');
}

/** The sum of promises of a VM whose services have ceased: none counts against the provider any more (GE-4, GE-12). */
export function ceasedSum(record: SystemEndOfLife | undefined): Verdict<'ServicesCeased'> | undefined {
  if (record?.ceased === undefined) return undefined;
  const goesOn =
    'The VM runs on as it is, and what is seen of it is told. The services go on with a supported operating system (GE-11).';
  return unknown('ServicesCeased', bounded(`No promise for it counts any more.${toldOfEnd(record)} ${goesOn}`));
}

/** What has come to be on record since. */
export function endNews(before: SystemEndOfLife | undefined, after: SystemEndOfLife | undefined): readonly EndNews[] {
  const known = before?.operatingSystem === after?.operatingSystem ? steps(before) : [];
  return steps(after).filter(step => !known.some(({ message }) => message === step.message));
}

function steps(record: SystemEndOfLife | undefined): readonly EndNews[] {
  if (record === undefined) return [];
  const { offered, reminded, answer, ceased, operatingSystem, ends } = record;
  const news = (type: EndNews['type'], reason: string, message: string): EndNews => ({ type, reason, message });
  return [
    ...(offered
      ? [
          news(
            'Normal',
            'MigrationOffered',
            `ChangeRequest ${offered.change.name} offers a migration since ${offered.at}.`,
          ),
        ]
      : []),
    ...(reminded
      ? [
          news(
            'Warning',
            'SupportReminder',
            `The customer was reminded at ${reminded} that support of ${operatingSystem} ends at ${ends}.`,
          ),
        ]
      : []),
    ...(answer
      ? [
          news(
            answer.decision === 'Approved' ? 'Normal' : 'Warning',
            REASONS[answer.decision],
            answer.decision === 'Silent'
              ? `The customer had not answered at ${answer.at}.`
              : `${answer.by} has ${answer.decision.toLowerCase()} it for the customer at ${answer.at}.`,
          ),
        ]
      : []),
    ...(ceased
      ? [news('Warning', 'ServicesCeased', `All managed services for it are ceased since ${ceased} (GE-12).`)]
      : []),
  ];
}
