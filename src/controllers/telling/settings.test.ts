import { describe, expect, it } from 'vitest';
import { Holds } from './holds.ts';
import { tellingSettings } from './settings.ts';

const read = (settings: object) => tellingSettings(JSON.stringify(settings));
const hook = { name: 'a', url: 'https://a.test/x' };

describe('GE-4: settings of the teller', () => {
  it('need nothing, and tell nobody then', () => {
    expect(read({})).toMatchObject({
      provider: 'Steward',
      language: 'de',
      mails: [],
      webhooks: [],
      mail: { host: '' },
    });
  });

  it.each<[string, object, RegExp]>([
    ['mail without a sender', { mail: { host: 'mail.test' } }, /telling\.mail\.from/],
    ['a user without a password', { mail: { host: 'm', from: 'a@b.test', user: 'x' } }, /telling\.mail\.user/],
    [
      'a password that everybody could read',
      { mail: { host: 'm', from: 'a@b.test', user: 'x', password: 'p', security: 'None' } },
      /never sent unencrypted/,
    ],
    [
      'a webhook that is not encrypted',
      { webhooks: [{ ...hook, url: 'http://a.test' }] },
      /telling\.webhooks\.a: it is not encrypted/,
    ],
    [
      'a webhook with a password in its address',
      { webhooks: [{ ...hook, url: 'https://u:p@a.test/' }] },
      /telling\.webhooks\.0\.url/,
    ],
    ['a webhook without an address', { webhooks: [{ name: 'a' }] }, /either url or urlSecret/],
    ['two webhooks of one name', { webhooks: [hook, hook] }, /same name/],
    ['a template that there is not', { webhooks: [{ ...hook, template: 'x' }] }, /there is no template x/],
    [
      'a template with a value that there is not',
      { templates: [{ name: 't', body: { a: '{{b}}' } }] },
      /telling\.templates\.t: \$\.a/,
    ],
    ['a template of a name of ours', { templates: [{ name: 'zammad', body: {} }] }, /Steward brings one/],
    [
      'a header that says how the body travels',
      { webhooks: [{ ...hook, headers: [{ name: 'Content-Length', secret: 'x' }] }] },
      /headers/,
    ],
    ['a key that leaves its folder', { webhooks: [{ ...hook, signedWith: '../token' }] }, /signedWith/],
    ['an address with a second one in it', { mails: [{ name: 'a', address: 'a@b.test\r\nBcc: c@d.test' }] }, /address/],
  ])('with %s are refused, with the place', (_what, settings, message) => {
    expect(() => read(settings)).toThrow(message);
  });

  it('let a webhook go unencrypted only where they say so', () => {
    expect(read({ allowHTTP: true, webhooks: [{ ...hook, url: 'http://a.test' }] }).webhooks).toHaveLength(1);
  });
});

describe('a receiver that does not answer', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 30, 20, 0, seconds));
  const seconds = (date: Date | undefined) => date && (date.getTime() - at(0).getTime()) / 1_000;

  it('is left alone for longer each time, ten minutes at most, and for what failed with it no longer', () => {
    const holds = new Holds();
    holds.failed('a', at(0));
    holds.failed('a', at(1));
    expect(seconds(holds.until('a', at(1)))).toBe(30);
    expect(holds.until('a', at(30))).toBeUndefined();
    expect(holds.until('b', at(1))).toBeUndefined();
    holds.failed('a', at(30));
    expect(seconds(holds.until('a', at(31)))).toBe(90);
    for (let failure = 0; failure < 20; failure++) holds.failed('a', holds.until('a', at(31)) ?? at(31));
    holds.worked('a');
    holds.failed('a', at(100));
    expect(seconds(holds.until('a', at(100)))).toBe(130);
  });

  it('is left alone as long as it asks, ten minutes at most', () => {
    const holds = new Holds();
    holds.failed('a', at(0), 120_000);
    holds.failed('b', at(0), 86_400_000);
    expect([seconds(holds.until('a', at(1))), seconds(holds.until('b', at(1)))]).toEqual([120, 600]);
  });
});
