/** Images of one program each: a static one that was built here, or one of Debian's. They run as nobody in particular, from a read-only root. */
import { basename, join } from 'node:path';
import { accounts, baseOf, certificatesEnvironment, nonroot, unpackBase } from './base.ts';
import { isDynamic } from './elf.ts';
import { writeLayer } from './layer.ts';
import { writeImage } from './oci.ts';
import { withScratch } from './scratch.ts';
import type { TarEntry } from './tar.ts';

type ProgramImage = {
  /** With a tag: `steward.testbed/pause:1`. */
  readonly name: string;
  /** Default arguments. */
  readonly args?: readonly string[];
  /** `uid:gid`; default: an unprivileged one. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the program finds in the image besides itself. */
  readonly files?: readonly TarEntry[];
};

export type StaticImage = ProgramImage & {
  /** The program's file; its name is its name in the image, in the root folder. */
  readonly binary: string;
};

/** Writes the image and returns its digest. Throws when the program is not static: without a loader the image could not start it. */
export function staticImage({ binary, ...image }: StaticImage, outFile: string): Promise<string> {
  return withScratch(async scratch => {
    if (await isDynamic(binary)) throw new Error(`${binary} is linked dynamically; build it with CGO_ENABLED=0.`);
    const program = { path: basename(binary), source: binary, mode: 0o755 };
    const layer = join(scratch, 'program.tar');
    await writeLayer([...accounts, program, ...(image.files ?? [])], layer);
    const { args: cmd = [], user = nonroot, env } = image;
    const config = { entrypoint: [`/${program.path}`], cmd, user, ...(env && { env }) };
    return writeImage({ name: image.name, layers: [layer], config }, outFile);
  });
}

export type DebianImage = ProgramImage & {
  /** A package of the lock file. */
  readonly package: string;
  /** The program's path in it: `usr/bin/prometheus`. */
  readonly program: string;
  /** Paths of other files of the package that the program reads. */
  readonly data?: readonly string[];
};

/** Writes the image, with the libraries the program loads, and returns its digest. */
export function debianImage(image: DebianImage, outFile: string): Promise<string> {
  return withScratch(async scratch => {
    const root = join(scratch, 'root');
    const control = await unpackBase(root, [image.package]);
    const source = join(root, image.program);
    const layers = [join(scratch, 'base.tar'), join(scratch, 'program.tar')] as const;
    await writeLayer(await baseOf([source], root, control), layers[0]);
    const data = (image.data ?? []).map(path => ({ path, source: join(root, path) }));
    await writeLayer([{ path: image.program, source, mode: 0o755 }, ...data, ...(image.files ?? [])], layers[1]);
    const config = {
      entrypoint: [`/${image.program}`],
      cmd: image.args ?? [],
      env: { ...certificatesEnvironment, ...image.env },
      user: image.user ?? nonroot,
    };
    return writeImage({ name: image.name, layers, config }, outFile);
  });
}
