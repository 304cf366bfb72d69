import '@underpaint/client/define';
import { createApp, h } from 'vue';

const server = new URLSearchParams(location.search).get('server');
const app = createApp({ render: () => h('underpaint-studio', { server, onUpPicture: () => undefined }) });
app.mount('#app');
window.unmount = () => app.unmount();
