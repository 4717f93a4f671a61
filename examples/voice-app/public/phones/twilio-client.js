import { describeIncoming, followCall, loadScript, localSounds } from './phone.js';

/**
 * A phone on `twilio-client`, the SDK before `@twilio/voice-sdk`. It does not say when its token is about to
 * end, so the clock is kept here.
 *
 * @param {import('./phone.js').PhoneOptions & { ttl: number }} options
 * @returns {Promise<import('./phone.js').Phone>}
 */
export async function openPhone(options) {
  const { token, ttl, refreshMs, usesTwilio, onState, onCall, onIncoming, onTokenWillExpire, onProblem } =
    options;
  await loadScript('/sdk/twilio-client/twilio.min.js');
  const { Device } = window.Twilio;

  const device = new Device();
  let refresh;
  const refreshBefore = (seconds) => {
    clearTimeout(refresh);
    refresh = setTimeout(onTokenWillExpire, seconds * 1000 - refreshMs);
  };
  // The device repeats the errors of its calls.
  const follow = (call) => followCall(call, { onCall, onProblem: () => undefined });

  device.on('ready', () => onState('registered'));
  device.on('offline', () => onState('offline'));
  device.on('error', (error) => onProblem(toProblem(error)));
  device.on('incoming', (call) => {
    follow(call);
    onIncoming(describeIncoming(call));
  });
  onState('connecting');
  device.setup(token, {
    enableRingingState: true,
    codecPreferences: ['pcmu', 'opus'],
    ...(usesTwilio ? {} : localOptions(Device)),
  });
  refreshBefore(ttl);

  return {
    updateToken(next, seconds) {
      device.updateToken(next);
      refreshBefore(seconds);
    },

    call(destination) {
      onCall('connecting');
      follow(device.connect({ To: destination }));
    },

    hangUp: () => device.disconnectAll(),
    destroy() {
      clearTimeout(refresh);
      device.destroy();
    },
  };
}

// 31201 stands for several faults here, and only the message tells which. The current SDK has a number for
// a microphone that is not there.
function toProblem({ code, message }) {
  return { code: code === 31201 && message.includes('NotFoundError') ? 31402 : code, message };
}

function localOptions(Device) {
  return {
    chunderw: window.location.host,
    sounds: localSounds(Object.values(Device.SoundName)),
    publishEvents: false,
  };
}
