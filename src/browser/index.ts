export { fetchToken, TokenFetchError, type FetchedToken } from './fetch-token';
export { startDevice, type Phone, type StartDeviceOptions, type VoiceDevice } from './start-device';
