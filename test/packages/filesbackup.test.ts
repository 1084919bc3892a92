/** Dumps of the files of the catalogue's nginx and their proof in a second place, by the scripts of a guest (AP-6, AP-13). `systemctl.sh` stands in for systemd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import type { BackupFound } from '../../src/domain/guest/backupfound.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { planOfEntry } from './entryplan.ts';

const STORE = '/var/lib/steward/dumps/shop';
const SITE = '/var/www/html';
/** Of `/var/www`, the second of its folders. */
const DUMP = `$(echo ${STORE}/dump-*)/db-2.dump`;
let guest: ApplicationGuest;
let plan: ApplicationPlan;
beforeAll(async () => {
  plan = await planOfEntry('nginx.yaml', [80, await ApplicationGuest.freePort()], { line: '1.26' });
  guest = await ApplicationGuest.start();
  const { exitCode, stdout, stderr } = await guest.heal(plan);
  expect(exitCode, `${stdout}${stderr}`.slice(-2000)).toBe(0);
  // Debian's package brings the folders.
  await guest.sh('test -d /etc/nginx && test -d /var/www/html');
}, 600_000);
afterAll(() => guest.stop());

/** As if nothing had been dumped yet, of a site of two pages that belongs to whoever serves it. */
beforeEach(() =>
  guest.sh(`rm -rf ${STORE}/* ${STORE}/.[!.]* /var/www/*; install -d -o www-data -g www-data -m 2775 ${SITE}
    echo one > ${SITE}/one.html; echo two > ${SITE}/two.html; chown www-data:www-data ${SITE}/*.html`),
);

async function recordedBy(what: 'backup' | 'prove'): Promise<BackupFound> {
  await guest.run(`/usr/local/sbin/steward-${what}-shop`);
  const { applications } = await guest.look(plan);
  return applications[0]?.backup ?? {};
}

/** Another program in the place of one, while `body` runs; the real one is `"$0.real"`. */
async function instead<Result>(program: string, script: string, body: () => Promise<Result>): Promise<Result> {
  const path = `/usr/bin/${program}`;
  await guest.sh(
    `mv ${path} ${path}.real; printf %s ${shellWord(`#!/bin/sh\n${script}\n`)} > ${path}; chmod 0755 ${path}; rm -f /tmp/once`,
  );
  try {
    return await body();
  } finally {
    await guest.sh(`mv ${path}.real ${path}`);
  }
}

/** The power goes while tar works: all of the script is killed. */
async function cutOff(what: 'backup' | 'prove', option: string): Promise<void> {
  await instead(
    'tar',
    `case "$*" in *${option}*) touch /tmp/begun; exec sleep 300;; esac; exec "$0.real" "$@"`,
    async () => {
      await guest.sh(`rm -f /tmp/begun; setsid /usr/local/sbin/steward-${what}-shop > /dev/null 2>&1 < /dev/null & pid=$!
      until [ -e /tmp/begun ]; do sleep 0.05; done; kill -s KILL -- "-$pid"`);
    },
  );
}

const asServer = (commands: string) =>
  guest.sh(`setpriv --reuid=www-data --regid=www-data --clear-groups sh -c ${shellWord(commands)}`);

describe('an nginx that is backed up', { timeout: 180_000 }, () => {
  it('AP-13: is dumped, and proven by a second place that has every file of it', async () => {
    const { last, failed } = await recordedBy('backup');
    expect(failed).toBeUndefined();
    const counted = await guest.sh(
      `find /etc/nginx /var/www -printf . | wc -c; find /etc/nginx /var/www -type f -printf '%s\\n' | awk '{ sum += $1 } END { print sum }'`,
    );
    expect(last).toMatchObject({ databases: 2 });
    expect(`${last?.tables}\n${last?.rows}\n`).toBe(counted);
    // What is changed afterwards is no difference.
    await guest.sh(`echo another > ${SITE}/one.html; rm ${SITE}/two.html`);
    const { proven, unproven } = await recordedBy('prove');
    expect(unproven).toBeUndefined();
    expect(proven).toMatchObject({ of: last?.at, tables: last?.tables, rows: last?.rows });
    expect(await guest.sh(`ls -A /var/lib/steward-prove; ls -d ${STORE}/.proof 2> /dev/null || :`)).toBe('');
    expect(await guest.sh(`stat -c '%a %U' ${STORE}; find ${STORE} -type f -perm /077`)).toBe('700 root\n');
  });

  it('AP-13: comes back by tar alone as it was: owners, modes, times, links, holes and extended attributes', async () => {
    await guest.sh(`cd ${SITE}; ln one.html same.html; ln -s one.html link; truncate -s 50M holes; mkdir -m 0711 deep; : > deep/empty
      tar --create --format=posix --pax-option=SCHILY.xattr.user.note:=kept one.html | tar --extract --xattrs --to-stdout > /dev/null
      tar --create --format=posix --pax-option=SCHILY.xattr.user.note:=kept deep | tar --extract --xattrs
      touch -d '2020-01-02 03:04:05' two.html; chmod 0400 two.html`);
    const shown = `find . -printf '%p %M %U/%G %n %l ' '(' -type d -printf '\\n' -o -printf '%s %T@\\n' ')' | sort; tar --create --xattrs . | tar --list -vv --xattrs | grep user.note`;
    const before = await guest.sh(`cd /var/www; ${shown}`);
    expect((await recordedBy('backup')).failed).toBeUndefined();
    expect((await recordedBy('prove')).unproven).toBeUndefined();
    const after = await guest.sh(
      `rm -rf /tmp/back; mkdir /tmp/back; cd /tmp/back; tar --extract --acls --xattrs --file=${DUMP}; ${shown}; [ $(du -k html/holes | cut -f 1) -lt 100 ]`,
    );
    expect(after).toBe(before);
    expect(before).toMatch(/user[.]note/);
  });

  it('AP-13: is not dumped where a folder is not there, or a link leads to it', async () => {
    await guest.sh('mv /var/www /srv/moved; ln -s /srv/moved /var/www');
    const { last, failed } = await recordedBy('backup');
    await guest.sh('rm /var/www; mv /srv/moved /var/www');
    expect(last).toBeUndefined();
    expect(failed?.what).toBe('folder /var/www is not there, or a link leads to it');
  });

  it('AP-13: is told with numbers where a disk has no room, and nothing is begun on it', async () => {
    await guest.sh(`mount -t tmpfs -o size=64k,mode=0700 tmpfs ${STORE}`);
    const { failed } = await recordedBy('backup');
    await guest.sh(`umount ${STORE}`);
    expect(failed?.what).toMatch(
      /^a dump may need [0-9]+ MiB of disk and 1 MiB may be taken, so that it was not begun$/,
    );
    await recordedBy('backup');
    await guest.sh('mkdir -p /var/lib/steward-prove; mount -t tmpfs -o size=64m tmpfs /var/lib/steward-prove');
    const { unproven } = await recordedBy('prove');
    await guest.sh('umount /var/lib/steward-prove');
    expect(unproven?.what).toMatch(/^a proof may need 1[0-9]{2} MiB of disk and 6[01] MiB may be taken/);
  });

  it('AP-13: leaves nothing of a dump or a proof that was cut off, and the next goes on', async () => {
    await cutOff('backup', '--create');
    expect((await recordedBy('backup')).last).toMatchObject({ databases: 2 });
    expect(await guest.sh(`ls -A ${STORE}`)).toMatch(/^dump-[0-9]+\nlast\n$/);
    await cutOff('prove', '--extract');
    expect(await guest.sh('ls -A /var/lib/steward-prove/shop')).not.toBe('');
    expect(await guest.sh('stat -c %a /var/lib/steward-prove/shop')).toBe('700\n');
    expect((await recordedBy('prove')).proven).toMatchObject({ tables: expect.any(Number) });
    expect(await guest.sh('ls -A /var/lib/steward-prove')).toBe('');
  });
});

/** Whoever gets into nginx has the account of its server, and may write where its pages are. */
describe('whoever serves the files', { timeout: 180_000 }, () => {
  it('AP-9: gains nothing by links, pipes, sockets and names in them: none is followed or waited for, and what is a file is proven', async () => {
    await guest.sh('echo only-root-reads-this > /etc/secret; chmod 0600 /etc/secret');
    await asServer(`cd ${SITE}; umask 0; ln -s /etc/secret secret.html; ln -s /etc etc; ln -s ../.. up; ln -s link link; mkfifo pipe; mkdir -m 0 closed
      : > --checkpoint=1; : > '--checkpoint-action=exec=touch owned'; : > '-rf'; mkdir '$(touch owned)'; : > 'sealed'; chmod 0 sealed
      for i in $(seq 255); do [ $i = 47 ] || : > "x$(printf "\\$(printf %03o $i)")y"; done`);
    await guest.sh(
      `mknod ${SITE}/null c 1 3; perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "${SITE}/socket", Listen => 1)'`,
    );
    const { last, failed } = await recordedBy('backup');
    expect(failed).toBeUndefined();
    // One besides the others: xbcy, of byte 98 …, are names like any other; the socket, the pipe and the device are no data.
    expect(await guest.sh(`tar --list --file=${DUMP} --quoting-style=escape | grep -c '^./html/x.*y$'`)).toBe('254\n');
    expect(await guest.sh(`grep -r -c -a only-root-reads-this ${DUMP} || :; find / -xdev -name owned`)).toBe('0\n');
    const { proven, unproven } = await recordedBy('prove');
    expect(unproven).toBeUndefined();
    expect(proven).toMatchObject({ tables: last?.tables });
    await guest.sh('rm /etc/secret');
  });

  it.each(['mkfifo two.html', 'ln -s /dev/zero two.html', 'ln -s /etc/shadow two.html', 'mkdir two.html'])(
    'AP-9: gains nothing by %s just before a file is read: it is noticed, and all is read again',
    async swap => {
      const swapping = `if [ "$1" = if=./two.html ] && [ ! -e /tmp/once ]; then touch /tmp/once; rm two.html; ${swap}; fi; exec "$0.real" "$@"`;
      const { failed } = await instead('dd', swapping, () => recordedBy('backup'));
      expect(failed).toBeUndefined();
      expect(await guest.sh('ls /tmp/once')).toBe('/tmp/once\n');
      expect((await recordedBy('prove')).unproven).toBeUndefined();
    },
  );

  it('AP-13: keeps no dump of files that never hold still, and the last good one is kept', async () => {
    const { last } = await recordedBy('backup');
    await guest.sh(`sed -i 's/^[0-9]*/1000000000/' ${STORE}/last`);
    const writing = `"$0.real" "$@" || exit; case "$*" in *--create*) [ "$PWD" != /var/www ] || echo more >> html/one.html;; esac`;
    const { failed } = await instead('tar', writing, () => recordedBy('backup'));
    expect(failed?.what).toBe(
      'folder /var/www could not be read as it was at one instant, 3 times: ./html/one.html changed meanwhile',
    );
    expect(await guest.sh(`ls -A ${STORE}`)).toBe(`dump-${(last?.at.getTime() ?? 0) / 1000}\nfailed\nlast\n`);
  });
});

/** As in research 4.0 and 6.7: what says that all is well, and is not. */
describe('an archive that is none', { timeout: 180_000 }, () => {
  /** While tar reads a large file between the two, once: what it has read already and what it reads later are changed together. */
  const meanwhile = (change: string) =>
    `case "$PWD $*" in "/var/www "*--create*) [ -e /tmp/once ] || { touch /tmp/once; "$0.real" --checkpoint=5 --checkpoint-action=exec=${shellWord(`cd ${SITE}; ${change}`)} "$@"; echo $? > /tmp/code; exit 0; };; esac; exec "$0.real" "$@"`;

  it.each([
    ['ends with 0, of two instants', 'echo 2 > one.html; echo 2 > two.html', '0'],
    ['ends with 1, and is taken for good by whoever knows that it is a mere warning', 'echo >> middle', '1'],
  ])(
    'AP-13: research 4.0: tar of files that change meanwhile %s; ours reads all of them again',
    async (_, change, code) => {
      await guest.sh(
        `cd ${SITE}; mv two.html zwei.html; head -c 1M /dev/zero > middle; echo 1 > one.html; rm -f two.html; mv one.html a.html`,
      );
      const { failed } = await instead('tar', meanwhile(change.replace('one', 'a').replace('two', 'zwei')), () =>
        recordedBy('backup'),
      );
      expect(await guest.sh('cat /tmp/code')).toBe(`${code}\n`);
      expect(failed).toBeUndefined();
      expect(await guest.sh(`tar --extract --to-stdout --file=${DUMP} ./html/a.html ./html/zwei.html`)).toBe(
        code === '0' ? '2\n2\n' : '1\ntwo\n',
      );
      expect((await recordedBy('prove')).unproven).toBeUndefined();
    },
  );

  it('AP-13: research 4.0: is found where it was cut off between two files, of which tar lists the rest and ends with 0', async () => {
    await recordedBy('backup');
    const block = await guest.sh(
      `tar --list --block-number --file=${DUMP} | sed -n 's,^block \\([0-9]*\\): ./html/two.html$,\\1,p'`,
    );
    await guest.sh(`truncate -s $((${block.trim()} * 512)) ${DUMP}`);
    const listed = await guest.run(`tar --list --file=${DUMP}`);
    expect(listed).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('./html/one.html') });
    expect(listed.stdout).not.toContain('two.html');
    expect((await recordedBy('prove')).unproven).toMatchObject({
      ...{ differs: true, what: 'db-2.dump of the dump is not what was written' },
    });
  });

  it.each([
    ['lacks a file', 'set -- --exclude=./html/two.html "$@"'],
    ['has it of another owner', 'set -- --owner=root "$@"'],
  ])('AP-13: is none where it %s, though tar ended with 0', async (_, changing) => {
    const wrong = `case "$PWD $*" in "/var/www "*--create*) ${changing};; esac; exec "$0.real" "$@"`;
    const { last, failed } = await instead('tar', wrong, () => recordedBy('backup'));
    expect(last).toBeUndefined();
    expect(failed?.what).toMatch(
      /^folder \/var\/www: \.\/html(\/two\.html)? is not in what tar has written as it is in the folder$/,
    );
  });

  it('AP-13: is found where a file comes back as another, though its list is as it was', async () => {
    const wrong = `case "$PWD $*" in "/var/www "*--create*) "$0.real" "$@" | LC_ALL=C sed s/two$/owt/; exit;; esac; exec "$0.real" "$@"`;
    const { failed } = await instead('tar', wrong, () => recordedBy('backup'));
    expect(failed).toBeUndefined();
    expect((await recordedBy('prove')).unproven).toMatchObject({
      ...{ differs: true },
      what: 'folder /var/www: ./html/two.html has the same 4 bytes, and another owner, mode or content',
    });
  });
});
