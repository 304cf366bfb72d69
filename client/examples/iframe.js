const SERVER = new URL('http://127.0.0.1:8080/').origin;
const frame = document.querySelector('iframe');
const [words, take, state, picture] = ['words', 'take', 'state', 'picture'].map((id) => document.getElementById(id));

// Only the frame may read what is sent to the server's origin.
const send = (message) => frame.contentWindow.postMessage(message, SERVER);

words.addEventListener('input', () => send({ type: 'underpaint:set', params: { prompt: words.value } }));
take.addEventListener('click', () => send({ type: 'underpaint:ask', what: 'picture', id: 1 }));
addEventListener('message', ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== SERVER) return;
  if (data.type === 'underpaint:state') state.value = `${data.status}: ${data.params.prompt}`;
  if (data.type === 'underpaint:picture' && data.blob) picture.src = URL.createObjectURL(data.blob);
});
