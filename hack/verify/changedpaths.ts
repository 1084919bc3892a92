/** What has changed in the work tree, as Git knows it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Paths that differ from a commit, in commits or not yet, and files that Git does not know; renamed ones by both names. The commit is the
 * one given, or else the one at which this branch left main. Throws what Git says where there is no such commit.
 */
export async function changedPaths(since?: string): Promise<readonly string[]> {
  const base = since ?? (await leftMain());
  const lists = await Promise.all([
    git('diff', '--name-only', '-z', '--no-renames', base),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ]);
  return [...new Set(lists.flatMap(list => list.split('\0').filter(Boolean)))].sort();
}

async function leftMain(): Promise<string> {
  for (const main of ['origin/main', 'main']) {
    const base = await git('merge-base', 'HEAD', main).catch(() => '');
    if (base !== '') return base.trim();
  }
  return 'HEAD';
}

async function git(...words: string[]): Promise<string> {
  return (await promisify(execFile)('git', words, { maxBuffer: 2 ** 26 })).stdout;
}
