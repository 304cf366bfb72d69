import '@underpaint/client/define';

const studio = document.createElement('underpaint-studio');
studio.server = new URLSearchParams(location.search).get('server');
document.querySelector('#app').append(studio);
window.unmount = () => studio.remove();
