import { expect, it } from 'vitest';
import { packageNames, requiredNames } from './packages.ts';

it('names of packages are read from what apt would fetch', () => {
  const uris = `'http://deb.debian.org/debian/pool/main/n/nftables/nftables_1.0.6-2_amd64.deb' nftables_1.0.6-2_amd64.deb 1 MD5Sum:a
'http://deb.debian.org/debian/pool/main/g/gcc-12/gcc-12-base_12.2.0-14%2bdeb12u1_amd64.deb' gcc-12-base_12.2.0-14+deb12u1_amd64.deb 2 SHA256:b
`;
  expect(packageNames(uris)).toEqual(['nftables', 'gcc-12-base']);
});

it('what every Debian has are its required packages, each once', () => {
  const descriptions = [
    'Package: bash\nPriority: required\nVersion: 2',
    'Package: gcc\nPriority: optional\nVersion: 1',
    'Package: bash\nVersion: 1\nPriority: required',
  ].join('\n\n');
  expect(requiredNames(descriptions)).toEqual(['bash']);
});
