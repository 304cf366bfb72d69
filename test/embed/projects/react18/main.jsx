import { Studio } from '@underpaint/client/react';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const server = new URLSearchParams(location.search).get('server');

function App() {
  const [renders, setRenders] = useState(0);
  window.render = () => setRenders(renders + 1);
  return <Studio server={server} view="side" onPicture={() => (window.pictures = (window.pictures ?? 0) + 1)} />;
}

const root = createRoot(document.querySelector('#app'));
root.render(<App />);
window.unmount = () => root.unmount();
