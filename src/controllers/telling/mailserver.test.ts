import { afterEach, describe, expect, it } from 'vitest';
import { TellingSettings } from '../../api/tellingsettings.ts';
import { mailOf } from '../../domain/telling/mail.ts';
import { noticeOf } from '../../domain/telling/notice.fixtures.ts';
import { sendMail } from './mailserver.ts';
import { type MailReceiver, type MailSettings, startMailReceiver } from './receivers.fixtures.ts';

const receivers: MailReceiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map(receiver => receiver.close()));
});

async function sent(
  settings: MailSettings,
  mail: object = {},
  { password = '', trusted = true, facts = [] as const } = {},
) {
  const receiver = await startMailReceiver(settings);
  receivers.push(receiver);
  const message = mailOf(noticeOf(facts.length > 0 ? { facts: [...facts] } : {}), 'Example', 'provider.test');
  if (message === undefined) throw new Error('no mail');
  const { mail: server } = TellingSettings.parse({
    mail: { host: '127.0.0.1', port: receiver.port, from: 'steward@provider.test', ...mail },
  });
  const ca = trusted ? [receiver.cert] : undefined;
  // The certificate is for the name loopback; the name of the host is what is checked.
  const outcome = await sendMail(message, { mail: server, password, ca, servername: 'loopback', timeoutMs: 2_000 });
  return { outcome, taken: receiver.taken };
}

describe('GE-4: mail', () => {
  it('reaches a server that offers STARTTLS, encrypted, to the one recipient, with the id of its notice', async () => {
    const { outcome, taken } = await sent({});
    expect(outcome).toEqual({ is: 'Taken', says: 'The server took it: 250 2.0.0 queued as 4711' });
    expect(taken).toMatchObject([{ from: 'steward@provider.test', to: ['anna@acme.example'] }]);
    const text = taken[0]?.text ?? '';
    expect(text).toMatch(/^Message-ID: <ntc-0123456789abcdef0123456789abcdef@provider\.test>\r$/m);
    expect(text).toMatch(/^References: <topic-ab12@provider\.test>\r$/m);
    expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(text).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
  });

  it('is not sent to a server that offers no STARTTLS, though it would take it', async () => {
    const { outcome, taken } = await sent({ encrypts: false });
    expect(outcome).toMatchObject({ is: 'Failed', holds: true });
    expect(outcome.says).toMatch(/^the server cannot be used \(ETLS\)/);
    expect(taken).toEqual([]);
  });

  it('is not sent to a server whose certificate nobody here trusts', async () => {
    const { outcome, taken } = await sent({}, {}, { trusted: false });
    expect(outcome).toMatchObject({ is: 'Failed', holds: true });
    expect(taken).toEqual([]);
  });

  it('to an address that does not exist is refused for good (550)', async () => {
    const { outcome } = await sent({ refuse: () => ({ code: 550, says: '5.1.1 no such user' }) });
    expect(outcome).toEqual({ is: 'Refused', says: 'the server refused it: 550 5.1.1 no such user' });
  });

  it('that is greylisted is tried again, and keeps no other mail waiting (451)', async () => {
    const { outcome } = await sent({ refuse: () => ({ code: 451, says: '4.7.1 greylisted, try again in 300 s' }) });
    expect(outcome).toEqual({
      is: 'Failed',
      says: 'the server did not take it: 451 4.7.1 greylisted, try again in 300 s',
    });
  });

  it('is sent by who may log in, and a wrong password is told without it (535)', async () => {
    const login = { user: 'steward', password: 'correct-horse' };
    const asSteward = { user: 'steward', password: 'smtp-password' };
    const { outcome } = await sent({ login }, asSteward, { password: 'correct-horse' });
    expect(outcome.is).toBe('Taken');
    const wrong = await sent({ login }, asSteward, { password: 'battery-staple' });
    expect(wrong.outcome).toMatchObject({ is: 'Failed', holds: true });
    expect(wrong.outcome.says).toMatch(/^the server cannot be used \(EAUTH\): .*535/);
    expect(wrong.outcome.says).not.toContain('battery-staple');
  });

  it('is not taken from who does not log in where the server asks for it (530)', async () => {
    const { outcome, taken } = await sent({ login: { user: 'steward', password: 'x' } });
    expect(outcome.is).not.toBe('Taken');
    expect(taken).toEqual([]);
  });

  it('carries hostile words as text and nothing else: one recipient, no header of theirs', async () => {
    const value = 'x\r\nBcc: all@example.org\r\n\r\n.\r\nMAIL FROM:<a@b>';
    const { taken } = await sent({}, {}, { facts: [{ name: 'title', value }] as never });
    expect(taken).toMatchObject([{ to: ['anna@acme.example'] }]);
    const [head = ''] = (taken[0]?.text ?? '').split('\r\n\r\n');
    expect(head).not.toMatch(/^Bcc:/im);
    expect(head).not.toMatch(/^MAIL FROM/im);
  });

  it('to a server that is not there is tried again', async () => {
    const receiver = await startMailReceiver();
    await receiver.close();
    const message = mailOf(noticeOf(), 'Example', 'provider.test');
    if (message === undefined) throw new Error('no mail');
    const { mail } = TellingSettings.parse({ mail: { host: '127.0.0.1', port: receiver.port, from: 'a@b.test' } });
    const outcome = await sendMail(message, { mail, password: undefined, ca: undefined, timeoutMs: 2_000 });
    expect(outcome).toMatchObject({ is: 'Failed', holds: true });
    expect(outcome.says).toMatch(/ESOCKET|ECONNREFUSED|ECONNECTION/);
  });
});
