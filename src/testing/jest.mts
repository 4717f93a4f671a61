// What `import` gets: the same as `require`, and the matchers are registered all the same.
export { matchers } from './jest.js';
export type * from './jest.js';
