/*
 * The worker's side of the link contract: does what each message asks. It runs in a child process for `link/fork`, and in
 * the process of the test for the link in memory.
 */

/** @param link the worker's end */
export function answer(link) {
  let received = 0;
  link.onMessage(({ ask, value, count = 1, bytes = 0 }) => {
    received += 1;
    for (let i = 0; ask === 'send' && i < count; i++)
      link.send({ index: i, data: new Uint8Array(bytes).fill(i % 256) });
    if (ask === 'echo') link.send({ value });
    if (ask === 'count') link.send({ received });
    if (ask === 'close') link.close();
    if (ask === 'send and close') {
      for (let i = 0; i < count; i++) link.send({ index: i, data: new Uint8Array(bytes).fill(i % 256) });
      link.close();
      link.send({ index: -1 });
    }
  });
}
