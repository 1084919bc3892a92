import { createTransport } from 'nodemailer';
import type { TellingSettings } from '../../api/tellingsettings.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import { numberAt, textAt } from '../../domain/contract/json.ts';
import type { Outcome } from '../../domain/telling/delivery.ts';
import type { Mail } from '../../domain/telling/mail.ts';
import { hidden } from './post.ts';

const TIMEOUT_MS = 15_000;
/** Of a whole session, however much the server has to say. */
const SESSION_MS = 60_000;
const SAID_LENGTH = 200;

export type MailServer = {
  readonly mail: TellingSettings['mail'];
  readonly password: string | undefined;
  readonly ca: readonly string[] | undefined;
  /** Name in its certificate, where that is not its host; for tests. */
  readonly servername?: string;
  readonly timeoutMs?: number;
};

/** Hands one mail to the server, by a connection of its own. Throws nothing. */
export async function sendMail(mail: Mail, server: MailServer): Promise<Outcome> {
  const { host, port, security, from, replyTo, user } = server.mail;
  const { password = '', ca, servername, timeoutMs = TIMEOUT_MS } = server;
  const transport = createTransport({
    ...{ host, port, secure: security === 'TLS' },
    // A server that does not offer STARTTLS, or somebody who has taken the offer out, gets no mail.
    ...{ requireTLS: security === 'StartTLS', ignoreTLS: security === 'None' },
    ...(user !== '' && { auth: { user, pass: password } }),
    tls: { ...(ca !== undefined && { ca: [...ca] }), ...(servername !== undefined && { servername }) },
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new Error(`it did not end within ${SESSION_MS / 1_000} s`)), SESSION_MS);
  try {
    const { to, subject, text, messageId, references, headers } = mail;
    const sending = transport.sendMail({
      ...{ from, to, subject, text, messageId, references, headers: { ...headers } },
      ...(replyTo !== '' && { replyTo }),
      envelope: { from, to: [to] },
    });
    const { response } = await Promise.race([sending, over.promise]);
    return { is: 'Taken', says: `The server took it: ${said(response, password)}` };
  } catch (error) {
    return failed(error, password);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

/** What a server says for good of this recipient or this mail (5xx, RFC 5321) no other try will change; all else may be mended. */
function failed(error: unknown, password: string): Outcome {
  const [code, command, status] = [
    textAt(error, 'code'),
    textAt(error, 'command') ?? '',
    numberAt(error, 'responseCode'),
  ];
  const response = textAt(error, 'response');
  const words = said(response ?? (error instanceof Error ? error.message : ''), password);
  const ofMail = /^(RCPT TO|DATA)/.test(command) || code === 'EENVELOPE' || code === 'EMESSAGE';
  if (ofMail && status !== undefined && status >= 500)
    return { is: 'Refused', says: `the server refused it: ${words}` };
  if (ofMail) return { is: 'Failed', says: `the server did not take it: ${words}` };
  return { is: 'Failed', says: `the server cannot be used (${code ?? 'unknown'}): ${words}`, holds: true };
}

function said(words: string | undefined, password: string): string {
  return excerpt(hidden(words ?? '', [password]), SAID_LENGTH);
}
