import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LOCAL_ENV } from '../../../examples/local-voice-app';
import { startVoiceApp, type VoiceApp } from '../../../examples/voice-app/server';
import { testSettings } from './support/app';

describe('closing', () => {
  /** Sends a sign-in request except for its last byte. */
  async function beginSignIn(app: VoiceApp): Promise<{ request: ClientRequest; end: string }> {
    const body = JSON.stringify({ name: 'alice' });
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
    const request = http.request(`${app.url}/session`, { method: 'POST', headers });
    request.write(body.slice(0, -1));
    const [socket] = (await once(request, 'socket')) as [Socket];
    await once(socket, 'connect');
    await delay(100);
    return { request, end: body.slice(-1) };
  }

  it('finishes pending requests and accepts no new ones', async () => {
    const app = await startVoiceApp(testSettings());
    const { request, end } = await beginSignIn(app);

    const closed = app.close();
    await expect(fetch(`${app.url}/session`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    request.end(end);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    await closed;
  });

  it('cuts off requests after the deadline', async () => {
    const app = await startVoiceApp(testSettings());
    const { request } = await beginSignIn(app);

    const cutOff = once(request, 'error');
    const started = Date.now();
    await app.close(300);
    expect(Date.now() - started).toBeGreaterThanOrEqual(299);
    expect(Date.now() - started).toBeLessThan(3000);
    await expect(cutOff).resolves.toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends the process on %s', async (signal) => {
    const root = path.join(__dirname, '..', '..', '..');
    const args = ['-r', 'ts-node/register/transpile-only', 'examples/voice-app/server.ts'];
    const app = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...LOCAL_ENV, PORT: '0', VOICE_PORT: '0' },
    });
    await once(app.stdout, 'data');
    app.kill(signal);
    await expect(once(app, 'exit')).resolves.toEqual([0, null]);
  });
});
