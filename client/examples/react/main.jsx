import { Sketch, Status, View } from '@underpaint/client/react';
import { StreamClient } from '@underpaint/client/stream';
import { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

const PROMPTS = ['mountains at sunset', 'a forest at night', 'desert dunes under the moon'];

function App() {
  const sketch = useRef(null);
  const [prompt, setPrompt] = useState(PROMPTS[0]);
  const [client] = useState(() => new StreamClient({ url: 'http://127.0.0.1:8080/', params: { prompt } }));

  useEffect(() => {
    void sketch.current.updateComplete.then(() => client.connect(sketch.current.source));
    return () => client.close();
  }, [client]);
  useEffect(() => client.setParams({ prompt }), [client, prompt]);

  return (
    <>
      <h1>underpaint in React</h1>
      <Status client={client} />
      <select value={prompt} onChange={(event) => setPrompt(event.target.value)} aria-label="What is it?">
        {PROMPTS.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 16, maxWidth: 900 }}>
        <Sketch ref={sketch} starter onSketch={() => client.changed()} />
        <View client={client} />
      </div>
    </>
  );
}

createRoot(document.getElementById('root')).render(<App />);
