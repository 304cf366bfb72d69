import { StreamClient } from '@underpaint/client/stream';

window.client = new StreamClient({ url: 'https://paint.example.org/' });
