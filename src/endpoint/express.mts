export { tokenEndpoint } from './express.js';
export type * from './express.js';
