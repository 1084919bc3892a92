/** The package managers of guests, as far as that takes seconds; `npm run e2e -- --packages` has every case on every one of them. */
import { aptCases } from '../packages/aptcases.ts';
import { rpmSample } from '../packages/rpmcases.ts';

aptCases('trixie');
rpmSample('dnf 4');
rpmSample('zypper');
