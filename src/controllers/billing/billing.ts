/** `steward billing`: bills of a month from exported records, without a cluster (GE-1 to GE-3). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bill, billOf, totalsOf } from '../../domain/billing/bill.ts';
import { closeMonth, faultsIn, type Source } from '../../domain/billing/closing.ts';
import { History, type RecordedEntry } from '../../domain/billing/history.ts';
import type { Line, Open } from '../../domain/billing/line.ts';
import { isMonth } from '../../domain/billing/month.ts';
import { contractNames } from '../../domain/billing/terms.ts';
import { readEntry } from '../../domain/record/entry.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import { verdictsOn } from '../record/verifyfolder.ts';
import type { BillingAnswer } from './answer.ts';
import { ClosedMonths } from './closedmonths.ts';
import { type SendQuestion, sendToMeter } from './sendtometer.ts';

export const BILLING_USAGE = `usage: steward billing show RECORDS --month YYYY-MM [--contract NAME]...
       steward billing close RECORDS BILLS --month YYYY-MM [--contract NAME]... [--issuer NAME] [--leave-out]
       steward billing check BILLS
       steward billing send BILLS --to URL --meter NAME [--token-file FILE]

Bills of a month, made of exported records alone, without a cluster.
  show         prints the lines as they would be now
  close        writes BILLS/CONTRACT/MONTH/GENERATION: lines.jsonl, billing.de.csv, focus.csv and a manifest; what was closed
               before stays, and what differs from it by now is written as a generation more, of lines that correct it
  check        whether BILLS holds what was closed: hashes, sums, no line twice, no generation missing
  send         sends every closed line as a CloudEvent to a meter (OpenMeter's API), and holds the meter's totals to what was closed
  --issuer     how the provider is called in focus.csv; default Steward
  --leave-out  closes although something cannot be billed; it is named in the manifest
ends with 0, with 1 where something is wrong or cannot be billed, or with 2 where it could not be looked at
`;

export type BillingQuestion =
  | ({
      readonly verb: 'show' | 'close';
      readonly records: string;
      readonly bills: string;
      readonly month: string;
    } & Options)
  | { readonly verb: 'check'; readonly bills: string }
  | SendQuestion;
type Options = { readonly contracts: readonly string[]; readonly issuer: string; readonly leaveOut: boolean };

/** Reads the command line after `billing`; undefined where it is not understood. */
export function readBillingQuestion([verb, ...words]: readonly string[]): BillingQuestion | undefined {
  const folders: string[] = [];
  const contracts: string[] = [];
  let [month, issuer, leaveOut] = ['', 'Steward', false];
  let [to, meter, tokenFile] = ['', '', ''];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) folders.push(word);
    else if (word === '--leave-out') leaveOut = true;
    else {
      index += 1;
      const value = words[index] ?? '';
      if (word === '--month' && isMonth(value)) month = value;
      else if (word === '--contract' && value !== '') contracts.push(value);
      else if (word === '--issuer' && value !== '') issuer = value;
      else if (word === '--to' && URL.canParse(value)) to = value;
      else if (word === '--meter' && value !== '') meter = value;
      else if (word === '--token-file' && value !== '') tokenFile = value;
      else return undefined;
    }
  }
  const [first, second = '', ...more] = folders;
  if (first === undefined || more.length > 0) return undefined;
  if (verb === 'send')
    return to === '' || meter === '' || second !== ''
      ? undefined
      : { verb, bills: first, to, meter, tokenFile: tokenFile || undefined };
  if (verb === 'check') return second === '' && month === '' ? { verb, bills: first } : undefined;
  if ((verb !== 'show' && verb !== 'close') || month === '' || (verb === 'close') === (second === '')) return undefined;
  return { verb, records: first, bills: second, month, contracts, issuer, leaveOut };
}

/** What the command says. Never throws for what the folders hold. */
export async function billing(question: BillingQuestion): Promise<BillingAnswer> {
  if (question.verb === 'send') return sendToMeter(question);
  try {
    return question.verb === 'check' ? check(question.bills) : make(question);
  } catch (error) {
    return { exitCode: 2, text: `${messageOf(error)}\n` };
  }
}

function check(folder: string): BillingAnswer {
  const months = new ClosedMonths(folder);
  const all = months.all();
  if (all.length === 0) return { exitCode: 2, text: `${folder}: no month was closed in it\n` };
  const found = all.map(({ contract, month }) => {
    try {
      const generations = months.read(contract, month);
      const totals = generations.at(-1)?.manifest.standing ?? [];
      return { contract, month, totals, generations: generations.length, faults: faultsIn(generations) };
    } catch (error) {
      return { contract, month, totals: [], generations: 0, faults: [messageOf(error)] };
    }
  });
  const said = found.map(({ contract, month, totals, generations, faults }) =>
    faults.length === 0
      ? `${contract} ${month}: ${counted(generations, 'generation')}, ${sums(totals)}, ok`
      : [`${contract} ${month}: broken`, ...faults.map(fault => `  ${fault}`)].join('\n'),
  );
  return { exitCode: found.some(({ faults }) => faults.length > 0) ? 1 : 0, text: `${said.join('\n')}\n` };
}

type Making = Extract<BillingQuestion, { readonly month: string }>;

function make(question: Making): BillingAnswer {
  const { records, month } = question;
  const verdicts = verdictsOn({ folder: records, heads: [], firstKey: undefined });
  const broken = verdicts.filter(({ faults }) => faults.length > 0).map(({ stream }) => stream);
  if (broken.length > 0)
    return {
      exitCode: 1,
      text: `nothing is billed by records that do not hold: ${broken.join(', ')} (steward verify ${records})\n`,
    };
  const history = historyIn(
    records,
    verdicts.map(({ stream }) => stream),
  );
  const sources = verdicts.map(({ head: { stream, sequence, hash } }) => ({ stream, sequence, hash }));
  const names = question.contracts.length > 0 ? question.contracts : contractNames(history);
  const answers = names.map(name => {
    const bill = billOf(history, name, month);
    if (bill === undefined) return { exitCode: 1, text: `${name}: the records tell of no such contract` } as const;
    return question.verb === 'show' ? shown(bill) : close(bill, history, sources, question);
  });
  return {
    exitCode: answers.some(({ exitCode }) => exitCode !== 0) ? 1 : 0,
    text: answers.map(({ text }) => `${text}\n`).join(''),
  };
}

function historyIn(folder: string, streams: readonly string[]): History {
  const history = new History();
  for (const stream of streams) {
    const names = readdirSync(join(folder, stream)).filter(name => /^\d{12}\.jsonl$/.test(name));
    for (const name of names.sort())
      for (const line of readFileSync(join(folder, stream, name), 'utf8').split('\n'))
        if (line !== '') history.take(readEntry(line) as RecordedEntry);
  }
  return history;
}

function shown({ contract, month, lines, open }: Bill): BillingAnswer {
  const all = [...lines.map(sentence), ...open.map(({ why, ...of }) => `cannot be billed: ${told(of)}: ${why}`)];
  return {
    exitCode: open.length === 0 ? 0 : 1,
    text: [`${contract} ${month}: ${sums(totalsOf(lines))}`, ...all].join('\n  '),
  };
}

function sentence(line: Line): string {
  const note = line.note === undefined ? '' : `, ${line.note}`;
  return `${told(line)}: ${line.kind} ${line.quantity} ${line.unit} of ${line.rate} = ${line.amount} ${line.currency}${note}`;
}

function told({ subject, item, days }: Pick<Open, 'subject' | 'item' | 'days'>): string {
  const of = item === undefined ? '' : ` ${item.kind} ${item.name}`;
  return `${subject.namespace}/${subject.name}${of}${days === undefined ? '' : ` ${days.join(' ')}`}`;
}

function close(bill: Bill, history: History, sources: readonly Source[], question: Making): BillingAnswer {
  const { contract, month, ends, open } = bill;
  const until = history.recordedUntil ?? 0;
  const of = `${contract} ${month}`;
  if (until < ends) {
    const [last, end] = [until, ends].map(at => new Date(at).toISOString());
    return { exitCode: 1, text: `${of}: not closed: it ends at ${end}, and the newest record is of ${last}` };
  }
  if (open.length > 0 && !question.leaveOut) {
    const gaps = open.map(({ why, ...what }) => `  ${told(what)}: ${why}`);
    return {
      exitCode: 1,
      text: [`${of}: not closed: ${counted(open.length, 'item')} cannot be billed`, ...gaps].join('\n'),
    };
  }
  const months = new ClosedMonths(question.bills);
  const before = months.read(contract, month);
  const faults = faultsIn(before);
  if (faults.length > 0) return { exitCode: 1, text: [`${of}: what was closed is broken`, ...faults].join('\n  ') };
  const files = closeMonth(bill, before, sources, question.issuer);
  if (files === undefined) return { exitCode: 0, text: `${of}: closed as it is, ${sums(totalsOf(bill.lines))}` };
  const path = months.write(contract, month, before.length + 1, files);
  return {
    exitCode: 0,
    text: `${of}: ${counted(bill.lines.length, 'line')}, ${sums(totalsOf(bill.lines))}, written to ${path}`,
  };
}

function sums(totals: readonly { readonly currency: string; readonly amount: string }[]): string {
  return totals.length === 0 ? 'nothing' : totals.map(({ currency, amount }) => `${amount} ${currency}`).join(' and ');
}

function counted(count: number, of: string): string {
  return `${count} ${of}${count === 1 ? '' : 's'}`;
}
