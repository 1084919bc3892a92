/** What people and other systems are told of, and where: shared by the Contract, the provider's settings and what is told. */
import { z } from 'zod';
import { Label } from './common.ts';
import { Line } from './line.ts';
import { keyedList, stringSet, withExactlyOne } from './rules.ts';

/** What there is to be told. */
export const NewsKind = z.enum([
  'DecisionNeeded',
  'WindowAhead',
  'PromiseBroken',
  'PromiseKept',
  'IncidentOpened',
  'IncidentWaiting',
  'IncidentBreached',
  'IncidentResolved',
  'ProblemOpened',
  'ProblemClosed',
]);
export type NewsKind = z.infer<typeof NewsKind>;

/** Which of it. */
export const NewsList = stringSet(NewsKind, { min: 1, max: NewsKind.options.length });

/** In what language it is told. */
export const Language = z.enum(['de', 'en']);
export type Language = z.infer<typeof Language>;

/** A key of the Secret that only the teller reads. */
export const SecretKey = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** Headers that say how the body travels, or are set by Steward itself. */
const HeaderName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^(Authorization|X-[A-Za-z0-9]+(-[A-Za-z0-9]+)*)$/);

const Header = z.strictObject({
  name: HeaderName.describe('Its name: Authorization, or one that begins with X-.'),
  secret: SecretKey.describe("Key of the teller's Secret that holds its whole value."),
});

const Value = withExactlyOne(
  z.strictObject({
    name: z
      .string()
      .min(1)
      .max(32)
      .regex(/^[a-zA-Z][a-zA-Z0-9]*$/)
      .describe('Its name: {{values.NAME}} in the template stands for it.'),
    value: Line(200).optional().describe('What it is, where it is no secret.'),
    secret: SecretKey.optional().describe("Key of the teller's Secret that holds it, where it is one."),
  }),
  ['value', 'secret'],
  'a value is either told or a secret',
);

/** Where a webhook goes: no user, no fragment; `http` only where the provider's settings allow it. */
const address = (scheme: string) =>
  new RegExp(`^${scheme}://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[!-"$-~]*)?$`);

/** When the provider's people are told of what is handled in core hours only (GE-5). */
export const Hours = z.enum(['Always', 'AsPromised']);
export type Hours = z.infer<typeof Hours>;
export const HoursOfProvider = Hours.optional().describe(
  'AsPromised: of an incident whose clocks run in core hours only it is told in these (GE-5), so that nobody is woken for what nobody handles at night. Absent: Always.',
);

const webhook = <More extends z.ZodRawShape>(scheme: string, more: More) =>
  withExactlyOne(
    z.strictObject({
      ...more,
      name: Label.describe('What it is called.'),
      url: z
        .string()
        .min(8)
        .max(1024)
        .regex(address(scheme))
        .optional()
        .describe('Where it goes. No redirect is followed.'),
      urlSecret: SecretKey.optional().describe(
        "Key of the teller's Secret that holds where it goes, where who knows the address may write there.",
      ),
      template: Label.prefault('standard').describe(
        'Which form the message has: standard, pagerduty, servicenow-event, servicenow-incident, jira-service-management, zammad, or one of the provider’s own.',
      ),
      signedWith: SecretKey.optional().describe(
        "Key of the teller's Secret with which it is signed, as Standard Webhooks have it: whsec_ and base64. Absent: it is not signed.",
      ),
      headers: keyedList(Header, 'name', { max: 4 }).optional().describe('Headers by which the receiver knows us.'),
      values: keyedList(Value, 'name', { max: 8 }).optional().describe('What the template has of the receiver’s own.'),
      news: NewsList.optional().describe('What is told there. Absent: everything.'),
    }),
    ['url', 'urlSecret'],
    'a webhook has either url or urlSecret',
  );

/** A webhook as a Contract names it: encrypted, always. */
export const Webhook = webhook('https', {});
/** A webhook as the provider's settings name it. */
export const ProviderWebhook = webhook('https?', { hours: HoursOfProvider });
export type Webhook = z.infer<typeof Webhook>;
export type ProviderWebhook = z.infer<typeof ProviderWebhook>;

/** Where mail goes: one address, nothing that a header or a server would read as more. */
export const MailAddress = z
  .string()
  .min(3)
  .max(254)
  .regex(/^[A-Za-z0-9._%+-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/);
