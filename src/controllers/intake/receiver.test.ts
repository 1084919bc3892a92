import { afterEach, describe, expect, it } from 'vitest';
import type { Pointer } from '../../domain/intake/pointer.ts';
import { ManualClock } from '../../runtime/api/manualclock.ts';
import { LARGEST_BYTES, type Receiver, type ReceiverParts, startReceiver } from './receiver.ts';

let receiver: Receiver;
afterEach(() => receiver.close());

const alert = { labels: { alertname: 'ManagedVMDown' }, status: 'firing', startsAt: '2026-11-30T11:45:00Z' };
const message = JSON.stringify({ version: '4', alerts: [alert] });

async function posting(parts: Partial<ReceiverParts> = {}) {
  const settled: Pointer[] = [];
  receiver = await startReceiver({
    ...{ port: 0, host: '127.0.0.1', tls: undefined, clock: new ManualClock(), onHeld: () => {} },
    ...{ senderOf: async () => 'Known', settle: async pointers => void settled.push(...pointers) },
    ...parts,
  });
  const post = async (body: string | ReadableStream, init: RequestInit = {}) => {
    const url = `http://127.0.0.1:${receiver.port}/alerts`;
    const { status, headers } = await fetch(url, { method: 'POST', body, ...init });
    return { status, retryAfter: headers.get('retry-after') };
  };
  return { post, settled };
}

describe('MO-14: the receiver of alerts', () => {
  it('answers 200 once the alerts are settled, and not before', async () => {
    const gate = Promise.withResolvers<void>();
    const { post } = await posting({ settle: () => gate.promise });
    let answered = false;
    const answer = post(message).then(({ status }) => {
      answered = true;
      return status;
    });
    await fetch(`http://127.0.0.1:${receiver.port}/`);
    expect(answered).toBe(false);
    gate.resolve();
    expect(await answer).toBe(200);
  });

  it.each([
    ['nobody known', 'Stranger', 401, null],
    ['no sender', 'Forbidden', 403, null],
    ['one of too many', 'TooMany', 429, '5'],
  ] as const)('takes nothing of %s', async (_, sender, status, retryAfter) => {
    const { post, settled } = await posting({ senderOf: async () => sender });
    expect([await post(message), settled]).toEqual([{ status, retryAfter }, []]);
  });

  it('has it told again where it cannot be settled, or asked who sends', async () => {
    const silent = async () => {
      throw new Error('silent');
    };
    const { post } = await posting({ settle: silent });
    expect(await post(message)).toEqual({ status: 503, retryAfter: '10' });
    await receiver.close();
    const other = await posting({ senderOf: silent });
    expect(await other.post(message)).toEqual({ status: 503, retryAfter: '10' });
  });

  it.each([
    ['no JSON', 'alerts'],
    ['another version', '{"version":"3","alerts":[]}'],
    ['nothing', ''],
  ])('refuses %s', async (_, body) => {
    const { post, settled } = await posting();
    expect([(await post(body)).status, settled]).toEqual([400, []]);
  });

  it('refuses what is too large, told or not, without taking it', async () => {
    const { post, settled } = await posting();
    expect((await post('x'.repeat(LARGEST_BYTES + 1))).status).toBe(413);
    const piece = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 64) controller.close();
        else controller.enqueue(piece);
      },
    });
    // Who goes on sending may find the connection closed before he reads the answer.
    const refused = await post(endless, { duplex: 'half' } as RequestInit).then(
      ({ status }) => status,
      () => 413,
    );
    expect([refused, settled]).toEqual([413, []]);
    expect((await post(message)).status).toBe(200);
  });

  it('refuses with 429 more messages than it could settle', async () => {
    const { post } = await posting({ rate: { perSecond: 1, burst: 3 } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(message)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 429, 429]);
  });

  it('takes messages at one place, by POST', async () => {
    await posting();
    const at = (path: string, method: string) =>
      fetch(`http://127.0.0.1:${receiver.port}${path}`, { method }).then(({ status }) => status);
    expect(await Promise.all([at('/', 'POST'), at('/alerts', 'GET'), at('/alerts', 'DELETE')])).toEqual([
      404, 405, 405,
    ]);
  });
});
