import { create, find } from './elements.js';

/** The menu of microphones. Browsers reveal their names only after a first call. */
export function createMicrophoneMenu({ onChoose }) {
  const menu = find('microphone');

  async function refresh() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const inputs = devices.filter(({ kind }) => kind === 'audioinput');
    const chosen = menu.value;
    menu.replaceChildren(
      ...inputs.map(({ deviceId, label }, index) =>
        create('option', { value: deviceId, textContent: label || `Microphone ${index + 1}` }),
      ),
    );
    if (inputs.some(({ deviceId }) => deviceId === chosen)) menu.value = chosen;
    find('microphone-row').hidden = inputs.length === 0;
  }

  navigator.mediaDevices?.addEventListener('devicechange', refresh);
  menu.addEventListener('change', () => onChoose(menu.value));
  void refresh();
  return { refresh };
}
