/* Preloaded into a worker (NODE_OPTIONS=--import): the worker dies on a request to measure itself. */

// Only after the worker listens itself: Node keeps early messages for the first listener alone.
process.on('newListener', function attach(event) {
  if (event !== 'message') return;
  process.off('newListener', attach);
  process.on('message', ({ type }) => {
    if (type === 'measure') process.kill(process.pid, 'SIGKILL');
  });
});
