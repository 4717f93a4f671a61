// What `import` gets: the very functions that `require` gives.
export {
  createFixtures,
  fixedClock,
  testApiKey,
  testApplicationSid,
  testCredentials,
  testNow,
} from './index.js';
export type * from './index.js';
