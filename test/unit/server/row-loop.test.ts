import { describe, expect, it, vi } from 'vitest';
import { DeviceFailure } from '../../../server/src/pipeline/graphs/device-failure.js';
import { row, startRowLoop } from '../../helpers/fake-row-loop.js';

describe('RowLoop', () => {
  it('lets frames join and leave between calls, each with its own number of steps', async () => {
    const { port, pipeline, stop } = startRowLoop(2);
    pipeline.onStep = (call) => call === 2 && port.send(row(3, 1));
    port.send(row(1, 2));
    port.send(row(2, 4));
    await stop();
    expect(port.ids('pixels')).toEqual([1, 3, 2]);
    expect(pipeline.calls).toEqual([2, 2, 2, 1]);
  });

  it('gives each frame its own picture', async () => {
    const { port, stop } = startRowLoop(4);
    for (const id of [1, 2, 3]) port.send(row(id, id));
    await stop();
    const pictures = port.posted.flatMap((m) => (m.type === 'pixels' ? [[m.id, m.pixels[0], m.steps]] : []));
    expect(pictures).toEqual([
      [1, 1, 1],
      [2, 2, 2],
      [3, 3, 3],
    ]);
  });

  it('begins the frames that join together in one call', async () => {
    const { port, pipeline, stop } = startRowLoop(4);
    for (const id of [1, 2, 3]) port.send(row(id, 1));
    await stop();
    expect(pipeline.begins).toEqual([3]);
  });

  it('grants the rows that are free, and those that finish in the call that starts', async () => {
    const { port, pipeline, stop } = startRowLoop(2);
    const roomAtCall: number[] = [];
    pipeline.onStep = () => roomAtCall.push(port.room);
    port.send(row(1, 1));
    port.send(row(2, 3));
    await stop();
    expect(roomAtCall).toEqual([3, 3, 4]);
  });

  it('never has more rows than allowed', async () => {
    const { port, pipeline, stop } = startRowLoop(2);
    for (let id = 1; id <= 9; id++) port.send(row(id, 2));
    await stop();
    expect(Math.max(...pipeline.calls)).toBe(2);
    expect(port.ids('pixels')).toHaveLength(9);
  });

  it('drops a frame that is cancelled, waiting or running, and grants its rows again', async () => {
    const { port, pipeline, stop } = startRowLoop(1);
    pipeline.onStep = (call) => {
      if (call === 1) port.send({ type: 'cancel', id: 1 });
      if (call === 1) port.send({ type: 'cancel', id: 2 });
    };
    port.send(row(1, 8));
    port.send(row(2, 8));
    port.send(row(3, 1));
    await stop();
    expect(port.ids('no-image')).toEqual([2, 1]);
    expect(port.ids('pixels')).toEqual([3]);
    expect(pipeline.calls).toHaveLength(2);
    expect(port.room).toBe(1 + 2 + 1);
  });

  it('ignores the cancellation of a frame that is done', async () => {
    const { port, stop } = startRowLoop(1);
    port.send({ type: 'cancel', id: 1 });
    port.send(row(1, 1));
    await stop();
    expect(port.ids('pixels')).toEqual([1]);
  });

  it('fails every frame of a call that failed, grants their rows and goes on', async () => {
    const { port, pipeline, stop } = startRowLoop(2);
    pipeline.failStep = 1;
    port.send(row(1, 1));
    port.send(row(2, 2));
    port.send(row(3, 1));
    await stop();
    expect(port.ids('error')).toEqual([1, 2]);
    expect(port.ids('pixels')).toEqual([3]);
    expect(port.room).toBe(2 + 2 + 1);
  });

  it('fails a frame whose numbers are not finite, and no other of its call', async () => {
    const { port, pipeline, stop } = startRowLoop(4);
    Object.assign(pipeline, { brokenSteps: [1], brokenPictures: [2], brokenPrompt: 'a hole' });
    port.send(row(1, 3));
    port.send(row(2, 1));
    port.send(row(3, 2));
    port.send(row(4, 2, { prompt: 'a hole' }));
    await stop();
    const errors = port.posted.flatMap((m) => (m.type === 'error' ? [[m.id, m.code, m.message, m.retryable]] : []));
    expect(errors).toEqual([
      [4, 'worker-failed', 'no such prompt', false],
      [1, 'worker-failed', 'unet/model.onnx gives no numbers', false],
      [2, 'worker-failed', 'no picture', false],
    ]);
    expect(port.ids('pixels')).toEqual([3]);
    expect(pipeline.calls).toEqual([3, 1]);
  });

  it('says when the rows of a call will be free, once it knows how long calls take', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { port, pipeline, stop } = startRowLoop(1);
    pipeline.onStep = (call) => vi.advanceTimersByTime(10 * call);
    for (const id of [1, 2, 3]) port.send(row(id, 1));
    await stop();
    vi.useRealTimers();
    const grants = port.posted.flatMap((m) => (m.type === 'capacity' ? [m.inMs] : []));
    // At the start the row is free; the first call is not known yet, and then the shortest one counts.
    expect(grants).toEqual([0, 0, 10, 10]);
  });

  it('grants the room of a frame that failed by itself', async () => {
    const { port, pipeline, stop } = startRowLoop(1);
    pipeline.brokenSteps = [1];
    port.send(row(1, 8));
    port.send(row(2, 1));
    await stop();
    expect(port.ids('error')).toEqual([1]);
    expect(port.ids('pixels')).toEqual([2]);
    expect(port.room).toBe(1 + 1 + 1);
  });

  it('fails a preview that is not finite, and the frame with it', async () => {
    const { port, pipeline, stop } = startRowLoop(1);
    pipeline.brokenPictures = [1];
    port.send(row(1, 3, { preview: true }));
    await stop();
    expect(port.ids('error')).toEqual([1]);
    expect(port.ids('pixels')).toEqual([]);
    expect(pipeline.calls).toEqual([1]);
  });

  it('ends with a device that failed, once its frames are told that they may be sent again', async () => {
    const { port, pipeline, stop } = startRowLoop(2);
    pipeline.failStep = 1;
    pipeline.failure = new DeviceFailure('cuda has too little memory', { outOfMemory: true });
    port.send(row(1, 1));
    port.send(row(2, 2));
    await expect(stop()).rejects.toThrow(pipeline.failure);
    const errors = port.posted.filter((message) => message.type === 'error');
    expect(errors).toMatchObject([
      { id: 1, retryable: true, message: 'cuda has too little memory' },
      { id: 2, retryable: true },
    ]);
  });

  it('grants the room of a frame that will not come after all', async () => {
    const { port, stop } = startRowLoop(1);
    port.send({ type: 'forgo' });
    await stop();
    expect(port.room).toBe(2);
  });

  it('shows a preview after the first step, where it is wanted and not the last', async () => {
    const { port, stop } = startRowLoop(4);
    port.send(row(1, 3, { preview: true }));
    port.send(row(2, 1, { preview: true }));
    port.send(row(3, 2));
    await stop();
    const shown = port.posted.flatMap((m) => (m.type === 'pixels' ? [[m.id, m.step, m.steps]] : []));
    expect(shown).toEqual([
      [1, 1, 3],
      [2, 1, 1],
      [3, 2, 2],
      [1, 3, 3],
    ]);
  });

  it('asks for the estimate of a picture for a preview alone', async () => {
    const { port, pipeline, stop } = startRowLoop(4);
    port.send(row(1, 3, { preview: true }));
    port.send(row(2, 3));
    await stop();
    expect(pipeline.estimates).toEqual([1, 0, 0]);
  });

  it('shows no preview of a frame in the background', async () => {
    const { port, stop } = startRowLoop(4);
    port.send(row(1, 3, { preview: true, background: true }));
    await stop();
    expect(port.posted.flatMap((m) => (m.type === 'pixels' ? [m.step] : []))).toEqual([3]);
  });

  it('counts the rows of a frame, not the frames', async () => {
    const { port, pipeline, stop } = startRowLoop(4);
    for (let id = 1; id <= 3; id++) port.send(row(id, 1, { guidance: 2 }));
    await stop();
    expect(pipeline.calls).toEqual([2, 1]);
  });

  it('runs a frame in the background in rows that are free, without touching the room', async () => {
    const { port, pipeline, stop } = startRowLoop(2);
    pipeline.onStep = (call) => call === 1 && port.send(row(2, 1));
    port.send(row(1, 3, { background: true }));
    await stop();
    expect(pipeline.calls).toEqual([1, 2, 1]);
    expect(port.room).toBe(2 + 1);
  });

  it('lets the background give way when its rows are wanted', async () => {
    const { port, pipeline, stop } = startRowLoop(1);
    pipeline.onStep = (call) => call === 2 && port.send(row(2, 1));
    port.send(row(1, 8, { background: true }));
    await stop();
    expect(port.posted).toContainEqual({ type: 'no-image', id: 1, why: 'gave-way' });
    expect(port.ids('pixels')).toEqual([2]);
    expect(pipeline.calls).toHaveLength(3);
  });
});

describe('RowLoop with a graph that takes one timestep for all rows', () => {
  it('lets frames start together: frames that come in between wait for the next cohort', async () => {
    const { port, pipeline, stop } = startRowLoop(4, false);
    pipeline.onStep = (call) => {
      if (call === 1) port.send(row(3, 2));
      if (call === 2) port.send(row(4, 2));
    };
    port.send(row(1, 3));
    port.send(row(2, 3));
    await stop();
    expect(pipeline.calls).toEqual([2, 2, 2, 2, 2]);
    expect(port.ids('pixels')).toEqual([1, 2, 3, 4]);
  });

  it('grants capacity only in the last call of a cohort', async () => {
    const { port, pipeline, stop } = startRowLoop(2, false);
    const roomAtCall: number[] = [];
    pipeline.onStep = () => roomAtCall.push(port.room);
    port.send(row(1, 3));
    port.send(row(2, 2));
    await stop();
    expect(roomAtCall).toEqual([2, 2, 4]);
  });

  it('lets the background give way at once', async () => {
    const { port, pipeline, stop } = startRowLoop(4, false);
    pipeline.onStep = (call) => call === 2 && port.send(row(2, 1));
    port.send(row(1, 8, { background: true }));
    await stop();
    expect(port.posted).toContainEqual({ type: 'no-image', id: 1, why: 'gave-way' });
    expect(pipeline.calls).toEqual([1, 1, 1]);
  });
});
