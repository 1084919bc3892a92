/** The provider's settings of the teller: whom of his own it tells, by which server, in which forms. One file, and part of the chart's values. */
import { z } from 'zod';
import { Label } from './common.ts';
import { Line } from './line.ts';
import { namedList } from './rules.ts';
import { HoursOfProvider, Language, MailAddress, NewsList, ProviderWebhook, SecretKey } from './telling.ts';
import { DisplayName } from './text.ts';
import { TimeZone } from './timezone.ts';

const Mail = z
  .strictObject({
    host: z
      .string()
      .max(253)
      .regex(/^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)?$/)
      .prefault('')
      .describe('Server that takes mail. Empty: nobody is told by mail.'),
    port: z.int().min(1).max(65535).prefault(587),
    security: z
      .enum(['StartTLS', 'TLS', 'None'])
      .prefault('StartTLS')
      .describe(
        'StartTLS: encrypted after the greeting, or not sent at all. TLS: from the first byte, mostly at port 465. None: readable by everybody between, for a server on the same machine.',
      ),
    from: z
      .union([z.literal(''), MailAddress])
      .prefault('')
      .describe('Address of the sender.'),
    replyTo: z
      .union([z.literal(''), MailAddress])
      .prefault('')
      .describe('Where answers go. Empty: to the sender.'),
    user: z
      .union([z.literal(''), Line(256)])
      .prefault('')
      .describe('Who logs in at the server. Empty: nobody does.'),
    password: z
      .union([z.literal(''), SecretKey])
      .prefault('')
      .describe("Key of the teller's Secret that holds his password."),
  })
  .prefault({});

const ProviderMail = z.strictObject({
  name: DisplayName(63).describe('What he or it is called.'),
  address: MailAddress.describe('Where it goes.'),
  news: NewsList.optional().describe('What is told there. Absent: everything.'),
  hours: HoursOfProvider,
});

const Template = z.strictObject({
  name: Label.describe('What webhooks call it; none of the names of those that Steward brings.'),
  body: z.record(z.string(), z.unknown()).describe('The document, with placeholders (docs/telling.md).'),
});

export const TELLING_FIELDS = {
  provider: DisplayName(63).prefault('Steward').describe('What the provider is called, at the head of each mail.'),
  language: Language.prefault('de').describe('Language of what the provider himself is told.'),
  timeZone: TimeZone.prefault('Europe/Berlin').describe('Zone of the times in it.'),
  mail: Mail,
  mails: namedList(ProviderMail, { max: 32 })
    .prefault([])
    .describe("Addresses of the provider's own that are told by mail, of all customers."),
  webhooks: namedList(ProviderWebhook, { max: 32 })
    .prefault([])
    .describe("Systems of the provider's own that are told, of all customers."),
  templates: namedList(Template, { max: 32 }).prefault([]).describe('Further forms of webhooks.'),
  allowHTTP: z.boolean().prefault(false).describe('Whether a webhook of his may go unencrypted.'),
} as const;

export const TellingSettings = z.strictObject(TELLING_FIELDS);
export type TellingSettings = z.output<typeof TellingSettings>;
