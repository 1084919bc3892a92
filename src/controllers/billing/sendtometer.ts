import { readFileSync } from 'node:fs';
import { faultsIn, type Generation } from '../../domain/billing/closing.ts';
import { centsClosed, eventOf, questionTo, TOGETHER, totalIn } from '../../domain/billing/meter.ts';
import { amountOf } from '../../domain/billing/money.ts';
import { counted } from '../../domain/guest/words.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import type { BillingAnswer } from './answer.ts';
import { ClosedMonths } from './closedmonths.ts';

export type SendQuestion = {
  readonly verb: 'send';
  readonly bills: string;
  /** Address of the meter, below which its API is (`api/v1/…`). */
  readonly to: string;
  readonly meter: string;
  /** A file with the token that it asks for. */
  readonly tokenFile: string | undefined;
};

const TIMEOUT_MS = 30_000;

/**
 * Sends every closed line to a meter, and asks it for the totals: that it took an event is no proof that it counts it. Sent again it changes nothing, for
 * ids are those of the lines.
 */
export async function sendToMeter(question: SendQuestion): Promise<BillingAnswer> {
  const months = new ClosedMonths(question.bills);
  const said: string[] = [];
  let exitCode: 0 | 1 = 0;
  try {
    const all = months.all();
    if (all.length === 0) return { exitCode: 2, text: `${question.bills}: no month was closed in it\n` };
    for (const { contract, month } of all) {
      const { text, isRight } = await send(months.read(contract, month), question);
      said.push(`${contract} ${month}: ${text}`);
      if (!isRight) exitCode = 1;
    }
    return { exitCode, text: `${said.join('\n')}\n` };
  } catch (error) {
    return { exitCode: 2, text: `${[...said, messageOf(error)].join('\n')}\n` };
  }
}

async function send(generations: readonly Generation[], question: SendQuestion) {
  const [fault] = faultsIn(generations);
  const last = generations.at(-1)?.manifest;
  if (fault !== undefined || last === undefined) return { text: `nothing was sent: ${fault}`, isRight: false };
  const events = generations.flatMap(({ lines }) => lines.map(line => eventOf(line, last.timeZone)));
  for (let first = 0; first < events.length; first += TOGETHER)
    await ask(question, 'api/v1/events', events.slice(first, first + TOGETHER));
  const total = totalIn(await ask(question, questionTo(question.meter, last)));
  const closed = centsClosed(last);
  if (total === closed)
    return { text: `${counted(events.length, 'line')} sent, the meter counts ${amountOf(closed)}, ok`, isRight: true };
  const found = total === undefined ? 'no total in whole cents' : amountOf(total);
  return {
    text: `${counted(events.length, 'line')} sent, ${amountOf(closed)} were closed, and the meter counts ${found}`,
    isRight: false,
  };
}

/** Throws Error where it does not answer, or refuses. */
async function ask({ to, tokenFile }: SendQuestion, path: string, events?: readonly object[]): Promise<unknown> {
  const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, 'utf8').trim();
  const response = await fetch(new URL(path, to.endsWith('/') ? to : `${to}/`), {
    method: events === undefined ? 'GET' : 'POST',
    headers: {
      ...(events && { 'content-type': 'application/cloudevents-batch+json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(events && { body: JSON.stringify(events) }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`the meter answers ${response.status} to ${path.split('?')[0]}: ${text.slice(0, 200)}`);
  return events === undefined ? JSON.parse(text) : undefined;
}
