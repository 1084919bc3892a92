import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { acme, running, vmNamed, type Written } from '../../domain/billing/history.fixtures.ts';
import { beginningOf, type Head, type Matter, seal } from '../../domain/record/entry.ts';
import { filesOf, keyFilesOf, naming, newSigner } from '../../domain/record/stream.fixtures.ts';
import { type BillingQuestion, billing, readBillingQuestion } from './billing.ts';

const folder = mkdtempSync(join(tmpdir(), 'billing-'));
afterAll(() => rmSync(folder, { recursive: true }));
const signer = newSigner();
const STREAM = 'contract-acme';

/** The records as an export holds them: a chain for each stream, signed. */
function exported(written: Written, name: string): string {
  const to = join(folder, name);
  for (const [stream, entries] of Map.groupBy(written.entries, each => each.stream)) {
    let head: Head = beginningOf(stream);
    const lines = [{ ...naming('KeyNamed', signer) }, ...entries].map(entry => {
      const { at, what, object, before, after } = entry as Matter;
      const matter = { at: new Date(at), what, who: {}, why: { requirements: ['GE-1'] }, object, before, after };
      const sealed = seal(head, matter, signer);
      head = sealed.head;
      return sealed.line;
    });
    mkdirSync(join(to, stream), { recursive: true });
    for (const [file, text] of filesOf(lines)) writeFileSync(join(to, stream, file), text);
    writeFileSync(join(to, stream, 'head.json'), JSON.stringify(head));
  }
  mkdirSync(join(to, 'keys'), { recursive: true });
  for (const [file, text] of keyFilesOf([signer])) writeFileSync(join(to, 'keys', file), text);
  return to;
}

const orders = () =>
  acme()
    .is(STREAM, '2026-11-21T10:00:00Z', vmNamed('shop-db'), running())
    .is('cluster', '2026-12-02T00:00:00Z', { kind: 'OperatingSystem', name: 'debian-13', uid: 'os' }, {});

const ask = (...words: string[]) => billing(readBillingQuestion(words) as BillingQuestion);

/** A meter as OpenMeter's API has it: it takes each id once. `loses`: of so many events it forgets one, and says that it has it. */
async function meter(loses: number) {
  const seen = new Map<string, number>();
  let taken = 0;
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    if (request.method !== 'POST') {
      const sum = [...seen.values()].reduce((all, cents) => all + cents, 0);
      return response.end(JSON.stringify({ data: [{ value: sum }] }));
    }
    for (const event of JSON.parse(body)) {
      taken += 1;
      if (seen.has(event.id) || (loses > 0 && taken % loses === 0)) continue;
      seen.set(event.id, event.data.cents);
    }
    return response.writeHead(204).end();
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, taken: () => taken, close: () => server.close() };
}

describe('steward billing (GE-1)', () => {
  it('closes a month from exported records, once, and checks what was closed', async () => {
    const [records, bills] = [exported(orders(), 'records'), join(folder, 'bills')];
    const close = () => ask('close', records, bills, '--month', '2026-11', '--issuer', 'Example GmbH');
    expect(await close()).toEqual({
      exitCode: 0,
      text: `acme 2026-11: 1 line, 16.33 EUR, written to ${join(bills, 'acme/2026-11/1')}\n`,
    });
    expect((await close()).text).toBe('acme 2026-11: closed as it is, 16.33 EUR\n');
    expect(readdirSync(join(bills, 'acme/2026-11'))).toEqual(['1']);
    expect(await ask('check', bills)).toEqual({ exitCode: 0, text: 'acme 2026-11: 1 generation, 16.33 EUR, ok\n' });
    const csv = join(bills, 'acme/2026-11/1/billing.de.csv');
    writeFileSync(csv, readFileSync(csv, 'utf8').replace('16,33', '61,33'));
    expect(await ask('check', bills)).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('billing.de.csv is not the file'),
    });
  });

  it('ended while it wrote, it closes the month when it is asked again, and nothing half', async () => {
    const [records, bills] = [exported(orders(), 'records-ended'), join(folder, 'bills-ended')];
    mkdirSync(join(bills, 'acme/2026-11/.1.new'), { recursive: true });
    writeFileSync(join(bills, 'acme/2026-11/.1.new/lines.jsonl'), 'half a li');
    expect((await ask('close', records, bills, '--month', '2026-11')).exitCode).toBe(0);
    expect(await ask('check', bills)).toEqual({ exitCode: 0, text: 'acme 2026-11: 1 generation, 16.33 EUR, ok\n' });
  });

  it('makes no bill of records that do not hold', async () => {
    const records = exported(orders(), 'records-forged');
    const file = join(records, STREAM, '000000000001.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('shop-db', 'shop-xx'));
    const { exitCode, text } = await ask('close', records, join(folder, 'none'), '--month', '2026-11');
    expect({ exitCode, text }).toMatchObject({
      exitCode: 1,
      text: expect.stringMatching(/do not hold: contract-acme/),
    });
  });

  it('closes no month that the records do not reach the end of, and none with something that no price is agreed for', async () => {
    const bills = join(folder, 'open');
    const early = exported(orders(), 'records-early');
    expect((await ask('close', early, bills, '--month', '2026-12')).text).toMatch(
      /not closed: it ends at 2026-12-31T23:00:00.000Z/,
    );
    const level = { 'spec.serviceLevel': 'MonitoringAndPatching' };
    const unpriced = exported(
      orders().is(STREAM, '2026-11-29T10:00:00Z', vmNamed('lab'), running(level)),
      'records-open',
    );
    const close = (...more: string[]) => ask('close', unpriced, bills, '--month', '2026-11', ...more);
    expect((await close()).text).toMatch(
      /not closed: 1 item cannot be billed\n {2}acme\/lab 2026-11-29\/2026-11-30: Contract acme names/,
    );
    expect((await close('--leave-out')).exitCode).toBe(0);
    const manifest = JSON.parse(readFileSync(join(bills, 'acme/2026-11/1/manifest.json'), 'utf8'));
    expect(manifest.leftOut).toHaveLength(1);
  });

  it('shows what a month comes to by now', async () => {
    const { text } = await ask('show', exported(orders(), 'records-shown'), '--month', '2026-11', '--contract', 'acme');
    expect(text).toBe(
      'acme 2026-11: 16.33 EUR\n  acme/shop-db 2026-11-21/2026-11-30: SystemFee 10/30 Months of 49.00 = 16.33 EUR\n',
    );
  });

  it('sends what was closed to a meter, again and again as once, and reads the totals back', async () => {
    const [records, bills] = [exported(orders(), 'records-sent'), join(folder, 'bills-sent')];
    await ask('close', records, bills, '--month', '2026-11');
    const good = await meter(0);
    const send = (url: string) => ask('send', bills, '--to', url, '--meter', 'billing');
    const right = { exitCode: 0, text: 'acme 2026-11: 1 line sent, the meter counts 16.33, ok\n' };
    expect([await send(good.url), await send(good.url)]).toEqual([right, right]);
    expect(good.taken()).toBe(2);
    good.close();
    const bad = await meter(1);
    expect(await send(bad.url)).toEqual({
      exitCode: 1,
      text: 'acme 2026-11: 1 line sent, 16.33 were closed, and the meter counts 0.00\n',
    });
    bad.close();
    expect((await send(bad.url)).exitCode).toBe(2);
  });

  it.each([
    [''],
    ['close records bills'],
    ['close records --month 2026-11'],
    ['show records bills --month 2026-11'],
    ['show records --month 2026-13'],
    ['check bills more'],
    ['close records bills --month 2026-11 --what'],
  ])('does not understand: %s', words => {
    expect(readBillingQuestion(words.split(' '))).toBeUndefined();
  });

  it('says what it could not look at', async () => {
    expect(await ask('check', join(folder, 'nothing'))).toMatchObject({ exitCode: 2 });
    expect(await ask('show', join(folder, 'nothing'), '--month', '2026-11')).toMatchObject({ exitCode: 2 });
  });
});
