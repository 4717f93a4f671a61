export { SIGNAL_PATH, startGateway } from './start-gateway';
export type { Application, Gateway, GatewayOptions, IncomingCall } from './start-gateway';
export type { AfterRefusal, Behavior } from './behavior';
export type { CallRecord } from './call-runner';
export type { ConnectionState } from './connection';
export type { Fields } from './fields';
export type { Refusal } from './refusal';
export type { Credentials } from './token-check';
