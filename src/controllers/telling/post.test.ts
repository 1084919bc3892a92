import { afterEach, describe, expect, it } from 'vitest';
import { post, retryAfterMs } from './post.ts';
import { type Answer, startWebReceiver, type WebReceiver } from './receivers.fixtures.ts';

const NOW = new Date('2026-11-30T20:00:00Z');
const receivers: WebReceiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map(receiver => receiver.close()));
});

async function started(answer: Answer, secure = false): Promise<WebReceiver> {
  const receiver = await startWebReceiver(answer, secure);
  receivers.push(receiver);
  return receiver;
}

const send = ({ url }: { readonly url: string }, more: Partial<Parameters<typeof post>[0]> = {}) =>
  post({
    ...{ url: `${url}/hook`, body: '{"a":1}', headers: { 'webhook-id': 'ntc-1' }, ca: undefined, secrets: [] },
    ...{ now: () => NOW, timeoutMs: 5_000, ...more },
  });

const answers =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

describe('GE-4: a webhook', () => {
  it('is taken with any status 2xx', async () => {
    const receiver = await started(answers(202));
    expect(await send(receiver)).toEqual({ is: 'Taken', says: 'It answered with status 202' });
    expect(receiver.requests).toMatchObject([{ method: 'POST', path: '/hook', body: '{"a":1}' }]);
    expect(receiver.requests[0]?.headers['webhook-id']).toBe('ntc-1');
  });

  it('whose receiver wants none any more is refused for good (410)', async () => {
    expect(await send(await started(answers(410)))).toEqual({ is: 'Refused', says: 'it answered with status 410' });
  });

  it.each([
    [429, { 'retry-after': '120' }, 120_000],
    [503, { 'retry-after': 'Mon, 30 Nov 2026 20:01:00 GMT' }, 60_000],
    [500, {}, undefined],
    [401, {}, undefined],
  ])('answered with %s is tried again, as late as it asks', async (status, headers, retryAfter) => {
    const outcome = await send(await started(answers(status, headers as Record<string, string>, 'slow\r\ndown')));
    expect(outcome).toEqual({
      ...{ is: 'Failed', says: `it answered with status ${status}: slow down` },
      ...{ retryAfterMs: retryAfter, holds: true },
    });
  });

  it('is not sent where a redirect leads', async () => {
    const inside = await started(answers(200));
    const receiver = await started(answers(307, { location: `${inside.url}/inside` }));
    const outcome = await send(receiver);
    expect(outcome.says).toBe('it answered with status 307, a redirect, and none is followed');
    expect(inside.requests).toEqual([]);
  });

  it('whose receiver hangs is given up in time', async () => {
    const receiver = await started(() => undefined);
    expect(await send(receiver, { timeoutMs: 200 })).toMatchObject({
      is: 'Failed',
      says: 'it did not answer within 0.2 s',
    });
  });

  it('whose receiver answers without end is read for 2 kB', async () => {
    let written = 0;
    const receiver = await started((_request, response) => {
      response.writeHead(500);
      const more = () => {
        while (written < 1e9 && !response.destroyed && response.write('x'.repeat(65_536))) written += 65_536;
      };
      response.on('drain', more);
      more();
    });
    const outcome = await send(receiver);
    expect(outcome.says.length).toBeLessThan(250);
    expect(written).toBeLessThan(50e6);
  });

  it('whose answer repeats what it was asked with is told without the secrets', async () => {
    const outcome = await send(await started(answers(400, {}, 'bad header Splunk s3cr3t-t0ken')), {
      secrets: ['Splunk s3cr3t-t0ken'],
    });
    expect(outcome.says).toBe('it answered with status 400: bad header ***');
  });

  it('goes to nobody whose certificate is not trusted, and to the same receiver once it is', async () => {
    const receiver = await started(answers(200), true);
    expect(await send(receiver, { servername: 'loopback' })).toMatchObject({ is: 'Failed', holds: true });
    expect(receiver.requests).toEqual([]);
    const trusted = await send(receiver, { servername: 'loopback', ca: [receiver.cert] });
    expect(trusted.is).toBe('Taken');
    const anotherName = await send(receiver, { ca: [receiver.cert] });
    expect(anotherName.is).toBe('Failed');
  });
});

it('Retry-After is a number of seconds or a date, and anything else is nothing (RFC 9110)', () => {
  const cases = ['5', ' 7 ', '-1', '1e9', '99999999999', 'tomorrow', 'Mon, 30 Nov 2026 19:00:00 GMT', undefined];
  expect(cases.map(each => retryAfterMs(each, NOW))).toEqual([
    5_000,
    7_000,
    undefined,
    undefined,
    undefined,
    undefined,
    0,
    undefined,
  ]);
});
