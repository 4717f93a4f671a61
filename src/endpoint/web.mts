export { tokenHandler } from './web.js';
export type * from './web.js';
