import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../define.js';
import { CAMERA_STRINGS } from '../strings/camera.js';
import type { UnderpaintWebcam } from './underpaint-webcam.js';

describe('<underpaint-webcam>', () => {
  let webcam: UnderpaintWebcam;

  beforeEach(async () => {
    webcam = document.createElement('underpaint-webcam');
    document.body.append(webcam);
    await webcam.updateComplete;
  });
  afterEach(() => {
    webcam.remove();
    vi.restoreAllMocks();
  });

  const words = async () => {
    await webcam.updateComplete;
    return webcam.renderRoot.querySelector('[role=status]')?.textContent;
  };

  it('shows the camera, and captures frames of the requested size', async () => {
    await webcam.start();
    await webcam.updateComplete;
    expect(webcam.video!.hidden).toBe(false);
    const data = await webcam.source.capture({ width: 96, height: 64 });
    const frame = await createImageBitmap(new Blob([data as Uint8Array<ArrayBuffer>]));
    expect([frame.width, frame.height]).toEqual([96, 64]);
  });

  it('reports every frame until it is stopped', async () => {
    let frames = 0;
    const unsubscribe = webcam.source.subscribe!(() => (frames += 1));
    await webcam.start();
    await vi.waitFor(() => expect(frames).toBeGreaterThan(2));
    webcam.stop();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stopped = frames;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(frames).toBe(stopped);
    unsubscribe();
    expect(await webcam.source.capture({ width: 8, height: 8 }), 'no camera, no frame').toBeNull();
  });

  it.each([
    ['NotAllowedError', 'denied'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotReadableError', 'busy'],
    ['TypeError', 'unsupported'],
  ] as const)('explains %s', async (name, failure) => {
    vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockRejectedValue(new DOMException('no', name));
    await webcam.start();
    expect(await words()).toBe(CAMERA_STRINGS.cameraFailure[failure]);
  });

  it('explains that plain http has no camera', async () => {
    vi.spyOn(navigator, 'mediaDevices', 'get').mockReturnValue(undefined as never);
    vi.spyOn(globalThis, 'isSecureContext', 'get').mockReturnValue(false);
    await webcam.start();
    expect(await words()).toBe(CAMERA_STRINGS.cameraFailure.insecure);
  });

  it('reports a file that cannot be played', async () => {
    await webcam.start('file', new Blob(['no film'], { type: 'video/mp4' }));
    expect(await words()).toBe(CAMERA_STRINGS.cameraFailure.unreadable);
  });

  it('switches to the back camera of a phone, which is not mirrored', async () => {
    webcam.mirrored = true;
    const cameras = [1, 2].map(() => ({ kind: 'videoinput' }) as MediaDeviceInfo);
    vi.spyOn(navigator.mediaDevices, 'enumerateDevices').mockResolvedValue(cameras);
    const ask = vi.spyOn(navigator.mediaDevices, 'getUserMedia');
    await webcam.start();
    await webcam.updateComplete;
    expect(webcam.video!.className).toBe('mirror');
    webcam.renderRoot.querySelector<HTMLButtonElement>('[aria-label="Other camera"]')!.click();
    await webcam.updateComplete;
    expect(webcam.video!.hidden, 'while the other one starts').toBe(true);
    await vi.waitFor(() => expect(webcam.video!.hidden).toBe(false));
    expect(ask.mock.lastCall).toMatchObject([{ video: { facingMode: 'environment' } }]);
    expect(webcam.video!.className).toBe('');
  });

  it('says when the system pauses the camera, and shows it again afterwards', async () => {
    await webcam.start();
    const [track] = (webcam.video!.srcObject as MediaStream).getVideoTracks();
    const isMuted = vi.spyOn(track!, 'muted', 'get').mockReturnValue(true);
    track!.dispatchEvent(new Event('mute'));
    expect(await words()).toBe(CAMERA_STRINGS.cameraPaused);
    expect(webcam.video!.hidden).toBe(true);
    isMuted.mockReturnValue(false);
    track!.dispatchEvent(new Event('unmute'));
    await webcam.updateComplete;
    expect(webcam.video!.hidden).toBe(false);
  });

  it.each([
    ['visibilitychange', document],
    ['pageshow', window],
  ] as const)('goes on after a pause of the browser, at %s', async (name, target) => {
    await webcam.start();
    webcam.video!.pause();
    target.dispatchEvent(new Event(name));
    await vi.waitFor(() => expect(webcam.video!.paused).toBe(false));
    const [track] = (webcam.video!.srcObject as MediaStream).getVideoTracks();
    track!.stop();
    target.dispatchEvent(new Event(name));
    expect(await words(), 'a camera that ended without an event').toBe(CAMERA_STRINGS.cameraInvitation);
  });

  it('stops the camera when it is removed', async () => {
    await webcam.start();
    const [track] = (webcam.video!.srcObject as MediaStream).getVideoTracks();
    webcam.remove();
    await vi.waitFor(() => expect(track!.readyState).toBe('ended'));
  });
});
