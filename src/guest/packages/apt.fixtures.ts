/** Answers of the scripts for apt as Debian 13 gave them in `npm run e2e -- --packages`. */
const answer = (...lines: readonly string[]): string =>
  [...lines, `end ${lines.length}`].map(line => `steward-packages ${line}\n`).join('');

export const SCAN = answer(
  'system debian 13 trixie',
  'sources 0 0',
  'source trixie-security|trixie-security|trixie-security|Debian|Debian-Security',
  'source trixie|trixie|trixie|Debian|Debian',
  'update all held [1] (2 Debian:trixie)',
  'update all ousting [1] (2 Debian:trixie)',
  'update all phased [1] (2 Debian:trixie)',
  'more 0',
  'held held',
  'removing held',
  'removing ousting',
  'phased phased',
  'reboot -',
);

export const PREFLIGHT = answer(
  'system debian 13 trixie',
  'sources 0 0',
  'source trixie-security|trixie-security|trixie-security|Debian|Debian-Security',
  'source trixie|trixie|trixie|Debian|Debian',
  'space / 8383416 8388608',
  'space /var 8383416 8388608',
  'space /var/cache/apt/archives 0 64',
  'space /boot 8383416 8388608',
  'download 542',
  'state iF |slow',
  'journal 2',
  'lock /var/lib/dpkg/lock-frontend 179 YXB0LWdldA==',
  'reboot -',
);

export const SCRIPT_FAILED = answer(
  'exit 100',
  'error ZHBrZzogZXJyb3IgcHJvY2Vzc2luZyBwYWNrYWdlIGJhZCAoLS1jb25maWd1cmUpOg==',
  'error IGluc3RhbGxlZCBiYWQgcGFja2FnZSBwb3N0LWluc3RhbGxhdGlvbiBzY3JpcHQgc3VicHJvY2VzcyByZXR1cm5lZCBlcnJvciBleGl0IHN0YXR1cyA3',
  'error RTogU3ViLXByb2Nlc3MgL3Vzci9iaW4vZHBrZyByZXR1cm5lZCBhbiBlcnJvciBjb2RlICgxKQ==',
  'installed bad iF 2',
  'installed good ii 2',
  'state iF |bad',
  'journal 0',
  'reboot -',
);

export const DISK_FULL = answer(
  'exit 100',
  'error ICBFcnJvciB3cml0aW5nIHRvIGZpbGUgLSB3cml0ZSAoMjg6IE5vIHNwYWNlIGxlZnQgb24gZGV2aWNlKSBbSVA6IDEyNy4wLjAuMSA0MTkwMV0=',
  'error RTogVW5hYmxlIHRvIGZldGNoIHNvbWUgYXJjaGl2ZXMsIG1heWJlIHJ1biBhcHQtZ2V0IHVwZGF0ZSBvciB0cnkgd2l0aCAtLWZpeC1taXNzaW5nPw==',
  'installed big ii 1',
  'journal 0',
  'reboot -',
);

export const HELD = answer(
  'error RTogSGVsZCBwYWNrYWdlcyB3ZXJlIGNoYW5nZWQgYW5kIC15IHdhcyB1c2VkIHdpdGhvdXQgLS1hbGxvdy1jaGFuZ2UtaGVsZC1wYWNrYWdlcy4=',
  'refused Unsolvable',
  'installed held hi 1',
  'journal 0',
  'reboot -',
);

export const OTHERS = answer(
  'pin gone absent',
  'extra three 1',
  'extra ousted -',
  'refused Others',
  'installed one ii 1',
  'journal 0',
  'reboot yes',
);

export const REPAIRED = answer(
  'repaired 0 1',
  'pin cut there',
  'exit 0',
  'installed cut ii 2',
  'journal 0',
  'reboot no',
);
