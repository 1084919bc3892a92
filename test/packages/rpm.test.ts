import { rpmCases } from './rpmcases.ts';

rpmCases('dnf');
rpmCases('zypper');
