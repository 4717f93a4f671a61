import { describe, it } from '@jest/globals';
import type { Device } from '@twilio/voice-sdk';
import { expectTypeOf } from 'expect-type';
import type { Device as OldestDevice } from 'voice-sdk-2.18.3';
import { startDevice, type FetchedToken, type Phone, type VoiceDevice } from '../../../src/browser';

/** Never called: `tsc` checks the types. */
type Start<D extends VoiceDevice> = typeof startDevice<D>;

describe('VoiceDevice', () => {
  it('is what Device of the Voice SDK has, since 2.18.3', () => {
    expectTypeOf<Device>().toExtend<VoiceDevice>();
    expectTypeOf<OldestDevice>().toExtend<VoiceDevice>();
    expectTypeOf<ReturnType<Start<Device>>>().toEqualTypeOf<Phone<Device>>();
    expectTypeOf<Phone<Device>['device']>().toEqualTypeOf<Device | undefined>();
  });

  it('needs a function that returns a token with its lifetime', () => {
    type FetchToken = Parameters<Start<Device>>[0]['fetchToken'];
    expectTypeOf<(signal: AbortSignal) => Promise<FetchedToken>>().toExtend<FetchToken>();
    expectTypeOf<() => Promise<{ token: string; ttl: number; identity: string }>>().toExtend<FetchToken>();
    expectTypeOf<FetchedToken['identity']>().toEqualTypeOf<string | null | undefined>();
    expectTypeOf<() => Promise<string>>().not.toExtend<FetchToken>();
  });
});
