/** Restores of the files of the catalogue's nginx from a dump in its guest, by the scripts of guests (AP-13). `systemctl.sh` stands in for systemd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import type { ApplicationGuest } from './applicationguest.ts';
import { planOfEntry } from './entryplan.ts';
import { cutAfter, dumped, found, heals, inProgram, plannedGuest, restoring } from './restoreplan.ts';

const SITE = '/var/www/html';
let guest: ApplicationGuest;
let plan: ApplicationPlan;
beforeAll(async () => {
  plan = await planOfEntry('nginx.yaml', [80, 80], { line: '1.26' });
  guest = await plannedGuest(plan);
}, 600_000);
afterAll(() => guest.stop());

/** Root comes through for its probes, a client does not. */
const lets = async () =>
  (
    await guest.run(
      `setpriv --reuid=65534 --regid=65534 --clear-groups timeout 2 bash -c 'exec 3<> /dev/tcp/127.0.0.1/80; printf "GET /.steward HTTP/1.0\\r\\n\\r\\n" >&3; grep -q " 204 " <&3'`,
    )
  ).exitCode === 0;
const restoringFrom = (restore: string, of: Date, withinSeconds = 30, base = plan) =>
  restoring(base, { engine: 'Files', restore, line: '1.26', of, ports: [80], withinSeconds });
/** The script, which dies with its program before that is done with the second folder. */
const diesAtSecond = (script: string, what: string) =>
  inProgram(script, `${what}() {`, `${what}() { if [ "$data" = /var/www ]; then kill -9 $PPID $$; fi;`).replace(
    /^heal_in shop-open .*$/m,
    'exit 9',
  );
const shown = () =>
  guest.sh(
    `cd /var/www && find . -printf '%p %M %U/%G %l ' '(' -type d -printf '\\n' -o -printf '%s %T@\\n' ')' | sort; cat ${SITE}/*.html; ls /etc/nginx/conf.d`,
  );

/** A site of two pages that belongs to whoever serves it, with a link in it, and a file of the provider's among the settings. */
beforeEach(() =>
  guest.sh(`rm -rf /var/www/* /etc/nginx/conf.d/* /etc/before-restore-* /var/before-restore-*; install -d -o www-data -g www-data -m 2775 ${SITE}; cd ${SITE}
    echo one > one.html; echo two > two.html; chmod 0600 two.html; chown www-data:www-data *.html; ln -s /etc/shadow link; touch -d 2020-01-02 one.html; echo '# kept' > /etc/nginx/conf.d/own.conf`),
);
const DAMAGE = `cd ${SITE}; rm one.html link; echo damaged > two.html; echo later > three.html; rm /etc/nginx/conf.d/own.conf`;

describe('files that were lost', { timeout: 300_000 }, () => {
  it('AP-13: are all as in their dump again, those of before beside them, and what is ordered now is as ordered', async () => {
    const before = await shown();
    const of = await dumped(guest, plan);
    await guest.sh(DAMAGE);
    const damaged = await shown();
    // Ordered otherwise since.
    const since = await planOfEntry('nginx.yaml', [80, 80], {
      line: '1.26',
      parameters: { server_name: 'shop.example' },
    });
    await heals(guest, since);
    const wanted = restoringFrom('a1', of, 30, since);
    await heals(guest, wanted);
    expect(await shown()).toBe(before);
    expect(await found(guest, wanted)).toMatchObject({
      order: 'a1',
      phase: 'Done',
      tables: expect.any(Number),
      closed: expect.any(Date),
    });
    expect((await guest.look(wanted)).differing).toEqual({});
    expect(await lets()).toBe(true);
    expect(await guest.sh('ls -d /etc/before-restore-* /var/before-restore-*')).toBe(
      '/etc/before-restore-a1-nginx\n/var/before-restore-a1-www\n',
    );
    await guest.sh(
      'rm -rf /var/www; mv /var/before-restore-a1-www /var/www; rm -rf /etc/nginx; mv /etc/before-restore-a1-nginx /etc/nginx',
    );
    expect(await shown()).toBe(damaged);
    await heals(guest, plan);
  });

  it.each([
    ['before anything was done', 'b1', (script: string) => cutAfter(script, 'noted_restore begun')],
    ['while one folder is aside', 'b2', (script: string) => diesAtSecond(script, 'take_aside')],
    ['while all are aside', 'b3', (script: string) => cutAfter(script, 'engine aside || restore_back "$said"')],
    ['while they are filled', 'b4', (script: string) => diesAtSecond(script, 'made')],
    ['before clients are let in', 'b5', (script: string) => cutAfter(script, 'noted_restore filled')],
  ])('AP-13: whose restore is cut off %s let nobody in, and are restored by the next', async (_, uid, cut) => {
    const before = await shown();
    const of = await dumped(guest, plan);
    await guest.sh(DAMAGE);
    const wanted = restoringFrom(uid, of);
    await guest.run(cut(await guest.scriptOfHeal(wanted)));
    if (uid !== 'b1') expect(await lets()).toBe(false);
    await heals(guest, wanted);
    expect(await found(guest, wanted)).toMatchObject({ phase: 'Done' });
    expect(await shown()).toBe(before);
    expect(await lets()).toBe(true);
  });

  it('AP-13: that come back as others than were dumped are not let serve: those of before do, and the order has failed', async () => {
    const of = await dumped(guest, plan);
    await guest.sh(DAMAGE);
    const damaged = await shown();
    const wanted = restoringFrom('c1', of);
    const lying = inProgram(
      await guest.scriptOfHeal(wanted),
      'restore() { each_folder made; }',
      `restore() { each_folder made; chmod 0644 ${SITE}/two.html; }`,
    );
    const { stderr } = await guest.run(lying);
    expect(stderr).toMatch(
      /folder \/var\/www: \.\/html\/two\.html has the same 4 bytes, and another owner, mode or content ?; the data of before serve again/,
    );
    expect(await shown()).toBe(damaged);
    expect(await found(guest, wanted)).toMatchObject({ phase: 'Failed' });
    expect(await lets()).toBe(true);
  });

  it.each([
    ['whose folder is another since', 'd1', '', { folders: ['/etc/nginx'] }, 'the dump is of other folders'],
    [
      'with another file system below',
      'd2',
      `mkdir ${SITE}/disk; mount -t tmpfs tmpfs ${SITE}/disk`,
      {},
      'another file system is below /var/www, and cannot be taken aside with it',
    ],
    [
      'behind a link',
      'd3',
      'mv /var/www /srv/moved; ln -s /srv/moved /var/www',
      {},
      'its data are a link, which cannot be taken aside',
    ],
  ])('AP-13: %s are not touched, and the order says why', async (_, uid, commands, change, why) => {
    const of = await dumped(guest, plan);
    await guest.sh(`${commands}`);
    const { backup } = plan;
    if (backup === undefined) throw new Error('the plan has no backup');
    const wanted = restoringFrom(uid, of, 30, { ...plan, backup: { ...backup, ...change } });
    expect((await guest.heal(wanted)).stderr).toContain(`not begun: ${why}`);
    await guest.sh(
      `if mountpoint -q ${SITE}/disk; then umount ${SITE}/disk; fi; if [ -L /var/www ]; then rm /var/www; mv /srv/moved /var/www; fi`,
    );
    expect(await found(guest, wanted)).toMatchObject({ phase: 'Failed' });
    expect(await lets()).toBe(true);
  });
});
