import { expect, it } from 'vitest';
import { withSection } from './page.ts';

const page = `# Page
<!-- written by npm run bench: begin -->
old
<!-- written by npm run bench: end -->
<!-- written by npm run bench -- --scale: begin -->
<!-- written by npm run bench -- --scale: end -->
end`;

it('a command writes its own section and leaves the rest of the page', () => {
  const written = withSection(page, 'npm run bench -- --scale', 'new\n');
  expect(written).toBe(page.replace('--scale: begin -->\n', '--scale: begin -->\nnew\n\n'));
  expect(withSection(written, 'npm run bench -- --scale', 'new\n')).toBe(written);
});

it('a page without the section is refused, not overwritten', () => {
  expect(() => withSection('# Page', 'npm run bench', 'new')).toThrow('no section');
});
