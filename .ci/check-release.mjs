/* global console, process */
// Fails a release that is not complete. npm runs this before it publishes.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const changelog = readFileSync('CHANGELOG.md', 'utf8');
const tag = process.env.GITHUB_REF_NAME;
const problems = [];

for (const field of ['repository', 'bugs', 'homepage']) {
  if (manifest[field] === undefined) problems.push(`package.json has no "${field}".`);
}
const [, date] = changelog.split(`\n## [${manifest.version}] - `);
if (!/^\d{4}-\d{2}-\d{2}\n/.test(date ?? '')) {
  problems.push(`CHANGELOG.md has no section "## [${manifest.version}] - YYYY-MM-DD".`);
}
if (tag !== undefined && tag !== `v${manifest.version}`) {
  problems.push(`The tag is ${tag}, but the version in package.json is ${manifest.version}.`);
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
