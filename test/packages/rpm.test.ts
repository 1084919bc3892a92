import { dnfCases, rpmCases } from './rpmcases.ts';

rpmCases('dnf');
dnfCases();
rpmCases('zypper');
