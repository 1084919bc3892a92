import { dnf5Cases, dnfCases, rpmCases } from './rpmcases.ts';

for (const manager of ['dnf 4', 'dnf 5'] as const) {
  rpmCases(manager);
  dnfCases(manager);
}
dnf5Cases();
rpmCases('zypper');
