// Loads each entry by import and by require in one process, and prints what they export and share.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const PATHS = ['', '/browser', '/express', '/web', '/testing', '/testing/jest', '/testing/vitest'];
// `import` of a CommonJS module has its named exports and a few other names.
const namesOf = (entry) =>
  Object.keys(entry)
    .filter((name) => !['default', 'module.exports', '__esModule'].includes(name))
    .sort();

const imported = {};
const required = {};
for (const path of PATHS) {
  imported[path] = await import(`twilio-capability${path}`);
  required[path] = require(`twilio-capability${path}`);
}
const isShared = (path) =>
  namesOf(required[path]).every((name) => imported[path][name] === required[path][name]);

required[''].configure(imported['/testing'].testCredentials);
process.stdout.write(
  JSON.stringify({
    imported: PATHS.map((path) => namesOf(imported[path])),
    required: PATHS.map((path) => namesOf(required[path])),
    shared: PATHS.filter(isShared),
    configured: new imported[''].CapabilitySigner().accountSid,
  }),
);
