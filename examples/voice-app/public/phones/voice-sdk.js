import { describeIncoming, followCall, loadScript, ownSounds } from './phone.js';

/**
 * A phone with `@twilio/voice-sdk`, Twilio's current SDK.
 *
 * @param {import('./phone.js').PhoneOptions} options
 * @returns {Promise<import('./phone.js').Phone>}
 */
export async function openPhone(options) {
  const { token, refreshMs, signalingHost, onState, onCall, onIncoming, onTokenWillExpire, onProblem } =
    options;
  await loadScript('/sdk/voice-sdk/twilio.min.js');
  const { Device } = window.Twilio;

  const device = new Device(token, {
    tokenRefreshMs: refreshMs,
    // Without this, several of Twilio's errors get the same number.
    enableImprovedSignalingErrorPrecision: true,
    // A call under way waits so long for a lost connection to come back. Without this, it ends at once.
    maxCallSignalingTimeoutMs: 30_000,
    logLevel: 'silent',
    ...(signalingHost === null ? {} : hostOptions(Device, signalingHost)),
  });
  let current = null;
  const follow = (call) => {
    current = call;
    followCall(call, options);
    call.on('transportClose', () => endUnlessReconnecting(call));
  };

  // When the connection is lost, the SDK reconnects only calls that were answered and have a token for it. It
  // gives up the others without reporting that they ended.
  function endUnlessReconnecting(call) {
    if (call.status() === 'pending') {
      call.removeAllListeners('reconnecting');
      onCall('ended');
    } else if (call.connectToken === undefined) {
      call.disconnect();
    }
  }

  device.on('registering', () => onState('connecting'));
  device.on('registered', () => onState('registered'));
  device.on('unregistered', () => onState('offline'));
  device.on('tokenWillExpire', onTokenWillExpire);
  device.on('error', onProblem);
  device.on('incoming', (call) => {
    follow(call);
    onIncoming(describeIncoming(call));
  });
  // The error event reports a refusal too.
  device.register().catch(() => undefined);

  return {
    updateToken: (next) => device.updateToken(next),

    async call(destination) {
      try {
        follow(await device.connect({ params: { To: destination } }));
      } catch (error) {
        onProblem(error);
        onCall('ended');
      }
    },

    hangUp: () => current?.disconnect(),
    mute: (isMuted) => current?.mute(isMuted),
    sendDigit: (digit) => current?.sendDigits(digit),
    useMicrophone: (deviceId) => device.audio.setInputDevice(deviceId),
    destroy: () => device.destroy(),
  };
}

function hostOptions(Device, signalingHost) {
  return {
    chunderw: signalingHost,
    sounds: ownSounds(Object.values(Device.SoundName)),
    // Call quality reports go to Twilio's servers.
    publishEvents: false,
  };
}
