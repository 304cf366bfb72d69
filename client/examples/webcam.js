import { StreamClient } from 'http://127.0.0.1:8080/underpaint.js';

const client = new StreamClient({ url: 'http://127.0.0.1:8080/', params: { prompt: 'the sea at sunset' } });
for (const tag of ['underpaint-view', 'underpaint-controls', 'underpaint-status']) {
  document.querySelector(tag).client = client;
}

const webcam = document.querySelector('underpaint-webcam');
await webcam.updateComplete;
client.connect(webcam.source);
