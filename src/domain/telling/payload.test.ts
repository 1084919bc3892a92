import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FactName, MOST_FACTS, type NoticeSpec } from '../../api/notice.ts';
import { NewsKind } from '../../api/telling.ts';
import { mailOf } from './mail.ts';
import { fact } from './news.ts';
import { NOW, noticeOf } from './notice.fixtures.ts';
import { payloadOf, TEMPLATES } from './payload.ts';
import { signatureHeaders, signingKey } from './signature.ts';
import { rendered, templateProblem, valuesAsked } from './template.ts';
import { TITLE_LENGTH, textOf, timeIn } from './text.ts';

const own = new Map(
  ['routingKey', 'caller', 'group', 'customer', 'serviceDeskId', 'requestTypeId'].map(name => [name, `its ${name}`]),
);
const document = (template: string, spec: Partial<NoticeSpec> = {}) => {
  const payload = payloadOf(noticeOf(spec), { provider: 'Example', template: TEMPLATES.get(template), values: own });
  if ('problem' in payload) throw new Error(payload.problem);
  return JSON.parse(payload.body);
};

describe('GE-4: ticket systems are told in the form that they document', () => {
  it('PagerDuty Events API v2: trigger and resolve by one dedup_key', () => {
    const opened = document('pagerduty', { severity: 'Critical' });
    expect(opened).toMatchObject({
      ...{ routing_key: 'its routingKey', event_action: 'trigger', dedup_key: 'ab12', client: 'Steward' },
      payload: {
        source: 'acme/chg-1',
        severity: 'critical',
        timestamp: '2026-11-30T19:00:00Z',
        component: 'ChangeRequest',
      },
    });
    expect(opened.payload.summary.length).toBeLessThanOrEqual(1024);
    expect(document('pagerduty', { action: 'Ended', severity: 'Info' })).toMatchObject({
      ...{ event_action: 'resolve', dedup_key: 'ab12' },
      payload: { severity: 'info' },
    });
  });

  it('ServiceNow events: severities 1 to 5, New and Closing by one message_key, additional_info as text', () => {
    const { records } = document('servicenow-event', { severity: 'Warning' });
    expect(records).toMatchObject([
      {
        ...{ source: 'Steward', node: 'acme/chg-1', resource: 'ChangeRequest', type: 'DecisionNeeded' },
        ...{ message_key: 'ab12', severity: '3', resolution_state: 'New', time_of_event: '2026-11-30 19:00:00' },
      },
    ]);
    expect(JSON.parse(records[0].additional_info)).toMatchObject({ uid: 'c0ffee', contract: 'acme' });
    expect(document('servicenow-event', { action: 'Ended' }).records[0].resolution_state).toBe('Closing');
  });

  it('ServiceNow incidents: a short description of at most 160 characters, urgency and impact 1 to 3', () => {
    const incident = document('servicenow-incident', {
      severity: 'Critical',
      facts: [{ name: 'title', value: 'x'.repeat(1_000) }],
    });
    expect(incident).toMatchObject({ urgency: '1', impact: '1', correlation_id: 'ab12', caller_id: 'its caller' });
    expect(incident.short_description.length).toBeLessThanOrEqual(160);
  });

  it('Jira Service Management: a request of a desk and type, its description without markup', () => {
    const request = document('jira-service-management', {
      facts: [{ name: 'message', value: 'see [here|http://x] {code}!a!' }],
    });
    expect(request).toMatchObject({ serviceDeskId: 'its serviceDeskId', requestTypeId: 'its requestTypeId' });
    expect(request.requestFieldValues.description).toContain('see \\[here\\|http://x\\] \\{code\\}\\!a\\!');
    expect(request.requestFieldValues.summary).not.toMatch(/\n/);
  });

  it('Zammad: a ticket with an article of plain text', () => {
    expect(document('zammad', { severity: 'Critical' })).toMatchObject({
      ...{ group: 'its group', customer: 'its customer', priority: '3 high' },
      article: { type: 'note', internal: false, content_type: 'text/plain' },
    });
  });

  it.each([...TEMPLATES])('%s has no problem, and is not sent without what it asks for', (_name, template) => {
    expect(templateProblem(template)).toBeUndefined();
    const payload = payloadOf(noticeOf(), { provider: 'Example', template, values: new Map() });
    expect('problem' in payload).toBe(valuesAsked(template).length > 0);
  });
});

describe('GE-4: words of guests and tenants', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      ...[
        '","x":"',
        '{{values.routingKey}}',
        '\r\nBcc: all@example.org',
        '</p><script>',
        '\\u0022',
        '__proto__',
        '$choose',
      ],
    ),
  );
  const spec = fc
    .record({
      news: fc.constantFrom(...NewsKind.options),
      language: fc.constantFrom('de' as const, 'en' as const),
      facts: fc.array(fc.record({ name: fc.constantFrom(...FactName.options), value: hostile }), {
        maxLength: MOST_FACTS,
      }),
    })
    .map(({ news, language, facts }): Partial<NoticeSpec> => {
      const told = facts.map(({ name, value }) => fact(name, value)).filter(each => each !== undefined);
      return { news, facts: told, receiver: { ...noticeOf().spec.receiver, language } };
    });
  /** The fields of a document, without their values. */
  const shape = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(shape);
    if (typeof node !== 'object' || node === null) return typeof node;
    return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, shape(value)]));
  };

  it.each([...TEMPLATES.keys()])('add nothing to a document of %s, and read nothing of the receiver’s own', name => {
    const secret = new Map([...own.keys()].map(key => [key, `secret-${key}`]));
    const template = TEMPLATES.get(name);
    const expected = shape(document(name));
    fc.assert(
      fc.property(spec, each => {
        const payload = payloadOf(noticeOf(each), { provider: 'Example', template, values: secret });
        if ('problem' in payload) throw new Error(payload.problem);
        const parsed = JSON.parse(payload.body);
        expect(shape(parsed)).toEqual(expected);
        const asked = valuesAsked(template).length;
        expect(payload.body.split('secret-').length - 1).toBe(asked);
      }),
    );
  });

  it('are one line of a title and cannot be a header of a mail', () => {
    fc.assert(
      fc.property(spec, each => {
        const mail = mailOf(noticeOf(each), 'Example', 'provider.test');
        expect(mail?.subject).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(mail?.subject.length).toBeLessThanOrEqual(TITLE_LENGTH + '[Example] '.length);
        expect(mail?.text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
        expect(mail?.to).toBe('anna@acme.example');
      }),
    );
  });
});

describe('GE-4: a message', () => {
  it('says in German what, until when in the zone of the contract, and what to do', () => {
    expect(textOf(noticeOf().spec, 'Example', 'ntc-1')).toEqual({
      title: 'Entscheidung nötig: Grow the data disk (acme/chg-1)',
      body: [
        'Eine Änderung wartet auf eine Entscheidung.',
        '',
        'ChangeRequest: acme/chg-1',
        'Titel: Grow the data disk',
        'Es entscheidet: der Kunde',
        'Zu entscheiden bis: 01.12.2026 20:00 Uhr (Europe/Berlin, UTC+01:00)',
        '',
        'Den genauen Plan zeigt `kubectl describe changerequest chg-1 -n acme`. Entschieden wird mit einem Approval, das die Prüfsumme des Plans nennt.',
        '',
        '-- ',
        'Steward für Example. Sie erhalten dies als Kontakt des Vertrags acme. Kennung: ntc-1',
        '',
      ].join('\n'),
    });
  });

  it.each(NewsKind.options)('%s has words in both languages, and none of an empty fact', news => {
    for (const language of ['de', 'en'] as const) {
      const { title, body } = textOf(
        { ...noticeOf().spec, news, receiver: { ...noticeOf().spec.receiver, language } },
        'Example',
        'ntc-1',
      );
      expect(title).not.toMatch(/undefined|\{/);
      expect(body.split('\n').length).toBeGreaterThan(8);
      expect(body).not.toMatch(/undefined/);
    }
  });

  it('tells apart the hour that clocks have twice', () => {
    expect(timeIn('en', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe('2026-10-25 02:30 (Europe/Berlin, UTC+02:00)');
    expect(timeIn('en', 'Europe/Berlin', '2026-10-25T01:30:00Z')).toBe('2026-10-25 02:30 (Europe/Berlin, UTC+01:00)');
  });

  it('has an id that is the same for each try, and refers to its topic', () => {
    expect(mailOf(noticeOf(), 'Example', 'provider.test')).toMatchObject({
      messageId: '<ntc-0123456789abcdef0123456789abcdef@provider.test>',
      references: '<topic-ab12@provider.test>',
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  });
});

describe('GE-4: signatures of Standard Webhooks', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

  it('are those of the example in its documentation', () => {
    const key = signingKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signatureHeaders(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      '{"test": 2432232314}',
      key ? [key] : [],
      new Date(1_614_265_330_000),
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('are several while a key is replaced, and each can be verified alone', () => {
    const keys = [signingKey(secret), signingKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')].filter(
      key => key !== undefined,
    );
    const { 'webhook-signature': signatures = '', 'webhook-timestamp': time } = signatureHeaders(
      'ntc-1',
      'body',
      keys,
      NOW,
    );
    const expected = keys.map(key => `v1,${createHmac('sha256', key).update(`ntc-1.${time}.body`).digest('base64')}`);
    expect(signatures.split(' ')).toEqual(expected);
  });

  it.each([
    '',
    'whsec_',
    'whsec_short',
    'hunter2',
    `whsec_${Buffer.alloc(100).toString('base64')}`,
    `whsec_${'!'.repeat(40)}`,
  ])('are not made with %j', text => expect(signingKey(text)).toBeUndefined());
});

describe('a template of the provider’s own', () => {
  it.each<[string, unknown, string]>([
    ['a value that there is not', { text: '{{password}}' }, '$.text: there is no {{password}}'],
    ['a filter that there is not', { text: '{{title|upper}}' }, '$.text: there is no {{title|upper}}'],
    ['a construct that there is not', { a: { $if: 'x' } }, '$.a.$if: no such construct; known are $choose and $json'],
    [
      'a choice without an otherwise',
      { a: { $choose: 'action', cases: [] } },
      '$.a: a choice has $choose, cases and otherwise, and nothing else',
    ],
    ['a choice by nothing', { a: { $choose: 'x', cases: [], otherwise: 1 } }, '$.a.$choose: there is no value x'],
    [
      'a case without a result',
      { a: { $choose: 'action', cases: [{ is: 'x' }], otherwise: 1 } },
      '$.a.cases[0]: a case has is and then',
    ],
  ])('with %s is refused with its place', (_what, template, problem) =>
    expect(templateProblem(template)).toBe(problem),
  );

  it('as deep as one likes is refused', () => {
    const deep = Array.from({ length: 40 }).reduce<unknown>(inner => [inner], 'x');
    expect(templateProblem(deep)).toMatch(/deeper than 16/);
  });

  it('keeps what is no placeholder as it is', () => {
    const template = { a: [1, true, null, 'plain {x}'], __proto__x: '{{title|html}}' };
    expect(JSON.parse(rendered(template, new Map([['title', '<b>&"']])))).toEqual({
      ...{ a: [1, true, null, 'plain {x}'], __proto__x: '&#60;b&#62;&#38;&#34;' },
    });
  });
});
