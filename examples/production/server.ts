import { createApp } from './app.js';
import { secretOf } from './secrets.js';
import { voiceRoute } from './voice.js';

const app = createApp({
  secretOf,
  audit: (entry) => {
    console.log(JSON.stringify(entry));
  },
});
app.use(voiceRoute('https://voice.example.com', secretOf)); // your public origin
const server = app.listen(3000);

process.once('SIGTERM', () => {
  server.close();
  setInterval(() => {
    server.closeIdleConnections();
  }, 100).unref(); // keep-alive connections
  setTimeout(() => {
    server.closeAllConnections();
  }, 10_000).unref(); // force-close after 10 seconds
});
