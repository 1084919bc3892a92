import { describe, expect, it } from 'vitest';
import { calendarOf } from '../time/calendar.fixtures.ts';
import type { News } from './news.ts';
import { newsOf } from './news.ts';
import { contractOf, NOW, noticeOf, sideOf } from './notice.fixtures.ts';
import { nextHours, noticeName, noticesToWrite, topicOfReceiver } from './notices.ts';
import { isReceiver, receiversOf, webhookOf } from './receivers.ts';

const hook = { name: 'tickets', url: 'https://tickets.acme.example/hook' };
const names = (news: Pick<News, 'kind' | 'roles'>, contract = contractOf(), side = sideOf()) =>
  receiversOf(news, contract, side, NOW).map(({ way, name, contract: of }) => `${way} ${name} ${of ?? '-'}`);

describe('GE-4: who is told', () => {
  it.each<[readonly ('Approver' | 'Technical' | 'Billing')[], string[]]>([
    [['Approver'], ['anna', 'ben']],
    [['Technical'], ['anna', 'carl']],
    [
      ['Approver', 'Technical'],
      ['anna', 'ben', 'carl'],
    ],
    [[], []],
  ])('%s: the contacts who have one of these roles, each once', (roles, people) => {
    expect(names({ kind: 'WindowAhead', roles })).toEqual(people.map(name => `Mail ${name} acme`));
  });

  it('the systems of the customer that ask for it, unless it is no matter of his', () => {
    const contract = contractOf({ webhooks: [hook, { ...hook, name: 'pages', news: ['IncidentOpened'] }] });
    const side = sideOf({ mail: {} });
    expect(names({ kind: 'WindowAhead', roles: ['Technical'] }, contract, side)).toEqual(['Webhook tickets acme']);
    expect(names({ kind: 'WindowAhead', roles: [] }, contract, side)).toEqual([]);
  });

  it('the provider’s own that ask for it, also where there is no contract', () => {
    const side = sideOf({
      mails: [
        { name: 'desk', address: 'desk@provider.test' },
        { name: 'night', address: 'night@provider.test', news: ['IncidentOpened'] },
      ],
      webhooks: [{ ...hook, template: 'zammad' }],
    });
    expect(receiversOf({ kind: 'WindowAhead', roles: ['Technical'] }, undefined, side, NOW)).toEqual([
      { way: 'Mail', name: 'desk', address: 'desk@provider.test', language: 'de', timeZone: 'Europe/Berlin' },
      { way: 'Webhook', name: 'tickets', language: 'de', timeZone: 'Europe/Berlin' },
    ]);
  });

  it('GE-5: the provider’s people of what is handled in core hours only in these, where he says so; the customer at once', () => {
    const mails = [
      { name: 'desk', address: 'desk@provider.test' },
      { name: 'duty', address: 'duty@provider.test', hours: 'AsPromised' },
    ];
    const side = sideOf({ mails });
    const contract = contractOf({ contacts: [{ name: 'carl', email: 'carl@acme.example', roles: ['Technical'] }] });
    // A Monday: 21:00 and the next morning, in Berlin.
    const [night, morning] = [NOW, new Date('2026-12-01T08:00:00Z')];
    const told = (calendar: News['calendar'], now: Date) =>
      receiversOf({ kind: 'IncidentOpened', roles: ['Technical'], calendar }, contract, side, now).map(
        each => each.name,
      );
    expect(told(calendarOf(), night)).toEqual(['carl', 'desk']);
    expect(told(calendarOf(), morning)).toEqual(['carl', 'desk', 'duty']);
    expect(told(undefined, night)).toEqual(['carl', 'desk', 'duty']);
    const opened = { at: night, until: new Date('2026-12-07T00:00:00Z') } as News;
    expect(nextHours([{ ...opened, calendar: calendarOf() }], night)).toEqual(morning);
    expect(nextHours([{ ...opened, calendar: calendarOf() }], morning)).toBeUndefined();
  });

  it('nobody by mail where there is no mail server', () => {
    expect(names({ kind: 'WindowAhead', roles: ['Technical'] }, contractOf(), sideOf({ mail: {} }))).toEqual([]);
  });
});

describe('GE-4: whom a notice names is not believed', () => {
  const { receiver } = noticeOf().spec;

  it.each([
    ['a contact', receiver, true],
    ['a contact that has gone', { ...receiver, address: 'erik@acme.example' }, false],
    ['a contact of another contract', { ...receiver, contract: 'globex' }, false],
    ['an address as if it were the provider’s', { ...receiver, contract: undefined }, false],
  ])('%s', (_what, who, is) => {
    const { contract, ...rest } = who;
    const named = contract === undefined ? rest : { ...rest, contract };
    expect(isReceiver(named, contractOf(), sideOf())).toBe(is);
  });

  it('a webhook is the one that has its name now, wherever it goes', () => {
    const { address: _address, ...rest } = receiver;
    const named = { ...rest, way: 'Webhook' as const, name: 'tickets' };
    expect(webhookOf(named, contractOf({ webhooks: [hook] }), sideOf())).toMatchObject(hook);
    expect(webhookOf(named, contractOf(), sideOf({ webhooks: [hook] }))).toBeUndefined();
  });
});

describe('GE-8: notices', () => {
  const subject = { kind: 'ManagedVM', namespace: 'acme', name: 'shop-db', uid: 'u-1' };
  const news = (action: News['action'], at: string): News =>
    newsOf({
      ...{ kind: action === 'Ended' ? 'PromiseKept' : 'PromiseBroken', subject, matter: 'SLACompliant', occasion: at },
      ...{ action, severity: 'Warning', at: new Date(at), roles: ['Technical'], facts: [] },
    });
  const contract = contractOf();
  const write = (all: readonly News[], known: readonly ReturnType<typeof noticesToWrite>[number][] = [], now = NOW) =>
    noticesToWrite({
      ...{ news: all, contract: 'acme', namespace: 'steward-telling', now },
      receivers: each => receiversOf(each, contract, sideOf(), NOW),
      exists: name => known.some(({ metadata }) => metadata.name === name),
      told: topic => known.filter(({ spec }) => topicOfReceiver(spec) === topic),
    });
  const opened = news('Opened', '2026-11-30T18:00:00Z');

  it('are one for each receiver, and none for who has his, whoever writes them again', () => {
    const first = write([opened]);
    expect(first.map(({ spec }) => spec.receiver.name)).toEqual(['anna', 'carl']);
    expect(new Set(first.map(({ metadata }) => metadata.name)).size).toBe(2);
    expect(write([opened], first)).toEqual([]);
    expect(write([opened], first.slice(1)).map(({ metadata }) => metadata.name)).toEqual([first[0]?.metadata.name]);
  });

  it('have names that the same news has in another process and at another hour', () => {
    const [a] = write([opened]);
    const [b] = write([opened], [], new Date('2026-11-30T22:00:00Z'));
    expect(a?.metadata.name).toBe(b?.metadata.name);
    expect(a?.metadata.name).toMatch(/^ntc-[0-9a-f]{32}$/);
    const receiver = a?.spec.receiver;
    expect(receiver && noticeName(opened, receiver)).toBe(a?.metadata.name);
  });

  it('of an end go to whom the beginning was told, and to nobody else', () => {
    const ended = news('Ended', '2026-11-30T19:00:00Z');
    expect(write([ended])).toEqual([]);
    const [anna] = write([opened]);
    if (anna === undefined) throw new Error('nobody was told');
    expect(write([ended], [anna]).map(({ spec }) => spec.receiver.name)).toEqual(['anna']);
    const told = write([ended], [anna]);
    expect(write([news('Ended', '2026-11-30T19:30:00Z')], [anna, ...told])).toEqual([]);
  });

  it('are of what is news: not before its time, and not a week after', () => {
    expect(write([opened], [], new Date('2026-11-30T17:59:59Z'))).toEqual([]);
    expect(write([opened], [], new Date('2026-12-07T18:00:00Z'))).toEqual([]);
  });
});
