/**
 * Keeps a device of Twilio's Voice SDK registered in a page.
 *
 * @module twilio-capability/browser
 */

export { fetchToken, TokenFetchError, type FetchedToken } from './fetch-token';
export { startDevice, type Phone, type StartDeviceOptions, type VoiceDevice } from './start-device';
