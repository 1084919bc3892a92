/** One part of the test bed: how it is built, from what, and how long that takes. */
import { type GoBuild, goBuild } from './go.ts';
import type { Progress } from './progress.ts';

export type Artifact = {
  readonly what: string;
  /** Minutes a build takes on two cores with Go's own caches empty. */
  readonly minutes: number;
  /** The Go module below `go/` it is built from; its files are part of the artifact's identity. */
  readonly module?: string;
  /** Everything else that, changed, asks for a new build. */
  readonly recipe: readonly string[];
  /** Fills `folder`. `tether` is the program that ends a build together with this process, once it exists. */
  readonly build: (folder: string, tether: string | undefined, progress: Progress) => Promise<void>;
};

export type GoArtifact = Pick<GoBuild, 'module' | 'packages' | 'linkerFlags' | 'expectedPackages'> &
  Pick<Artifact, 'what' | 'minutes'> &
  Partial<Pick<Artifact, 'recipe'>>;

/** What is there as soon as Go has built the packages. */
export function goArtifact({ what, minutes, recipe = [], ...built }: GoArtifact): Artifact {
  return {
    ...{ what, minutes, module: built.module, recipe },
    build: (output, tether, progress) => goBuild({ ...built, output, tether }, progress),
  };
}
