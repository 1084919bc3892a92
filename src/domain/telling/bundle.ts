/** Many notices for one person at once: he is told by one mail, and not by a thousand. */
import type { Notice, NoticeSpec } from '../../api/notice.ts';
import { decide } from './delivery.ts';
import type { Mail } from './mail.ts';
import { receiverKey } from './receivers.ts';
import { textOf } from './text.ts';
import { WORDS } from './words.ts';

/** From so many on that wait for one person they are one mail. */
export const BUNDLED_FROM = 10;
/** Titles that one mail lists; of more it says how many. */
const MOST_LISTED = 200;

/** By what those that wait for one person are found: '' for what is told one by one, or waits no more. */
export function bundleKey({ spec, status }: Notice): string {
  const over = status?.sentAt !== undefined || status?.endedAt !== undefined;
  return over || spec.receiver.way !== 'Mail' ? '' : receiverKey(spec.receiver);
}

/** Alone; with these others; or not by itself, for another of them speaks for all. */
export type Bundle = { readonly with: readonly Notice[] } | 'Alone' | 'OfAnother';

/** `waiting`: all that have the key of this one, itself among them. Who speaks for all is the same whoever asks. */
export function bundleOf(notice: Notice, waiting: readonly Notice[], now: Date): Bundle {
  const due = waiting.filter(each => decide(each, false, now).do === 'Send' && each.status?.phase !== 'Sending');
  if (due.length < BUNDLED_FROM) return 'Alone';
  const [speaker] = due.toSorted(byAge);
  if (speaker?.metadata.name !== notice.metadata.name) return 'OfAnother';
  return { with: due.filter(({ metadata }) => metadata.name !== notice.metadata.name).toSorted(byAge) };
}

/** The mail of the speaker, with what the others have to say. */
export function bundledMail(mail: Mail, speaker: NoticeSpec, others: readonly Notice[], provider: string): Mail {
  const words = WORDS[speaker.receiver.language];
  const titles = others.slice(0, MOST_LISTED).map(({ metadata, spec }) => textOf(spec, provider, metadata.name).title);
  const more = others.length - titles.length;
  const list = [...titles.map(title => `- ${title}`), ...(more > 0 ? [words.more(more)] : [])];
  return {
    ...mail,
    subject: `[${provider}] ${words.bundle(others.length + 1)}`,
    text: `${words.bundled(others.length)}\n\n${list.join('\n')}\n\n${mail.text}`,
  };
}

function byAge(a: Notice, b: Notice): number {
  const key = ({ metadata, spec }: Notice) => `${spec.writtenAt} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
