import { StreamClient, type Params, type UnderpaintStudio } from '@underpaint/client';
import '@underpaint/client/define';

const studio: UnderpaintStudio = document.createElement('underpaint-studio');
studio.addEventListener('up-params', ({ detail }) => console.log(detail.prompt));
studio.addEventListener('up-status', ({ detail }) => console.log(detail.status));
studio.addEventListener('up-share', ({ detail }) => console.log(detail.edit));
const params: Params = studio.params;
studio.params = { strength: params.strength };
studio.strings = { live: 'Online', joined: (names) => names.join(' and ') };
const undo: string = studio.strings.undo;
console.log(undo);
// @ts-expect-error there is no such view
studio.view = 'sideways';
new StreamClient({ url: 'https://example.org/', params: { prompt: 'hills' } }).connect();
