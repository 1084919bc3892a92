/** A notice as a mail. */
import type { Notice } from '../../api/notice.ts';
import { textOf } from './text.ts';

export type Mail = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  /** What all mails of a topic refer to, so that they are shown together. */
  readonly references: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** `domain`: that of the sender's address. Undefined: the notice is for a webhook. */
export function mailOf({ metadata, spec }: Notice, provider: string, domain: string): Mail | undefined {
  const { address } = spec.receiver;
  if (address === undefined) return undefined;
  const { title, body } = textOf(spec, provider, metadata.name);
  return {
    ...{ to: address, subject: `[${provider}] ${title}`, text: body },
    messageId: `<${metadata.name}@${domain}>`,
    references: `<topic-${spec.topic}@${domain}>`,
    // RFC 3834: nothing that answers by itself answers to it.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'X-Steward-News': spec.news },
  };
}
