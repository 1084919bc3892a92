/** The index files of a Debian repository, as text. See https://wiki.debian.org/DebianRepository/Format. */
import { createHash } from 'node:crypto';

export type IndexedPackage = {
  /** The package's own control file. */
  readonly control: string;
  /** Path below the repository's root. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
};

/** The `Packages` index of these packages. */
export function renderPackages(packages: readonly IndexedPackage[]): string {
  const sorted = packages.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return sorted.map(renderPackage).join('\n');
}

function renderPackage({ control, path, size, sha256 }: IndexedPackage): string {
  return `${control.trimEnd()}\nFilename: ${path}\nSize: ${size}\nSHA256: ${sha256}\n`;
}

export type Release = {
  readonly suite: string;
  /** What the repository calls itself; Debian's own are told apart by it. Default: the test bed. */
  readonly origin?: string;
  /** Default: the origin. */
  readonly label?: string;
  /** Default: the suite. */
  readonly codename?: string;
  readonly architectures: readonly string[];
  readonly components: readonly string[];
  readonly date: Date;
  /** Index files by their path beside the Release file. */
  readonly files: Readonly<Record<string, Buffer>>;
};

/** The `Release` file: what apt checks every index against. It never expires. */
export function renderRelease({ suite, architectures, components, date, files, ...names }: Release): string {
  const { origin = 'Steward test bed', label = origin, codename = suite } = names;
  const sums = Object.entries(files).map(([path, content]) => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    return ` ${sha256} ${content.length} ${path}`;
  });
  return [
    `Origin: ${origin}`,
    `Label: ${label}`,
    `Suite: ${suite}`,
    `Codename: ${codename}`,
    `Date: ${date.toUTCString().replace('GMT', 'UTC')}`,
    'Acquire-By-Hash: no',
    `Architectures: ${architectures.join(' ')}`,
    `Components: ${components.join(' ')}`,
    'SHA256:',
    ...sums,
    '',
  ].join('\n');
}
