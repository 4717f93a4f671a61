import { describeIncoming, followCall, loadScript, ownSounds } from './phone.js';

/**
 * A phone with `twilio-client`, the predecessor of `@twilio/voice-sdk`.
 *
 * @param {import('./phone.js').PhoneOptions} options
 * @returns {Promise<import('./phone.js').Phone>}
 */
export async function openPhone(options) {
  const { token, signalingHost, onState, onCall, onIncoming, onProblem } = options;
  await loadScript('/sdk/twilio-client/twilio.min.js');
  const { Device } = window.Twilio;

  const device = new Device();
  let current = null;
  const follow = (call) => {
    current = call;
    // The device repeats the errors of its calls.
    followCall(call, { onCall, onProblem: () => undefined });
  };

  device.on('ready', () => onState('registered'));
  device.on('offline', () => onState('offline'));
  device.on('error', (error) => onProblem(toProblem(error)));
  device.on('incoming', (call) => {
    follow(call);
    onIncoming(describeIncoming(call));
  });
  device.setup(token, {
    enableRingingState: true,
    codecPreferences: ['pcmu', 'opus'],
    ...(signalingHost === null ? {} : hostOptions(Device, signalingHost)),
  });

  return {
    updateToken: (next) => device.updateToken(next),
    call: (destination) => follow(device.connect({ To: destination })),
    hangUp: () => device.disconnectAll(),
    mute: (isMuted) => current?.mute(isMuted),
    sendDigit: (digit) => current?.sendDigits(digit),
    useMicrophone: (deviceId) => device.audio.setInputDevice(deviceId),
    destroy: () => device.destroy(),
  };
}

// 31201 stands for several faults, which only the message tells apart. The current SDK has 31402 for a missing
// microphone.
function toProblem({ code, message }) {
  return { code: code === 31201 && message.includes('NotFoundError') ? 31402 : code, message };
}

function hostOptions(Device, signalingHost) {
  return {
    chunderw: signalingHost,
    sounds: ownSounds(Object.values(Device.SoundName)),
    publishEvents: false,
  };
}
