/** Answers of the scripts for dnf 4.23, dnf 5.4 and zypper 1.14 as they gave them in `npm run e2e -- --packages`. */
const answer = (...lines: readonly string[]): string =>
  [...lines, `end ${lines.length}`].map(line => `steward-packages ${line}\n`).join('');

export const DNF_SCAN = answer(
  'dnf 4',
  'system rocky 9.4 -',
  'sources 0 0',
  'tells updates-fdb5bcc8c088d6b4',
  'update bad noarch 1-1 2-1 updates',
  'update boot noarch 1-1 2-1 updates',
  'update held noarch 1-1 2-1 updates',
  'update plain noarch 1-1 2-1 updates',
  'update urgent noarch 1-1 3-1 updates',
  'more 0',
  'held held noarch',
  'advisory ADV-3 Critical/Sec. boot-2-1.noarch 2026-11-02',
  'advisory ADV-2 bugfix plain-2-1.noarch 2026-11-02',
  'advisory ADV-1 Important/Sec. urgent-2-1.noarch 2026-11-02',
  'reboot no',
);

export const DNF5_SCAN = answer(
  'dnf 5',
  'system fedora 9.4 -',
  'sources 0 0',
  'tells updates-fdb5bcc8c088d6b4',
  'update bad noarch 1-1 2-1 updates',
  'update boot noarch 1-1 2-1 updates',
  'update held noarch 1-1 2-1 updates',
  'update plain noarch 1-1 2-1 updates',
  'update urgent noarch 1-1 3-1 updates',
  'more 0',
  'held held noarch',
  'advisory ADV-3 security boot-2-1.noarch Critical 1793577600',
  'advisory ADV-2 bugfix plain-2-1.noarch None 1793577600',
  'advisory ADV-1 security urgent-2-1.noarch Important 1793577600',
  'reboot no',
);

export const ZYPPER_SCAN = answer(
  'system opensuse-leap 15.6 -',
  'sources 0 0',
  'tells updates',
  'update bad noarch 1-1 2-1 updates',
  'update boot noarch 1-1 2-1 updates',
  'update held noarch 1-1 2-1 updates',
  'update plain noarch 1-1 2-1 updates',
  'update urgent noarch 1-1 3-1 updates',
  'more 0',
  'hindered held noarch',
  'locks 1',
  'advisory ADV-1 security important 1793577600 false',
  'advisory ADV-2 bugfix none 1793577600 false',
  'advisory ADV-3 security critical 1793577600 true',
  'affects ADV-1 urgent',
  'affects ADV-2 plain',
  'affects ADV-3 boot',
  'reboot no',
);

export const RPM_PREFLIGHT = answer(
  'dnf 4',
  'system rocky 9.4 -',
  'sources 0 0',
  'tells updates-fdb5bcc8c088d6b4',
  'space / 8382424 8388608',
  'space /var 8382424 8388608',
  'space /boot 8382424 8388608',
  'download 22180',
  'releasever 9',
  'reboot no',
);

export const RPM_OTHERS = answer(
  'pin plain gone',
  'pin never absent',
  'extra along 1-1',
  'refused Others',
  'installed boot 1-1',
  'installed never -',
  'reboot no',
);

export const DNF_SCRIPT_FAILED = answer(
  'exit 0',
  'error d2FybmluZzogJXBvc3QoYmFkLTItMS5ub2FyY2gpIHNjcmlwdGxldCBmYWlsZWQsIGV4aXQgc3RhdHVzIDc=',
  'error RXJyb3IgaW4gUE9TVElOIHNjcmlwdGxldCBpbiBycG0gcGFja2FnZSBiYWQ=',
  'installed bad 2-1',
  'reboot no',
);

export const DNF5_SCRIPT_FAILED = answer(
  'dnf 5',
  'exit 1',
  'error Pj4+IFtSUE1dICVwb3N0KGJhZC0yLTEubm9hcmNoKSBzY3JpcHRsZXQgZmFpbGVkLCBleGl0IHN0YXR1cyA3',
  'error VHJhbnNhY3Rpb24gZmFpbGVkOiBScG0gdHJhbnNhY3Rpb24gZmFpbGVkLg==',
  'installed bad 2-1',
  'reboot no',
);

/** After `zypper install` has ended with that status. */
export const zypperEnded = (status: number): string =>
  answer('pin along absent', `exit ${status}`, 'installed boot 2-1', 'installed along 1-1', 'reboot yes');
