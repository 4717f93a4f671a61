import { hideAlert, showAlert } from './alert.js';
import { describeProblem, isConnectionLoss, isTokenExpiry, isTokenRefusal } from './problems.js';
import { reserveMs, startRenewal } from './renewal.js';
import { getLatestCall, getToken, ServerError } from './server.js';
import { readPermissions } from './token.js';
import { markAsLastCall, showVoiceUrl, spokenText } from './voice-url-card.js';

/**
 * The phone of one signed-in user, from the first token to {@link stop}. Nothing that arrives after `stop` has
 * an effect.
 *
 * @param {object} options
 * @param {{ clientName: string }} options.user
 * @param {typeof import('./phones/voice-sdk.js').openPhone} options.openPhone
 * @param {string | null} options.signalingHost
 * @param {ReturnType<typeof import('./token-card.js').createTokenCard>} options.tokenCard
 * @param {ReturnType<typeof import('./call-card.js').createCallCard>} options.callCard
 * @param {() => void} options.onCallOpen
 * @param {(problem: import('./problems.js').Problem) => void} options.onSignedOut  the session has ended
 */
export function startPhoneSession(options) {
  const { user, openPhone, signalingHost, tokenCard, callCard, onCallOpen, onSignedOut } = options;
  let phone = null;
  let isStopped = false;
  /** The gateway has refused the token, so the SDK does not reconnect by itself. */
  let isRefused = false;
  let signedOut = null;
  let parameters = [];
  let isCaller = false;

  const whileRunning =
    (listener) =>
    (...args) => {
      if (!isStopped) listener(...args);
    };

  const renewal = startRenewal({ fetchToken, onToken: useToken, onFailure: onTokenFailure });

  /** Fetches a token, and rejects it if another tab of the browser has signed in as somebody else. */
  async function fetchToken() {
    const issued = await getToken();
    if (issued.identity !== user.clientName) throw new ServerError(401, { error: 'other_user' });
    return issued;
  }

  async function useToken(token, ttl) {
    const permissions = readPermissions(token);
    parameters = permissions.parameters.map(([name]) => name);
    callCard.setPermissions({
      canCall: permissions.callThrough !== null,
      canReceive: permissions.receiveAs.length > 0,
    });
    tokenCard.show(permissions, ttl);
    hideAlert('token');

    if (phone && (!isRefused || callCard.isInCall())) {
      phone.updateToken(token);
      // During a call, the SDK does not register again, so it reports nothing.
      if (isRefused) onState('registered');
      return;
    }
    // After a refusal, the SDK does not connect again, not even with a new token.
    phone?.destroy();
    phone = null;
    isRefused = false;
    const opened = await openPhone({
      token,
      refreshMs: reserveMs(ttl),
      signalingHost,
      onState: whileRunning(onState),
      onCall: whileRunning(onCall),
      onIncoming: whileRunning(onIncoming),
      onTokenWillExpire: whileRunning(renewal.renew),
      onProblem: whileRunning(onProblem),
    });
    if (isStopped) opened.destroy();
    else phone = opened;
  }

  /** @returns {boolean} whether to try again */
  function onTokenFailure(error) {
    const problem = describeProblem(error);
    if (!(error instanceof ServerError && error.status === 401)) {
      showAlert('token', problem, { label: 'Try now', run: renewal.renew });
      return true;
    }
    if (callCard.isInCall()) {
      signedOut = problem;
      tokenCard.endRenewal();
      showAlert('session', { title: 'Your session has ended', text: 'You can finish this call.' });
    } else {
      onSignedOut(problem);
    }
    return false;
  }

  function onState(state) {
    if (state === 'registered') {
      isRefused = false;
      renewal.accepted();
      hideAlert('device');
      callCard.setDevice('registered');
    } else if (state === 'offline') {
      callCard.setDevice(isRefused ? 'offline' : 'reconnecting');
    }
  }

  function onCall(state) {
    callCard.setCall(state);
    if (isCaller && (state === 'ringing' || state === 'open')) void showRequest();
    if (state === 'open') onCallOpen();
    if (state === 'ended') markAsLastCall();
    if (state === 'ended' && signedOut) onSignedOut(signedOut);
  }

  function onIncoming(incoming) {
    isCaller = false;
    showVoiceUrl(null);
    callCard.setIncoming(incoming);
  }

  async function showRequest() {
    const call = await getLatestCall().catch(() => null);
    if (isStopped || !isCaller || call?.request.From !== `client:${user.clientName}`) return;
    showVoiceUrl(call, parameters);
    const said = spokenText(call.twiml ?? '');
    if (!callCard.isInCall()) markAsLastCall();
    else if (said !== undefined) callCard.setAnswer(said);
  }

  function onProblem(error) {
    const problem = describeProblem(error);
    if (isTokenExpiry(error)) {
      isRefused = true;
      tokenCard.revoke('Expired');
      callCard.setDevice('offline');
      renewal.renewAfterRefusal();
    } else if (isTokenRefusal(error)) {
      isRefused = true;
      tokenCard.revoke('Refused');
      callCard.setDevice('offline');
    } else if (isConnectionLoss(error)) {
      callCard.setDevice('reconnecting');
    }
    const isAboutDevice = isRefused || isConnectionLoss(error);
    showAlert(
      isAboutDevice ? 'device' : 'call',
      problem,
      problem.action === 'new-token' ? { label: 'Get a new token', run: renewal.renew } : undefined,
    );
  }

  return {
    call(destination) {
      isCaller = true;
      hideAlert('call');
      showVoiceUrl(null);
      phone?.call(destination);
    },
    hangUp: () => phone?.hangUp(),
    mute: (isMuted) => phone?.mute(isMuted),
    sendDigit: (digit) => phone?.sendDigit(digit),
    useMicrophone: (deviceId) => phone?.useMicrophone(deviceId).catch(onProblem),
    stop() {
      isStopped = true;
      renewal.stop();
      phone?.destroy();
      phone = null;
    },
  };
}
