import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../runtime/api/manualclock.ts';
import type { CallRequest } from '../../runtime/http/transport.ts';
import { Senders } from './senders.ts';

const settings = { audience: 'steward-receive', senders: ['system:serviceaccount:monitoring:alertmanager'] };

/** Stands in for the API server's TokenReview. */
function asking(status: unknown, clock = new ManualClock()) {
  const asked: unknown[] = [];
  const call = async ({ body = '' }: CallRequest) => {
    asked.push(JSON.parse(body).spec);
    return { status: 201, value: { status } };
  };
  return { asked, clock, senders: new Senders({ call }, clock, settings) };
}
const known = {
  ...{ authenticated: true, audiences: ['steward-receive'] },
  user: { username: 'system:serviceaccount:monitoring:alertmanager' },
};

describe('MO-14: who sends alerts', () => {
  it.each([
    ['a sender with a token for us', known, 'Known'],
    ['somebody else', { ...known, user: { username: 'system:serviceaccount:acme:default' } }, 'Forbidden'],
    ['nobody whom the API server knows', { authenticated: false }, 'Stranger'],
    ['a token for another audience', { ...known, audiences: ['other'] }, 'Stranger'],
    ['an API server that knows no audiences', { ...known, audiences: undefined }, 'Stranger'],
    ['an answer that is none', undefined, 'Stranger'],
  ])('%s', async (_, status, sender) => {
    const { asked, senders } = asking(status);
    expect(await senders.of('Bearer abc.def')).toBe(sender);
    expect(asked).toEqual([{ token: 'abc.def', audiences: ['steward-receive'] }]);
  });

  it.each([[undefined], [''], ['Basic YTpi'], ['Bearer '], ['Bearer a b']])(
    '%j is not even asked about',
    async header => {
      const { asked, senders } = asking(known);
      expect([await senders.of(header), asked]).toEqual(['Stranger', []]);
    },
  );

  it('is asked once a minute for each token', async () => {
    const { asked, clock, senders } = asking(known);
    await senders.of('Bearer a');
    await senders.of('Bearer a');
    expect(asked).toHaveLength(1);
    await clock.advance(60_001);
    await senders.of('Bearer a');
    expect(asked).toHaveLength(2);
  });

  it('who guesses tokens does not make us ask as often, and shuts out no one who is known', async () => {
    const { asked, senders } = asking(known);
    await senders.of('Bearer good');
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => senders.of(`Bearer guess${index}`)));
    expect(answers).toContain('TooMany');
    expect(asked.length).toBeLessThanOrEqual(20);
    expect(await senders.of('Bearer good')).toBe('Known');
  });

  it('who was known is asked about again though others guess tokens all the time', async () => {
    let status: unknown = known;
    const clock = new ManualClock();
    const senders = new Senders({ call: async () => ({ status: 201, value: { status } }) }, clock, settings);
    await senders.of('Bearer good');
    status = { authenticated: false };
    for (let second = 0; second < 70; second++) {
      await Promise.all(Array.from({ length: 5 }, (_, index) => senders.of(`Bearer guess${second}x${index}`)));
      await clock.advance(1_000);
    }
    status = known;
    expect(await senders.of('Bearer good')).toBe('Known');
    await clock.advance(61_000);
    status = { authenticated: false };
    expect(await senders.of('Bearer good')).toBe('Stranger');
  });
});
